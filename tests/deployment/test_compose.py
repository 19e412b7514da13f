"""The compose file: valid, hardened, and one story from broker to worker."""

import json
import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import jsonschema
import pytest

from tests.deployment.dockerfile import read_stages
from tests.deployment.manifests import (
    COMPOSE_FILE,
    ROOT,
    compose_container,
    interpolate,
    mapping,
    part,
    parts,
    read_compose,
    unknown_settings,
)

OURS = ("setup", "worker", "worker-gpu", "gateway")
WORKERS = ("worker", "worker-gpu")


def validate_compose(compose: dict[str, object]) -> None:
    """Check against the specification's own schema, as check-jsonschema carries it.

    Raises:
        jsonschema.ValidationError: it does not follow.
    """
    vendored = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"
    schema = Path(str(distribution("check-jsonschema").locate_file(vendored)))
    jsonschema.validate(compose, json.loads(schema.read_text()))


def test_compose_file_follows_the_compose_specification() -> None:
    """The schema accepts the file."""
    validate_compose(read_compose())


def test_compose_file_may_not_have_an_unknown_key() -> None:
    """The schema check above would see a mistyped key."""
    compose = read_compose()
    mapping(compose, "services", "worker")["comand"] = ["worker"]
    with pytest.raises(jsonschema.ValidationError):
        validate_compose(compose)


@pytest.mark.parametrize("service", OURS)
def test_service_is_given_known_settings_only(service: str) -> None:
    """A mistyped setting would be ignored and the default used instead."""
    assert unknown_settings(compose_container(service).environment) == set()


@pytest.mark.parametrize("service", OURS)
def test_service_of_ours_runs_confined(service: str) -> None:
    """No capabilities, no new privileges, a read-only root file system, and a memory limit."""
    definition = mapping(read_compose(), "services", service)
    assert definition["cap_drop"] == ["ALL"]
    assert definition["security_opt"] == ["no-new-privileges:true"]
    assert definition["read_only"] is True
    assert any(str(mount).startswith("/tmp") for mount in parts(definition, "tmpfs"))
    assert part(definition, "deploy", "resources", "limits", "memory")
    assert "user" not in definition, "the image's own user is not root"
    assert "privileged" not in definition


@pytest.mark.parametrize("service", OURS)
def test_service_of_ours_is_built_from_a_target_of_the_dockerfile(service: str) -> None:
    """The target exists, and the tag says which version it is, and of what."""
    definition = part(read_compose(), "services", service)
    target = part(definition, "build", "target")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert target in read_stages()
    suffix = "" if target == "cpu" else f"-{target}"
    assert part(definition, "image") == f"ocrstream:{version}{suffix}"


def test_every_port_is_published_on_the_loopback_only() -> None:
    """The default credentials are public, so nothing may be reachable from outside."""
    ports = [
        str(port)
        for definition in mapping(read_compose(), "services").values()
        for port in (parts(definition, "ports") if "ports" in mapping(definition) else [])
    ]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports), ports


def test_every_image_is_pinned() -> None:
    """A tag that moves would start something that was never tested."""
    for name, definition in mapping(read_compose(), "services").items():
        _, _, tag = interpolate(str(part(definition, "image"))).partition(":")
        assert tag, name
        assert tag != "latest", name


def test_start_order_is_broker_and_store_then_setup_then_worker() -> None:
    """Setup waits for healthy servers, workers for a setup that succeeded."""
    services = mapping(read_compose(), "services")
    assert part(services, "setup", "depends_on") == {
        "kafka": {"condition": "service_healthy"},
        "minio": {"condition": "service_healthy"},
    }
    for service in (*WORKERS, "gateway"):
        assert part(services, service, "depends_on") == {
            "setup": {"condition": "service_completed_successfully"}
        }
    for server in ("kafka", "minio"):
        assert part(services, server, "healthcheck", "test")


def test_store_announces_uploads_where_the_worker_listens() -> None:
    """MinIO's target, the ARN that setup subscribes, and the worker's topic are the same."""
    minio = mapping(read_compose(), "services", "minio", "environment")
    settings = compose_container("setup").environment
    assert minio["MINIO_NOTIFY_KAFKA_TOPIC_OCR"] == settings["OCRSTREAM_UPLOADS_TOPIC"]
    assert minio["MINIO_NOTIFY_KAFKA_BROKERS_OCR"] == settings["OCRSTREAM_KAFKA_BROKERS"]
    assert settings["OCRSTREAM_NOTIFICATION_ARN"] == "arn:minio:sqs::OCR:kafka"
    # With a region MinIO would expect it inside the ARN.
    assert "MINIO_REGION" not in minio
    assert "MINIO_SITE_REGION" not in minio


