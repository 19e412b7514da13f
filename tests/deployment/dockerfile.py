"""The Dockerfile as values: stages with their instructions, what they inherit included."""

import re
import shlex
from dataclasses import dataclass

from tests.deployment.manifests import ROOT


@dataclass(frozen=True, slots=True)
class Stage:
    """One build stage.

    Attributes:
        name: what follows AS.
        base: the stage or the image it starts from, arguments resolved.
        instructions: (keyword, rest) in order, those of stages it starts from first.
    """

    name: str
    base: str
    instructions: tuple[tuple[str, str], ...]

    def rest_of(self, keyword: str) -> list[str]:
        """What follows each instruction of a kind, in order."""
        return [rest for name, rest in self.instructions if name == keyword]

    def environment(self) -> dict[str, str]:
        """The variables that its ENV instructions set."""
        words = (word for rest in self.rest_of("ENV") for word in shlex.split(rest))
        return dict(word.split("=", maxsplit=1) for word in words)


def read_stages() -> dict[str, Stage]:
    """The stages of the Dockerfile by name, in order."""
    stages: dict[str, Stage] = {}
    arguments: dict[str, str] = {}
    name = ""
    for keyword, rest in _instructions():
        if keyword == "ARG" and not stages:
            argument, _, default = rest.partition("=")
            arguments[argument] = default
        elif keyword == "FROM":
            base, _, name = _resolve(rest, arguments).partition(" AS ")
            inherited = stages[base].instructions if base in stages else ()
            stages[name] = Stage(name, base, inherited)
        else:
            stage = stages[name]
            stages[name] = Stage(name, stage.base, (*stage.instructions, (keyword, rest)))
    return stages


def _instructions() -> list[tuple[str, str]]:
    """(keyword, rest) of each instruction: comments dropped, continued lines joined."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(keyword, rest) for keyword, _, rest in (line.partition(" ") for line in joined)]


def _resolve(text: str, arguments: dict[str, str]) -> str:
    """Fill in ${NAME} from the ARG defaults."""
    return re.sub(r"\$\{(\w+)\}", lambda match: arguments[match[1]], text)
