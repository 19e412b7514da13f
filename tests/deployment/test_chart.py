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
    containers_of,
    mapping,
    of_kind,
    part,
    parts,
    pods_of,
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
    "gateway": ("--set", "gateway.enabled=true,retention.enabled=true"),
}
variants = pytest.mark.parametrize("arguments", VARIANTS.values(), ids=VARIANTS.keys())
on_helm = pytest.mark.real_servers
PAIR = ["tls.crt", "tls.key"]
"""Files of a Secret of the type kubernetes.io/tls."""
TLS = "gateway.enabled=true,tls.secret=certificate"


def pod_of(manifests: list[dict[str, object]], container: str = "worker") -> dict[str, object]:
    """The pod with a container."""
    (pod,) = (
        pod
        for pod in pods_of(manifests)
        if container in [candidate["name"] for candidate in containers_of(pod)]
    )
    return pod


def deployment_of(manifests: list[dict[str, object]], suffix: str = "") -> dict[str, object]:
    """The Deployment of the workers, or the one with a suffix to its name."""
    found = of_kind(manifests, "Deployment")
    (deployment,) = (
        one
        for one in found
        if str(part(one, "metadata", "name")).endswith("-gateway") == (suffix == "-gateway")
    )
    return deployment


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
    for pod in pods_of(render_chart(helm, *arguments)):
        assert part(pod, "automountServiceAccountToken") is False
        assert part(pod, "enableServiceLinks") is False  # else OCRSTREAM_PORT and its like
        assert part(pod, "securityContext", "runAsNonRoot") is True
        assert part(pod, "securityContext", "seccompProfile", "type") == "RuntimeDefault"
        for container in containers_of(pod):
            context = mapping(container, "securityContext")
            assert context["allowPrivilegeEscalation"] is False
            assert context["readOnlyRootFilesystem"] is True
            assert part(context, "capabilities", "drop") == ["ALL"]
            assert part(container, "resources", "limits", "memory")


@on_helm
@variants
def test_containers_can_write_to_their_folders_only(helm: Path, arguments: tuple[str, ...]) -> None:
    """The data folder and /tmp are emptyDirs with a limit; what else is mounted is read-only."""
    for pod in pods_of(render_chart(helm, *arguments)):
        volumes = {part(volume, "name"): mapping(volume) for volume in parts(pod, "volumes")}
        for container in containers_of(pod):
            mounts = [mapping(mount) for mount in parts(container, "volumeMounts")]
            writable = [mount for mount in mounts if not mount.get("readOnly")]
            assert [mount["mountPath"] for mount in writable] == ["/var/lib/ocrstream", "/tmp"]
            for mount in writable:
                assert part(volumes[mount["name"]], "emptyDir", "sizeLimit")


@on_helm
@pytest.mark.parametrize("name", ["worker", "gateway"])
@pytest.mark.parametrize("values", ["gateway.enabled=true", f"{TLS},tls.health=true"])
def test_probes_ask_the_port_that_health_is_served_on(helm: Path, name: str, values: str) -> None:
    """Alive decides about restarts, ready about traffic; both on OCRSTREAM_HTTP_PORT."""
    manifests = render_chart(helm, "--set", values)
    container = containers_of(pod_of(manifests, name))[-1]
    environment = chart_container(manifests, name).environment
    port = environment["OCRSTREAM_HTTP_PORT"]
    scheme = "HTTPS" if environment.get("OCRSTREAM_HTTP_TLS") == "true" else "HTTP"
    assert (scheme == "HTTPS") == ("tls.health" in values)
    assert {"name": "http", "containerPort": int(port)} in parts(container, "ports")
    for probe, path in (("startup", "/livez"), ("liveness", "/livez"), ("readiness", "/readyz")):
        expected = {"path": path, "port": "http", "scheme": scheme}
        assert part(container, f"{probe}Probe", "httpGet") == expected


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
    assert [container["name"] for container in containers_of(pod_of(manifests))] == [
        "setup",
        "worker",
    ]


@on_helm
def test_setup_can_be_switched_off(helm: Path) -> None:
    """Where topics and buckets are somebody else's, only the worker runs."""
    manifests = render_chart(helm, "--set", "setup.enabled=false")
    assert [container["name"] for container in containers_of(pod_of(manifests))] == ["worker"]


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
    for container in containers_of(pod_of(manifests)):
        assert {"secretRef": {"name": "ocr-credentials"}} in parts(container, "envFrom")


@on_helm
@pytest.mark.parametrize("change", ["ocr.minConfidence=0.5", "credentials.s3SecretKey=changed"])
def test_changed_settings_start_new_pods(helm: Path, change: str) -> None:
    """The pod's annotations change with the ConfigMap and with the Secret."""

    def annotations(*arguments: str) -> object:
        deployment = deployment_of(render_chart(helm, *arguments))
        return part(deployment, "spec", "template", "metadata", "annotations")

    assert annotations() == annotations()
    assert annotations() != annotations("--set", change)


