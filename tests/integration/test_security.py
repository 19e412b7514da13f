"""TLS and SASL, against a broker and a store that demand them."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme

from streams.embedded import LOOPBACK, ServerAddresses, free_ports
from streams.errors import BrokerAway, StoreAway
from streams.provision import TopicPlan, existing_topics, provision
from streams.settings import PREFIX, Settings
from tests.servers.kafka import Listener, apache_kafka
from tests.servers.minio import minio
from tests.stream import ROOT, SAMPLES, open_stream, worker_process
from tests.tls import KeyPair, write_key_pair

pytestmark = pytest.mark.real_servers

USER = "reader"
PASSWORD = "correct-horse battery%staple"
WRONG_PASSWORD = "open sesame, says the thief"
JAAS = "org.apache.kafka.common.security"
PLAIN_JAAS = f'{JAAS}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
CONNECT_LIMIT_S = 60


@dataclass(frozen=True, slots=True)
class Secured:
    """Servers that talk TLS only.

    Attributes:
        addresses: Of the store, and of the broker's listener that demands SASL.
        tls_brokers: Of the listener that demands TLS alone.
        mutual_brokers: Of the listener that demands a certificate of its clients.
        ca_file: Of the authority that signed the servers' certificates.
        other_ca_file: Of one that did not.
        client: A certificate of the same authority, for a client.
        stranger: One of the other authority.
    """

    addresses: ServerAddresses
    tls_brokers: str
    mutual_brokers: str
    ca_file: str
    other_ca_file: str
    client: KeyPair
    stranger: KeyPair

    def options(self, mechanism: str | None) -> dict[str, str]:
        """Settings by field name; None: TLS without SASL."""
        trust = {"kafka_ca_file": self.ca_file, "s3_ca_file": self.ca_file}
        if mechanism is None:
            return {**trust, "kafka_security_protocol": "SSL", "kafka_brokers": self.tls_brokers}
        return {
            **trust,
            "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_mechanism": mechanism,
            "kafka_username": USER,
            "kafka_password": PASSWORD,
        }

    def mutual_options(self, pair: KeyPair | None) -> dict[str, str]:
        """Settings by field name for the listener that demands a certificate."""
        shown = (
            {"kafka_cert_file": str(pair.chain), "kafka_key_file": str(pair.key)} if pair else {}
        )
        return {**self.options(None), "kafka_brokers": self.mutual_brokers, **shown}

    def values(self, **options: str) -> dict[str, str]:
        """Settings that lead to these servers."""
        return {
            "kafka_brokers": self.addresses.kafka_brokers,
            "s3_endpoint": self.addresses.s3_endpoint,
            "s3_access_key": self.addresses.s3_access_key,
            "s3_secret_key": self.addresses.s3_secret_key,
            **options,
        }

    def settings(self, **options: str) -> Settings:
        """The same, checked."""
        return Settings.from_environment(**self.values(**options))


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A broker and a store with certificates of an authority of their own."""
    folder = tmp_path_factory.mktemp("secured")
    authority = trustme.CA()
    other_authority = trustme.CA()
    server = write_key_pair(authority.issue_cert(LOOPBACK), folder)
    certificates = folder / "certificates"
    ca_file, other_ca_file = certificates / "CAs" / "ca.crt", folder / "other.pem"
    ca_file.parent.mkdir(parents=True)
    authority.cert_pem.write_to_path(str(ca_file))
    other_authority.cert_pem.write_to_path(str(other_ca_file))
    (certificates / "public.crt").write_bytes(server.chain.read_bytes())
    (certificates / "private.key").write_bytes(server.key.read_bytes())

    tls = {"ssl.keystore.type": "PEM", "ssl.keystore.location": str(server.both)}
    mutual = {
        "ssl.client.auth": "required",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(ca_file),
    }
    sasl = {
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        "plain.sasl.jaas.config": PLAIN_JAAS,
        **{
            f"{mechanism.lower()}.sasl.jaas.config": f"{JAAS}.scram.ScramLoginModule required;"
            for mechanism in MECHANISMS[1:]
        },
    }
    sasl_port, tls_port, mutual_port = free_ports(3)
    users = {USER: PASSWORD}
    listeners = (
        Listener("SECURED", sasl_port, sasl_port, "SASL_SSL", {**tls, **sasl}, users),
        Listener("TLS", tls_port, tls_port, "SSL", tls),
        Listener("MUTUAL", mutual_port, mutual_port, "SSL", {**tls, **mutual}),
    )
    with (
        apache_kafka(folder / "kafka", *listeners) as kafka,
        minio(folder / "minio", kafka.brokers, "notifications", certificates) as store,
    ):
        yield Secured(
            replace(store.addresses, kafka_brokers=f"{LOOPBACK}:{sasl_port}"),
            f"{LOOPBACK}:{tls_port}",
            f"{LOOPBACK}:{mutual_port}",
            str(ca_file),
            str(other_ca_file),
            write_key_pair(authority.issue_cert("client"), folder, "client"),
            write_key_pair(other_authority.issue_cert("stranger"), folder, "stranger"),
        )


