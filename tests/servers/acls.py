"""Access control of a broker: turned on, and rights given as `ocrstream policies` prints them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TypedDict

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from streams.embedded import ServerFailed

AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
    "allow.everyone.if.no.acl.found": "false",
}
"""Properties of the broker; who comes by its plain listener has no name, and may do everything."""

_RESOURCES = {"topic": 2, "group": 3}
_PATTERNS = {"literal": 3, "prefixed": 4}
_OPERATIONS = {"Read": 3, "Write": 4}
_ALLOW = 3
"""Numbers of Kafka's protocol: https://kafka.apache.org/protocol (ACLs)."""


class Acl(TypedDict):
    """One of the list `kafka` in what `ocrstream policies --json` prints."""

    resource: str
    name: str
    pattern: str
    operations: list[str]


def grant(brokers: str, rights: Mapping[str, Sequence[Acl]]) -> None:
    """Give users of the broker their rights.

    Args:
        brokers: Of the plain listener.
        rights: By the users' names.

    Raises:
        ServerFailed: the broker did not take them.
    """
    asyncio.run(_grant(brokers, rights))


async def _grant(brokers: str, rights: Mapping[str, Sequence[Acl]]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        for user, acls in rights.items():
            for acl in acls:
                for operation in acl["operations"]:
                    await _add(admin, user, acl, operation)
    finally:
        await admin.close()


async def _add(admin: AIOKafkaAdminClient, user: str, acl: Acl, operation: str) -> None:
    request = CreateAclsRequest(
        _RESOURCES[acl["resource"]],
        acl["name"],
        _PATTERNS[acl["pattern"]],
        f"User:{user}",
        "*",
        _OPERATIONS[operation],
        _ALLOW,
    )
    answer = await admin._send_to_controller(request)
    for code, message in answer.creation_responses:
        if code:
            raise ServerFailed(f"{acl} was not granted to {user}: error {code}, {message}")
