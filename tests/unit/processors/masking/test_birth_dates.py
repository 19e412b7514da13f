"""Dates of birth."""

# ruff: noqa: RUF001
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
        ("Date of birth (DD/MM/YYYY)", "12/03/1985"),
        ("Date of birth (day, month, year):", "12/03/1985"),
        ("Geb.-Dat.", "12.03.1985"),
        ("GEBURTSDATUM", "1 2 / 0 3 / 1 9 8 5"),
        ("DOB", "1|2|0|3|1|9|8|5"),
        ("FØDSELSDATO:", "12.03.1985"),
        ("ur.", "12 III 1985"),
        ("Nato/a a Roma il", "12/03/1985"),
        ("Születési hely, idő: Budapest,", "1985. március 12"),
        ("Дата рождения:", "12 марта 1985"),
        ("ΗΜΕΡΟΜΗΝΙΑ ΓΕΝΝΗΣΗΣ", "12/03/1985"),
        ("Doğum tarihi", "12 Mart 1985"),
        ("rođena", "12.3.1985"),
        ("생년월일", "1985년 3월 12일"),
        ("Born", "Mar-12-1985"),
        ("Dítě narozeno dne", "12. 3. 1985"),
        ("Elif Yılmaz, d.t.", "12 Mart 1985"),
        ("Date de naissance (4)", "12 03 1985"),
    ],
)
def test_date_after_its_label_is_found(label: str, date: str) -> None:
    """In many languages and spellings."""
    assert found(f"{label} {date}") == [("birth_date", date)]


@pytest.mark.parametrize(
    "before", ["Meyer, Anna, *", "Anna Meyer *", "Anna Meyer (*", "ANNA MEYER *", "Michael Ende *"]
)
def test_star_stands_for_born(before: str) -> None:
    """Between a name and a date."""
    assert found(f"{before}12.03.1985, Köln") == [("birth_date", "12.03.1985")]


@pytest.mark.parametrize(
    ("before", "after"),
    [("* ", " in Köln"), ("*", " † 01.02.2020"), ("Anna Meyer (b. ", ")"), ("am ", " geboren")],
)
def test_sign_before_or_word_behind(before: str, after: str) -> None:
    """A star with a place or a day of death, or the word behind the date."""
    assert found(f"{before}12.03.1985{after}") == [("birth_date", "12.03.1985")]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("1985年3月12日", "生まれ"),
        ("1985年3月12日", "生 男"),
        ("12.03.1985", " г.р."),
        ("12.3.1985", " doğumlu"),
    ],
)
def test_word_behind_in_other_languages(text: str, after: str) -> None:
    """As these put it."""
    assert found(text + after) == [("birth_date", text)]


def test_label_below() -> None:
    """Where nothing else stands below it, and the date has its line for itself."""
    assert found("12/03/1985", "Date of birth (DD/MM/YYYY)") == [("birth_date", "12/03/1985")]
    assert found("Issued", "12/03/2015", "Date of birth", "12/03/1985") == [
        ("birth_date", "12/03/1985")
    ]
    assert found("on 12/03/2015", "Date of birth") == []
    assert found("Anna Meyer", "Name", "12/03/1985", "Date of birth") == [
        ("birth_date", "12/03/1985")
    ]


def test_label_below_has_its_value_on_its_right() -> None:
    """So the date above is another one."""
    rows = ["15.03.2024"], ["Geburtsdatum:", "12.03.1985"]
    assert found_in(grid(*rows)) == [("birth_date", "12.03.1985")]


def test_label_below_a_date_with_a_label_of_its_own() -> None:
    """Over it, or left of it."""
    heads, dates = ["Vertragsbeginn", "Vertragsende"], ["01.04.2024", "31.03.2025"]
    assert found_in(grid(heads, dates, ["Name", "Geburtsdatum"], ["", ""])) == []
    assert found("Datum", "15.03.2024", "Geburtsdatum", "Name") == []
    assert found("Nr. 12", "Datum", "15.03.2024", "Geburtsdatum", "Name") == []
    assert found("01.02.2020", "Date of issue", "12/03/1985", "Date of birth") == [
        ("birth_date", "12/03/1985")
    ]
    assert found_in(grid(["Datum:", "15.03.2024"], ["", "Geburtsdatum"])) == []