def test_store_keeps_events_on_its_volume() -> None:
    """Events wait on the volume, not in memory, while the broker is away."""
    minio = part(read_compose(), "services", "minio")
    queue = str(part(minio, "environment", "MINIO_NOTIFY_KAFKA_QUEUE_DIR_OCR"))
    (volume,) = (str(volume) for volume in parts(minio, "volumes"))
    assert queue.startswith(f"{volume.partition(':')[2]}/")


def test_store_and_worker_share_their_credentials() -> None:
    """One pair of variables sets both sides."""
    services = mapping(read_compose(), "services")
    for ours, theirs in (
        ("OCRSTREAM_S3_ACCESS_KEY", "MINIO_ROOT_USER"),
        ("OCRSTREAM_S3_SECRET_KEY", "MINIO_ROOT_PASSWORD"),
    ):
        assert part(services, "worker", "environment", ours) == part(
            services, "minio", "environment", theirs
        )


@pytest.mark.parametrize("service", WORKERS)
def test_worker_has_time_to_drain(service: str) -> None:
    """Compose kills later than the worker gives up by itself."""
    grace = str(part(read_compose(), "services", service, "stop_grace_period"))
    drain_timeout_s = float(compose_container(service).environment["OCRSTREAM_DRAIN_TIMEOUT_S"])
    assert float(grace.removesuffix("s")) > drain_timeout_s


@pytest.mark.parametrize("service", WORKERS)
def test_worker_keeps_its_data_in_the_folder_of_the_image(service: str) -> None:
    """An anonymous volume each: a shared journal would mix up the documents of two workers."""
    folder = read_stages()["runtime"].environment()["OCRSTREAM_DATA_DIR"]
    assert parts(read_compose(), "services", service, "volumes") == [folder]
    assert "OCRSTREAM_DATA_DIR" not in compose_container(service).environment


@pytest.mark.parametrize("service", WORKERS)
def test_worker_is_healthy_when_it_is_ready(service: str) -> None:
    """Healthy means that uploads are read; the published port is the worker's."""
    definition = part(read_compose(), "services", service)
    port = compose_container(service).environment["OCRSTREAM_HTTP_PORT"]
    assert "/readyz" in str(parts(definition, "healthcheck", "test")[-1])
    assert [str(published).split(":")[-1] for published in parts(definition, "ports")] == [port]


def test_gpu_worker_starts_only_when_asked_for() -> None:
    """Its profile keeps it away from machines without a GPU; it reserves one and demands it."""
    gpu = part(read_compose(), "services", "worker-gpu")
    assert part(gpu, "profiles") == ["gpu"]
    assert part(gpu, "deploy", "resources", "reservations", "devices", 0, "capabilities") == ["gpu"]
    assert compose_container("worker-gpu").environment["OCRSTREAM_DEVICE"] == "gpu:0"


def test_store_is_built_at_the_version_that_the_tests_run() -> None:
    """The compose file and tests/servers pin the same MinIO."""
    dockerfile = str(part(read_compose(), "services", "minio", "build", "dockerfile_inline"))
    (version,) = (
        word.partition("@")[2] for word in dockerfile.split() if word.startswith("github.com/minio")
    )
    servers = "".join(path.read_text() for path in (ROOT / "tests/servers").glob("*.py"))
    assert version in servers


def test_interpolation_leaves_no_reference_unresolved() -> None:
    """What the other tests compare is what compose would pass on."""
    assert "${" in COMPOSE_FILE.read_text()
    assert "${" not in interpolate(COMPOSE_FILE.read_text())


def test_gateway_starts_only_when_asked_for() -> None:
    """It is of use with an API key only, which somebody has to make before."""
    gateway = part(read_compose(), "services", "gateway")
    assert part(gateway, "profiles") == ["gateway"]
    port = compose_container("gateway").environment["OCRSTREAM_GATEWAY_PORT"]
    assert parts(gateway, "ports") == [f"127.0.0.1:{port}:{port}"]
    assert "/readyz" in str(parts(gateway, "healthcheck", "test")[-1])


def test_files_with_secrets_are_optional_and_mounted_where_settings_point() -> None:
    """Without the variables no setting names a file; with them it names the mounted one."""
    compose = read_compose()
    for service in OURS:
        definition = part(compose, "services", service)
        mounted = {f"/run/secrets/{name}" for name in parts(definition, "secrets")}
        for name, value in mapping(definition, "environment").items():
            named = re.fullmatch(r"\$\{(\w+):\+(.+)\}", str(value))
            if named:
                assert name == f"OCRSTREAM_{named[1]}"
                assert named[2] in mounted
                assert interpolate(str(value)) == ""
    sources = [str(part(source, "file")) for source in mapping(compose, "secrets").values()]
    assert all(source.endswith(":-/dev/null}") for source in sources)
