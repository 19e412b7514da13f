"""`ocrstream read`: read files without a broker or a store."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from processors.errors import DecoderFailed, DocumentError, EngineError
from processors.reader import Reader, open_reader
from processors.values import (
    EncodedDocument,
    PageWatcher,
    ReadOptions,
    SeenPage,
    watch_nothing,
)
from schemas.events import DocumentUploaded
from schemas.options import DocumentOptions
from streams.cli.console import console, errors, expand_paths, print_json, say
from streams.cli.options import parse_options
from streams.failures import sort_failure
from streams.masking import Masker, open_masker
from streams.messages import ResultIds, recognized
from streams.page_pictures import blackened
from streams.settings import Settings
from streams.store.object_store import StoredDocument

IN_FLIGHT_MAX = 4
"""Documents at once: enough for full batches, few enough for a laptop."""

Entry = dict[str, object]


def read(
    paths: Annotated[list[Path], typer.Argument(help="Pictures, or folders of pictures.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document with boxes and scores.")
    ] = False,
    option: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, as in an event: languages=en,ja")
    ] = None,
    mask: Annotated[
        str | None,
        typer.Option(help="Personal data to mask: all, or kinds such as email,iban."),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(help="With --mask: a folder for the pages, personal data blackened."),
    ] = None,
) -> None:
    """Read pictures and print their text; needs no broker and no store."""
    overrides = {} if mask is None else {"mask": mask}
    settings = Settings.from_environment(**overrides)
    masker = open_masker(settings)
    if pictures is not None:
        if masker is None:
            raise typer.BadParameter("--pictures needs --mask")
        pictures.mkdir(parents=True, exist_ok=True)
    wanted = parse_options(option or ())
    request = _Request(wanted, settings.read_options(wanted), masker, pictures)
    files = expand_paths(paths)
    entries = asyncio.run(_read_all(settings, files, request))
    if as_json:
        print_json({"documents": entries})
    else:
        _print_texts(entries)
    if any(entry["result"] is None for entry in entries):
        sys.exit(1)


@dataclass(frozen=True, slots=True)
class _Request:
    """How files are read, and what is hidden of them.

    Attributes:
        wanted: Options as they were given.
        options: The same with nothing left open.
        masker: Hides personal data; None: nothing is hidden.
        pictures: Where blackened pages go; None: nowhere.
    """

    wanted: DocumentOptions
    options: ReadOptions
    masker: Masker | None
    pictures: Path | None

    def watcher(self, path: Path) -> PageWatcher:
        """Keeps the pages of a file."""
        masker, folder = self.masker, self.pictures
        if masker is None or folder is None:
            return watch_nothing

        async def keep(seen: SeenPage) -> None:
            picture = await asyncio.to_thread(blackened, seen, masker)
            place = folder / f"{path.name}-{seen.page.page_number}.jpg"
            await asyncio.to_thread(place.write_bytes, picture)

        return keep


async def _read_all(settings: Settings, files: list[Path], request: _Request) -> list[Entry]:
    places = asyncio.Semaphore(IN_FLIGHT_MAX)
    with (
        open_reader(settings.reader_options()) as reader,
        Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress,
    ):
        task = progress.add_task("reading", total=len(files))

        async def read_one(path: Path) -> Entry:
            async with places:
                entry = await _read_one(reader, path, request)
            progress.advance(task)
            return entry

        return list(await asyncio.gather(*map(read_one, files)))


async def _read_one(reader: Reader, path: Path, request: _Request) -> Entry:
    entry: Entry = {"path": str(path), "result": None, "error": None}
    try:
        data = await asyncio.to_thread(path.read_bytes)
        document = EncodedDocument(data)
        reading = await reader.read(document, request.options, request.watcher(path))
    except (DocumentError, DecoderFailed, EngineError) as error:
        entry["error"] = {"category": sort_failure(error).category, "message": str(error)}
        return entry
    except OSError as error:
        entry["error"] = {"category": "unreadable_file", "message": str(error)}
        return entry
    upload = DocumentUploaded(
        type="document.uploaded", version=1, bucket="local", key=path.name or "file"
    )
    stored = StoredDocument(data, None, None)
    names = ResultIds.of(upload, stored, b"", reader.info)
    result = recognized(upload, stored, reading, reader.info, names, reading.timings_ms)
    if request.masker is not None:
        result = request.masker.mask(result, with_words=bool(request.wanted.words))
    entry["result"] = result.model_dump(mode="json")
    return entry


def _print_texts(entries: list[Entry]) -> None:
    for entry in entries:
        if len(entries) > 1:
            console.print(f"== {entry['path']}", markup=False, highlight=False, soft_wrap=True)
        result = entry["result"]
        if isinstance(result, dict):
            text = result["text"] or ""
            console.print(text, markup=False, highlight=False, soft_wrap=True)
            for warned in result["warnings"]:
                page = f", page {warned['page_number']}" if warned["page_number"] else ""
                say(f"{entry['path']}{page}: {warned['code']}: {warned['detail']}")
        elif isinstance(entry["error"], dict):
            say(f"{entry['path']}: {entry['error']['category']}: {entry['error']['message']}")
