"""The chart: what it renders is valid, confined, and known to the worker."""

import json
import tomllib
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from processors.engines.choose import ENGINES
from tests.deployment.manifests import (
    CHART,
    KUBERNETES_VERSION,
    ROOT,
    chart_container,
    mapping,
    of_kind,
    part,
    parts,
    render_chart,
    run_helm,
    unknown_settings,
)

ALL_ON = Path(__file__).with_name("all-on.yaml")
EXISTING_SECRET = ("--set", "credentials.existingSecret=ocr-credentials")
# Rendered by the chart, described by the Prometheus operator and not by Kubernetes.
NOT_OF_KUBERNETES = {"PodMonitor"}
VARIANTS = {
    "default": (),
    "all-on": ("--values", str(ALL_ON)),
    "existing-secret": EXISTING_SECRET,
    "gpu": ("--set", "gpu.enabled=true"),
    "no-setup": ("--set", "setup.enabled=false"),
}
variants = pytest.mark.parametrize("arguments", VARIANTS.values(), ids=VARIANTS.keys())
on_helm = pytest.mark.real_servers


def pod_of(manifests: list[dict[str, object]]) -> dict[str, object]:
    """The pod that the rendered Deployment describes."""
    (deployment,) = of_kind(manifests, "Deployment")
    return mapping(deployment, "spec", "template", "spec")


def containers_of(manifests: list[dict[str, object]]) -> list[dict[str, object]]:
    """Every container of the pod, init containers first."""
    pod = pod_of(manifests)
    names = [kind for kind in ("initContainers", "containers") if kind in pod]
    return [mapping(container) for name in names for container in parts(pod, name)]


def test_chart_carries_the_version_of_the_project() -> None:
    """The image tag follows appVersion, so it has to be the project's version."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert part(yaml.safe_load((CHART / "Chart.yaml").read_text()), "appVersion") == version


def test_all_on_sets_every_value_of_the_chart() -> None:
    """A value added to the chart must be added to the variant with all options."""
    defaults = mapping(yaml.safe_load((CHART / "values.yaml").read_text()))
    everything = mapping(yaml.safe_load(ALL_ON.read_text()))
    assert set(everything) == set(defaults)


def test_chart_knows_every_engine() -> None:
    """Whoever adds an engine adds its name to the chart's list."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    known = parts(schema, "properties", "ocr", "properties", "engine", "enum")
    expected = ["auto", *ENGINES]
    assert known == expected, f'write "engine": {{"enum": {json.dumps(expected)}}} in the schema'