def test_column_of_dates_in_words() -> None:
    """The head counts for each of them."""
    rows = (
        ("Name", "Born", "Joined"),
        *(("A", f"1{n} May 1985", f"1{n} May 2020") for n in range(7)),
    )
    assert found_in(grid(*rows)) == [("birth_date", f"1{n} May 1985") for n in range(7)]


@pytest.mark.parametrize(
    "text",
    [
        "1985年3月12日生産",
        *("2024年4月1日 生徒数 300", "令和6年4月1日 生活保護", "2024年5月1日 生放送"),
        "賞味期限 2024年10月12日 生クリーム",
        *("Angebot gültig bis *31.12.2024", "Offer valid until *31.12.2024"),
        *("Lieferung ab *12.10.2024", "Vertrag vom *01.02.2024", "Gültig Bis: *31.12.2024"),
        *("Lieferfrist *12.10.2024", "Vertragsende *31.12.2024", "GÜLTIG AB *01.02.2024"),
        "и др. 12.03.2024",
        "(siehe Seite b 12.03.1985)",
        "Feld 1 2 / 0 3 / 1 9 8 5",
        "родительское собрание 12.03.2024",
        "Ne pas ouvrir avant le 12/03/2024",
        "Datum* 12.03.2024",
        "* 12.03.2024 Wartung",
        "*12.03.2024: neuer Preis",
        "Invoice date 12.03.2024",
        "Issued 12 March 2024",
        "The baby was born. Delivery date 12.03.2024",
        "Geburtsort Köln, Datum 12.03.2024",
        "発行日 2024年3月12日",
        "dt. 12.03.2024",
        "We hold 12 03 2024 as your date of arrival",
        "5. 12/03/1985",
        "Meyer, Anna 12.03.24",
        "SMITH, John A X 03/12/2024",
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


def test_what_says_so_behind() -> None:
    """In a sentence that names the date afterwards."""
    assert found("We hold 12 03 1985 as your date of birth;") == [("birth_date", "12 03 1985")]
    assert found("haben wir 12.03.1985 als Ihr", "Geburtsdatum") == [("birth_date", "12.03.1985")]


def test_place_before_the_date() -> None:
    """In a column of places and dates, or beside a label; what is signed below has its own."""
    rows = [("Ospite", "Luogo e data di nascita", "Notti")]
    rows += [("ROSSI Elena", f"Köln, 1{n}/05/1985", "3") for n in range(5)]
    assert found_in(grid(*rows)) == [("birth_date", f"1{n}/05/1985") for n in range(5)]
    assert found_in(grid(("Szül. hely, idő", "Szeged, 1985. május 12."))) == [
        ("birth_date", "1985. május 12")
    ]
    signed = grid(("Date of birth", "12.03.1985"), ("Wien, 01.02.2024", ""))
    assert found_in(signed) == [("birth_date", "12.03.1985")]
    assert found_in(grid(("Ospite", "Luogo"), ("ROSSI", "Bari, 12/05/2024"))) == []


def test_flights_below_a_column_of_births() -> None:
    """Their dates stand behind two airports."""
    rows = (
        ("Passenger", "Date of birth"),
        ("NILSSON/INGRID MRS", "12MAR85"),
        ("SK123 ARN-VIE", "01FEB24"),
    )
    assert found_in(grid(*rows)) == [("birth_date", "12MAR85")]


def test_forms_without_a_word() -> None:
    """Field 5 of a health insurance card, patients on German forms, a name with a sex."""
    card = "EUROPÄISCHE KRANKENVERSICHERUNGSKARTE"
    fields = (("4. ANNA", "5. 12/03/1985"), ("", "9. 01/02/2027"))
    assert found_in(grid((card, ""), *fields)) == [("birth_date", "12/03/1985")]
    slip = grid(("Meyer, Anna", "12.03.85"), ("BSNR 721234567", "01.02.24"))
    assert found_in(slip) == [("birth_date", "12.03.85")]
    assert found("SMITH, John A M 03/12/1985") == [("birth_date", "03/12/1985")]
    assert found_in(grid(("SMITH, John A", "M", "03/12/1985"))) == [("birth_date", "03/12/1985")]
    assert found_in(grid(("SMITH, John A", "Paid", "03/12/2024"))) == []
