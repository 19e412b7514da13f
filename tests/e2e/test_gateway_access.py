"""Who may do what at a gateway that runs: keys, tokens, tenants, limits, and what is noted."""

import asyncio
import base64
import hashlib
import hmac
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from streams.access.caller import Scope
from streams.access.key_records import StoredKeyRecords
from streams.access.keys import parse_key
from streams.embedded import ServerAddresses
from streams.places import Owned
from tests.fakes.issuer import (
    AUDIENCE,
    OTHER_RSA_KEY,
    RSA_KEY,
    TENANT_CLAIM,
    FakeIssuer,
    serve_issuer,
)
from tests.gateway import (
    QUICK_WORKER,
    Answer,
    GatewayClient,
    add_key,
    client_of,
    document,
    gateway_process,
)
from tests.stream import Stream, open_stream, wait_until, worker_process

pytestmark = pytest.mark.any_servers
"""They do not depend on what kind of servers there are."""

ID = "0" * 32
SECRET_TEXT = "iban DE02120300000000202051"
SECRET_NAME = "discharge letter of jane roe.pdf"
AGE_MAX_S = 20.0
"""A key that was made or revoked is known within 15 s."""


@dataclass(frozen=True, slots=True)
class Site:
    """A stream with a gateway that knows keys and an issuer, and a worker."""

    stream: Stream
    url: str
    issuer: FakeIssuer
    logs: tuple[Path, ...]
    secrets: list[str]


