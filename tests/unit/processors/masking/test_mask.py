"""Masked pages."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from processors.masking.entities import Entity
from processors.masking.find import find_personal_data
from processors.masking.mask import mask_pages
from processors.masking.options import CHECKED_KINDS, MaskOptions
from processors.masking.page_text import BLOCK
from processors.masking.patterns import OwnPattern
from schemas.masking import PersonalKind
from schemas.results import RecognizedPage
from tests.unit.processors.masking.pages import grid, line, page, page_of

OPTIONS = MaskOptions(patterns=(OwnPattern("case", r"CASE-\d{4}"),))

IBAN = "DE89 3704 0044 0532 0130 00"
PIECES = (
    *(
        IBAN,
        "4111 1111 1111 1111",
        "john@example.com",
        "+49 30 901820",
        "DOB",
        "12.03.1985",
        "Tel.",
    ),
    *("IBAN", "PESEL", "44051401359", "RSSMRA85T10A562S", "192.168.1.12", "00:1A:2B:3C:4D:5E"),
    *(
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "CASE-1234",
        "@",
        ".",
        "-",
        " ",
        "/",
        ",",
        "1",
    ),
    *(
        "Order",
        "4006381333931",
        "Total 12.00",
        BLOCK,
        "(at)",
        "né le",
        "生年月日",
        "É",
        "e\u0301",
        "ﬁ",
    ),
)
texts = st.lists(
    st.sampled_from(PIECES) | st.text(string.printable[:-5], max_size=6), max_size=8
).map(" ".join)
pages = st.lists(texts, max_size=6).map(lambda rows: page(*rows))


def masked_page(one: RecognizedPage) -> RecognizedPage:
    """One page, masked."""
    (masked,) = mask_pages([one], OPTIONS).pages
    return masked


def test_every_text_of_a_page_is_masked() -> None:
    """Page, lines, words and paragraphs, one block to each character."""
    result = mask_pages([page(f"Pay {IBAN} now")], OPTIONS)
    (masked,) = result.pages
    expected = f"Pay {BLOCK * len(IBAN)} now"
    words = [word.text for word in masked.lines[0].words or ()]
    assert masked.text == masked.lines[0].text == masked.paragraphs[0].text == expected
    assert words == ["Pay", *(BLOCK * len(group) for group in IBAN.split()), "now"]
    assert result.counts == {"iban": 1}


def test_span_is_around_the_words_touched() -> None:
    """With a margin of two pixels, from the line's own corner on."""
    (span,) = masked_page(page(f"Pay {IBAN} now")).masked or ()
    left, right = 10 + 12 * 4, 10 + 12 * (4 + len(IBAN))
    assert span.box == (left - 2, 8, right + 2, 36)
    assert span.polygon[0] == (left - 2, 8)
    assert (span.kind, span.line_index) == ("iban", 0)


def test_span_is_the_line_without_words() -> None:
    """What is not known is blackened as well."""
    one = page(f"Pay {IBAN} now", words=False)
    (span,) = masked_page(one).masked or ()
    left, top, right, bottom = one.lines[0].box
    assert span.box == (left - 2, top - 2, right + 2, bottom + 2)


def test_span_of_a_curved_line_follows_it() -> None:
    """Words of six corners are not hulled: their upper edges, then their lower ones."""
    curve = line("john@example.com")
    points = ((0.0, 9.0), (50.0, 0.0), (100.0, 9.0), (100.0, 29.0), (50.0, 20.0), (0.0, 29.0))
    words = tuple(word.model_copy(update={"polygon": points}) for word in curve.words or ())
    one = page_of([curve.model_copy(update={"words": words, "polygon": points})], [""])
    (span,) = masked_page(one).masked or ()
    expected = ((0, 7), (50, -2), (100, 7), (100, 31), (50, 22), (0, 31))
    assert span.polygon == expected


def test_parts_of_several_lines_each_have_a_span() -> None:
    """One piece of data, counted once."""
    result = mask_pages([page("to DE89 3704 0044", "0532 0130 00 by Monday")], OPTIONS)
    assert result.counts == {"iban": 1}
    assert [span.line_index for span in result.pages[0].masked or ()] == [0, 1]
    assert result.pages[0].paragraphs[0].text.count(BLOCK) == len("DE89 3704 00440532 0130 00")


