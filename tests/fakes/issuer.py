"""An issuer of tokens on loopback, with keys of its own."""

import json
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt import api_jws
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "ocrstream"
TENANT_CLAIM = "tenant"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

RSA_KEY = rsa.generate_private_key(65537, 2048)
OTHER_RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def jwk(kid: str, key: PrivateKey, **more: object) -> dict[str, object]:
    """A public key as an issuer publishes it."""
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        numbers = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        numbers = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    numbers.pop("key_ops", None)
    return {**numbers, "kid": kid, "use": "sig", **more}


def sign(
    claims: Mapping[str, object], key: PrivateKey, algorithm: str, headers: Mapping[str, object]
) -> str:
    """A token with any claims, also such as no issuer should make."""
    return api_jws.encode(json.dumps(claims).encode(), key, algorithm, headers=dict(headers))


@dataclass
class FakeIssuer:
    """An issuer that runs.

    Attributes:
        address: What its tokens have in `iss`.
        keys: What it publishes.
        answers: What it says instead, by path.
        is_away: It fails whatever it is asked.
        asked: Paths it was asked for.
    """

    address: str = ""
    keys: list[dict[str, object]] = field(default_factory=list)
    answers: dict[str, web.Response] = field(default_factory=dict)
    is_away: bool = False
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Say what it is asked for."""
        self.asked.append(request.path)
        if self.is_away:
            return web.Response(status=503)
        if request.path in self.answers:
            return self.answers[request.path]
        if request.path.endswith("/.well-known/openid-configuration"):
            found: object = {"issuer": self.address, "jwks_uri": f"{self.address}/jwks", "more": 1}
        else:
            found = {"keys": self.keys}
        return web.Response(body=orjson.dumps(found), content_type="application/json")

    def claims(self, **changed: object) -> dict[str, object]:
        """Claims of a good token, with some changed; None: left out."""
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.address,
            "aud": AUDIENCE,
            "sub": "somebody",
            "iat": now,
            "exp": now + 600,
            TENANT_CLAIM: "acme",
            "scope": "openid ocrstream:submit ocrstream:read",
        }
        return {name: value for name, value in (claims | changed).items() if value is not None}

    def token(
        self,
        kid: str = "rsa",
        key: PrivateKey = RSA_KEY,
        algorithm: str = "RS256",
        headers: Mapping[str, object] | None = None,
        **changed: object,
    ) -> str:
        """A signed token."""
        all_headers = {"kid": kid, **(headers or {})}
        return sign(self.claims(**changed), key, algorithm, all_headers)


@asynccontextmanager
async def serve_issuer(tls: ssl.SSLContext | None = None) -> AsyncIterator[FakeIssuer]:
    """Run an issuer with one RSA key, `rsa`; with a certificate it talks TLS."""
    issuer = FakeIssuer(keys=[jwk("rsa", RSA_KEY)])
    app = web.Application()
    app.router.add_get("/{path:.*}", issuer.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        scheme = "https" if tls else "http"
        issuer.address = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}/realms/a"
        yield issuer
    finally:
        await runner.cleanup()
