"""Certificates as files, as programs take them."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """PEM files: a certificate with those that signed it, its key, and both in one."""

    chain: Path
    key: Path
    both: Path


def write_key_pair(certificate: trustme.LeafCert, folder: Path, name: str = "server") -> KeyPair:
    """Write a certificate and its key, which is in PKCS #8, as Kafka asks for."""
    pair = KeyPair(folder / f"{name}.crt", folder / f"{name}.key", folder / f"{name}.pem")
    chain = b"".join(part.bytes() for part in certificate.cert_chain_pems)
    key = load_pem_private_key(certificate.private_key_pem.bytes(), None)
    pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pair.chain.write_bytes(chain)
    pair.key.write_bytes(pkcs8)
    pair.both.write_bytes(pkcs8 + chain)
    return pair
