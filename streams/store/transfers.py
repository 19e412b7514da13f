"""Requests about objects on the event loop: signed by the minio SDK, sent by aiohttp.

The SDK's own transfers block, so that each takes a thread of its own, and threads take turns with
the event loop at a price: `tests/benchmarks/delivery.py` compares both.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Literal, cast
from xml.etree import ElementTree

import aiohttp
from minio.credentials.credentials import Credentials
from minio.helpers import BaseURL
from minio.signer import sign_v4_s3
from minio.time import to_amz_date, utcnow
from yarl import URL

from streams.errors import StoreAway
from streams.settings import Settings

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
"""Without a byte for so long, a transfer is given up and tried again."""

ANSWER_BYTES_MAX = 65_536
"""Of an answer in XML."""

METADATA_PREFIX = "x-amz-meta-"

Method = Literal["GET", "HEAD", "PUT", "POST", "DELETE"]
Metadata = Mapping[str, str]
"""What an object's writer says of it: lower-case names to ASCII text."""

NO_METADATA: Metadata = MappingProxyType({})


class StoreRefusal(Exception):
    """The store answered with an S3 error.

    Attributes:
        code: Such as `NoSuchKey`; of an answer without a body `NoSuchKey` where its status is 404.
        message: What it says of it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class ArrivingObject:
    """An object whose size is known and whose bytes are on the way; `version_id` may be empty."""

    size_bytes: int
    version_id: str
    etag: str
    metadata: Metadata
    _response: aiohttp.ClientResponse

    async def receive(self) -> bytes:
        """Read all of it.

        Raises:
            TimeoutError: nothing came for too long.
            aiohttp.ClientError: it was cut off.
        """
        return await _read(self._response, self.size_bytes)


@dataclass(frozen=True, slots=True)
class Request:
    """One request about an object.

    Attributes:
        method: What to do.
        bucket: The object's bucket.
        key: The object.
        query: Parameters, such as `versionId`.
        headers: More headers, lower case, to be signed as well.
        body: What is sent.
    """

    method: Method
    bucket: str
    key: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the store said to a request that it granted; header names are lower case."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def element(self, name: str) -> str:
        """Text of an element of the body's XML.

        Raises:
            StoreAway: there is none.
        """
        text = _elements(self.body).get(name)
        if not text:
            raise StoreAway(f"the store's answer has no {name}")
        return text


class Transfers:
    """Makes requests over a pool of connections.

    Args:
        settings: Where the store is, and how it knows us.
        connections: Transfers at the same time.
    """

    def __init__(self, settings: Settings, connections: int) -> None:
        scheme = settings.s3_endpoint.scheme
        self._base = BaseURL(f"{scheme}://{settings.s3_address}", settings.s3_region)
        self._region = settings.s3_region
        secret = settings.s3_secret_key
        self._credentials = (
            Credentials(settings.s3_access_key, secret.get_secret_value())
            if settings.s3_access_key and secret
            else None
        )
        self._ssl = (
            ssl.create_default_context(cafile=settings.s3_ca_file) if scheme == "https" else True
        )
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(
        self, bucket: str, key: str, version_id: str | None
    ) -> AsyncIterator[ArrivingObject]:
        """Ask for an object; within the block it can be received.

        Raises:
            StoreRefusal: the store answered with an error.
            StoreAway: there was no answer to rely on.
        """
        query = {"versionId": version_id} if version_id else NO_METADATA
        async with self._send(Request("GET", bucket, key, query)) as response:
            yield _arriving(response)

    async def ask(self, request: Request) -> Answer:
        """Make a request whose answer is short.

        Raises:
            StoreRefusal: the store answered with an error.
            StoreAway: there was no answer to rely on.
        """
        async with self._send(request) as response:
            body = b"" if request.method == "HEAD" else await _read(response, ANSWER_BYTES_MAX)
            if request.method == "POST" and (refusal := _refusal_in(body)):
                raise refusal  # it may come after a status of 200, which was sent to gain time
            return Answer({name.lower(): value for name, value in response.headers.items()}, body)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def _send(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        url, headers = self._sign(request)
        try:
            async with self._opened_session().request(
                request.method,
                url,
                headers=headers,
                data=request.body if request.method in {"PUT", "POST"} else None,
                allow_redirects=False,
                skip_auto_headers=("Content-Type",),
            ) as response:
                if response.status not in {200, 204}:
                    raise await _refusal(response)
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            raise StoreAway(f"no answer to rely on ({type(err).__name__}): {err}") from err

    def _opened_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ssl=self._ssl),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=READ_TIMEOUT_S
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # the size that was announced is that of the stored bytes
            )
        return self._session

    def _sign(self, request: Request) -> tuple[URL, dict[str, str]]:
        now = utcnow()
        url = self._base.build(
            method=request.method,
            region=self._region,
            bucket_name=request.bucket,
            object_name=request.key,
            query_params=dict(request.query) or None,
        )
        digest = sha256(request.body).hexdigest()
        headers = {
            **request.headers,
            "Host": url.netloc,
            "x-amz-content-sha256": digest,
            "x-amz-date": to_amz_date(now),
        }
        if self._credentials is not None:
            signed = sign_v4_s3(
                method=request.method,
                url=url,
                region=self._region,
                headers=dict(headers),
                credentials=self._credentials,
                content_sha256=digest,
                date=now,
            )
            headers = cast(dict[str, str], signed)
        return URL(url.geturl(), encoded=True), headers


def metadata_of(headers: Mapping[str, str]) -> Metadata:
    """An object's metadata, as the headers of an answer about it have it."""
    return {
        name.lower().removeprefix(METADATA_PREFIX): value
        for name, value in headers.items()
        if name.lower().startswith(METADATA_PREFIX)
    }