@pytest.mark.parametrize("mechanism", [*MECHANISMS, None])
async def test_worker_reads_over_secured_connections(
    secured: Secured, mechanism: str | None, tmp_path: Path
) -> None:
    """A document goes all the way, with every mechanism and with TLS alone."""
    stream = await open_stream(secured.addresses, 1, **secured.options(mechanism))
    stream.upload(SAMPLES / "README.md", "letter")
    with worker_process(stream, tmp_path, program=("tests.quick_worker",)):
        await stream.publish(stream.event("letter"))
        (result,) = await stream.read(stream.settings.results_topic, 1)
    assert result["text"] == (SAMPLES / "README.md").read_text()


async def test_worker_shows_its_certificate_to_a_broker_that_asks(
    secured: Secured, tmp_path: Path
) -> None:
    """Mutual TLS: every client of the worker's has the certificate."""
    stream = await open_stream(secured.addresses, 1, **secured.mutual_options(secured.client))
    stream.upload(SAMPLES / "README.md", "letter")
    with worker_process(stream, tmp_path, program=("tests.quick_worker",)):
        await stream.publish(stream.event("letter"))
        (result,) = await stream.read(stream.settings.results_topic, 1)
    assert result["text"] == (SAMPLES / "README.md").read_text()


@pytest.mark.parametrize("whose", ["nobody's", "a stranger's"])
async def test_broker_that_asks_for_a_certificate_refuses_others(
    secured: Secured, whose: str
) -> None:
    """Without a certificate, or with one of another authority, nothing is told."""
    pair = secured.stranger if whose == "a stranger's" else None
    with pytest.raises(BrokerAway, match=secured.mutual_brokers):
        await existing_topics(secured.settings(**secured.mutual_options(pair)))


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_wrong_password_is_refused(secured: Secured, mechanism: str) -> None:
    """The error names the broker and the refusal, and not the password."""
    wrong = {**secured.options(mechanism), "kafka_password": WRONG_PASSWORD}
    settings = secured.settings(**wrong)
    with pytest.raises(BrokerAway, match=r"(?i)authentication") as caught:
        await existing_topics(settings)
    assert secured.addresses.kafka_brokers in str(caught.value)
    assert WRONG_PASSWORD not in repr(caught.value)


async def test_unknown_authority_of_the_broker_is_refused(secured: Secured) -> None:
    """Nobody is talked to whose certificate is not trusted."""
    options = {**secured.options("PLAIN"), "kafka_ca_file": secured.other_ca_file}
    with pytest.raises(BrokerAway, match=secured.addresses.kafka_brokers):
        await existing_topics(secured.settings(**options))


async def test_unknown_authority_of_the_store_is_refused(secured: Secured) -> None:
    """The error says that it is the certificate."""
    options = {**secured.options("PLAIN"), "s3_ca_file": secured.other_ca_file}
    with pytest.raises(StoreAway, match=r"(?i)certificate"):
        await provision(secured.settings(**options), TopicPlan(1, 1), dry_run=True)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kafka_password": WRONG_PASSWORD}, "authentication"),
        ({"kafka_ca_file": "other"}, "certificate"),
        ({"s3_ca_file": "other"}, "certificate"),
    ],
    ids=["password", "broker's authority", "store's authority"],
)
def test_command_line_says_what_is_wrong(
    secured: Secured, change: dict[str, str], expected: str
) -> None:
    """`setup` ends with 1 and one clear line, without hanging and without a secret."""
    values = secured.values(**(secured.options("SCRAM-SHA-256") | change))
    values |= {name: secured.other_ca_file for name, value in values.items() if value == "other"}
    done = subprocess.run(
        (sys.executable, "-m", "streams.cli", "setup", "--dry-run"),
        cwd=ROOT,
        env={f"{PREFIX}{name.upper()}": value for name, value in values.items()},
        capture_output=True,
        text=True,
        timeout=CONNECT_LIMIT_S,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert expected in done.stderr.lower()
    assert "Traceback" not in done.stderr
    for word in (PASSWORD, WRONG_PASSWORD, secured.addresses.s3_secret_key):
        assert word not in done.stderr + done.stdout
