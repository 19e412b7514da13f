"""What an orchestrator is told."""

import asyncio
import ssl
from pathlib import Path

import trustme
import urllib3

from streams.embedded import LOOPBACK, free_ports
from streams.errors import BrokerAway, MasterKeyUnknown, StoreAway
from streams.health import Health, serve_health
from streams.metrics import Metrics
from streams.settings import Settings
from tests.stream import get
from tests.tls import write_key_pair


def listening(port: int, **more: object) -> Settings:
    """Settings of a port for health."""
    return Settings.from_environment(http_host=LOOPBACK, http_port=port, **more)


def test_health_is_not_ready_before_the_group_is_joined() -> None:
    """A worker that has no place in its group yet reads nothing."""
    health = Health(Metrics())
    assert list(health.faults()) == ["not yet in its consumer group"]
    health.is_assigned = True
    assert list(health.faults()) == []


def test_health_tells_store_and_broker_apart() -> None:
    """The store's return does not make the broker well."""
    metrics = Metrics()
    health = Health(metrics)
    health.is_assigned = True
    health.note_away(StoreAway("s"))
    health.note_away(BrokerAway("b"))
    health.note_back(StoreAway("s"))
    assert list(health.faults()) == ["broker: b"]
    up = {
        name: metrics.registry.get_sample_value("ocrstream_dependency_up", {"dependency": name})
        for name in ("store", "broker")
    }
    assert up == {"store": 1, "broker": 0}


def test_health_names_a_master_key_that_is_missing() -> None:
    """Neither store nor broker is to blame."""
    health = Health(Metrics())
    health.is_assigned = True
    health.note_away(MasterKeyUnknown("there is no master key k"))
    assert list(health.faults()) == ["master key: there is no master key k"]
    health.note_back(MasterKeyUnknown("there is no master key k"))
    assert list(health.faults()) == []


async def test_serve_health_answers_all_three_questions() -> None:
    """Alive at once, ready when it is, and its figures in Prometheus' form."""
    metrics = Metrics()
    health = Health(metrics)
    (port,) = free_ports(1)
    async with serve_health(health, metrics, listening(port)):
        base = f"http://{LOOPBACK}:{port}"
        assert (await get(f"{base}/livez"))[0] == 200
        assert await get(f"{base}/readyz") == (503, "not yet in its consumer group\n")
        health.is_assigned = True
        assert (await get(f"{base}/readyz"))[0] == 200
        status, text = await get(f"{base}/metrics")
    assert status == 200
    assert "ocrstream_events_in_flight 0.0" in text
    assert (await get(f"http://{LOOPBACK}:{port}/livez"))[0] == 0


async def test_livez_fails_when_the_engine_hangs() -> None:
    """An orchestrator restarts a worker whose inference thread makes no progress."""
    busy_s = 1.0
    health = Health(Metrics(), lambda: busy_s)
    (port,) = free_ports(1)
    async with serve_health(health, Metrics(), listening(port)):
        assert (await get(f"http://{LOOPBACK}:{port}/livez"))[0] == 200
        busy_s = 1000.0
        status, text = await get(f"http://{LOOPBACK}:{port}/livez")
    assert status == 503
    assert "1000 s" in text


async def test_health_is_served_by_tls_where_that_is_set(tmp_path: Path) -> None:
    """With the certificate of the gateway; plain HTTP gets no answer then."""
    authority = trustme.CA()
    pair = write_key_pair(authority.issue_cert(LOOPBACK), tmp_path)
    context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    (port,) = free_ports(1)
    settings = listening(port, http_tls=True, tls_cert_file=pair.chain, tls_key_file=pair.key)
    async with serve_health(Health(Metrics()), Metrics(), settings):
        with urllib3.PoolManager(ssl_context=context, timeout=5.0, retries=False) as http:
            url = f"https://{LOOPBACK}:{port}/livez"
            answer = await asyncio.to_thread(http.request, "GET", url)
        assert answer.status == 200
        assert (await get(f"http://{LOOPBACK}:{port}/livez"))[0] != 200
