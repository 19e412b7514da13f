"""E-mail, telephone, addresses of machines."""

import pytest

from processors.masking.options import MaskOptions
from tests.unit.processors.masking.found import found, found_in
from tests.unit.processors.masking.pages import grid


@pytest.mark.parametrize(
    "text",
    [
        "john.smith@example.com",
        "john @ example.com",
        "john@example. com",
        "john@example ,com",
        "john@example,co.uk",
        "john(at)example.de",
        "john [at] example [dot] com",
        "j_s+tag@sub.example.museum",
        "john .smith@example.com",
        "ｊｏｈｎ＠example.com",  # noqa: RUF001
    ],
)
def test_email_is_found(text: str) -> None:
    """With blanks, commas, words for signs, and wide letters."""
    assert found(f"Write to {text}, please") == [("email", text)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("send john.", "smith@example.com now", "john.|smith@example.com"),
        ("send john.smith@", "example.com now", "john.smith@|example.com"),
        ("send john.smith@example.", "com now", "john.smith@example.|com"),
        ("send john@exam-", "ple.com now", "john@exam-|ple.com"),
        ("send john@exam", "ple.com now", "john@exam|ple.com"),
    ],
)
def test_email_goes_on_in_the_next_line(first: str, second: str, expected: str) -> None:
    """Wherever it is cut."""
    assert found(first, second) == [("email", expected)]


@pytest.mark.parametrize(
    "text", ["apples @ 5.00", "meet @ noon", "© example.com", "a@b", "@handle", "see fig. a.b"]
)
def test_no_email_without_its_parts(text: str) -> None:
    """A name, a sign and a domain with an end."""
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["+49 30 901820", "+44 (0)20 7946 0958", "+1 (212) 555-0123", "0033 1 42 68 53 00"]
)
def test_international_phone_needs_no_label(text: str) -> None:
    """Its country says how long it is."""
    assert found(f"Erreichbar: {text}.") == [("phone", text)]


def test_national_phone_needs_a_label_or_its_region() -> None:
    """Digits alone are none."""
    assert found("Tel. 030 901820") == [("phone", "030 901820")]
    assert found("030 901820") == []
    assert found("(030) 901820", options=MaskOptions(regions=("DE",))) == [
        ("phone", "(030) 901820")
    ]
    assert found("1234567", options=MaskOptions(regions=("DE",))) == []


@pytest.mark.parametrize(
    "label",
    [
        *("Natel", "Handynr.", "Handynummer", "Servicetelefon", "Fone", "Infolinia"),
        *("callback", "Rappeler au", "bel bij vragen", "06-nummer:"),
    ],
)
def test_phone_after_its_label(label: str) -> None:
    """In several languages."""
    assert found(f"{label} 078 123 32 67") == [("phone", "078 123 32 67")]


def test_phone_after_a_cell_of_figures() -> None:
    """The figures are not its beginning."""
    rows = ("Ext.", "Mobile"), ("448", "07400 155165"), ("45", "07400 155166")
    expected = [("phone", "07400 155165"), ("phone", "07400 155166")]
    assert found_in(grid(*rows)) == expected


@pytest.mark.parametrize(
    ("label", "text"),
    [("Tel", "+353 85 016 8631"), ("tagsüber", "+49-1512-3459820"), ("tel", "0171234567")],
)
def test_phone_read_together_with_the_word_before(label: str, text: str) -> None:
    """The blank between them was lost."""
    assert found(label + text) == [("phone", text)]


def test_cell_after_a_phone_is_none() -> None:
    """A date with its time, an order number."""
    row = ("Tel 07400 155165", "09/10/2013 08:36:53", "20481234")
    assert found_in(grid(row)) == [("phone", "07400 155165")]


def test_amount_below_a_phone_label_is_none() -> None:
    """Thousands and two places."""
    assert found("Phone", "28 646 281.65") == []


def test_second_phone_after_one_label() -> None:
    """One after the other."""
    assert found("Tel. 030 901820 or 0171 2345678") == [
        ("phone", "030 901820"),
        ("phone", "0171 2345678"),
    ]


def test_phone_goes_on_in_the_next_line() -> None:
    """Where it is not whole before."""
    assert found("call +44 20 7946", "0958 now") == [("phone", "+44 20 7946|0958")]


@pytest.mark.parametrize(
    "text",
    ["192.168.1.12", "203.0.113.77", "192.168. 1.12", "2001:db8:85a3::8a2e:370:7334", "fe80::1"],
)
def test_ip_address_is_found(text: str) -> None:
    """Both sorts; blanks after dots only with a label."""
    assert found(f"IP address: {text} is up") == [("ip_address", text)]


def test_ip_address_read_together_with_the_word_before() -> None:
    """The blank between them was lost; a version stays one."""
    assert found("DNS181.44.136.223") == [("ip_address", "181.44.136.223")]
    assert found("version10.44.136.22") == []


