"""Which addresses an issuer's keys may come from."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_unalterable(url: str) -> bool:
    """Whether nobody on the way can alter what comes from there: TLS, or this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
