"""The recognisers that are here: a language given by a document picks the one that reads it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from processors.errors import EngineError, ModelError
from processors.models.catalog import Model
from processors.models.registry import choose_recognizer
from processors.recognize import Recognizer


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

    async def choose(self, languages: tuple[str, ...]) -> tuple[str, Recognizer]:
        """Find the recogniser of some languages.

        Returns:
            The model's name, and the recogniser.

        Raises:
            UnsupportedLanguage: none of them reads all of the languages.
            EngineError: it cannot be opened, or does not work.
        """
        model = choose_recognizer(self._models, languages)
        if model.name in self._opened:
            return model.name, self._opened[model.name]
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
        return model.name, self._opened[model.name]
