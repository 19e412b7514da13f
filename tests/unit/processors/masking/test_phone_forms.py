"""Telephone numbers by their form, and words for desks beside them."""

import pytest

from processors.masking.options import MaskOptions
from tests.unit.processors.masking.found import found, found_in
from tests.unit.processors.masking.pages import grid


@pytest.mark.parametrize(
    "label",
    [
        *("Terugbellen op", "out-of-hours line:", "values were called to"),
        *("Tel.-Nr.:", "TELEFON", "Rufnummer", "Rückrufnummer", "Festnetz", "Hotline:", "Fax-Nr."),
        *("Tél. :", "N° de téléphone", "Portable", "joignable au", "Teléf.", "Tfno.", "Móvil"),
        *(
            "Cell.",
            "Recapito telefonico",
            "Tlm.",
            "Telemóvel",
            "Celular/WhatsApp",
            "Telnr.",
            "Mob.",
        ),
        *(
            "nr tel.",
            "tel. kom.",
            "Telefonní číslo",
            "telefónne číslo",
            "Telefonszám",
            "Telefon nr",
            "Tlf.",
        ),
        *(
            "Puh.",
            "Matkapuhelin",
            "Cep tel",
            "Τηλ.",
            "ΤΗΛΕΦΩΝΟ:",
            "Тел.:",
            "моб.",
            "ФАКС",
            "Mobitel",
        ),
        *(
            "電話番号",
            "手机",
            "联系电话:",
            "전화번호",
            "휴대폰",
            "☎",
            "📞",
            "📱",
            "📠",
            "Phone (home):",
        ),
        *("Freecall", "Homephone", "Work phone", "Contact no.", "Fax No.", "sekretariat/tel."),
    ],
)
def test_any_number_after_its_label(label: str) -> None:
    """In many languages and scripts, whatever its form."""
    assert found(f"{label} 44 71 82 3") == [("phone", "44 71 82 3")]


@pytest.mark.parametrize(
    "text",
    [
        *("показатель 1234567", "정확 12345678", "Telefonrechnung 12345678", "Kundennr. 12345678"),
        *("Hotel 12345678", "Τηλεόραση 12345678", "Phone contract 12345678"),
        *("Phone 2009-2011", "Phone 2018-03-27 15:20"),
        *("Reservas 2018-03-27 15:20", "Kontakt 2018-03-27 15"),
        *("microphone 10000-20000 Hz", "Headphone 20 000 20 000", "iPhone 123456789"),
        *("Saxophone 1234567", "Teil 1234567"),
        *("CEP 01310-100", "Prix fixe 125000", "Cel: 1234567", "Ring 1234567"),
    ],
)
def test_label_within_another_word_is_none(text: str) -> None:
    """In other scripts as well."""
    assert found(text) == []


@pytest.mark.parametrize(
    ("label", "text"),
    [
        *(("Secretary", "020 7946 0123"), ("Kundenservice:", "0800 330 1000")),
        *(
            ("Ansprechpartnerin: Frau Meyer", "0171 1234567"),
            ("Service client :", "01 23 45 67 89"),
        ),
        *(("Atención al cliente", "912 345 678"), ("Assistenza clienti", "02 12345678")),
        *(
            ("Klantenservice", "020-1234567"),
            ("Kontakt:", "601 234 567"),
            ("Växel", "08-123 456 78"),
        ),
        *(
            ("Приемная", "8 (495) 123-45-67"),
            ("受付", "03-1234-5678"),
            ("Reception", "(212) 555-0147"),
        ),
        *(
            ("Spørgsmål? Ring", "33 12 34 56"),
            ("Ligne", "06 12 34 56 78"),
            ("Dúvidas:", "912-321-732"),
        ),
    ],
)
def test_number_beside_a_desk_is_written_as_one(label: str, text: str) -> None:
    """Valid in the countries of the word's language."""
    assert found(f"{label} {text}") == [("phone", text)]


@pytest.mark.parametrize(
    "text",
    [
        *("Secretary 4500123456", "Kundenservice 4500 123 456", "Service client 45 123 456"),
        *("Kundenservice: Auftrag 0800 330 1000", "Atención al cliente 12 345 67", "受付 12-345"),
        *("Ring 12 345", "Ligne 12 34 56", "Dúvidas: 12-321-732", "she was called 201 553"),
    ],
)
def test_other_number_beside_a_desk_is_left(text: str) -> None:
    """Not written as telephones are there, or an order's."""
    assert found(text) == []


@pytest.mark.parametrize(
    "letter",
    [
        *("T", "F:", "(M)", "D", "Anna Meyer | W", "T/F", "P.", "t.:", "12345 Berlin · T"),
        *("Anna Meyer, M", "Anna Meyer T:"),
    ],
)
def test_letter_on_a_letterhead(letter: str) -> None:
    """Before a number written as a telephone's."""
    assert found(f"{letter} 030 901820") == [("phone", "030 901820")]