@on_helm
@variants
def test_chart_passes_helm_lint(helm: Path, arguments: tuple[str, ...]) -> None:
    """`helm lint --strict` has no complaint."""
    done = run_helm(helm, "lint", "--strict", str(CHART), *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


@on_helm
@variants
def test_manifests_follow_the_schemas_of_kubernetes(helm: Path, arguments: tuple[str, ...]) -> None:
    """Strictly: a field that Kubernetes does not know is an error."""
    manifests = render_chart(helm, *arguments)
    kinds = {str(manifest["kind"]) for manifest in manifests}
    assert {"Deployment", "ConfigMap", "Service", "ServiceAccount"} <= kinds
    for manifest in manifests:
        if manifest["kind"] not in NOT_OF_KUBERNETES:
            kubernetes_validate.validate(manifest, KUBERNETES_VERSION, strict=True)


@on_helm
@variants
def test_manifests_set_known_settings_only(helm: Path, arguments: tuple[str, ...]) -> None:
    """Every OCRSTREAM_ variable in a ConfigMap or a Secret is one that the worker reads."""
    manifests = render_chart(helm, *arguments)
    names = {
        name
        for kind, field in (("ConfigMap", "data"), ("Secret", "stringData"))
        for manifest in of_kind(manifests, kind)
        for name in mapping(manifest, field)
    }
    assert "OCRSTREAM_KAFKA_BROKERS" in names
    assert unknown_settings(names) == set()


@on_helm
@variants
def test_containers_run_confined(helm: Path, arguments: tuple[str, ...]) -> None:
    """The restricted pod security standard, and no token of the cluster's API."""
    manifests = render_chart(helm, *arguments)
    pod = pod_of(manifests)
    assert part(pod, "automountServiceAccountToken") is False
    assert part(pod, "securityContext", "runAsNonRoot") is True
    assert part(pod, "securityContext", "seccompProfile", "type") == "RuntimeDefault"
    for container in containers_of(manifests):
        context = mapping(container, "securityContext")
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert part(context, "capabilities", "drop") == ["ALL"]
        assert part(container, "resources", "limits", "memory")


@on_helm
@variants
def test_containers_can_write_to_their_folders_only(helm: Path, arguments: tuple[str, ...]) -> None:
    """The data folder and /tmp are emptyDirs with a limit; what else is mounted is read-only."""
    manifests = render_chart(helm, *arguments)
    volumes = {
        part(volume, "name"): mapping(volume) for volume in parts(pod_of(manifests), "volumes")
    }
    for container in containers_of(manifests):
        mounts = [mapping(mount) for mount in parts(container, "volumeMounts")]
        writable = [mount for mount in mounts if not mount.get("readOnly")]
        assert [mount["mountPath"] for mount in writable] == ["/var/lib/ocrstream", "/tmp"]
        for mount in writable:
            assert part(volumes[mount["name"]], "emptyDir", "sizeLimit")


@on_helm
def test_service_links_are_off(helm: Path) -> None:
    """They would put OCRSTREAM_PORT and its like among the settings."""
    assert pod_of(render_chart(helm))["enableServiceLinks"] is False


@on_helm
def test_probes_ask_the_port_that_the_worker_listens_on(helm: Path) -> None:
    """Alive decides about restarts, ready about traffic; both on OCRSTREAM_HTTP_PORT."""
    manifests = render_chart(helm)
    worker = containers_of(manifests)[-1]
    port = chart_container(manifests, "worker").environment["OCRSTREAM_HTTP_PORT"]
    assert parts(worker, "ports") == [{"name": "http", "containerPort": int(port)}]
    for probe, path in (("startup", "/livez"), ("liveness", "/livez"), ("readiness", "/readyz")):
        assert part(worker, f"{probe}Probe", "httpGet") == {"path": path, "port": "http"}


@on_helm
@pytest.mark.parametrize("drain_timeout_s", [5, 25, 600])
def test_pod_has_time_to_drain(helm: Path, drain_timeout_s: int) -> None:
    """Kubernetes kills later than the worker gives up by itself."""
    manifests = render_chart(helm, "--set", f"drainTimeoutSeconds={drain_timeout_s}")
    environment = chart_container(manifests, "worker").environment
    grace_s = part(pod_of(manifests), "terminationGracePeriodSeconds")
    assert environment["OCRSTREAM_DRAIN_TIMEOUT_S"] == str(drain_timeout_s)
    assert isinstance(grace_s, int)
    assert grace_s > drain_timeout_s


@on_helm
def test_setup_runs_before_the_worker_with_the_same_environment(helm: Path) -> None:
    """An init container: the ConfigMap and the Secret are there, the worker is not yet."""
    manifests = render_chart(helm, "--values", str(ALL_ON))
    setup = chart_container(manifests, "setup")
    assert setup.arguments == ("setup", "--wait-s", "60")
    assert setup.environment == chart_container(manifests, "worker").environment
    assert [container["name"] for container in containers_of(manifests)] == ["setup", "worker"]


@on_helm
def test_setup_can_be_switched_off(helm: Path) -> None:
    """Where topics and buckets are somebody else's, only the worker runs."""
    manifests = render_chart(helm, "--set", "setup.enabled=false")
    assert [container["name"] for container in containers_of(manifests)] == ["worker"]


@on_helm
def test_credentials_go_into_the_secret_only(helm: Path) -> None:
    """No credential is in the ConfigMap or in the Deployment."""
    manifests = render_chart(helm, "--values", str(ALL_ON))
    (secret,) = of_kind(manifests, "Secret")
    values = {str(value) for value in mapping(secret, "stringData").values()}
    assert values == {"all-on-access", "all-on-secret", "all-on-user", "all-on-password"}
    for manifest in manifests:
        if manifest is not secret:
            assert not any(value in str(manifest) for value in values)


@on_helm
def test_existing_secret_takes_the_place_of_our_own(helm: Path) -> None:
    """The chart renders no Secret and refers to the named one."""
    manifests = render_chart(helm, *EXISTING_SECRET)
    assert of_kind(manifests, "Secret") == []
    for container in containers_of(manifests):
        assert {"secretRef": {"name": "ocr-credentials"}} in parts(container, "envFrom")


@on_helm
@pytest.mark.parametrize("change", ["ocr.minConfidence=0.5", "credentials.s3SecretKey=changed"])
def test_changed_settings_start_new_pods(helm: Path, change: str) -> None:
    """The pod's annotations change with the ConfigMap and with the Secret."""

    def annotations(*arguments: str) -> object:
        (deployment,) = of_kind(render_chart(helm, *arguments), "Deployment")
        return part(deployment, "spec", "template", "metadata", "annotations")

    assert annotations() == annotations()
    assert annotations() != annotations("--set", change)


@on_helm
def test_gpu_changes_image_device_and_resources_together(helm: Path) -> None:
    """The worker gets the -gpu image, one GPU and the demand for it; setup gets no GPU."""
    manifests = render_chart(helm, "--set", "gpu.enabled=true")
    setup, worker = containers_of(manifests)
    assert str(worker["image"]).endswith("-gpu")
    assert part(worker, "resources", "limits", "nvidia.com/gpu") == 1
    assert part(worker, "resources", "limits", "memory")
    assert "nvidia.com/gpu" not in mapping(setup, "resources", "limits")
    assert chart_container(manifests, "worker").environment["OCRSTREAM_DEVICE"] == "gpu:0"


@on_helm
@pytest.mark.parametrize(("replicas", "budgets"), [(1, 0), (2, 1)])
def test_disruption_budget_needs_a_second_replica(helm: Path, replicas: int, budgets: int) -> None:
    """With one replica a budget would only stop nodes from being drained."""
    manifests = render_chart(helm, "--set", f"replicaCount={replicas}")
    assert len(of_kind(manifests, "PodDisruptionBudget")) == budgets


@on_helm
@pytest.mark.parametrize("peer", ["kafka", "s3"])
def test_ca_file_is_mounted_where_the_setting_points(helm: Path, peer: str) -> None:
    """The setting's path is inside the mounted Secret."""
    manifests = render_chart(helm, "--values", str(ALL_ON))
    path = chart_container(manifests, "worker").environment[f"OCRSTREAM_{peer.upper()}_CA_FILE"]
    (mount,) = (
        mapping(mount)
        for mount in parts(containers_of(manifests)[-1], "volumeMounts")
        if part(mount, "name") == f"{peer}-ca"
    )
    (volume,) = (
        volume
        for volume in parts(pod_of(manifests), "volumes")
        if part(volume, "name") == f"{peer}-ca"
    )
    assert path == f"{mount['mountPath']}/{part(volume, 'secret', 'items', 0, 'path')}"


@on_helm
def test_numbers_reach_the_worker_as_they_were_written(helm: Path) -> None:
    """Helm reads numbers as floats; a threshold of 0 is not an absent one."""
    manifests = render_chart(
        helm,
        "--set",
        "ocr.maxDocumentsInFlight=1000000,ocr.detDbThresh=0,ocr.detDbUnclipRatio=1.5",
    )
    environment = chart_container(manifests, "worker").environment
    assert environment["OCRSTREAM_MAX_DOCUMENTS_IN_FLIGHT"] == "1000000"
    assert environment["OCRSTREAM_DET_DB_THRESH"] == "0"
    assert environment["OCRSTREAM_DET_DB_UNCLIP_RATIO"] == "1.5"
    assert "OCRSTREAM_DET_DB_BOX_THRESH" not in environment


@on_helm
@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("kafka.broker=kafka:9092", "broker"),
        ("kafka.brokers=kafka", "brokers"),
        ("kafka.securityProtocol=SASL_SSL", "saslMechanism"),
        ("kafka.saslMechanism=PLAIN", "saslMechanism"),
        ("s3.endpoint=minio:9000", "endpoint"),
        ("ocr.engine=tensorflow", "engine"),
        ("ocr.device=cuda", "device"),
        ("ocr.detect=maybe", "detect"),
        ("ocr.alertConfidence=1.5", "alertConfidence"),
        ("ocr.maxDocumentsInFlight=0", "maxDocumentsInFlight"),
        ("gpu.enabled=true,ocr.engine=openvino", "engine"),
        ("gpu.enabled=true,ocr.device=cpu", "device"),
        ("credentials.existingSecret=a,credentials.s3AccessKey=b", "s3AccessKey"),
        ("extraSettings.OCRSTREAM_ENGINE=auto", "OCRSTREAM_ENGINE"),
        ("extraSettings.ENGINE=auto", "extraSettings.ENGINE"),
        ("replicaCount=-1", "replicaCount"),
        ("logFormat=xml", "logFormat"),
        ("drainTimeoutSeconds=0", "drainTimeoutSeconds"),
    ],
)
def test_chart_refuses_wrong_values(helm: Path, value: str, complaint: str) -> None:
    """The refusal names the value, before anything reaches a cluster."""
    done = run_helm(helm, "template", "test", str(CHART), "--set", value)
    assert done.returncode != 0
    assert complaint in done.stderr
