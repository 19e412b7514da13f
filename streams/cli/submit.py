"""`ocrstream submit`: upload documents, publish their events, follow them."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from schemas.dead_letters import DocumentDeadLettered
from streams.cli.console import errors, expand_paths, print_json, say
from streams.client import Client, Outcome, Submitted
from streams.settings import Settings


def submit(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files.")],
    wait: Annotated[bool, typer.Option("--wait", help="Follow each to its outcome.")] = False,
    timeout_s: Annotated[
        float, typer.Option(min=1, help="With --wait: give up after so many seconds.")
    ] = 600,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output.")
    ] = False,
) -> None:
    """Upload documents and publish their events; a worker reads them.

    Where the bucket announces uploads by itself, only the upload is made.
    """
    settings = Settings.from_environment()
    files = expand_paths(paths)
    documents, is_complete = asyncio.run(_submit_all(settings, files, wait, timeout_s))
    if as_json:
        print_json({"documents": documents})
    if not is_complete:
        sys.exit(1)


async def _submit_all(
    settings: Settings, files: list[Path], wait: bool, timeout_s: float
) -> tuple[list[dict[str, object]], bool]:
    documents: dict[str, dict[str, object]] = {}
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        async with Client(settings) as client:
            submitted = []
            for path in progress.track(files, description="uploading"):
                item = await client.submit(path)
                submitted.append(item)
                documents[item.key] = {
                    "path": str(path),
                    "bucket": item.bucket,
                    "key": item.key,
                    "event_id": item.event_id,
                }
                say(f"submitted {path} as {item.bucket}/{item.key}")
            if not wait:
                return list(documents.values()), True
            task = progress.add_task("reading", total=len(files))
            good = 0
            try:
                async with asyncio.timeout(timeout_s):
                    async for item, outcome in client.outcomes(submitted):
                        progress.advance(task)
                        documents[item.key]["outcome"] = outcome.model_dump(mode="json")
                        good += _report(item, outcome)
            except TimeoutError:
                say(f"no outcome for every document within {timeout_s:g} s; is a worker running?")
    return list(documents.values()), good == len(files)


def _report(item: Submitted, outcome: Outcome) -> bool:
    if isinstance(outcome, DocumentDeadLettered):
        say(f"{item.path}: dead letter {outcome.category}: {outcome.message}")
        return False
    lines = sum(len(page.lines) for page in outcome.pages or ())
    mean = f", confidence {outcome.confidence.mean:.2f}" if outcome.confidence else ""
    say(f"{item.path}: {lines} lines{mean}")
    return True