@contextmanager
def issuer_in_a_thread() -> Iterator[FakeIssuer]:
    """An issuer for as long as a module's tests run."""
    ready, stop = threading.Event(), threading.Event()
    found: list[FakeIssuer] = []

    async def run() -> None:
        async with serve_issuer() as issuer:
            found.append(issuer)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert ready.wait(10)
        yield found[0]
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="module")
def site(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Gateway and worker as processes; the bucket has a prefix for each of two tenants."""
    bucket = "uploads-access"
    sources = f"acme={bucket}/acme/,other={bucket}/other/"
    stream = asyncio.run(
        open_stream(servers, uploads_bucket=bucket, tenant_sources=sources, allowed_sources=bucket)
    )
    asyncio.run(add_key(stream, "nobody"))
    folder = tmp_path_factory.mktemp("access")
    with (
        issuer_in_a_thread() as issuer,
        gateway_process(
            stream,
            folder,
            oidc_issuer=issuer.address,
            oidc_audience=AUDIENCE,
            oidc_tenant_claim=TENANT_CLAIM,
        ) as (url, gateway),
        worker_process(stream, folder, program=QUICK_WORKER) as worker,
    ):
        yield Site(stream, url, issuer, (gateway.log_path, worker.log_path), [])


@pytest.fixture
async def stranger(site: Site) -> AsyncIterator[GatewayClient]:
    """Somebody without a credential."""
    async with client_of(site.url) as client:
        yield client


async def key_of(site: Site, tenant: str, *scopes: Scope, **more: datetime | float) -> str:
    """A new key, whose secret must not be found in a log."""
    key = await add_key(site.stream, tenant, scopes or (Scope.ADMIN,), **more)
    site.secrets.append(key.split("_", 2)[2])
    await asyncio.sleep(1.1)  # unknown ids are looked for again after a second
    return key


def bearer(token: str) -> dict[str, str]:
    """As a header."""
    return {"Authorization": f"Bearer {token}"}


async def look(client: GatewayClient, headers: dict[str, str]) -> Answer:
    """Ask for a document that is not there: 404 is what a caller who is known gets."""
    return await client.ask("GET", f"/v1/documents/{ID}", headers=headers)


async def test_key_that_is_not_good_is_refused(site: Site, stranger: GatewayClient) -> None:
    """Altered, another's secret, expired, in a wrong place, in two places, none at all."""
    key, other = await key_of(site, "acme"), await key_of(site, "acme")
    past = datetime.now(UTC) - timedelta(seconds=1)
    expired = await key_of(site, "acme", expires_at=past)
    assert (await look(stranger, {"X-API-Key": key})).status == 404
    assert (await look(stranger, bearer(key))).status == 404
    altered = key[:-1] + ("A" if key[-1] != "A" else "B")
    borrowed = f"{key.rpartition('_')[0]}_{other.rpartition('_')[2]}"
    refused: list[dict[str, str]] = [
        {},
        {"X-API-Key": altered},
        {"X-API-Key": borrowed},
        {"X-API-Key": expired},
        {"X-API-Key": key.upper()},
        {"X-API-Key": f"{key} "[:-2]},
        {"X-API-Key": f"Bearer {key}"},
        {"X-API-Key": ""},
        {"X-Api-Token": key},
        {"Cookie": f"X-API-Key={key}"},
        {"Authorization": key},
        {"Authorization": f"Basic {key}"},
        {"Authorization": f"ApiKey {key}"},
        {"X-API-Key": key, **bearer(key)},
        {"X-API-Key": key, **bearer(altered)},
    ]
    for headers in refused:
        answer = await look(stranger, headers)
        assert (answer.status, answer.problem) == (401, "unauthenticated"), headers
        assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert not any(secret in answer.body.decode() for secret in site.secrets)
    by_address = await stranger.ask("GET", f"/v1/documents/{ID}?X-API-Key={key}&access_token={key}")
    assert by_address.status == 401
    async with stranger.session.get(
        f"{site.url}/v1/documents/{ID}", headers=[("X-API-Key", key), ("X-API-Key", key)]
    ) as twice:
        assert twice.status == 401


async def test_revoked_key_ends(site: Site, stranger: GatewayClient) -> None:
    """Within 15 seconds, and for good."""
    key = await key_of(site, "acme")
    assert (await look(stranger, {"X-API-Key": key})).status == 404
    parsed = parse_key(key)
    assert parsed is not None
    async with StoredKeyRecords(site.stream.settings) as records:
        await records.delete(parsed.id)
    await until(lambda: look(stranger, {"X-API-Key": key}), 401)


async def until(ask: Callable[[], Awaitable[Answer]], status: int) -> None:
    """Ask until there is an answer with this status."""
    for _ in range(int(2 * AGE_MAX_S)):
        if (await ask()).status == status:
            return
        await asyncio.sleep(0.5)
    pytest.fail(f"there is no {status} within {AGE_MAX_S} s")


async def test_scope_is_asked_for(site: Site, stranger: GatewayClient) -> None:
    """Each request needs its own, and has no effect without it."""
    requests = [
        ("POST", "/v1/documents", Scope.SUBMIT),
        ("POST", "/v1/uploads", Scope.SUBMIT),
        ("POST", f"/v1/uploads/{ID}", Scope.SUBMIT),
        ("GET", f"/v1/documents/{ID}", Scope.READ),
        ("GET", f"/v1/documents/{ID}/text", Scope.READ),
        ("GET", f"/v1/documents/{ID}/events", Scope.READ),
        ("GET", f"/v1/documents/{ID}/pages/1/picture", Scope.READ),
        ("DELETE", f"/v1/documents/{ID}", Scope.DELETE),
    ]
    keys = {scope: await key_of(site, "acme", scope) for scope in list(Scope)[:3]}
    for method, path, needed in requests:
        for scope, key in keys.items():
            answer = await stranger.ask(method, path, b"", headers={"X-API-Key": key})
            assert (answer.status == 403) == (scope is not needed), (method, path, scope)
    for scopes in ((Scope.SUBMIT,), (Scope.READ,), (Scope.SUBMIT, Scope.READ)):
        key = await key_of(site, "acme", *scopes)
        answer = await stranger.ask("POST", "/v1/read", b"", headers={"X-API-Key": key})
        assert (answer.status == 403) == (len(scopes) == 1), scopes


async def test_token_that_is_not_good_is_refused(site: Site, stranger: GatewayClient) -> None:
    """Signed by another, for another, too late, not at all, or by our public key as a secret."""
    issuer = site.issuer
    public = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body, signature = issuer.token().split(".")
    claims = issuer.claims()
    confused = ".".join(
        part.decode().rstrip("=")
        for part in (_encode(b'{"alg":"HS256","kid":"rsa"}'), _encode(orjson.dumps(claims)))
    )
    good = issuer.token()
    refused = [
        issuer.token(key=OTHER_RSA_KEY),
        issuer.token(kid="unknown"),
        issuer.token(iss="https://other.example"),
        issuer.token(aud="another"),
        issuer.token(exp=claims["iat"] - 100),  # type: ignore[operator]
        issuer.token(tenant=None),
        issuer.token(tenant="../other"),
        jwt.encode(claims, None, "none", headers={"kid": "rsa"}),  # type: ignore[arg-type]
        f"{confused}.{_encode(_hmac(public, confused.encode())).decode().rstrip('=')}",
        f"{head}.{body}.",
        f"{head}.{body}.{'A' + signature[1:] if signature[0] != 'A' else 'B' + signature[1:]}",
        f"{head}.{body}",
        good[:-20],
    ]
    assert (await look(stranger, bearer(good))).status == 404
    for token in refused:
        answer = await look(stranger, bearer(token))
        assert (answer.status, answer.problem) == (401, "unauthenticated"), token
    assert (await look(stranger, {"X-API-Key": good})).status == 401
    for token in (good, *refused):
        site.secrets.append(token[-40:])
    answer = await stranger.ask("DELETE", f"/v1/documents/{ID}", headers=bearer(good))
    assert answer.status == 403


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data)


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


