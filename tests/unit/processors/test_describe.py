"""From pages to what is published."""

import numpy as np
import pytest

from processors.confidence import confidence
from processors.describe import describe_page, join_text, summarize_confidence
from processors.values import Enhanced, Page, Quality, TextLine, Upright, Verdict
from tests.fakes.reader import reading

QUALITY = Quality(sharpness=0.123456, contrast=0.98765, brightness=1.0)


def line(text: str | None, score: float = 0.5) -> TextLine:
    """A line in a tilted region."""
    corners = [(10.04, 20.06), (110, 30), (108, 50), (8, 40)]
    read = None if text is None else reading(text, score)
    return TextLine(np.array(corners, dtype=np.float32), read)


def page(lines: tuple[TextLine, ...], text: str | None, page_number: int = 1) -> Page:
    """A page that was turned by a quarter."""
    to_file = np.array([(0, 1, 0), (-1, 0, 299), (0, 0, 1)], dtype=np.float64)
    return Page(
        page_number=page_number,
        width=300,
        height=200,
        upright=Upright(to_file, 90),
        source_width=200,
        source_height=300,
        dpi=300.0,
        quality=QUALITY,
        verdict=Verdict(),
        enhanced=Enhanced(("sharpen",), (("sharpen",),), 0.123456),
        lines=lines,
        text=text,
    )


def test_describe_page_tells_page_and_its_place_in_file() -> None:
    """Arrays become plain numbers."""
    described = describe_page(page((), "", page_number=3))
    assert (described.page_number, described.width, described.height) == (3, 300, 200)
    assert (described.source.width, described.source.height) == (200, 300)
    assert described.source.rotation_degrees == 90
    assert described.source.transform == ((0, 1, 0), (-1, 0, 299), (0, 0, 1))
    assert described.source.dpi == 300
    assert described.quality.sharpness == 0.1235
    assert described.enhancement.applied == ("sharpen",)
    assert described.enhancement.tried == (("sharpen",),)
    assert described.enhancement.gain == 0.1235
    assert described.model_validate_json(described.model_dump_json()) == described


def test_describe_page_rounds_places_and_scores() -> None:
    """Pixels have one decimal, scores four; the box holds the polygon."""
    (described,) = describe_page(page((line("abc", 0.987654),), "abc")).lines
    assert described.text == "abc"
    assert described.score == 0.9877
    assert described.confidence == round(confidence(reading("abc", 0.987654)), 4)
    assert described.polygon == ((10.0, 20.1), (110.0, 30.0), (108.0, 50.0), (8.0, 40.0))
    assert described.box == (8.0, 20.1, 110.0, 50.0)


def test_describe_page_leaves_out_what_was_not_read() -> None:
    """With recognition off, a line is a region."""
    described = describe_page(page((line(None),), None))
    assert described.text is None
    assert described.lines[0].text is None
    assert described.lines[0].confidence is None


def test_summarize_confidence_covers_all_pages() -> None:
    """Mean and minimum are over lines, not over pages."""
    first = describe_page(page((line("a", 0.9), line("b", 0.6)), "a\nb"))
    second = describe_page(page((line("c", 0.9),), "c", page_number=2))
    summary = summarize_confidence((first, second))
    assert summary is not None
    weak, sure = confidence(reading("b", 0.6)), confidence(reading("a", 0.9))
    assert summary.min == round(weak, 4)
    assert summary.mean == pytest.approx((2 * sure + weak) / 3, abs=1e-4)


@pytest.mark.parametrize("lines", [(), (line(None),)])
def test_summarize_confidence_has_nothing_to_say_without_text(lines: tuple[TextLine, ...]) -> None:
    """A blank page is neither sure nor unsure."""
    assert summarize_confidence((describe_page(page(lines, None)),)) is None


@pytest.mark.parametrize(
    ("texts", "joined"),
    [(["a\nb"], "a\nb"), (["a", "b"], "a\n\nb"), (["", "b"], "\n\nb"), ([None], None), ([], "")],
)
def test_join_text_parts_pages_by_empty_line(texts: list[str | None], joined: str | None) -> None:
    """Where recognition was off, there is no text, not an empty one."""
    assert join_text(tuple(describe_page(page((), text)) for text in texts)) == joined
