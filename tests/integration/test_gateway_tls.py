"""The gateway behind TLS."""

import ssl
from pathlib import Path

import aiohttp
import pytest
import trustme

from streams.embedded import LOOPBACK, ServerAddresses
from tests.gateway import QUICK_WORKER, GatewayClient, document, gateway_process
from tests.stream import open_stream, worker_process
from tests.tls import write_key_pair


def session_that_trusts(authority: trustme.CA) -> aiohttp.ClientSession:
    """A session of a client that trusts one authority."""
    context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))


async def test_gateway_over_tls_answers_those_who_can_trust_it_and_nobody_in_the_clear(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """A document goes through; browsers are told to stay with HTTPS; plain HTTP gets nothing."""
    authority = trustme.CA()
    pair = write_key_pair(authority.issue_cert(LOOPBACK), tmp_path)
    certificate = {"tls_cert_file": str(pair.chain), "tls_key_file": str(pair.key)}
    stream = await open_stream(servers)
    with (
        gateway_process(stream, tmp_path, **certificate) as (url, _),
        worker_process(stream, tmp_path, program=QUICK_WORKER),
    ):
        assert url.startswith("https://")
        async with session_that_trusts(authority) as session:
            client = GatewayClient(url, session)
            document_id = await client.submit("sealed on its way")
            text = await client.ask("GET", f"/v1/documents/{document_id}/text?wait=30")
            plain = GatewayClient(url.replace("https://", "http://"), session)
            with pytest.raises(aiohttp.ClientError):
                await plain.ask("POST", "/v1/documents", document("in the clear"))
        async with session_that_trusts(trustme.CA()) as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await GatewayClient(url, session).ask("GET", "/livez")
    assert text.body.decode() == document("sealed on its way").decode()
    assert text.headers["strict-transport-security"] == "max-age=31536000"
