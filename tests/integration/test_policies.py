"""The printed rights of each role, on servers that know whom they talk to: enough, and no more."""

import asyncio
import io
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError
from minio import Minio
from minio.commonconfig import ENABLED
from minio.credentials.providers import StaticProvider
from minio.error import S3Error
from minio.minioadmin import MinioAdmin
from minio.versioningconfig import VersioningConfig

from streams.access.caller import Scope
from streams.access.key_records import FOLDER, StoredKeyRecords
from streams.access.keys import create_key
from streams.embedded import LOOPBACK, ServerAddresses, free_ports
from streams.errors import ObjectExists
from streams.kafka import client_options
from streams.places import BYTES
from streams.policies import Role, describe
from streams.settings import PREFIX, Settings
from streams.store.master_keys import MasterKeys, new_line
from streams.store.object_store import ONLY_NEW
from streams.store.rewrapping import Rewrapping
from streams.store.s3_store import S3ObjectStore
from streams.store.sealed_store import OpenStore
from streams.store.store_admin import S3Admin
from tests.gateway import QUICK_WORKER, client_of, document, gateway_process
from tests.servers.acls import AUTHORIZER, Acl, grant
from tests.servers.kafka import Listener, apache_kafka
from tests.servers.minio import minio
from tests.stream import Stream, open_stream, worker_process

pytestmark = pytest.mark.real_servers

PRODUCERS_PREFIX = "in/"
EMAIL = "anna.schmidt@example.com"
LARGE_BYTES = 11 * 2**20
"""Three parts on their way to the store."""


def user_of(role: Role) -> str:
    """A role's name on both servers."""
    return f"ocrstream-{role}"


