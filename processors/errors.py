"""Why a document could not be read.

    ProcessorError
      DocumentError          the document's fault: the same bytes will fail again
        UnsupportedFormat    not a picture we can decode
        CorruptDocument      empty, or damaged, or cut off
        NoSuchPage           none of the pages asked for is in the document
        EncryptedDocument    needs a password
        TooManyPixels        larger than the limit
        TooManyPages         more than the limit
        UnsupportedLanguage  no installed model reads it
      DecoderFailed          the reader's fault: a decoder died or failed in a way nobody foresaw
        DecodeTimeout        it took too long
      EngineError            the reader's fault: the inference engine failed
        OutOfMemory          a batch did not fit; smaller ones may
      InvalidRegion          a region too small or too far outside to be cut out
      ModelError             a model is missing, altered or unfit; nothing can start

A message says what was wrong and what to do. It never carries a document's text.
"""


class ProcessorError(Exception):
    """Root of all errors of this package."""


class DocumentError(ProcessorError):
    """The document cannot be read, now or later."""


class UnsupportedFormat(DocumentError):
    """The bytes are no picture of a known format."""


class CorruptDocument(DocumentError):
    """The picture is damaged or incomplete."""


class NoSuchPage(DocumentError):
    """The document has none of the pages that were asked for."""


class EncryptedDocument(DocumentError):
    """The document needs a password."""


class TooManyPages(DocumentError):
    """The document has more pages than the limit."""


class TooManyPixels(DocumentError):
    """The picture is larger than the limit."""


class UnsupportedLanguage(DocumentError):
    """None of the installed recognisers reads the language asked for."""


class DecoderFailed(ProcessorError):
    """A decoder broke down on a document, without a verdict about it."""


class DecodeTimeout(DecoderFailed):
    """Decoding took more time than it may."""


class EngineError(ProcessorError):
    """The inference engine failed on a batch."""


class OutOfMemory(EngineError):
    """The engine had too little memory for a batch of this size."""


class InvalidRegion(ProcessorError):
    """A polygon encloses too little, or leaves the page."""


class ModelError(ProcessorError):
    """A model cannot be used."""