@pytest.mark.parametrize("text", ["netmask 255.255.255.0", "IP 255.255.0.0"])
def test_netmask_is_no_address(text: str) -> None:
    """Whatever stands before it."""
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "package 12.45.16.20",
            "Version 10.0.19.104",
            "Patched from 5.19.155.54",
            "firmware: 12.45.16.20",
            "1.2.3.4 Scope",
            "12:30:45",
            "v11.22.33.44",
            "Patched from 5.19.155.54 to 5.19.155.60",
            "12.45.16.20 replaced by 12.45.17.31",
            "Server version 12.45.16.20",
            "OpenSSL/12.45.16.20",
            "192.01.44.7",
            "Art.-Nr. 192.81.44.17",
            "10.81.44.17 Schraube M4 12,50 €",
            "IP address 224.0.0.251",
            "wildcard 0.0.0.255",
            "host 127.0.0.1",
            ".. code:: bash",
            "in 2019:: more",
            "route 10.0.0.0/8",
        ),
        *("300.1.2.3", "1.234.567.890", "std::vector", "10.11.2024", "16:9"),
    ],
)
def test_no_ip_address(text: str) -> None:
    """Versions, outlines, times and amounts."""
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        *("App version 3.2.1.0 user {}", "Chrome version 120.0.6099.129 from {}"),
        *("Firmware 2.14.0.7 | {}", "App version 3.2.1.0 to 3.2.2.0 to {}"),
        *("{} bezahlt 12,50 EUR", "Visitor {} order total 12,50 EUR", "Zugriff {} Betrag 12,50 €"),
        *("Agent {}", "App, {}", "Table: {}", "Image requested by {}", "{} update"),
    ],
)
def test_ip_address_beside_a_version_or_a_price(text: str) -> None:
    """It begins with a greater number than versions and outlines do."""
    assert found(text.format("81.44.13.22")) == [("ip_address", "81.44.13.22")]


def test_ip_addresses_after_a_version_do_not_follow_it() -> None:
    """A word must join two versions, a mark does not."""
    addresses = ["81.44.13.22", "91.2.33.44", "91.22.33.45"]
    expected = [("ip_address", text) for text in addresses]
    assert found(f"App v3.2.1.0; {'; '.join(addresses)}") == expected
    assert found("Version 3.2.1.0 -> 81.44.13.22") == []


@pytest.mark.parametrize(
    "text",
    [
        *("App 12.45.16.20", "Table 10.2.14.31", "12.45.16.20 update", "Image 10.0.19.104"),
        *("Source: table 1, 2, 3, 4", "Source: 12 15 20 25 million", "Node 1, 2, 3, 4"),
        *("LAN Ports 10 20 30 40 50 60", "LAN 1 12 34 56 78 90 12"),
        *("physical activity 10 20 30 40 50 60 min", "bt 123456789abc"),
    ],
)
def test_no_address_beside_a_word_with_other_meanings(text: str) -> None:
    """Versions, outlines, lists of numbers."""
    assert found(text) == []


@pytest.mark.parametrize("text", ["192 168 1 12", "192,168,1,12", "192, 168.1.12"])
def test_loose_ip_address_needs_a_word_for_addresses(text: str) -> None:
    """Parted by blanks or commas, lists look so as well."""
    assert found(f"IP: {text}") == [("ip_address", text)]
    assert found(f"Server: {text}") == []


def test_outline_is_no_ip_address() -> None:
    """A section's number goes on with that of the one above; a host's does not."""
    assert found("10.2.1 Scope", "10.2.1.3 Details") == []
    assert found("10.2.1.3 Printer") == [("ip_address", "10.2.1.3")]


def test_page_of_versions_has_private_addresses_only() -> None:
    """Where no word of networks stands on it."""
    assert found("List of software", "Editor 12.44.136.22") == []
    assert found("List of software and hosts: host", "Editor 81.44.136.22") == [
        ("ip_address", "81.44.136.22")
    ]
    assert found("Software", "Ask Anna", "at 192.168.1.12") == [("ip_address", "192.168.1.12")]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        *(("IP10.1.2.3", "10.1.2.3"), ("IPv6:2001:db8::17", "2001:db8::17")),
        *(("host 10.1.2.3/24", "10.1.2.3"), ("DNS1: 8.8.8.8", "8.8.8.8")),
        *(("src 10.1.2.3", "10.1.2.3"), ("IPアドレス 8.8.8.8", "8.8.8.8")),
        *(("DNS 1: 8.8.8.8", "8.8.8.8"), ("DNS-1 8.8.8.8", "8.8.8.8")),
    ],
)
def test_ip_address_after_its_label(text: str, address: str) -> None:
    """Also read together with it, and with the length of its network."""
    assert found(text) == [("ip_address", address)]


