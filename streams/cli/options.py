"""Options of a document on the command line: `--option NAME=VALUE`."""

from collections.abc import Sequence

import orjson
import typer
from pydantic import ValidationError

from schemas.options import DocumentOptions


def parse_options(pairs: Sequence[str]) -> DocumentOptions:
    """Options such as `languages=en,ja` or `words=true`.

    Raises:
        typer.BadParameter: one is not known, or has a wrong value.
    """
    values: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"{pair!r} is not NAME=VALUE")
        try:
            values[name] = orjson.loads(text)
        except orjson.JSONDecodeError:
            values[name] = text
        if name == "languages":
            values[name] = tuple(text.split(","))
        elif name == "pages":
            values[name] = text
    try:
        return DocumentOptions.model_validate(values)
    except ValidationError as err:
        faults = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in err.errors())
        known = ", ".join(DocumentOptions.model_fields)
        raise typer.BadParameter(f"{faults}; the options are {known}") from err
