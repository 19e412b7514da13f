"""The deployment's files as values: documents, and what they start a container with.

Documents are YAML of any shape, so they stay `object` and are read with `part`, which fails
with the path that is missing.
"""

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from streams.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
CHART = ROOT / "charts" / "ocrstream"
# The newest version that the pinned kubernetes-validate and a current cluster share; helm built
# from source otherwise takes itself for one that talks to 1.20.
KUBERNETES_VERSION = "1.34"


@dataclass(frozen=True, slots=True)
class Container:
    """What a manifest starts one container with.

    Attributes:
        arguments: what follows the image's entry point.
        environment: variables with every reference resolved, without the image's own.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def part(document: object, *path: str | int) -> object:
    """Follow keys and indices into a document.

    Raises:
        KeyError: the path ends early; the message is the whole path.
    """
    value = document
    for step in path:
        children = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(children, dict) or step not in children:
            raise KeyError(f"no {step!r} on the way {'/'.join(map(str, path))}")
        value = children[step]
    return value


def parts(document: object, *path: str | int) -> list[object]:
    """Like `part`, for a list."""
    value = part(document, *path)
    assert isinstance(value, list), path
    return value


def mapping(document: object, *path: str | int) -> dict[str, object]:
    """Like `part`, for a mapping."""
    value = part(document, *path)
    assert isinstance(value, dict), path
    return value


def unknown_settings(names: Iterable[str]) -> set[str]:
    """The OCRSTREAM_ variables among names that are no field of Settings."""
    known = {f"OCRSTREAM_{field.upper()}" for field in Settings.model_fields}
    return {name for name in names if name.startswith("OCRSTREAM_")} - known


def interpolate(text: str) -> str:
    """Resolve compose's references in an empty environment, and $$ to a dollar sign.

    ${NAME:-default} is its default there, and ${NAME:+instead} nothing.
    """

    def resolved(match: re.Match[str]) -> str:
        return "$" if match[0] == "$$" else match["default"] or ""

    return re.sub(r"\$\$|\$\{\w+(?::?-(?P<default>[^}]*)|:\+[^}]*)?\}", resolved, text)


def read_compose() -> dict[str, object]:
    """The compose file with its anchors and merges resolved."""
    return mapping(yaml.safe_load(COMPOSE_FILE.read_text()))


def compose_container(service: str) -> Container:
    """What the compose file starts a service with."""
    definition = part(read_compose(), "services", service)
    return Container(
        arguments=tuple(interpolate(str(word)) for word in parts(definition, "command")),
        environment={
            name: interpolate(str(value))
            for name, value in mapping(definition, "environment").items()
        },
    )


def run_helm(helm: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run helm on the chart; the caller looks at the exit code."""
    command = [str(helm), arguments[0], *arguments[1:], "--kube-version", KUBERNETES_VERSION]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def render_chart(helm: Path, *arguments: str) -> list[dict[str, object]]:
    """Every manifest of the chart, rendered as release "test"."""
    done = run_helm(helm, "template", "test", str(CHART), *arguments)
    assert done.returncode == 0, done.stderr
    return [mapping(document) for document in yaml.safe_load_all(done.stdout) if document]


def of_kind(manifests: list[dict[str, object]], kind: str) -> list[dict[str, object]]:
    """The manifests of one kind."""
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def pods_of(manifests: list[dict[str, object]]) -> list[dict[str, object]]:
    """What pods are made of: of Deployments, then of CronJobs."""
    templates = [
        part(manifest, "spec", "template") for manifest in of_kind(manifests, "Deployment")
    ]
    templates += [
        part(manifest, "spec", "jobTemplate", "spec", "template")
        for manifest in of_kind(manifests, "CronJob")
    ]
    return [mapping(template, "spec") for template in templates]


def containers_of(pod: dict[str, object]) -> list[dict[str, object]]:
    """Every container of a pod, init containers first."""
    names = [kind for kind in ("initContainers", "containers") if kind in pod]
    return [mapping(container) for name in names for container in parts(pod, name)]


def chart_container(manifests: list[dict[str, object]], name: str) -> Container:
    """What the manifests start a container with, wherever it is; names are used once.

    Secrets that are not of the chart are left out.
    """
    (container,) = (
        candidate
        for pod in pods_of(manifests)
        for candidate in containers_of(pod)
        if candidate["name"] == name
    )
    environment: dict[str, str] = {}
    for source in parts(container, "envFrom"):
        environment |= _variables(manifests, mapping(source))
    for variable in parts(container, "env") if "env" in container else []:
        environment[str(part(variable, "name"))] = str(part(variable, "value"))
    return Container(
        arguments=tuple(str(word) for word in parts(container, "args")), environment=environment
    )


def _variables(manifests: list[dict[str, object]], source: dict[str, object]) -> dict[str, str]:
    """The variables behind one envFrom entry; a ConfigMap must be of the same chart."""
    kind, field = ("ConfigMap", "data") if "configMapRef" in source else ("Secret", "stringData")
    reference = part(source, "configMapRef" if kind == "ConfigMap" else "secretRef", "name")
    found = [
        candidate
        for candidate in of_kind(manifests, kind)
        if part(candidate, "metadata", "name") == reference
    ]
    if kind == "Secret" and not found:
        return {}
    (manifest,) = found
    return {name: str(value) for name, value in mapping(manifest, field).items()}
