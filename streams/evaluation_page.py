"""A page for people: the documents that were read worst, beside what should have been read."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image

WIDTH_PX = 640
"""Of the pictures, which are part of the page: it is one file and asks nobody for anything."""

_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 1400px; color: #222 }
article { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr);
          gap: 1em; border-top: 1px solid #bbb; padding: 1em 0 }
h2 { grid-column: 1 / -1; font-size: 1em; margin: 0 }
h3 { font-size: .85em; margin: 0; color: #666 }
img { max-width: 100%; border: 1px solid #ddd }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; margin: 0 }
"""


@dataclass(frozen=True, slots=True)
class JudgedDocument:
    """A document on the page.

    Attributes:
        path: Where it lies.
        share: Of its words that were read rightly, 0-1, the less the worse.
        expected: Its text.
        read: What was read, or why nothing was.
        picture: Its first page with boxes, None where it could not be decoded.
    """

    path: Path
    share: float
    expected: str
    read: str
    picture: Image.Image | None


def page(title: str, documents: Sequence[JudgedDocument]) -> str:
    """An HTML page that shows documents in the given order.

    Args:
        title: Plain text; whatever comes from documents is escaped, too.
        documents: The worst first.
    """
    articles = "\n".join(map(_article, documents))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{articles}\n</body>\n</html>\n"
    )


def _article(document: JudgedDocument) -> str:
    picture = "<p>no picture</p>"
    if document.picture is not None:
        picture = f'<img alt="the page as it was read" src="{_data_url(document.picture)}">'
    return (
        f"<article><h2>{escape(str(document.path))}: {document.share:.3f}</h2>\n"
        f"<div>{picture}</div>\n"
        f"<div><h3>expected</h3><pre>{escape(document.expected)}</pre></div>\n"
        f"<div><h3>read</h3><pre>{escape(document.read)}</pre></div></article>"
    )


def _data_url(picture: Image.Image) -> str:
    small = picture.convert("RGB")
    small.thumbnail((WIDTH_PX, 4 * WIDTH_PX))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
