"""The generated parts of the README: `python -m tests.readme` writes them.

Between a comment and the end of its block: the settings' table, and two examples of messages.
"""

import json
import re
from pathlib import Path

import orjson
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from streams.settings import Settings
from tests.stream import ROOT

README = ROOT / "README.md"
EXAMPLES = ROOT / "docs" / "examples"
LINE_MAX = 110
LEADING = (
    *("type", "version", "bucket", "key", "event_id", "result_id", "document_id", "status"),
    *("source", "pipeline", "pages", "text", "confidence"),
)
"""Top-level fields that are shown first, in this order."""


def render(text: str) -> str:
    """The README with its generated parts made anew."""
    text = re.sub(
        r"(<!-- example: (\S+) -->\n```json\n).*?\n```",
        lambda match: f"{match[1]}{example(match[2])}\n```",
        text,
        flags=re.DOTALL,
    )
    return re.sub(
        r"(<!-- settings -->\n).*?(?=\n## )",
        lambda match: f"{match[1]}\n{settings_table()}\n",
        text,
        flags=re.DOTALL,
    )


def example(name: str) -> str:
    """An example as it is documented, what comes first in the model first, folded to be read."""
    document = orjson.loads((EXAMPLES / name).read_bytes())
    leading = [key for key in LEADING if key in document]
    rest = [key for key in document if key not in LEADING]
    return fold({key: document[key] for key in (*leading, *rest)})


def fold(value: object, indent: str = "") -> str:
    """JSON in which whatever fits stands on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= LINE_MAX or not isinstance(value, dict | list):
        return flat
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {fold(part, deeper)}" for key, part in value.items()]
        opening, closing = "{", "}"
    else:
        parts = [fold(part, deeper) for part in value]
        opening, closing = "[", "]"
    body = ",\n".join(deeper + part for part in parts)
    return f"{opening}\n{body}\n{indent}{closing}"


def settings_table() -> str:
    """Every setting with its default and its meaning; the gateway's and privacy's come last."""
    own = [name for name in Settings.model_fields if name in Settings.__annotations__]
    names = [*own, *(name for name in Settings.model_fields if name not in own)]
    fields = {name: Settings.model_fields[name] for name in names}
    rows = [
        f"| `{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in fields.items()
    ]
    return "\n".join(["| variable | default | meaning |", "| --- | --- | --- |", *rows])


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "`~/.local/share/ocrstream`"
    value = field.default
    if value is None or isinstance(value, SecretStr):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else str(value).rstrip('/')}`"


def command_blocks(path: Path = README) -> list[str]:
    """The shell commands of a document, block by block."""
    return re.findall(r"^```sh\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S)


def main() -> None:
    """Write the README."""
    README.write_text(render(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