@pytest.mark.parametrize(
    "text",
    [
        *("M 12 345 678", "D 01067 12345", "T 4500 123 456", "XT 030 901820"),
        *("vol. 12, p. 1234-1256", "T: 36.6 37.2 38.1", "F: 250 000", "M. 1.234.567,00 EUR"),
        *("F.: 12.03.2024 15:00", "max. T: 100 000", "Pos c) 0203 123456", "Teil d 0203-4567890"),
    ],
)
def test_letter_before_another_number(text: str) -> None:
    """Sizes, postcodes, part numbers, pages, temperatures; or no letterhead's letter."""
    assert found(text) == []


def test_letters_one_after_the_other() -> None:
    """Parted by blanks only."""
    expected = [("phone", "030 901820"), ("phone", "030 901821")]
    assert found("T 030 901820 F 030 901821") == expected


@pytest.mark.parametrize("text", ["(212) 555-0147", "(0)20 7946 0958", "(030) 901820"])
def test_bracketed_area_needs_nothing_else(text: str) -> None:
    """But not after a word for another number."""
    assert found(f"Meyer {text}") == [("phone", text)]
    assert found(f"Order {text}") == []


@pytest.mark.parametrize(
    "text", ["Art. (030) 123456", "Tarif (040) 2000 3000", "§ (020) 7946 0958", "Pos. (030) 123456"]
)
def test_bracketed_number_of_something_else(text: str) -> None:
    """Of an article, a tariff, a section."""
    assert found(text) == []


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        *(("www.meyer.de", "0171 1234567"), ("DE89 3704 0044 0532 0130 00", "0171/1234567")),
        *(("info@boulanger.fr", "01 23 45 67 89"), ("+31 20 123 4567", "06-12345678")),
        *(("www.shop.co.uk", "020 7946 0958"), ("+1 212 555 0147", "212-555-0123")),
    ],
)
def test_page_says_of_which_country_a_number_is(hint: str, text: str) -> None:
    """By a domain, an account or an international number; without it nothing is taken."""
    assert ("phone", text) in found(hint, f"Meyer {text}")
    assert found(f"Meyer {text}") == []
    assert ("phone", text) not in found(hint, f"Kundennr. {text}")


@pytest.mark.parametrize("text", ["06.07.2024", "01 02 03 04 05", "0123 4", "12 34 56 78"])
def test_other_figures_on_such_a_page(text: str) -> None:
    """Dates, numbers of pages."""
    for end in ("de", "fr", "nl"):
        assert found(f"www.meyer.{end}", text) == []


@pytest.mark.parametrize("extension", [" ext. 12", " x12", ", Durchwahl 12", " poste 4", " #12"])
def test_extension_goes_with_its_number(extension: str) -> None:
    """Whatever it is called."""
    assert found(f"Tel. 030 901820{extension}") == [("phone", f"030 901820{extension}")]
    assert found("Tel. 030 901820 x 12 mm") == [("phone", "030 901820")]


def test_label_over_a_column_in_other_scripts() -> None:
    """Words without Latin letters are heads, not values."""
    rows = ("Имя", "Телефон"), *(("Анна", f"12-34-5{row}7") for row in range(6))
    assert found_in(grid(*rows)) == [("phone", f"12-34-5{row}7") for row in range(6)]
    rows = ("氏名", "電話"), *(("山田", f"09012341{row}23") for row in range(6))
    assert found_in(grid(*rows)) == [("phone", f"09012341{row}23") for row in range(6)]


def test_configured_region_is_one_more() -> None:
    """Beside those that the page speaks of."""
    options = MaskOptions(regions=("GB",))
    assert found("Meyer 07400 155165", options=options) == [("phone", "07400 155165")]


@pytest.mark.parametrize("label", ["TEL", "Tel", "FAX", "Mob"])
def test_number_read_together_with_its_label(label: str) -> None:
    """Whatever it begins with; another word that ends so is no label."""
    assert found(f"{label}4471823") == [("phone", "4471823")]
    assert found(f"Ho{label.lower()}4471823") == []


@pytest.mark.parametrize(
    "text",
    [
        *("Phone, IMEI 356369169253084", "Tel. 255.255.255.128", "Mobile 05/2014", "Tel 05.2014"),
        *("Tel. 01/2016 - 02/2018", "lease of iphone-peter * 1734832562"),
    ],
)
def test_other_figures_after_a_label(text: str) -> None:
    """Numbers of machines, masks, months; leases after the name of a telephone."""
    assert found(text) == []


@pytest.mark.parametrize("text", ["030 255.255.128", "05/201417", "01/2016-0218"])
def test_figures_like_them_are_found(text: str) -> None:
    """Where they are neither a mask nor a month."""
    assert found(f"Tel. {text}") == [("phone", text)]


def test_number_of_an_offer_is_none() -> None:
    """Though it is written as a number of the page's country."""
    assert found("www.example.de", "ANGEBOT 0906 702328") == []
    assert found("www.example.de", "Erfurt 0906 702328") == [("phone", "0906 702328")]
