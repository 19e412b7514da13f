"""Why a request may not pass.

    StreamError
      AccessError
        Unauthenticated      401: we do not know who asks
        Forbidden            403: we know, and this caller may not do it
        BrokenRecord         what is stored at a key's place is no record of that key
      DependencyAway
        StoreAway            503: the store with the keys does not answer
        IssuerAway           503: the issuer's keys cannot be had

Whoever meets a `DependencyAway` lets nobody in.
"""

from streams.errors import DependencyAway, StreamError

CHALLENGE = 'Bearer realm="ocrstream"'


class AccessError(StreamError):
    """Root of all errors of this package."""


class Unauthenticated(AccessError):
    """No credential, or one that is not good.

    Attributes:
        www_authenticate: Value of the header `WWW-Authenticate` of the answer.

    Args:
        message: What to do; never a part of the credential.
        is_invalid: A credential was sent; False: none was.
    """

    def __init__(self, message: str, is_invalid: bool = True) -> None:
        super().__init__(message)
        self.www_authenticate = CHALLENGE + ', error="invalid_token"' * is_invalid


class Forbidden(AccessError):
    """The caller lacks a scope."""


class BrokenRecord(AccessError):
    """The object at a key's place is no record of that key; it refuses that key only."""


class IssuerAway(DependencyAway):
    """The issuer of tokens gives no keys to rely on."""
