"""What FastAPI cannot know of our requests and answers: `/openapi.json` is finished here."""

from collections.abc import Iterator, Mapping
from typing import cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from processors.decoding.media_types import MEDIA_TYPES
from schemas import examples
from schemas.codecs import JsonObject
from schemas.options import DocumentOptions
from schemas.progress import DocumentProgressed
from streams.access.errors import CHALLENGE
from streams.gateway.models import (
    EXAMPLE_ID,
    Confirmed,
    DocumentForm,
    DocumentView,
    StoredObject,
    WantedUpload,
)
from streams.gateway.problems import EXAMPLES, MEDIA_TYPE, Problem, ProblemDocument

Responses = dict[int | str, JsonObject]

_MODELS: tuple[type[BaseModel], ...] = (
    Confirmed,
    DocumentForm,
    DocumentOptions,
    DocumentProgressed,
    ProblemDocument,
    StoredObject,
    WantedUpload,
)
"""Of bodies that we read ourselves; FastAPI finds the others."""

_DESCRIPTION = """\
Send a document, and get its text as soon as it is read.

A document is sent by `POST /v1/documents`, and its result had by `GET /v1/documents/{document_id}`,
where `?wait=30` waits for it. `POST /v1/read` does both in one request.

Every problem is a problem document (RFC 9457); its `type` says which it is. A request may bring
`X-Request-Id`, `traceparent` and `tracestate`: they go on to the result on Kafka, and the first one
comes back with every answer.
"""

_HEADERS: Mapping[str, JsonObject] = {
    "X-Request-Id": {
        "description": "The request's own, or a new one; to be told to whoever runs the service.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:/+=-]{1,128}$"},
        "example": "5f0c7c2ab0de4f0f",
    },
    "Retry-After": {
        "description": "Seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 2,
    },
    "Location": {
        "description": "Where to ask for the document.",
        "required": True,
        "schema": {"type": "string", "pattern": "^/v1/documents/[0-9a-f]{32}$"},
        "example": f"/v1/documents/{EXAMPLE_ID}",
    },
    "WWW-Authenticate": {
        "description": "How to say who asks.",
        "required": True,
        "schema": {"type": "string"},
        "example": CHALLENGE,
    },
}

_EVERY_TIME = (401, 403, 422, 429, 500, 503)


def ref(kind: str, name: str) -> JsonObject:
    """Points at a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def headers(*names: str) -> JsonObject:
    """Headers of an answer."""
    return {name: ref("headers", name) for name in names}


_FOLLOWING = ("get_document", "get_text", "get_picture", "follow_document", "delete_document")
_ITS_ID = {"document_id": "$response.body#/document_id"}

SUBMITTED: JsonObject = {
    "description": "Taken, and not read yet: ask for the document later.",
    "headers": headers("Location"),
    "links": {name: {"operationId": name, "parameters": _ITS_ID} for name in _FOLLOWING},
}


def problems(*statuses: int) -> Responses:
    """Problems with these statuses, beside those that every request may meet."""
    wanted = {*statuses, *_EVERY_TIME}
    return {status: _problem(status) for status in sorted(wanted)}


def _problem(status: int) -> JsonObject:
    known = [problem for problem in EXAMPLES if problem.status == status]
    example = known[0].document("5f0c7c2ab0de4f0f")
    answer: JsonObject = {
        "description": "; or: ".join(f"{_sentence(problem)}" for problem in known),
        "content": {
            MEDIA_TYPE: {
                "schema": ref("schemas", ProblemDocument.__name__),
                "example": example.model_dump(mode="json", exclude_none=True),
            }
        },
    }
    names = [name for name in known[0].headers if name in _HEADERS]
    return {**answer, "headers": headers(*names)} if names else answer


def _sentence(problem: Problem) -> str:
    return f"`{problem.name}`: {problem.detail}"


def json_body(model: type[BaseModel], is_required: bool = True) -> JsonObject:
    """A body that is JSON."""
    content = {"application/json": {"schema": ref("schemas", model.__name__)}}
    return {"requestBody": {"required": is_required, "content": content}}


def text_answer(media_type: str, description: str, example: str) -> Responses:
    """An answer that is text."""
    content = {media_type: {"schema": {"type": "string"}, "example": example}}
    return {200: {"description": description, "content": content}}


PICTURE_BODY: JsonObject = {
    "requestBody": {
        "required": True,
        "description": "The document as it is, whatever content type is given for it: what it is "
        f"is told by its bytes. Taken are {', '.join(sorted(MEDIA_TYPES))}. Or a form, or the "
        "place of an object that lies in the store already.",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {"schema": ref("schemas", DocumentForm.__name__)},
            "application/json": {"schema": ref("schemas", StoredObject.__name__)},
        },
    }
}
"""The body of a request that brings a document."""


def describe(api: FastAPI) -> JsonObject:
    """The OpenAPI document of the API."""
    document = cast(
        JsonObject,
        get_openapi(
            title=api.title,
            version=api.version,
            summary=api.summary,
            description=_DESCRIPTION,
            routes=api.routes,
            license_info=api.license_info,
        ),
    )
    components = cast(dict[str, JsonObject], document["components"])
    _, definitions = models_json_schema(
        [(model, "validation") for model in _MODELS], ref_template="#/components/schemas/{model}"
    )
    cast(JsonObject, components["schemas"]["DocumentView"])["examples"] = _views()
    for schema in components["schemas"].values():
        _tell_of_answer(cast(JsonObject, schema))
    components["schemas"] |= definitions["$defs"]
    components["headers"] = dict(_HEADERS)
    for operation in _operations(document):
        for parameter in cast(list[JsonObject], operation.get("parameters", [])):
            parameter["schema"] = _without_null(cast(JsonObject, parameter["schema"]))
        for answer in cast(dict[str, dict[str, JsonObject]], operation["responses"]).values():
            answer["headers"] = {**headers("X-Request-Id"), **answer.get("headers", {})}
    return document


def _views() -> list[JsonObject]:
    """A document that waits, one that was read, one that cannot be read.

    FastAPI drops nulls from the examples of models.
    """
    outcomes = (None, examples.RECOGNIZED, examples.DEAD_LETTERED)
    views = [DocumentView.of(EXAMPLE_ID, outcome) for outcome in outcomes]
    return [view.model_dump(mode="json") for view in views]


def _tell_of_answer(schema: JsonObject) -> None:
    """All fields are always there; clients must take it when a later version adds some."""
    if "properties" in schema:
        schema["required"] = [*cast(JsonObject, schema["properties"])]
        del schema["additionalProperties"]


def _without_null(schema: JsonObject) -> JsonObject:
    """A parameter is there or not; there is no null in an address."""
    choices = cast(list[JsonObject], schema.get("anyOf", []))
    given = [choice for choice in choices if choice != {"type": "null"}]
    return given[0] if len(given) == 1 else schema


def _operations(document: JsonObject) -> Iterator[JsonObject]:
    for operations in cast(dict[str, dict[str, JsonObject]], document["paths"]).values():
        yield from operations.values()
