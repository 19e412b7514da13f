"""All commands under one name, and what their failures mean to a shell.

Exit codes: 0 done, 1 some input failed, 2 wrong usage or configuration.
"""

import logging
import os
import sys
from importlib.util import find_spec

import typer

from processors.errors import ModelError
from streams.cli import dead_letters, gateway, keys, master_keys, policies, retention, setup, submit
from streams.cli.console import say
from streams.embedded import ServerFailed
from streams.errors import DatasetError, SettingsError, StreamError
from streams.settings import unknown_variables

FAILED, WRONG = 1, 2

app = typer.Typer(
    name="ocrstream",
    help="Streaming OCR: documents put into an object store come out of Kafka as text.\n\n"
    "Settings are environment variables, OCRSTREAM_...; `ocrstream doctor` says if they work.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("setup")(setup.setup)
app.command("policies")(policies.policies)
app.command("gateway")(gateway.gateway)
app.command("submit")(submit.submit)
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(master_keys.app, name="master-keys")
app.add_typer(keys.app, name="keys")
app.add_typer(retention.app, name="retention")


def _add_what_reads() -> None:
    """Commands that need decoders and engines."""
    from streams.cli import (  # noqa: PLC0415 - the gateway's image has none of these
        demo,
        doctor,
        evaluate,
        models,
        read,
        worker,
    )

    app.command("demo")(demo.demo)
    app.command("read")(read.read)
    app.command("evaluate")(evaluate.evaluate)
    app.command("worker")(worker.worker)
    app.command("doctor")(doctor.doctor)
    app.add_typer(models.app, name="models")


if find_spec("cv2") is not None:
    _add_what_reads()


def main() -> None:
    """Run the command line."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # commands say it themselves
    for warning in unknown_variables(os.environ):
        say(f"warning: {warning}")
    try:
        app()
    except (SettingsError, DatasetError, ModelError) as error:
        say(f"error: {error}")
        sys.exit(WRONG)
    except (StreamError, ServerFailed) as error:
        say(f"error: {error}")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
