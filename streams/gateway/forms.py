"""A multipart form (RFC 7578) with one file, read while it arrives.

python-multipart's parser takes it apart; its own form classes would write files to disk.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from streams.gateway.problems import Unacceptable

BESIDE_BYTES_MAX = 65_536
"""Of everything beside the file: other fields, headers of parts, what stands before and after."""

PARTS_MAX = 16

FILE_NAME = "file"


@dataclass(slots=True)
class _Part:
    """The part that is arriving; `text` is None for the file."""

    header_name: bytes = b""
    disposition: bytes = b""
    name: str = ""
    text: bytearray | None = field(default_factory=bytearray)


@dataclass(slots=True)
class Form:
    """One form.

    Attributes:
        boundary: What stands between its parts.
        fields: The parts beside the file; all of them are here when `file` has ended.
    """

    boundary: bytes
    fields: dict[str, str] = field(default_factory=dict)
    _part: _Part = field(default_factory=_Part)
    _waiting: list[bytes] = field(default_factory=list)
    _file_count: int = 0
    _part_count: int = 0
    _is_complete: bool = False

    @classmethod
    def of(cls, content_type: str) -> "Form":
        """A form, by its content type.

        Raises:
            Unacceptable: it names no boundary.
        """
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if not 1 <= len(boundary) <= 70:  # RFC 2046
            raise broken("the content type of a form needs its boundary")
        return cls(boundary)

    async def file(self, body: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """Bytes of the part `file`, as they arrive.

        Raises:
            Unacceptable: it is no form with one such part.
        """
        callbacks: dict[str, Callable[..., None]] = {
            "on_part_begin": self._begin,
            "on_header_field": self._take_header_name,
            "on_header_value": self._take_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._take,
            "on_part_end": self._end,
            "on_end": self._complete,
        }
        parser = MultipartParser(self.boundary, callbacks)  # type: ignore[arg-type]
        beside_bytes = 0
        async for chunk in body:
            try:
                parser.write(chunk)
            except FormParserError as err:
                raise broken("the form is broken: it is not as RFC 7578 has it") from err
            beside_bytes += len(chunk) - sum(map(len, self._waiting))
            if beside_bytes > BESIDE_BYTES_MAX:
                raise broken(f"a form may have {BESIDE_BYTES_MAX} bytes beside the file")
            for piece in self._waiting:
                yield piece
            self._waiting.clear()
        if not self._is_complete:
            raise broken("the form ends early")
        if not self._file_count:
            raise broken(f"the form has no part named `{FILE_NAME}`")

    def _begin(self) -> None:
        self._part = _Part()
        self._part_count += 1
        if self._part_count > PARTS_MAX:
            raise broken(f"a form may have {PARTS_MAX} parts")

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.header_name += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        if self._part.header_name.lower() == b"content-disposition":
            self._part.disposition += data[start:end]

    def _end_header(self) -> None:
        self._part.header_name = b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._part.disposition)
        self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
        if not self._part.name:
            raise broken("every part of a form needs its name")
        if self._part.name == FILE_NAME:
            self._part.text = None
            self._file_count += 1
            if self._file_count > 1:
                raise broken("one document a request, please")

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._part.text is None:
            self._waiting.append(data[start:end])
            return
        self._part.text += data[start:end]

    def _end(self) -> None:
        if self._part.name in self.fields:
            raise broken("a form may have each field once")
        if self._part.text is not None:
            self.fields[self._part.name] = self._part.text.decode("utf-8", "replace")

    def _complete(self) -> None:
        self._is_complete = True


def broken(detail: str) -> Unacceptable:
    """The problem of a form that cannot be understood."""
    return Unacceptable(400, "malformed", detail)
