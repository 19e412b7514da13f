"""What is found in a page, as texts."""

from processors.masking.find import find_personal_data
from processors.masking.options import MaskOptions
from schemas.results import RecognizedPage
from tests.unit.processors.masking.pages import page

OPTIONS = MaskOptions()


def found_in(one: RecognizedPage, options: MaskOptions = OPTIONS) -> list[tuple[str, str]]:
    """Kinds and texts; a part on another line is joined by a stroke."""
    return [
        (
            str(data.kind),
            "|".join((one.lines[p.line_index].text or "")[p.start : p.end] for p in data.parts),
        )
        for data in find_personal_data(one, options)
    ]


def found(*texts: str, options: MaskOptions = OPTIONS) -> list[tuple[str, str]]:
    """What is found in lines, one below the other."""
    return found_in(page(*texts), options)
