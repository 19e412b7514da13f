"""Identities that are the same however often, and by whichever worker, they are computed."""

import hashlib

import orjson

DEFAULT_TENANT = ""


def document_id(
    tenant: str, bucket: str, key: str, version_id: str | None, content_sha256: str
) -> str:
    """Identity of one version of an object.

    Args:
        tenant: Who it belongs to; `DEFAULT_TENANT` where there is only one.
        bucket: Bucket of the object.
        key: Key of the object.
        version_id: As the store's answer gave it, None in a bucket without versions.
        content_sha256: Hash of the content, which stands in for a missing version.
    """
    version = ["version", version_id] if version_id else ["sha256", content_sha256]
    return _digest("document", tenant, bucket, key, *version)


def reading_id(tenant: str, content_sha256: str, options_json: bytes, fingerprint: str) -> str:
    """Identity of what one pipeline reads in some content, wherever that content lies.

    Args:
        tenant: Who it belongs to; nothing is shared between tenants.
        content_sha256: Hash of the content.
        options_json: All options that were in force, in one canonical form.
        fingerprint: Of the pipeline.
    """
    return _digest("reading", tenant, content_sha256, options_json.decode(), fingerprint)


def result_id(document_id: str, content_sha256: str, options_json: bytes, fingerprint: str) -> str:
    """Identity of what one pipeline reads in one document.

    Args:
        document_id: As given by the function of that name.
        content_sha256: Hash of the content.
        options_json: All options that were in force, in one canonical form.
        fingerprint: Of the pipeline.
    """
    return _digest("result", document_id, content_sha256, options_json.decode(), fingerprint)


def alert_id(result_id: str) -> str:
    """Identity of the one alert that a result may have."""
    return _digest("alert", result_id)


def dead_letter_id(topic: str, partition: int, offset: int, record_index: int) -> str:
    """Identity of the dead letter of one record of one event."""
    return _digest("dead-letter", topic, partition, offset, record_index)


def _digest(*parts: str | int | None) -> str:
    """32 hexadecimal digits; the parts are framed by JSON, so that none can run into the next."""
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()[:32]
