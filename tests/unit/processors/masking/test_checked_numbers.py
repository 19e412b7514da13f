"""Cards, account numbers, machine-readable zones: what check digits tell."""

import pytest

from tests.unit.processors.masking.found import found, found_in
from tests.unit.processors.masking.pages import grid


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "5555-5555-5555-4444",
        "3782 822463 10005",
        "6011111111111117",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "4111 11111111 1111",
        "4l11 1111 1111 1I11",
        "４１１１ １１１１ １１１１ １１１１",  # noqa: RUF001
    ],
)
def test_card_is_found(text: str) -> None:
    """In fours, in a block, with slips, with wide digits."""
    assert found(f"Karte {text} gültig") == [("card", text)]


@pytest.mark.parametrize(
    "text",
    [
        "4006381333931",  # an EAN that could be a card of thirteen digits
        "4111 1111 1111 1112",
        "9999 9999 9999 9995",
        "4111 11 11 1111 11 11",
        "00340434161094042557",
    ],
)
def test_no_card_without_its_form(text: str) -> None:
    """A wrong check digit, no issuer, odd groups or another length."""
    assert found(f"Position {text} Stück") == []


def test_misread_card_is_found_after_its_label() -> None:
    """The word says what it is, though the check digit fails."""
    assert found("Card number: 4111 1111 1111 1117") == [("card", "4111 1111 1111 1117")]


def test_card_in_four_boxes_is_one() -> None:
    """Each group is a line of its own."""
    cells = ("4111", "1111", "1111", "1111")
    assert found_in(grid(cells, pitch_px=100)) == [("card", "4111|1111|1111|1111")]


@pytest.mark.parametrize(
    "text",
    [
        "DE89 3704 0044 0532 0130 00",
        "de89370400440532013000",
        "GB29 NWBK 6016 1331 9268 19",
        "FR14 2004 1010 0505 0001 3M02 606",
        "DE89 37O4 0O44 0532 O130 00",
        "NL91ABNA0417164300",
        "GB29 NWBK 60l6 1331 9268 I9",
    ],
)
def test_iban_is_found(text: str) -> None:
    """In any case and spacing, and with letters for digits."""
    assert found(f"Pay to {text} BIC NONE") == [("iban", text)]


def test_iban_goes_on_in_the_next_line() -> None:
    """Lines end where they are full."""
    expected = [("iban", "DE89 3704 0044|0532 0130 00")]
    assert found("transfer to DE89 3704 0044", "0532 0130 00 by Monday") == expected


def test_iban_with_a_lost_character_is_found_by_its_fours() -> None:
    """Nothing else is printed so."""
    assert found("PT76 9664 9718 3229 8898 1307") == [("iban", "PT76 9664 9718 3229 8898 1307")]


def test_creditor_identifier_is_no_card() -> None:
    """Its three letters are not misread figures."""
    for text in ("DE44ZZZ07103657204", "DE49ZZZ01138474995", "DE51ZZZ08636873193"):
        assert found(f"Creditor {text} of the company") == []


def test_uuid_is_no_iban() -> None:
    """Its groups are of fours as well, but parted by hyphens."""
    assert found("trace 5c53c584-ef28-5e16-8578-d94e86279d8d", "nginx/1.2") == []


@pytest.mark.parametrize("text", ["DE12 3456", "XX89370400440532013000", "DE90370400440532013000"])
def test_no_iban_without_country_length_and_check(text: str) -> None:
    """All three must be right."""
    assert found(f"Item {text} here") == []


TD3 = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
MRVA = (
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
)
MRVB = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")


@pytest.mark.parametrize("zone", [TD1, TD2, TD3, MRVA, MRVB])
def test_zone_is_found_line_by_line(zone: tuple[str, ...]) -> None:
    """Each line whole (the specimens of ICAO 9303), and nothing beside them."""
    expected = [("mrz", text) for text in zone]
    assert (
        found("UTOPIAN IDENTITY DOCUMENT NO 12345", *zone, "Valid until 15 April 2012") == expected
    )


def test_misread_zone_is_found() -> None:
    """Blanks, doubled fillers, letters for digits."""
    zone = (
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<< <<<<«<<<<<",
        "L898902C36UTO74O8122F12O4159ZE184226B<<<<10",
    )
    assert found(*zone) == [("mrz", text) for text in zone]


def test_capitals_and_arrows_are_no_zone() -> None:
    """A heading, a path, a line of dashes."""
    assert found("ANNUAL REPORT OF THE COMPANY 2024", "HOME < NEWS < SPORT < TABLES < ALL") == []


@pytest.mark.parametrize("label", ["Kortnr.", "Číslo karty", "N° de carte", "Номер карты", "卡号"])
def test_card_with_a_misread_digit_after_its_label(label: str) -> None:
    """In other languages; after another word it is none."""
    assert found(f"{label} 4111 1111 1111 1112") == [("card", "4111 1111 1111 1112")]
    assert found("Kartonnr. 4111 1111 1111 1112") == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("61 1090 1014 0000 0712 1981 2874", None),
        ("61109010140000071219812874", "62109010140000071219812874"),
        (" ".join("61109010140000071219812874"), " ".join("62109010140000071219812874")),
    ],
)
def test_polish_account_without_its_country(text: str, wrong: str | None) -> None:
    """After a label; where it is not in its groups, modulo 97 must be right."""
    assert found(f"nr rachunku odbiorcy {text}") == [("iban", text)]
    assert found_in(grid(("nr rachunku odbiorcy", text))) == [("iban", text)]
    assert "iban" not in dict(found(f"Beleg {text}"))
    assert wrong is None or "iban" not in dict(found(f"nr rachunku odbiorcy {wrong}"))