@pytest.mark.parametrize(
    ("label", "text"),
    [
        *(("MAC", "001A2B3C4D5E"), ("MAC:", "00:1A:2B:3C:4D:5E"), ("MAC", "A0:1A:2B:3C:4D:5E")),
        *(("MAC-Adresse:", "A0-1A-2B-3C-4D-5E"), ("physische Adresse ", "00 1A 2B 3C 4D 5E")),
        *(("WLAN ", "001A-2B3C-4D5E"), ("eth0 ", "001A2B-3C4D5E"), ("MAC地址: ", "001A2B3C4D5E")),
        *(("eth 0 ", "00-11-22-33-44-55"), ("LAN 1: ", "00-11-22-33-44-55")),
        *(("WLAN 1 ", "001122aabbcc"), ("BT-Addr. ", "001122aabbcc")),
        *(("Bluetooth ", "001A2B3C4D5E"), ("direccion fisica: ", "00 11 22 33 44 55")),
    ],
)
def test_mac_address_after_its_label(label: str, text: str) -> None:
    """Read together with it, and in spellings that need one."""
    assert found(label + text) == [("mac_address", text)]


@pytest.mark.parametrize(
    "text", ["001A-2B3C-4D5E", "Dump 00 1A 2B 3C 4D 5E", "Key 001A2B-3C4D5E", "Zeit:12:30:45"]
)
def test_no_mac_address(text: str) -> None:
    """Keys, dumps and times."""
    assert found(text) == []


def test_column_of_mac_addresses_in_one_piece() -> None:
    """The head counts for each of them."""
    rows = ("Host", "MAC", "Key"), *(("pc", f"9EED5EF5B22{n}", f"9EED5EF5B33{n}") for n in range(7))
    assert found_in(grid(*rows)) == [("mac_address", f"9EED5EF5B22{n}") for n in range(7)]


@pytest.mark.parametrize("text", ["00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e", "001A.2B3C.4D5E"])
def test_mac_address_is_found(text: str) -> None:
    """In each of its spellings."""
    assert found(f"eth0 {text} up") == [("mac_address", text)]


def test_mac_address_in_one_piece_needs_a_label() -> None:
    """And a letter: such figures are anything."""
    assert found("MAC: 001A2B3C4D5E") == [("mac_address", "001A2B3C4D5E")]
    assert found_in(grid(("MAC", "OS"), ("9EED5EF5B222", "5.2"))) == [
        ("mac_address", "9EED5EF5B222")
    ]
    assert found("commit 9EED5EF5B222") == []
    assert found("WLAN 123456789012") == []


def test_pairs_of_digits_are_no_mac_address() -> None:
    """An order number may look so."""
    assert found("12-34-56-78-90-12") == []


SWITCH = ("a1b2c3-d4e5f6", "a1b2-c3d4-e5f6", "54dbcb-660606")


@pytest.mark.parametrize("text", SWITCH)
def test_mac_address_as_switches_write_it(text: str) -> None:
    """On a page about networks; elsewhere it may be a key, and after such a word it is one."""
    assert found(f"Router up, port 3 {text} learned") == [("mac_address", text)]
    assert found(f"Voucher for Anna {text}") == []
    assert found(f"Router up, serial {text}") == []


@pytest.mark.parametrize("head", ["Hardware Addr", "MAC", "@MAC", "BSSID", "Client ID"])
def test_mac_address_in_one_piece_below_its_head(head: str) -> None:
    """Also where the head has an at-sign."""
    rows = (("Port", head), ("1", "7953EAAB6E4A"), ("2", "7953EAAB6E4B"))
    assert found_in(grid(*rows)) == [
        ("mac_address", "7953EAAB6E4A"),
        ("mac_address", "7953EAAB6E4B"),
    ]


def test_mac_address_in_one_piece_beside_an_address() -> None:
    """In a line of leases, or a cell beside; digits alone, or a word between, are none."""
    quad, text = ("ip_address", "192.168.1.7"), "7953eaab6e4a"
    assert found(f"1734832562 {text} 192.168.1.7 anna *") == [("mac_address", text), quad]
    assert found_in(grid((text, "192.168.1.7"))) == [("mac_address", text), quad]
    assert found(f"image {text} on 192.168.1.7") == [quad]
    assert found("795312345678 192.168.1.7") == [quad]


@pytest.mark.parametrize("count", [8, 16, 20, 32])
def test_names_of_ports_and_fingerprints_are_no_addresses(count: int) -> None:
    """Pairs of figures, more than a machine's address has and otherwise than IPv6."""
    pairs = ":".join(f"{17 * one % 256:02x}" for one in range(5, 5 + count))
    assert found(f"WWPN {pairs}, router up", f"cert SHA1 {pairs} ok", f"IPv6 {pairs}") == []


def test_ipv6_address_with_its_port() -> None:
    """Whole addresses only have one behind."""
    text = "2001:db8:4487:6fbc:e3c7:1529:5c19:4ca5"
    assert found(f"from {text}:53249, assigned") == [("ip_address", text)]


def test_version_of_a_form_is_no_ip_address() -> None:
    """Also where the line ends before it."""
    assert found("key 12, form 17.13.147.86") == []
    assert found("key 12, form", "17.13.147.86") == []
    assert found("platform 17.13.147.86") == [("ip_address", "17.13.147.86")]


def test_name_of_a_message_is_no_email() -> None:
    """Though it is written as one."""
    assert found("Message-ID: <e4d36863@mx.example.com>", "In-Reply-To: <e4d@mx.example.com>") == []
    assert found("Reply-To: <anna@mx.example.com>") == [("email", "anna@mx.example.com")]
