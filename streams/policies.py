"""What each part of a deployment must be allowed to do: policies of the store, ACLs of the broker.

They are made from the settings' names, so that they fit what is run. Whatever is not listed is not
allowed; both servers refuse it as long as they know nobody as everybody. `ocrstream policies`
prints them, `tests/integration/test_policies.py` runs a worker and a gateway on them and nothing
more. `ocrstream setup` is for an administrator.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from streams.access.key_records import FOLDER as API_KEYS_PREFIX
from streams.places import (
    DEAD_LETTERS_PREFIX,
    DOCUMENTS_PREFIX,
    PICTURES_PREFIX,
    RAW_RESULTS_PREFIX,
    RESULTS_PREFIX,
    UPLOADS_PREFIX,
)
from streams.settings import Settings

JsonObject = dict[str, object]

GET = ("s3:GetObject", "s3:GetObjectVersion")
PUT = ("s3:PutObject", "s3:AbortMultipartUpload")
DELETE = ("s3:DeleteObject", "s3:DeleteObjectVersion")
LIST = ("s3:ListBucket", "s3:ListBucketVersions")
"""Of a bucket, not of objects; it also tells a missing object from a forbidden one."""

ABORT, LIST_UNFINISHED = ("s3:AbortMultipartUpload",), ("s3:ListBucketMultipartUploads",)
"""Of uploads in parts that nobody completed."""

_KEPT = (DOCUMENTS_PREFIX, PICTURES_PREFIX, RESULTS_PREFIX, RAW_RESULTS_PREFIX)
"""What is kept of a document in the results bucket, and goes with it."""

_FAILED_UPLOADS = f"{DEAD_LETTERS_PREFIX}uploads/"
"""Notes that an upload ended as a dead letter; they keep it until it was replayed."""

_W = ("Write",)


class Role(StrEnum):
    """Who talks to the servers."""

    WORKER = "worker"
    GATEWAY = "gateway"
    PRODUCER = "producer"
    RESULTS_READER = "results-reader"
    RAW_RESULTS_READER = "raw-results-reader"
    SWEEP = "sweep"
    KEY_ADMINISTRATOR = "key-administrator"
    MASTER_KEY_ADMINISTRATOR = "master-key-administrator"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a store's policy.

    Attributes:
        actions: What may be done.
        places: Buckets, or `bucket/prefix*`.
        is_denied: Forbids it instead, whatever else is allowed.
        prefix: Of a listing; None: everything in the bucket.
    """

    actions: tuple[str, ...]
    places: tuple[str, ...]
    is_denied: bool = False
    prefix: str | None = None

    def document(self) -> JsonObject:
        """It in the policy language of S3."""
        condition = {"StringLike": {"s3:prefix": [f"{self.prefix}*"]}}
        return {
            "Effect": "Deny" if self.is_denied else "Allow",
            "Action": list(self.actions),
            "Resource": [f"arn:aws:s3:::{place}" for place in self.places],
            **({} if self.prefix is None else {"Condition": condition}),
        }


@dataclass(frozen=True, slots=True)
class Acl:
    """What a client of the broker may do with one topic or consumer group.

    Attributes:
        resource: `topic` or `group`.
        name: Its name, or what its name begins with.
        operations: Such as `Read`; to describe it is allowed with each of them.
        is_prefix: Whether it is about all names that begin so.
    """

    resource: str
    name: str
    operations: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Rights:
    """All that a role may do."""

    statements: tuple[Statement, ...]
    acls: tuple[Acl, ...] = ()

    def policy(self) -> JsonObject:
        """The store's policy, as MinIO and AWS take it."""
        statements = [statement.document() for statement in self.statements]
        return {"Version": "2012-10-17", "Statement": statements}

    def commands(self, principal: str) -> list[str]:
        """Arguments of Kafka's own `kafka-acls.sh`, a line for each topic or group."""
        return [
            f"--add --allow-principal User:{principal} --{acl.resource} {acl.name}"
            + (" --resource-pattern-type prefixed" if acl.is_prefix else "")
            + "".join(f" --operation {operation}" for operation in acl.operations)
            for acl in self.acls
        ]