async def test_tenants_do_not_see_each_other(site: Site, stranger: GatewayClient) -> None:
    """What is another's is not there, in whatever way it is asked for."""
    mine = {"X-API-Key": await key_of(site, "acme")}
    theirs = {"X-API-Key": await key_of(site, "other")}
    again = {"Idempotency-Key": "one-and-the-same-key"}
    my_id = await stranger.submit(SECRET_TEXT, mine | again)
    their_id = await stranger.submit(SECRET_TEXT, theirs | again)
    assert my_id != their_id
    place = f"/v1/documents/{my_id}"
    read = await stranger.ask("GET", f"{place}?wait=30", headers=mine)
    assert read.json["state"] == "done"
    asked: list[tuple[str, str, object]] = [
        ("GET", place, None),
        ("GET", f"{place}?wait=1", None),
        ("GET", f"{place}/text", None),
        ("GET", f"{place}/events", None),
        ("GET", f"{place}/pages/1/picture", None),
        ("DELETE", place, None),
        ("POST", f"/v1/uploads/{my_id}", {}),
    ]
    for method, path, body in asked:
        answer = await stranger.ask(method, path, json=body, headers=theirs)
        assert (answer.status, answer.problem) == (404, "not-found"), (method, path)
    text = await stranger.ask("GET", f"{place}/text", headers=mine)
    assert text.body.decode() == f"%PDF- {SECRET_TEXT}"


async def test_objects_of_others_are_no_documents(
    site: Site, stranger: GatewayClient, tmp_path: Path
) -> None:
    """Neither uploads of the gateway nor what lies below another's prefix, however it is spelt."""
    stream = site.stream
    file = tmp_path / "a.pdf"
    file.write_bytes(document("of the store"))
    for key in ("acme/a.pdf", "other/a.pdf", "a.pdf"):
        stream.upload(file, key)
    mine = {"X-API-Key": await key_of(site, "acme")}
    theirs = {"X-API-Key": await key_of(site, "other")}
    my_id = await stranger.submit("mine", mine)
    bucket = stream.settings.uploads_bucket
    keys = [
        Owned("acme", my_id).upload_key,
        Owned("other", my_id).upload_key,
        "acme/a.pdf",
        "a.pdf",
        "/acme/a.pdf",
        "other/../acme/a.pdf",
        "other/./../acme/a.pdf",
        f"other/../api/acme/{my_id}",
        "other/%2e%2e/acme/a.pdf",
        "other/..%2facme/a.pdf",
        "other\\..\\acme\\a.pdf",
        "other//../acme/a.pdf",
    ]
    for key in keys:
        answer = await stranger.ask(
            "POST", "/v1/documents", json={"bucket": bucket, "key": key}, headers=theirs
        )
        assert (answer.status, answer.problem) == (404, "not-found"), key
    for elsewhere in (stream.settings.results_bucket, "no-such-bucket"):
        place = {"bucket": elsewhere, "key": "other/a.pdf"}
        answer = await stranger.ask("POST", "/v1/documents", json=place, headers=theirs)
        assert answer.status == 404
    own = {"bucket": bucket, "key": "other/a.pdf"}
    answer = await stranger.ask("POST", "/v1/documents", json=own, headers=theirs)
    assert answer.status == 202
    await stranger.ask("GET", f"{answer.headers['location']}?wait=30", headers=theirs)
    deleted = await stranger.ask("DELETE", answer.headers["location"], headers=theirs)
    assert deleted.status == 204
    left = {entry.object_name for entry in stream.store.list_objects(bucket, recursive=True)}
    assert {"acme/a.pdf", "a.pdf", Owned("acme", my_id).upload_key} <= left
    assert "other/a.pdf" not in left


async def test_form_for_the_store_is_for_one_document(site: Site, stranger: GatewayClient) -> None:
    """Its key and its marks cannot be altered or added to: a reference is the gateway's to make."""
    mine = {"X-API-Key": await key_of(site, "other")}
    victim = {"bucket": site.stream.settings.uploads_bucket, "key": "acme/a.pdf"}
    data = orjson.dumps(victim)
    changes: list[dict[str, str]] = [
        {"key": f"api/acme/{ID}"},
        {"x-amz-meta-ocrstream-document-id": ID},
        {"x-amz-meta-ocrstream-reference": "1"},
    ]
    for change in changes:
        begun = await stranger.ask(
            "POST", "/v1/uploads", json={"size_bytes": len(data)}, headers=mine
        )
        fields: dict[str, str] = begun.json["fields"]  # type: ignore[assignment]
        form = aiohttp.FormData(fields | change)
        form.add_field("file", data, filename="x")
        async with stranger.session.post(str(begun.json["url"]), data=form):
            pass
        confirmed = await stranger.ask("POST", str(begun.json["confirm"]), headers=mine)
        if confirmed.status == 202:  # a store that lets it in; then nobody follows it
            place = f"/v1/documents/{begun.json['document_id']}"
            found = await stranger.ask("GET", f"{place}?wait=30", headers=mine)
            assert found.json["state"] == "failed", change
            assert found.json["failure"]["category"] == "source_refused"  # type: ignore[index]
        else:
            assert confirmed.status == 404


