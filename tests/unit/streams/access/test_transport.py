"""Where an issuer's keys may come from."""

import pytest

from streams.access.transport import is_unalterable


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://issuer.example/a", True),
        ("HTTPS://issuer.example", True),
        ("http://127.0.0.1:8080/a", True),
        ("http://[::1]/a", True),
        ("http://localhost/a", True),
        ("http://issuer.example/a", False),
        ("http://127.0.0.1.example/a", False),
        ("http://127.0.0.1@issuer.example/a", False),
        ("http://10.0.0.1/a", False),
        ("ftp://127.0.0.1/a", False),
        ("//127.0.0.1/a", False),
        ("", False),
    ],
)
def test_is_unalterable_for_tls_and_this_machine(url: str, expected: bool) -> None:
    """Whoever can alter keys on the way can make tokens."""
    assert is_unalterable(url) is expected