@dataclass(frozen=True, slots=True)
class Guarded:
    """Servers on which every role has a user.

    Attributes:
        addresses: Of administrators.
        brokers: Where one has to say who one is.
        password: Of every user.
    """

    addresses: ServerAddresses
    brokers: str
    password: str

    def admin(self) -> MinioAdmin:
        """Whoever may make users of the store."""
        keys = StaticProvider(self.addresses.s3_access_key, self.addresses.s3_secret_key)
        endpoint = self.addresses.s3_endpoint.removeprefix("http://")
        return MinioAdmin(endpoint=endpoint, credentials=keys, secure=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """A stream, and the rights on it for every role.

    Attributes:
        guarded: Its servers.
        stream: As an administrator has it.
    """

    guarded: Guarded
    stream: Stream

    def stream_of(self, role: Role) -> Stream:
        """The same, as a role has it."""
        values = {
            "kafka_brokers": self.guarded.brokers,
            "kafka_security_protocol": "SASL_PLAINTEXT",
            "kafka_username": user_of(role),
            "kafka_password": self.guarded.password,
            "s3_access_key": user_of(role),
            "s3_secret_key": self.guarded.password,
        }
        environment = {**self.stream.environment, **{PREFIX + n.upper(): values[n] for n in values}}
        every = {name.removeprefix(PREFIX).lower(): text for name, text in environment.items()}
        return Stream(environment, Settings.from_environment(**every))


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A broker and a store that allow nobody anything by themselves."""
    folder = tmp_path_factory.mktemp("guarded")
    password = secrets.token_hex(16)
    users = " ".join(f'user_{user_of(role)}="{password}"' for role in Role)
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    (port,) = free_ports(1)
    sasl = {
        "sasl.enabled.mechanisms": "PLAIN",
        "plain.sasl.jaas.config": f"{module} required {users};",
    }
    listener = Listener("GUARDED", port, port, "SASL_PLAINTEXT", sasl)
    with (
        apache_kafka(folder / "kafka", listener, properties=AUTHORIZER) as kafka,
        minio(folder / "minio", kafka.brokers, "notifications") as store,
    ):
        found = Guarded(store.addresses, f"{LOOPBACK}:{port}", password)
        for role in Role:
            found.admin().user_add(user_of(role), password)
        yield found


@pytest.fixture
def granted(guarded: Guarded, tmp_path: Path) -> Granted:
    """A stream with everything in use: encryption, masking, versions of uploads."""
    master_keys = tmp_path / "master-keys"
    master_keys.write_text(new_line("test"))
    master_keys.chmod(0o400)
    own = secrets.token_hex(5)
    stream = asyncio.run(
        open_stream(
            guarded.addresses,
            1,
            mask="email",
            master_keys_file=str(master_keys),
            keys_bucket=f"keys-{own}",
        )
    )
    bucket = stream.settings.uploads_bucket
    stream.store.set_bucket_versioning(bucket_name=bucket, config=VersioningConfig(ENABLED))
    printed = describe(Role, stream.settings, PRODUCERS_PREFIX)
    admin = guarded.admin()
    acls: dict[str, list[Acl]] = {}
    for role in Role:
        rights = cast(dict[str, dict[str, object]], printed[str(role)])
        name = f"{user_of(role)}-{own}"
        admin.policy_add(name, policy=rights["s3"])
        admin.policy_set(name, user=user_of(role))
        acls[user_of(role)] = cast(list[Acl], rights["kafka"])
    grant(guarded.addresses.kafka_brokers, acls)
    return Granted(guarded, stream)


async def make_key(settings: Settings) -> str:
    """An API key for everything, made with these settings."""
    key, record = create_key("default", [Scope.ADMIN], datetime.now(UTC))
    async with StoredKeyRecords(settings) as records:
        await records.put(record)
        assert key.id in await records.ids()
    return str(key)


async def read_as(stream: Stream, topic: str, group: str, count: int) -> list[dict[str, object]]:
    """The first messages of a topic, as a member of a group."""
    consumer = AIOKafkaConsumer(
        topic, **client_options(stream.settings), group_id=group, auto_offset_reset="earliest"
    )
    async with AsyncExitStack() as stack, asyncio.timeout(60):
        await consumer.start()
        stack.push_async_callback(consumer.stop)
        found = [orjson.loads((await consumer.getone()).value) for _ in range(count)]
        await consumer.commit()
    return found


async def test_rights_are_enough(granted: Granted, tmp_path: Path) -> None:
    """Every part does its work with its printed rights: take, read, mask, give, delete."""
    key = await make_key(granted.stream_of(Role.KEY_ADMINISTRATOR).settings)
    gateway, worker = (granted.stream_of(role) for role in (Role.GATEWAY, Role.WORKER))
    letter = f"write to {EMAIL}"
    with (
        gateway_process(gateway, tmp_path) as (url, _),
        worker_process(worker, tmp_path, program=QUICK_WORKER),
    ):
        async with client_of(url, key) as client:
            document_id = await client.submit(letter, {"Idempotency-Key": "the-key-of-a-letter"})
            place = f"/v1/documents/{document_id}"
            found = await client.ask("GET", f"{place}?wait=60")
            assert found.json["state"] == "done", found.body
            text = await client.ask("GET", f"{place}/text")
            assert "write to" in text.body.decode()
            assert EMAIL not in text.body.decode()
            again = await client.submit(letter)
            cached = await client.ask("GET", f"/v1/documents/{again}?wait=60")
            assert cast(dict[str, object], cached.json["result"])["cached"] is True
            once = {"Idempotency-Key": "the-key-of-a-large-one"}
            large = await client.submit("x " * (LARGE_BYTES // 2), once)
            size = await client.ask("GET", f"/v1/documents/{large}/text?wait=60")
            assert len(size.body) >= LARGE_BYTES
            for one in (document_id, again, large):
                assert (await client.ask("DELETE", f"/v1/documents/{one}")).status == 204
                assert (await client.ask("GET", f"/v1/documents/{one}")).status == 410
        producer = granted.stream_of(Role.PRODUCER)
        file = tmp_path / "letter"
        file.write_bytes(document(f"from a producer, {EMAIL}"))
        producer.upload(file, f"{PRODUCERS_PREFIX}letter")
        await producer.publish(producer.event(f"{PRODUCERS_PREFIX}letter"))
        await granted.stream.wait_committed(4)
    settings = granted.stream.settings
    reader, raw_reader = (
        granted.stream_of(role) for role in (Role.RESULTS_READER, Role.RAW_RESULTS_READER)
    )
    (masked,) = await read_as(reader, settings.results_topic, "results-reader-of-billing", 1)
    (full,) = await read_as(raw_reader, settings.raw_results_topic, "raw-results-reader", 1)
    assert EMAIL not in str(masked["text"])
    assert EMAIL in str(full["text"])
    left = granted.stream.store.list_objects(
        bucket_name=settings.uploads_bucket, recursive=True, include_version=True
    )
    assert [entry.object_name for entry in left] == [f"{PRODUCERS_PREFIX}letter"]
    for prefix in ("results/", "raw/"):
        kept = granted.stream.store.list_objects(
            bucket_name=settings.results_bucket, prefix=prefix, recursive=True
        )
        assert not [entry.object_name for entry in kept if large in str(entry.object_name)]


@pytest.mark.parametrize("size_bytes", [1000, LARGE_BYTES])
async def test_a_gateway_may_put_what_is_new(granted: Granted, size_bytes: int) -> None:
    """And may take back the data key of what was refused."""
    settings = granted.stream_of(Role.GATEWAY).settings
    bucket, key = settings.uploads_bucket, "api/default/a"

    async def body() -> AsyncIterator[bytes]:
        yield b"x" * size_bytes

    async with OpenStore(settings, 1) as store:
        await store.put_stream(bucket, key, body(), BYTES, condition=ONLY_NEW)
        with pytest.raises(ObjectExists):
            await store.put_stream(bucket, key, body(), BYTES, condition=ONLY_NEW)
        assert len((await store.fetch(bucket, key, None, size_bytes)).data) == size_bytes
        assert len(await store.list(settings.keys_bucket, f"{bucket}/{key}/")) == 1


@pytest.mark.parametrize("has_versions", [False, True])
async def test_master_keys_are_rotated_on_these_rights(
    granted: Granted, has_versions: bool
) -> None:
    """What a worker stored is wrapped anew, with no version left that needs the older key."""
    worker, rotating = (
        granted.stream_of(role).settings for role in (Role.WORKER, Role.MASTER_KEY_ADMINISTRATOR)
    )
    bucket, keys_bucket = worker.results_bucket, worker.keys_bucket
    if has_versions:
        config = VersioningConfig(ENABLED)
        granted.stream.store.set_bucket_versioning(bucket_name=keys_bucket, config=config)
    async with OpenStore(worker, 1) as store:
        await store.put(bucket, "results/a/b.json", b"text", BYTES)
    old = cast(Path, worker.master_keys_file).read_text()
    keys, told = MasterKeys.parse(f"{new_line('next')}\n{old}"), list[str]()
    async with S3ObjectStore(rotating, 2) as below:
        versions = S3Admin(rotating, 1).versions
        report = await Rewrapping(below, versions, keys_bucket, keys, told.append).run()
        assert len([*versions(keys_bucket, "")]) == 1
    assert (report.anew, report.removed, told) == (1, int(has_versions), [])


PLACES = {
    "producer's": f"uploads {PRODUCERS_PREFIX}a",
    "another's": "uploads elsewhere/a",
    "gateway's": "uploads api/default/a",
    "documents": "results documents/default/a.json",
    "pictures": "results pictures/default/a/1.jpg",
    "results": "results results/a/b.json",
    "raw": "results raw/a/b.json",
    "dead letters": "results dead-letters/a.bin",
    "failed uploads": "results dead-letters/uploads/a",
    "API keys": f"results {FOLDER}a.json",
    "data keys": "keys uploads/a/b",
}
STORE_RIGHTS = """
                    producer's another's gateway's documents pictures results raw  letters failed API-keys data-keys
worker              rd         rd        rd        rwd       rwd      rwd     rwd  w       wd     -        rwd
gateway             rd         rd        rwd       rwd       rd       rd      d    -       -      r        rwd
producer            w          -         -         -         -        -       -    -       -      -        -
results-reader      -          -         -         -         -        r       -    -       -      -        -
raw-results-reader  -          -         -         -         -        -       r    -       -      -        -
sweep               rd         rd        rd        rd        rd       rd      rd   rd      rd     -        d
key-administrator   -          -         -         -         -        -       -    -       -      rwd      -
master-key-administrator  -    -         -         -         -        -       -    -       -      -        rwd
"""  # noqa: E501 - a table
BROKER_RIGHTS = """
                    uploads results raw  readings alerts dead-letters progress
worker              r       w       rw   rw       w      w            w
gateway             w       w       w    w        -      -            rw
producer            w       -       -    -        -      -            -
results-reader      -       r       -    -        r      -            -
raw-results-reader  -       -       r    -        -      -            -
sweep               -       -       -    -        -      -            -
key-administrator   -       -       -    -        -      -            -
master-key-administrator -  -       -    -        -      -            -
"""


def table_of(text: str) -> dict[Role, list[str]]:
    """Its rows by role: r for read, w for write, d for delete."""
    rows = (line.split() for line in text.strip().splitlines()[1:])
    return {Role(name): ["" if cell == "-" else cell for cell in cells] for name, *cells in rows}


def is_granted(attempt: Callable[[], object]) -> bool:
    """Whether the store lets somebody; any other refusal than by rights is an error."""
    try:
        attempt()
    except S3Error as err:
        if err.code != "AccessDenied":
            raise
        return False
    return True


def granted_at(store: Minio, bucket: str, key: str) -> str:
    """What one may do at a place: some of r, w, d."""
    attempts: dict[str, Callable[[], object]] = {
        "r": lambda: store.get_object(bucket_name=bucket, object_name=key).close(),
        "w": lambda: store.put_object(
            bucket_name=bucket, object_name=f"{key}-2", data=io.BytesIO(b"x"), length=1
        ),
        "d": lambda: store.remove_object(bucket_name=bucket, object_name=f"{key}-2"),
    }
    return "".join(letter for letter, attempt in attempts.items() if is_granted(attempt))


def test_store_grants_these_rights_and_no_more(granted: Granted) -> None:
    """Every role at every place: nobody reads, stores or deletes what is not its business."""
    settings, store = granted.stream.settings, granted.stream.store
    buckets = {
        "uploads": settings.uploads_bucket,
        "results": settings.results_bucket,
        "keys": settings.keys_bucket,
    }
    places = [(buckets[place.split()[0]], place.split()[1]) for place in PLACES.values()]
    for bucket, key in places:
        store.put_object(bucket_name=bucket, object_name=key, data=io.BytesIO(b"x"), length=1)
    found = {
        role: [granted_at(granted.stream_of(role).store, *place) for place in places]
        for role in Role
    }
    assert found == table_of(STORE_RIGHTS)


@pytest.mark.parametrize("role", [Role.PRODUCER, Role.RESULTS_READER, Role.RAW_RESULTS_READER])
def test_who_only_puts_or_gets_cannot_list(granted: Granted, role: Role) -> None:
    """Names of documents may tell something too."""
    store, settings = granted.stream_of(role).store, granted.stream.settings
    for bucket in (settings.uploads_bucket, settings.results_bucket, settings.keys_bucket):
        assert not is_granted(partial(list, store.list_objects(bucket_name=bucket)))


def test_key_administrator_lists_keys_only(granted: Granted) -> None:
    """What else lies in the same bucket stays unknown."""
    store = granted.stream_of(Role.KEY_ADMINISTRATOR).store
    bucket = granted.stream.settings.results_bucket
    assert is_granted(lambda: list(store.list_objects(bucket_name=bucket, prefix=FOLDER)))
    for prefix in ("", "documents/"):
        listing = store.list_objects(bucket_name=bucket, prefix=prefix)
        assert not is_granted(partial(list, listing))


def test_only_the_sweep_sees_unfinished_uploads(granted: Granted) -> None:
    """Parts of documents whose sender went away are not to stay for ever."""
    bucket = granted.stream.settings.uploads_bucket

    def may_list(role: Role) -> bool:
        store = granted.stream_of(role).store
        return is_granted(partial(store._list_multipart_uploads, bucket_name=bucket))

    assert [role for role in Role if may_list(role)] == [Role.SWEEP]


async def may_write(producer: AIOKafkaProducer, topic: str) -> bool:
    """Whether the broker takes a message."""
    try:
        await producer.send_and_wait(topic, b"x", partition=0)
    except TopicAuthorizationFailedError:
        return False
    return True


async def may_read(settings: Settings, topic: str) -> bool:
    """Whether the broker gives the first message of a topic that has one."""
    consumer = AIOKafkaConsumer(**client_options(settings))
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        await consumer.start()
        stack.push_async_callback(consumer.stop)
        if topic not in await consumer.topics():
            return False
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        try:
            await consumer.getone()
        except TopicAuthorizationFailedError:
            return False
    return True


async def rights_on(settings: Settings, topics: list[str]) -> list[str]:
    """What one may do with each topic: some of r, w."""
    producer = AIOKafkaProducer(**client_options(settings))
    async with AsyncExitStack() as stack:
        await producer.start()
        stack.push_async_callback(producer.stop)
        written = [await may_write(producer, topic) for topic in topics]  # else there is nothing
    read = [await may_read(settings, topic) for topic in topics]
    return ["r" * r + "w" * w for r, w in zip(read, written, strict=True)]


async def test_broker_grants_these_rights_and_no_more(granted: Granted) -> None:
    """Every role on every topic: full results are for the worker and their readers only."""
    settings = granted.stream.settings
    topics = [
        settings.uploads_topic,
        settings.results_topic,
        settings.raw_results_topic,
        settings.readings_topic,
        settings.alerts_topic,
        settings.dead_letters_topic,
        settings.progress_topic,
    ]
    assert await rights_on(settings, topics) == ["rw"] * len(topics)
    found = {role: await rights_on(granted.stream_of(role).settings, topics) for role in Role}
    assert found == table_of(BROKER_RIGHTS)
