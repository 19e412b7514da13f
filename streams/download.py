"""GET of an object on the event loop: signed by the minio SDK, sent by aiohttp.

The SDK's own transfers block, so that each takes a thread of its own, and threads take turns with
the event loop at a price: `tests/benchmarks/delivery.py` compares both.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import cast
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
"""Of a refusal's XML."""

_NOTHING_SHA256 = sha256().hexdigest()


class StoreRefusal(Exception):
    """The store answered with an S3 error.

    Attributes:
        code: Such as `NoSuchKey`.
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
    _response: aiohttp.ClientResponse

    async def receive(self) -> bytes:
        """Read all of it.

        Raises:
            TimeoutError: nothing came for too long.
            aiohttp.ClientError: it was cut off.
        """
        return await _read(self._response, self.size_bytes)


class Downloads:
    """Makes GET requests over a pool of connections.

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
        url, headers = self._sign(bucket, key, version_id)
        try:
            async with self._opened_session().get(
                url, headers=headers, allow_redirects=False
            ) as response:
                if response.status != 200:
                    raise await _refusal(response)
                yield _arriving(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            raise StoreAway(f"no answer to rely on ({type(err).__name__}): {err}") from err

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

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

    def _sign(self, bucket: str, key: str, version_id: str | None) -> tuple[URL, dict[str, str]]:
        now = utcnow()
        url = self._base.build(
            method="GET",
            region=self._region,
            bucket_name=bucket,
            object_name=key,
            query_params={"versionId": version_id} if version_id else None,
        )
        headers = {
            "Host": url.netloc,
            "x-amz-content-sha256": _NOTHING_SHA256,
            "x-amz-date": to_amz_date(now),
        }
        if self._credentials is not None:
            signed = sign_v4_s3(
                method="GET",
                url=url,
                region=self._region,
                headers=dict(headers),
                credentials=self._credentials,
                content_sha256=_NOTHING_SHA256,
                date=now,
            )
            headers = cast(dict[str, str], signed)
        return URL(url.geturl(), encoded=True), headers


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
        response,
    )


async def _refusal(response: aiohttp.ClientResponse) -> StoreRefusal | StoreAway:
    """What the store says; whatever else a failing store or a proxy sends is no answer."""
    body = await _read(response, ANSWER_BYTES_MAX)
    try:
        # Its size is bounded, and expat limits what entities may grow to.
        answer = ElementTree.fromstring(body)  # noqa: S314
    except (ElementTree.ParseError, LookupError, ValueError):  # the latter: of encodings
        answer = None
    parts = {} if answer is None else {e.tag.rpartition("}")[2]: e.text or "" for e in answer}
    if not parts.get("Code"):
        return StoreAway(f"no answer to rely on: HTTP status {response.status}")
    return StoreRefusal(parts["Code"], parts.get("Message", ""))


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
