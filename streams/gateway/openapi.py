"""What FastAPI cannot know of our requests and answers."""

from processors.decoding.media_types import MEDIA_TYPES
from streams.gateway.models import StoredObject
from streams.gateway.problems import MEDIA_TYPE, ProblemDocument

JsonObject = dict[str, object]

_BYTES: JsonObject = {"type": "string", "format": "binary"}

_RETRY_AFTER: JsonObject = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
}

SUBMITTED_HEADERS: JsonObject = {
    "Location": {"description": "Where to ask for it.", "schema": {"type": "string"}}
}


def _problem(description: str, headers: JsonObject | None = None) -> JsonObject:
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": schema}},
        **({"headers": headers} if headers else {}),
    }


PROBLEMS: dict[int | str, JsonObject] = {
    400: _problem("The request cannot be understood."),
    401: _problem("No key or token that is good."),
    403: _problem("The key or token has not the scope."),
    404: _problem("There is no such document."),
    408: _problem("The body came too slowly."),
    409: _problem("Not now: the document is not read yet."),
    410: _problem("The document was deleted."),
    413: _problem("The document is too large."),
    415: _problem("The document has a format that is not read."),
    422: _problem("The request, or the document, is not what it should be."),
    429: _problem("Asked too often.", _RETRY_AFTER),
    503: _problem("Overloaded, or the store or the broker is away.", _RETRY_AFTER),
}
"""What may be answered to any request, beside its own answers."""

PICTURE_BODY: JsonObject = {
    "requestBody": {
        "required": True,
        "description": "The document, told by its bytes; the content type of a raw body says "
        "nothing.",
        "content": {
            **{media_type: {"schema": _BYTES} for media_type in sorted(MEDIA_TYPES)},
            "application/octet-stream": {"schema": _BYTES},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": _BYTES,
                        "options": {"type": "string", "description": "Options as JSON."},
                    },
                }
            },
            "application/json": {
                "schema": {"$ref": f"#/components/schemas/{StoredObject.__name__}"}
            },
        },
    }
}
"""The body of a request that brings a document."""