def rights_of(role: Role, settings: Settings, prefix: str = "") -> Rights:
    """What a role needs.

    Args:
        role: Who.
        settings: Names of buckets and topics; MASTER_KEYS_FILE and MASK say what is in use.
        prefix: Of a producer's objects in the uploads bucket.
    """
    if role is Role.PRODUCER:
        return _producer(settings, prefix)
    rules: dict[Role, Callable[[Settings], Rights]] = {
        Role.WORKER: _worker,
        Role.GATEWAY: _gateway,
        Role.RESULTS_READER: _results_reader,
        Role.RAW_RESULTS_READER: _raw_results_reader,
        Role.SWEEP: _sweep,
        Role.KEY_ADMINISTRATOR: _key_administrator,
        Role.MASTER_KEY_ADMINISTRATOR: _master_key_administrator,
    }
    return rules[role](settings)


def _worker(settings: Settings) -> Rights:
    """Reads documents, writes what came of them, and takes back what was deleted meanwhile."""
    return Rights(
        (
            Statement(GET, (*_sources(settings), *_kept(settings, *_KEPT))),
            Statement(PUT, _kept(settings, *_KEPT, DEAD_LETTERS_PREFIX)),
            *_deletes(settings, _FAILED_UPLOADS),
            *_seals(settings),
        ),
        (
            Acl("group", settings.consumer_group, ("Read",)),
            Acl("topic", settings.uploads_topic, ("Read",)),
            *(
                Acl("topic", topic, ("Read", "Write") if topic == settings.cached_topic else _W)
                for topic in _results_topics(settings)
            ),
            Acl("topic", settings.readings_topic, ("Read", "Write")),
            *_topics(_W, settings.alerts_topic, settings.dead_letters_topic),
            Acl("topic", settings.progress_topic, _W),
        ),
    )


def _gateway(settings: Settings) -> Rights:
    """Takes documents, gives what came of them, deletes them, and tells so on the results' topics.

    It can neither read full results where personal data is masked, nor store a result.
    """
    given = (DOCUMENTS_PREFIX, PICTURES_PREFIX, RESULTS_PREFIX, API_KEYS_PREFIX)
    return Rights(
        (
            Statement(GET, (*_sources(settings), *_kept(settings, *given))),
            Statement(
                PUT, (_uploads(settings, UPLOADS_PREFIX), *_kept(settings, DOCUMENTS_PREFIX))
            ),
            *_deletes(settings),
            *_seals(settings),
        ),
        (
            Acl("topic", settings.uploads_topic, _W),
            *_topics(_W, *_results_topics(settings), settings.readings_topic),
            Acl("topic", settings.progress_topic, ("Read", "Write")),
        ),
    )


def _producer(settings: Settings, prefix: str) -> Rights:
    """Puts documents below its prefix and announces them. What is the gateway's stays so."""
    return Rights(
        (
            Statement(PUT, (_uploads(settings, prefix),)),
            Statement(PUT, (_uploads(settings, UPLOADS_PREFIX),), is_denied=True),
        ),
        (Acl("topic", settings.uploads_topic, _W),),
    )


def _results_reader(settings: Settings) -> Rights:
    """Reads what is published, masked where personal data is masked."""
    return Rights(
        (Statement(GET, _kept(settings, RESULTS_PREFIX)),),
        (
            *_topics(("Read",), settings.results_topic, settings.alerts_topic),
            Acl("group", Role.RESULTS_READER, ("Read",), is_prefix=True),
        ),
    )


def _raw_results_reader(settings: Settings) -> Rights:
    """Reads results with the personal data in them."""
    return Rights(
        (Statement(GET, _kept(settings, RAW_RESULTS_PREFIX)),),
        (
            Acl("topic", settings.raw_results_topic, ("Read",)),
            Acl("group", Role.RAW_RESULTS_READER, ("Read",), is_prefix=True),
        ),
    )


