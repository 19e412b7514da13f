"""The recognisers that are here: a language given by a document picks the one that reads it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

from processors.errors import EngineError, ModelError
from processors.models.catalog import Model
from processors.models.registry import candidate_recognizers, choose_recognizers
from processors.recognize import Recognizer
from processors.values import CropArray, Reading
from schemas.options import AUTO_LANGUAGE


class Recognizers:
    """Opens recognisers when a document needs them for the first time, and keeps them open.

    Args:
        models: Which there are, the default one first.
        default: The first of them, opened.
        open_model: Opens another one and tries it; called in a thread.
        executor: Where.
    """

    def __init__(
        self,
        models: Sequence[Model],
        default: Recognizer,
        open_model: Callable[[Model], Recognizer],
        executor: Executor,
    ) -> None:
        self._models = models
        self._open_model = open_model
        self._executor = executor
        self._opened = {models[0].name: default}
        self._opening: dict[str, asyncio.Lock] = {}

    @property
    def busy_s(self) -> float:
        """For how long the oldest batch of any of them has been worked on."""
        return max(recognizer.busy_s for recognizer in self._opened.values())

    async def choose(self, languages: tuple[str, ...]) -> "Chosen":
        """Find the recognisers of some languages.

        Raises:
            UnsupportedLanguage: none of them reads one of the languages.
            EngineError: one cannot be opened, or does not work.
        """
        if AUTO_LANGUAGE in languages:
            models = candidate_recognizers(self._models)
        else:
            models = choose_recognizers(self._models, languages)
        readers = [NamedReader(model.name, await self._open(model)) for model in models]
        if AUTO_LANGUAGE in languages:
            return Chosen(readers[0], tuple(readers))
        return Chosen(readers[0] if len(readers) == 1 else best_of(readers), ())

    async def _open(self, model: Model) -> Recognizer:
        async with self._opening.setdefault(model.name, asyncio.Lock()):
            if model.name not in self._opened:
                loop = asyncio.get_running_loop()
                try:
                    opened = await loop.run_in_executor(self._executor, self._open_model, model)
                except (ModelError, EngineError) as err:
                    raise EngineError(
                        f"the recogniser {model.name} cannot be opened: {err}"
                    ) from err
                self._opened[model.name] = opened
        return self._opened[model.name]


class LineReader(Protocol):
    """Reads a line as it stands: a `Recognizer`, or the best of several."""

    async def read(self, pixels: CropArray) -> Reading:
        """See `Recognizer.read`."""
        ...


@dataclass(frozen=True, slots=True)
class NamedReader:
    """A reader of lines, and the name of its model, or of several joined by `+`."""

    name: str
    reader: LineReader


@dataclass(frozen=True, slots=True)
class Chosen:
    """What reads a document.

    Attributes:
        first: What reads it, unless one of the candidates reads a page better.
        candidates: What is to be tried on each page; empty where the languages are known.
    """

    first: NamedReader
    candidates: tuple[NamedReader, ...]


class _BestOf:
    def __init__(self, readers: Sequence[LineReader]) -> None:
        self._readers = readers

    async def read(self, pixels: CropArray) -> Reading:
        readings = await asyncio.gather(*(reader.read(pixels) for reader in self._readers))
        return max(readings, key=lambda reading: reading.score)


def best_of(readers: Sequence[NamedReader]) -> NamedReader:
    """Read each line with all of several models; the most certain one has it."""
    name = "+".join(one.name for one in readers)
    return NamedReader(name, _BestOf([one.reader for one in readers]))