def test_cells_of_a_row_are_followed_in_the_text() -> None:
    """The page's text has them in one row."""
    masked = masked_page(grid(("IBAN", IBAN), ("Total", "12.00")))
    assert masked.text == f"IBAN {BLOCK * len(IBAN)}\nTotal 12.00"


def test_text_that_is_not_its_lines_is_replaced() -> None:
    """What cannot be followed is not left readable."""
    one = page(f"Pay {IBAN}").model_copy(update={"text": f"pay: {IBAN}"})
    assert masked_page(one).text == f"Pay {BLOCK * len(IBAN)}"


def test_page_without_personal_data_says_so() -> None:
    """An empty tuple: masking was on."""
    one = page("Total 12.00")
    assert masked_page(one) == one.model_copy(update={"masked": ()})


def test_page_that_was_not_read_is_left() -> None:
    """Recognition was off."""
    silent = line("").model_copy(update={"text": None, "words": None})
    one = page_of([silent], []).model_copy(update={"text": None, "paragraphs": ()})
    assert masked_page(one) == one.model_copy(update={"masked": ()})


def test_only_the_kinds_asked_for_are_masked() -> None:
    """Others are left."""
    options = MaskOptions(kinds=frozenset({PersonalKind.EMAIL}))
    result = mask_pages([page(f"{IBAN} john@example.com")], options)
    assert result.counts == {"email": 1}


def test_own_pattern_names_its_spans() -> None:
    """It is counted by its name."""
    assert mask_pages([page("File CASE-1234")], OPTIONS).counts == {"case": 1}


class Names:
    """Finds one name."""

    def find(self, text: str) -> list[Entity]:
        """Where it stands."""
        place = text.find("Ann Lee")
        return [Entity(PersonalKind.NAME, place, place + 7)] if place >= 0 else []


def test_entities_are_masked_where_asked_for() -> None:
    """A finder is asked only for the kinds that need one."""
    kinds = CHECKED_KINDS | {PersonalKind.NAME}
    options = MaskOptions(kinds=kinds, entity_finder=Names())
    assert mask_pages([page("Dear", "Ann Lee")], options).counts == {"name": 1}
    assert mask_pages([page("Ann Lee")], MaskOptions(entity_finder=Names())).counts == {}


@given(pages)
@settings(max_examples=200, deadline=None)
def test_spans_lie_within_lines_and_do_not_overlap(one: RecognizedPage) -> None:
    """In the order of the page."""
    last = (-1, 0)
    for data in find_personal_data(one, OPTIONS):
        for part in data.parts:
            assert 0 <= part.start < part.end <= len(one.lines[part.line_index].text or "")
            assert (part.line_index, part.start) >= last
            last = (part.line_index, part.end)


@given(pages)
@settings(max_examples=200, deadline=None)
def test_masked_texts_keep_their_lengths(one: RecognizedPage) -> None:
    """A character is itself or a block; what is masked has a span."""
    masked = masked_page(one)
    assert len(masked.text or "") == len(one.text or "")
    for index, (old, new) in enumerate(zip(one.lines, masked.lines, strict=True)):
        pairs = list(zip(old.text or "", new.text or "", strict=True))
        assert all(after in (before, BLOCK) for before, after in pairs)
        is_changed = any(after != before for before, after in pairs)
        has_span = any(span.line_index == index for span in masked.masked or ())
        assert has_span or not is_changed


@given(pages)
@settings(max_examples=200, deadline=None)
def test_masking_twice_is_masking_once(one: RecognizedPage) -> None:
    """And finds nothing more."""
    first = mask_pages([one], OPTIONS)
    second = mask_pages(first.pages, OPTIONS)
    assert (second.pages, second.counts) == (first.pages, {})


@given(st.text("0123456789", min_size=14, max_size=14), texts, texts)
@settings(max_examples=200, deadline=None)
def test_no_card_survives(body: str, before: str, after: str) -> None:
    """Of a known issuer, in fours, whatever stands beside it."""
    digits = f"4{body}" + luhn.calc_check_digit(f"4{body}")
    card = " ".join(digits[place : place + 4] for place in range(0, 16, 4))
    masked = masked_page(page(f"{before} x: {card} ;{after}"))
    assert card not in (masked.text or "")