def _sweep(settings: Settings) -> Rights:
    """Deletes what is older than it may be; without the data keys it reads nothing that is sealed.

    To ask whether something is there the store takes for reading it.
    """
    everything = (*_sources(settings), *_kept(settings, *_KEPT, DEAD_LETTERS_PREFIX))
    keys = settings.keys_bucket
    forgets = Statement(DELETE, (f"{keys}/*",)), Statement(LIST, (keys,))
    return Rights(
        (
            Statement(GET, everything),
            *_deletes(settings, DEAD_LETTERS_PREFIX),
            Statement(ABORT, everything),
            Statement(LIST_UNFINISHED, _buckets(settings)),
            *(forgets if settings.master_keys_file else ()),
        )
    )


def _key_administrator(settings: Settings) -> Rights:
    """Makes, lists and revokes the API keys of the gateway."""
    bucket = settings.results_bucket
    return Rights(
        (
            Statement((*GET, *PUT, *DELETE), _kept(settings, API_KEYS_PREFIX)),
            Statement(LIST, (bucket,), prefix=API_KEYS_PREFIX),
        )
    )


def _master_key_administrator(settings: Settings) -> Rights:
    """Wraps data keys anew, and sees none of their objects.

    It deletes single versions of records only, which is `s3:DeleteObjectVersion` on AWS and needs
    `s3:DeleteObject` on MinIO.
    """
    actions, bucket = ("s3:GetObject", "s3:PutObject", *DELETE), settings.keys_bucket
    return Rights((Statement(actions, (f"{bucket}/*",)), Statement(LIST, (bucket,))))


def _deletes(settings: Settings, *more: str) -> tuple[Statement, ...]:
    """To delete documents and what came of them, all versions; `more` are prefixes of results."""
    return (
        Statement(DELETE, (*_sources(settings), *_kept(settings, *_KEPT, *more))),
        Statement(LIST, _buckets(settings)),
    )


def _seals(settings: Settings) -> tuple[Statement, ...]:
    """To store, use and destroy the keys of encrypted objects."""
    if settings.master_keys_file is None:
        return ()
    bucket = settings.keys_bucket
    return (
        Statement((*GET, *PUT, *DELETE), (f"{bucket}/*",)),
        Statement(LIST, (bucket,)),
    )


def _buckets(settings: Settings) -> tuple[str, ...]:
    """Where documents lie and what came of them."""
    sources = {bucket for bucket, _ in settings.sources()}
    return tuple(sorted({settings.uploads_bucket, settings.results_bucket, *sources}))


def _sources(settings: Settings) -> tuple[str, ...]:
    """Everything that is read: the gateway's uploads, and what ALLOWED_SOURCES names."""
    places = {f"{bucket}/{prefix}*" for bucket, prefix in settings.sources()}
    everything = _uploads(settings, "")
    if everything not in places:
        places.add(_uploads(settings, UPLOADS_PREFIX))
    return tuple(sorted(places))


def _uploads(settings: Settings, prefix: str) -> str:
    return f"{settings.uploads_bucket}/{prefix}*"


def _kept(settings: Settings, *prefixes: str) -> tuple[str, ...]:
    return tuple(f"{settings.results_bucket}/{prefix}*" for prefix in prefixes)


def _results_topics(settings: Settings) -> tuple[str, ...]:
    """Where results go, masked and, with MASK, full."""
    return tuple(dict.fromkeys((settings.results_topic, settings.cached_topic)))


def _topics(operations: tuple[str, ...], *names: str) -> tuple[Acl, ...]:
    return tuple(Acl("topic", name, operations) for name in names)


def describe(roles: Iterable[Role], settings: Settings, prefix: str = "") -> JsonObject:
    """Policies and ACLs of roles, as one JSON document."""
    return {str(role): _described(rights_of(role, settings, prefix)) for role in roles}


def _described(rights: Rights) -> JsonObject:
    return {
        "s3": rights.policy(),
        "kafka": [
            {
                "resource": acl.resource,
                "name": acl.name,
                "pattern": "prefixed" if acl.is_prefix else "literal",
                "operations": list(acl.operations),
            }
            for acl in rights.acls
        ],
    }
