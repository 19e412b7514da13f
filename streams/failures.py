"""Who decides what happens to a document that failed: this table, and nobody else.

There are three kinds of failure:

- *the document's fault*: a definitive answer about this object or its bytes. Dead letter at once.
- *the reader's fault*: the engine or our own code failed. A few more tries, then dead letter.
- *a dependency is away*: nothing is decided. Hold the document and try again for as long as it
  takes; nothing is dead-lettered because a server was away, or a master key was not given to us.

What is given up becomes a dead letter (`handler.py`), unless `breaker.py` finds that it is not the
documents but the configuration, and `retry.py` tries as often as is said here.
"""

from dataclasses import dataclass
from enum import Enum, auto

from processors import errors as reading
from schemas.codecs import InvalidOptions, MalformedEvent
from schemas.dead_letters import Category
from streams import errors as delivery

READER_ATTEMPTS_MAX = 3
"""How often a document is read before the reader's failure becomes its dead letter."""

MISSING_ATTEMPTS_MAX = 4
"""A store may announce an object before it shows it: ask again for about two seconds."""


class Kind(Enum):
    """Whose failure it is."""

    DOCUMENT = auto()
    READER = auto()
    DEPENDENCY = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a failure means.

    Attributes:
        kind: Whose failure it is.
        category: Of the dead letter; None while a dependency is away.
        attempts_max: Tries in all before the dead letter; None: without end.
    """

    kind: Kind
    category: Category | None
    attempts_max: int | None


_DOCUMENTS_FAULT: tuple[tuple[type[Exception], Category], ...] = (
    (MalformedEvent, Category.MALFORMED_EVENT),
    (InvalidOptions, Category.INVALID_OPTIONS),
    (delivery.SourceRefused, Category.SOURCE_REFUSED),
    (delivery.ObjectForbidden, Category.OBJECT_FORBIDDEN),
    (delivery.ObjectTooLarge, Category.OBJECT_TOO_LARGE),
    (delivery.DecryptionFailed, Category.DECRYPTION_FAILED),
    (delivery.PublishRejected, Category.PUBLISH_REJECTED),
    (delivery.ReaderKilled, Category.ENGINE_CRASH),
    (reading.UnsupportedLanguage, Category.UNSUPPORTED_LANGUAGE),
    (reading.NoSuchPage, Category.INVALID_OPTIONS),
    (reading.UnsupportedFormat, Category.UNSUPPORTED_FORMAT),
    (reading.EncryptedDocument, Category.ENCRYPTED_DOCUMENT),
    (reading.TooManyPages, Category.TOO_MANY_PAGES),
    (reading.TooManyPixels, Category.TOO_MANY_PIXELS),
    (reading.DocumentError, Category.CORRUPT_DOCUMENT),
)


def sort_failure(error: Exception) -> Verdict:
    """Say what a failure means. What is in no table is a fault of ours, and so the reader's."""
    if isinstance(error, delivery.DependencyAway):
        return Verdict(Kind.DEPENDENCY, None, None)
    if isinstance(error, delivery.ObjectMissing):
        return Verdict(Kind.DOCUMENT, Category.OBJECT_MISSING, MISSING_ATTEMPTS_MAX)
    for kind_of_error, category in _DOCUMENTS_FAULT:
        if isinstance(error, kind_of_error):
            return Verdict(Kind.DOCUMENT, category, 1)
    if isinstance(error, reading.DecodeTimeout):
        return Verdict(Kind.READER, Category.DECODE_TIMEOUT, READER_ATTEMPTS_MAX)
    if isinstance(error, reading.DecoderFailed):
        return Verdict(Kind.READER, Category.DECODE_CRASH, READER_ATTEMPTS_MAX)
    return Verdict(Kind.READER, Category.ENGINE_ERROR, READER_ATTEMPTS_MAX)