def _arriving(response: aiohttp.ClientResponse) -> ArrivingObject:
    """What the headers say.

    Raises:
        StoreAway: not even the size.
    """
    if response.content_length is None:
        raise StoreAway("the store does not say how large the object is")
    return ArrivingObject(
        response.content_length,
        response.headers.get("x-amz-version-id", ""),
        response.headers.get("ETag", "").strip('"'),
        metadata_of(response.headers),
        response,
    )


async def _refusal(response: aiohttp.ClientResponse) -> StoreRefusal | StoreAway:
    """What the store says; whatever else a failing store or a proxy sends is no answer."""
    if response.method == "HEAD":
        if response.status == 404:
            return StoreRefusal("NoSuchKey", "there is no such object")
        if response.status in {403, 405}:
            code = "AccessDenied" if response.status == 403 else "MethodNotAllowed"
            return StoreRefusal(code, f"HTTP status {response.status}")
        return StoreAway(f"no answer to rely on: HTTP status {response.status}")
    refusal = _refusal_in(await _read(response, ANSWER_BYTES_MAX))
    return refusal or StoreAway(f"no answer to rely on: HTTP status {response.status}")


def _refusal_in(body: bytes) -> StoreRefusal | None:
    """An S3 error in XML, None where the body is none."""
    parts = _elements(body)
    return StoreRefusal(parts["Code"], parts.get("Message", "")) if parts.get("Code") else None


def _elements(body: bytes) -> dict[str, str]:
    """The elements right below an XML document's root, and their texts; none where it is no XML."""
    try:
        # Its size is bounded, and expat limits what entities may grow to.
        answer = ElementTree.fromstring(body)  # noqa: S314
    except (ElementTree.ParseError, LookupError, ValueError):  # the latter: of encodings
        return {}
    return {element.tag.rpartition("}")[2]: element.text or "" for element in answer}


async def _read(response: aiohttp.ClientResponse, bytes_max: int) -> bytes:
    """Read to the end, or so many bytes.

    aiohttp's own timeout of a read is not enough: after a malformed chunk nothing wakes its reader.
    """
    parts, missing = [], bytes_max
    while missing > 0:
        async with asyncio.timeout(READ_TIMEOUT_S):
            part = await response.content.read(missing)
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