async def test_caller_that_asks_too_often_is_told_to_wait(
    site: Site, stranger: GatewayClient
) -> None:
    """429 with when to come again; others are served."""
    hasty = {"X-API-Key": await key_of(site, "acme", rate_per_s=1.0)}
    answers = [await look(stranger, hasty) for _ in range(5)]
    assert answers[0].status == 404
    limited = answers[-1]
    assert (limited.status, limited.problem) == (429, "rate-limited")
    assert 1 <= int(limited.headers["retry-after"]) <= 2
    calm = {"X-API-Key": await key_of(site, "acme")}
    assert (await look(stranger, calm)).status == 404


async def test_without_access_only_this_machine_may_ask(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """It listens on loopback only and says so; no page of elsewhere; and that ends with a key."""
    stream = await open_stream(servers)
    with gateway_process(stream, tmp_path, "open", gateway_host="0.0.0.0") as (url, process):
        assert "listening on loopback only" in process.log_path.read_text()
        port = int(url.rpartition(":")[2])
        assert not is_listening("127.0.0.2", port)
        async with client_of(url) as client:
            assert (await look(client, {})).status == 404
            for foreign in (
                {"Host": f"evil.example:{port}"},
                {"Host": f"127.0.0.1.evil.example:{port}"},
                {"Host": "0.0.0.0"},
                {"Host": "[::1"},
                {"Origin": "https://evil.example"},
                {"Origin": "null"},
                {"Origin": url},
            ):
                answer = await look(client, foreign)
                assert (answer.status, answer.problem) == (403, "forbidden"), foreign
            wrong = await look(client, {"X-API-Key": "ocrs_x"})
            assert wrong.status == 401
            key = await add_key(stream, "acme")
            await until(lambda: look(client, {}), 401)
            assert (await look(client, {"X-API-Key": key})).status == 404
    with gateway_process(stream, tmp_path, "closed", gateway_host="0.0.0.0") as (url, _):
        assert is_listening("127.0.0.2", int(url.rpartition(":")[2]))


def is_listening(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as asking:
        asking.settimeout(2)
        return asking.connect_ex((host, port)) == 0


async def test_audit_says_who_did_what(site: Site, stranger: GatewayClient) -> None:
    """One line per request; a key's id and never its secret, a document's id and never its name."""
    key = await key_of(site, "acme")
    form = aiohttp.FormData()
    form.add_field("file", document(SECRET_TEXT), filename=SECRET_NAME)
    mine = {"X-API-Key": key, "X-Request-Id": "audited-1"}
    answer = await stranger.ask("POST", "/v1/documents", form, headers=mine)
    assert answer.status == 202
    by_name = mine | {"X-Request-Id": "audited-2"}
    await stranger.ask("GET", f"/v1/documents/{SECRET_NAME.replace(' ', '%20')}", headers=by_name)
    await look(stranger, {"X-Request-Id": "audited-3"})

    def lines_by_id() -> dict[object, dict[str, object]]:
        return {line.get("request_id"): line for line in audited(site)}

    assert await wait_until(lambda: "audited-3" in lines_by_id(), 10)  # written after the answer
    lines = lines_by_id()
    assert lines["audited-1"]["subject"] == key.split("_")[1]
    assert lines["audited-1"]["tenant"] == "acme"
    assert lines["audited-1"]["action"] == "POST /v1/documents"
    assert lines["audited-1"]["document_id"] == answer.json["document_id"]
    assert lines["audited-1"]["status"] == 202
    assert lines["audited-2"]["document_id"] is None
    assert (lines["audited-2"]["status"], lines["audited-3"]["status"]) == (422, 401)
    assert lines["audited-3"]["subject"] is None


def audited(site: Site) -> Iterator[dict[str, object]]:
    """The gateway's audit lines."""
    for line in site.logs[0].read_text().splitlines():
        if line.startswith("{"):
            record = orjson.loads(line)
            if record["logger"] == "streams.gateway.audit":
                yield record


async def test_no_log_holds_what_is_secret(site: Site) -> None:
    """After all tests of this file: no text, no names, no credentials, no fault of ours."""
    assert len(site.secrets) > 10
    for log in site.logs:
        text = log.read_text()
        for secret in (*site.secrets, SECRET_TEXT, "DE02120300000000202051", SECRET_NAME):
            assert secret not in text, log.name
        assert "jane" not in text
        assert "Traceback" not in text
        assert site.stream.settings.s3_secret_key is not None
        assert site.stream.settings.s3_secret_key.get_secret_value() not in text
