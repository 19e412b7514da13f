"""`ocrstream policies`: what each part must be allowed to do on the broker and in the store."""

from typing import Annotated

import orjson
import typer

from streams.cli.console import console, print_json
from streams.policies import Role, describe, rights_of
from streams.settings import Settings

PRINCIPAL_PREFIX = "ocrstream-"
"""Before a role's name: the user of the broker that it is printed for."""


def policies(
    roles: Annotated[
        list[Role] | None, typer.Option("--for", help="One role; may be repeated; default: all.")
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="Of a producer's objects in the uploads bucket.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print the least rights of each role: a policy for the store, ACLs for the broker.

    Names of buckets and topics are those of the settings, and so is whether there are encryption
    keys and full results beside masked ones. Nothing is changed on any server.
    """
    settings = Settings.from_environment()
    wanted = roles or list(Role)
    if as_json:
        print_json(describe(wanted, settings, prefix))
        return
    for role in wanted:
        rights = rights_of(role, settings, prefix)
        _print(f"# {role}: policy of the store")
        _print(orjson.dumps(rights.policy(), option=orjson.OPT_INDENT_2).decode())
        _print(f"# {role}: ACLs of the broker")
        for arguments in rights.commands(f"{PRINCIPAL_PREFIX}{role}"):
            _print(f'kafka-acls.sh --bootstrap-server "{settings.kafka_brokers}" {arguments}')


def _print(line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