@on_helm
def test_gpu_changes_image_device_and_resources_together(helm: Path) -> None:
    """The worker gets the -gpu image, one GPU and the demand for it; setup gets no GPU."""
    manifests = render_chart(helm, "--set", "gpu.enabled=true")
    setup, worker = containers_of(pod_of(manifests))
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
@pytest.mark.parametrize("name", ["worker", "setup", "gateway", "sweep"])
def test_files_are_mounted_where_the_settings_point(helm: Path, name: str) -> None:
    """Every setting of a file is a path inside a mounted Secret that has it."""
    manifests = render_chart(helm, "--values", str(ALL_ON))
    pod = pod_of(manifests, name)
    (container,) = (one for one in containers_of(pod) if one["name"] == name)
    volumes = {part(volume, "name"): mapping(volume) for volume in parts(pod, "volumes")}
    held: dict[str, object] = {}
    for mount in parts(container, "volumeMounts"):
        secret = volumes[part(mount, "name")].get("secret")
        if secret is not None:
            items = mapping(secret).get("items")
            files = [str(part(item, "path")) for item in parts(items)] if items else PAIR
            held |= {f"{part(mount, 'mountPath')}/{file}": secret for file in files}
    environment = chart_container(manifests, name).environment
    named = {value for variable, value in environment.items() if variable.endswith("_FILE")}
    assert named == set(held)
    assert len(named) == 8
    assert {part(secret, "defaultMode") for secret in held.values()} == {0o400}


@on_helm
def test_gateway_is_off_by_default(helm: Path) -> None:
    """It needs a key or an issuer, and retention a decision."""
    manifests = render_chart(helm)
    assert len(pods_of(manifests)) == 1
    assert not of_kind(manifests, "CronJob")


@on_helm
@pytest.mark.parametrize("arguments", [VARIANTS["all-on"], VARIANTS["gateway"]])
def test_gateway_and_workers_are_told_apart(helm: Path, arguments: tuple[str, ...]) -> None:
    """Services, budgets and monitors of one do not select the pods of the other."""
    manifests = render_chart(helm, *arguments)
    labels = [
        mapping(deployment_of(manifests, suffix), "spec", "template", "metadata", "labels")
        for suffix in ("", "-gateway")
    ]
    selectors = [
        mapping(part(manifest, "spec", "selector"), *path)
        for kind, path in (
            ("Service", ()),
            ("Deployment", ("matchLabels",)),
            ("PodDisruptionBudget", ("matchLabels",)),
            ("PodMonitor", ("matchLabels",)),
        )
        for manifest in of_kind(manifests, kind)
    ]
    assert len(selectors) >= 5
    for selector in selectors:
        matches = [selector.items() <= own.items() for own in labels]
        assert matches.count(True) == 1, selector


@on_helm
def test_gateway_listens_for_its_service(helm: Path) -> None:
    """Port, setting and Service agree; nothing of the API is on the port for health."""
    manifests = render_chart(helm, "--set", "gateway.enabled=true")
    (service,) = (
        one
        for one in of_kind(manifests, "Service")
        if str(part(one, "metadata", "name")).endswith("-gateway")
    )
    target = part(service, "spec", "ports", 0, "targetPort")
    environment = chart_container(manifests, "gateway").environment
    assert environment["OCRSTREAM_GATEWAY_HOST"] == "0.0.0.0"
    port = int(environment["OCRSTREAM_GATEWAY_PORT"])
    container = containers_of(pod_of(manifests, "gateway"))[-1]
    assert {"name": target, "containerPort": port} in parts(container, "ports")
    assert len(parts(service, "spec", "ports")) == 1


@on_helm
def test_gateway_and_sweep_may_have_credentials_of_their_own(helm: Path) -> None:
    """So that neither has the workers' rights."""
    manifests = render_chart(helm, "--values", str(ALL_ON))
    for name, secret in (("gateway", "gateway-credentials"), ("sweep", "sweep-credentials")):
        container = containers_of(pod_of(manifests, name))[-1]
        secrets = [part(source, "secretRef") for source in parts(container, "envFrom")[1:]]
        assert secrets == [{"name": secret}]
        assert str(container["image"]).endswith("-gateway")


@on_helm
def test_autoscaled_gateway_has_no_fixed_replicas(helm: Path) -> None:
    """An upgrade would throw back what the autoscaler decided."""
    manifests = render_chart(helm, "--values", str(ALL_ON))
    deployment = deployment_of(manifests, "-gateway")
    assert "replicas" not in mapping(deployment, "spec")
    (scaler,) = of_kind(manifests, "HorizontalPodAutoscaler")
    target = part(scaler, "spec", "scaleTargetRef", "name")
    assert target == part(deployment, "metadata", "name")


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
        ("tls.health=true", "tls.secret"),
        ("gateway.oidc.issuer=http://issuer.example", "issuer"),
        ("gateway.oidc.issuer=https://issuer.example", "gateway.oidc.audience"),
        ("gateway.autoscaling.cpuPercent=0", "cpuPercent"),
        ("retention.schedule=daily", "schedule"),
        ("logFormat=xml", "logFormat"),
        ("drainTimeoutSeconds=0", "drainTimeoutSeconds"),
    ],
)
def test_chart_refuses_wrong_values(helm: Path, value: str, complaint: str) -> None:
    """The refusal names the value, before anything reaches a cluster."""
    done = run_helm(helm, "template", "test", str(CHART), "--set", value)
    assert done.returncode != 0
    assert complaint in done.stderr
