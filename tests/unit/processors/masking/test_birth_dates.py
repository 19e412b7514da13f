"""Dates of birth."""

import pytest

from tests.unit.processors.masking.found import found, found_in
from tests.unit.processors.masking.pages import grid


@pytest.mark.parametrize(
    ("label", "date"),
    [
        ("Date of birth:", "12/03/1985"),
        ("born on", "12 March 1985"),
        ("born", "March 12, 1985"),
        ("D.O.B.", "1985-03-12"),
        ("DOB", "12 Mar 85"),
        ("D0B:", "16-07-1970"),
        ("geboren am", "12. März 1985"),
        ("geb.", "12.3.85"),
        ("né le", "1er mars 1985"),
        ("née le", "12 mars 1985"),
        ("Né(e) le :", "12/03/1985"),
        ("Fecha de nacimiento", "12 de marzo de 1985"),
        ("data di nascita", "12 marzo 1985"),
        ("geboortedatum", "12-03-1985"),
        ("Data de nascimento:", "12/03/1985"),
        ("Data de nasc.", "12/03/1985"),
        ("Data nasc.", "12/03/1985"),
        ("data urodzenia", "12.03.1985"),
        ("Födelsedatum", "1985-03-12"),
        ("生年月日", "1985年3月12日"),
        ("生年月日", "昭和60年3月12日"),
        ("出生日期:", "1985年03月12日"),
        ("Geburtsdatum", "l2.O3.1985"),
        ("Date of birth / Date de naissance", "12 MAR / MARS 85"),
    ],
)
def test_date_after_its_label_is_found(label: str, date: str) -> None:
    """In many languages and spellings."""
    assert found(f"{label} {date}") == [("birth_date", date)]


@pytest.mark.parametrize("before", ["Meyer, Anna, *", "Anna Meyer *", "Anna Meyer (*"])
def test_star_stands_for_born(before: str) -> None:
    """Between a name and a date."""
    assert found(f"{before}12.03.1985, Köln") == [("birth_date", "12.03.1985")]


@pytest.mark.parametrize(
    "text",
    [
        "Datum* 12.03.2024",
        "* 12.03.2024 Wartung",
        "*12.03.2024: neuer Preis",
        "Invoice date 12.03.2024",
        "Issued 12 March 2024",
        "The baby was born. Delivery date 12.03.2024",
        "Geburtsort Köln, Datum 12.03.2024",
        "発行日 2024年3月12日",
    ],
)
def test_other_dates_are_left(text: str) -> None:
    """Another word says what they are."""
    assert found(text) == []


def test_label_above_or_left() -> None:
    """Also over a column; the date beside is another."""
    head, values = ("Born", "Joined"), ("12.03.1985", "01.02.2020")
    assert found_in(grid(head, values, values)) == [("birth_date", "12.03.1985")] * 2
    assert found_in(grid(("Geburtsdatum", "12.03.1985"))) == [("birth_date", "12.03.1985")]
    assert found("…, geboren", "am 12.03.1985 in Köln") == [("birth_date", "12.03.1985")]
