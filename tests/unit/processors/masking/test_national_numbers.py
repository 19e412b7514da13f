"""National and tax numbers."""

import pytest

from processors.masking.number_catalog import CATALOG, is_valid_vat
from processors.masking.options import MaskOptions
from tests.unit.processors.masking.found import found, found_in
from tests.unit.processors.masking.pages import grid


@pytest.mark.parametrize(
    "text",
    [
        *("536-90-4399", "RSSMRA85T10A562S", "85.07.30-033.28", "756.9217.0769.85", "811228-9874"),
        *("311280-888Y", "X-2482300-W", "736028/5163", "110105199809084151", "QQ 12 34 56 C"),
        *("1 84 12 76 451 089 46", "2341 2341 2346", "110001198503121233"),
    ],
)
def test_strong_form_needs_no_label(text: str) -> None:
    """Marks, letters or two check digits tell enough; wrong ones do not."""
    right = [] if text == "QQ 12 34 56 C" else [("national_id", text)]
    assert found(f"Nummer {text} liegt vor") == right


@pytest.mark.parametrize(
    ("label", "text", "kind"),
    [
        ("PESEL", "44051401359", "national_id"),
        ("BSN:", "111222333", "national_id"),
        ("NHS Number", "943 476 5870", "national_id"),
        ("NHSNo:", "943-476-5870", "national_id"),
        ("Steuer-ID", "36 574 261 809", "tax_number"),
        ("Steuernr.", "18181508155", "tax_number"),
        ("Codice Fiscale:", "RSSMRA85T10A562S", "national_id"),
        ("P. IVA", "00743110157", "tax_number"),
        ("CNP", "1630615123457", "national_id"),
        ("Personnummer", "8803200016", "national_id"),
        ("マイナンバー", "6214 9832 0257", "national_id"),
        ("NIF:", "501964843", "tax_number"),
        ("SV-Nummer", "1237010180", "national_id"),
    ],
)
def test_weak_number_needs_its_label(label: str, text: str, kind: str) -> None:
    """With it the number is found; after another word only if it has a strong form."""
    assert found(f"{label} {text}") == [(kind, text)]
    is_strong = text[0] == "R" or (" " in text and kind == "tax_number")
    assert found(f"Order {text}") == ([(kind, text)] if is_strong else [])


@pytest.mark.parametrize(
    "text", ["DE136695976", "ATU13585627", "FR 40303265045", "NL004495445B01", "BE 0428.759.497"]
)
def test_vat_number_is_found(text: str) -> None:
    """The country's letters and the check digits."""
    assert found(f"VAT {text}") == [("tax_number", text)]


@pytest.mark.parametrize(
    ("label", "text", "kind"),
    [
        *(("Sofi-nr.", "111222333", "national_id"), ("C.N.P.:", "1630615123457", "national_id")),
        *(("Kimlik numarasi", "10000000146", "national_id"), ("ИНН:", "7707083893", "tax_number")),
        *(
            ("Pers.nr", "8803200016", "national_id"),
            ("Nr. PESEL", "44051401359", "national_id"),
        ),
        *(
            ("Davčna številka", "36574261809", "tax_number"),
            ("Vergi No", "36574261809", "tax_number"),
        ),
    ],
)
def test_labels_in_other_spellings(label: str, text: str, kind: str) -> None:
    """With dots, accents and in other scripts."""
    assert found(f"{label} {text}") == [(kind, text)]


@pytest.mark.parametrize(
    "text",
    [
        "Identity document 36574261809",
        "единица 7707083893",
        "RUN 2026-11-25",
        "Personen 8803200016",
    ],
)
def test_words_like_labels_are_none(text: str) -> None:
    """Numbers of documents, and words that only begin so."""
    assert found(text) == []


def test_generic_label_needs_check_digits() -> None:
    """`Tax number` does not say which country's."""
    assert found("Tax number 36574261809") == [("tax_number", "36574261809")]
    assert found("Tax number 36574261808") == []


def test_label_stands_left_above_or_over_a_column() -> None:
    """In forms and in tables."""
    rows = [("BSN", "Name"), ("111222333", "Jansen"), ("123456782", "Bakker")]
    assert found_in(grid(*rows)) == [("national_id", "111222333"), ("national_id", "123456782")]
    assert found_in(grid(("BSN", "111222333"))) == [("national_id", "111222333")]


def test_own_label_of_a_value_comes_first() -> None:
    """What stands left or above is not asked where the line itself names its value."""
    assert found_in(grid(("BSN", "Order 111222333"))) == []
    assert found("BSN", "Order 111222333") == []


def test_countries_limit_what_is_looked_for() -> None:
    """Others' numbers are left alone."""
    options = MaskOptions(countries=frozenset({"US"}))
    assert found("536-90-4399 RSSMRA85T10A562S", options=options) == [
        ("national_id", "536-90-4399")
    ]


@pytest.mark.parametrize("row", CATALOG, ids=lambda row: f"{row.country} {row.module}")
def test_every_row_of_the_catalogue_can_be_checked(row: object) -> None:
    """Its module is there, and refuses what is no number."""
    (one,) = (known for known in CATALOG if known is row)
    assert one.is_valid("no number") == (not one.module)
    assert all(shape.isalnum() for shape in one.shapes)


def test_vat_of_every_country_can_be_checked() -> None:
    """Great Britain's too, which left the Union's module."""
    assert is_valid_vat("GB", "GB980780684")
    assert not is_valid_vat("DE", "DE136695977")


def test_number_does_not_take_the_next_line_where_it_is_whole() -> None:
    """Ten digits of Sweden's are not twelve with two of the next line."""
    assert found("Personnummer: 811228-9874", "08-12 34 56") == [("national_id", "811228-9874")]


def test_belgian_number_with_blanks() -> None:
    """After its label, also in brackets."""
    assert found("Chauffeur (n° national) 811118 541 18") == [("national_id", "811118 541 18")]
    assert found("Chauffeur (n° 12) 811118 541 18") == []


def test_german_pension_number_after_a_general_word() -> None:
    """Its check digit must be right, and its date; an insurer's policy is another."""
    expected = [("national_id", "65170839J003")]
    assert found("Meldung vom 01.02.2024: Versicherungsnummer 65170839J003") == expected
    assert found("Versicherungsnummer 65170839J004") == []
    assert found("Versicherungsnummer 65991339J003") == []


def test_field_six_of_a_health_insurance_card() -> None:
    """With right check digits, and on such a card only."""
    card, expected = "EUROPÄISCHE KRANKENVERSICHERUNGSKARTE", [("national_id", "1237010180")]
    assert found(card, "6. 1237010180") == expected
    assert found(card, "6. 1239010180") == []
    assert found(card, "8. 1237010180") == []
    assert found("SPEISEKARTE", "6. 1237010180") == []


def test_number_of_a_danish_workplace_is_none() -> None:
    """Its label is Sweden's for people, whose numbers begin with a date."""
    assert found("Moms 25 %, P-nr. 1066292779") == []
    assert found("P-nr. 8112189876") == [("national_id", "8112189876")]
    assert found("P-nr. 8112789876") == [("national_id", "8112789876")]


def test_vat_number_goes_on_in_the_next_line() -> None:
    """If its check digits are right."""
    assert found("Tél. BTW/TVA BE", "0657.453.330, RPM Liège") == [
        ("tax_number", "BE|0657.453.330")
    ]
    assert found("from GB 403 6599", "07.") == [("tax_number", "GB 403 6599|07")]
    assert found("from GB 403 6599", "08.") == []
