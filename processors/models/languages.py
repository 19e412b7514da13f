"""Language tags: the same spelling for what models read and for what events ask for."""

import re
from itertools import takewhile

_ALIASES = {"av": "ava", "ce": "che", "cmn": "zh", "fil": "tl", "nb": "no", "nn": "no"}
"""Codes to those that PaddleOCR, and so the catalogue, has for the same languages."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?")
_SCRIPT = re.compile(r"[A-Za-z]{4}")


def parse_tag(tag: str) -> tuple[str, str | None]:
    """The language's code and, where the tag names one, the script.

    Args:
        tag: BCP 47, such as `sr-Latn-RS`. Regions, extensions and private use do not count.
    """
    code, *others = tag.replace("_", "-").lower().split("-")
    parts = takewhile(lambda part: len(part) > 1, others)
    scripts = [part.title() for part in parts if len(part) == 4 and part.isalpha()]
    return _ALIASES.get(code, code), scripts[0] if scripts else None


def normalize_language(tag: str) -> str:
    """The catalogue's spelling of a language that a model reads: `en`, or with a script `sr-Latn`.

    Raises:
        ValueError: it is no such tag, and no event could ask for it.
    """
    if not _LANGUAGE.fullmatch(tag):
        raise ValueError(f"languages are ISO 639 codes such as en, zh or sr-Latn, not {tag!r}")
    code, script = parse_tag(tag)
    return f"{code}-{script}" if script else code


def normalize_script(code: str) -> str:
    """The catalogue's spelling of a script: `Latn`.

    Raises:
        ValueError: it is no such code.
    """
    if not _SCRIPT.fullmatch(code):
        raise ValueError(f"scripts are ISO 15924 codes such as Latn or Cyrl, not {code!r}")
    return code.title()
