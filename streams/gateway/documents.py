"""`/v1/documents`: submit, follow, get, delete."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from schemas.dead_letters import DocumentDeadLettered
from schemas.progress import DocumentProgressed, ProgressState
from schemas.results import DocumentRecognized
from streams.gateway.bodies import at_a_fair_pace
from streams.gateway.forms import FIELD_BYTES_MAX, Form
from streams.gateway.guard import context_of
from streams.gateway.models import DocumentId, DocumentView, StoredObject, Submitted
from streams.gateway.openapi import PICTURE_BODY, PROBLEMS, SUBMITTED_HEADERS
from streams.gateway.problems import NotReadYet, Unacceptable, Unreadable
from streams.gateway.requests import (
    Deleter,
    IdempotencyKey,
    OptionsJson,
    Reader,
    Submitter,
    TheGateway,
    WaitSeconds,
    parse_options,
    submission,
)
from streams.gateway.service import Gateway, Submission
from streams.gateway_documents import progress_of
from streams.places import Owned, tenant_of_name

KEEP_ALIVE_S = 15.0
"""A proxy may close a connection on which nothing is sent."""

FOLLOW_MAX_S = 3_600.0
"""After that a client connects again."""

Id = Annotated[DocumentId, Path(description="As the submission's answer gave it.")]

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=PROBLEMS)


@router.post(
    "",
    status_code=202,
    response_model=Submitted,
    openapi_extra=PICTURE_BODY,
    responses={202: {"headers": SUBMITTED_HEADERS}},
)
async def submit_document(
    request: Request,
    response: Response,
    gateway: TheGateway,
    caller: Submitter,
    options: OptionsJson = None,
    idempotency_key: IdempotencyKey = None,
) -> Submitted:
    """Submit a document to be read.

    Send its bytes as they are, or as the part `file` of a multipart form whose part `options` may
    hold options as JSON, or name an object of the store as JSON.
    """
    how = submission(request, caller, idempotency_key)
    owned = await take_document(gateway, request, how, options)
    response.headers["Location"] = f"/v1/documents/{owned.document_id}"
    return Submitted.of(owned.document_id)


@router.get("/{document_id}", response_model=DocumentView)
async def get_document(
    document_id: Id, gateway: TheGateway, caller: Reader, wait: WaitSeconds = 0
) -> Response:
    """How far a document is, and its result once it is read."""
    outcome = await gateway.find(caller, document_id, wait)
    view = DocumentView.of(document_id, outcome)
    return Response(view.model_dump_json(), media_type="application/json")


@router.get(
    "/{document_id}/text",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_text(
    document_id: Id, gateway: TheGateway, caller: Reader, wait: WaitSeconds = 0
) -> Response:
    """The text that was read, pages separated by an empty line."""
    outcome = await gateway.find(caller, document_id, wait)
    if outcome is None:
        raise NotReadYet(document_id)
    result = await whole_result(gateway, document_id, outcome)
    return Response(result.text or "", media_type="text/plain; charset=utf-8")


@router.get(
    "/{document_id}/pages/{page_number}/picture",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def get_picture(
    document_id: Id,
    page_number: Annotated[int, Path(ge=1, le=1_000_000)],
    gateway: TheGateway,
    caller: Reader,
) -> Response:
    """A page's picture, personal data blackened; there is one where masking is on."""
    await gateway.find(caller, document_id, 0)
    owned = Owned(tenant_of_name(caller.tenant), document_id)
    picture = await gateway.documents.picture(owned, page_number)
    return Response(picture, media_type="image/jpeg")


@router.get(
    "/{document_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events: queued, reading (with page_number), then done, "
            "failed or deleted, each with a DocumentProgressed as its data.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def follow_document(
    document_id: Id, gateway: TheGateway, caller: Reader
) -> StreamingResponse:
    """Follow a document until it is done."""
    await gateway.find(caller, document_id, 0)
    owned = Owned(tenant_of_name(caller.tenant), document_id)
    return StreamingResponse(_events(gateway, owned), media_type="text/event-stream")


@router.delete("/{document_id}", status_code=204, response_class=Response)
async def delete_document(document_id: Id, gateway: TheGateway, caller: Deleter) -> Response:
    """Delete a document, its result, what the cache has of it, and pictures made from it."""
    await gateway.delete(caller, document_id)
    return Response(status_code=204)


async def take_document(
    gateway: Gateway, request: Request, how: Submission, options_json: str | None
) -> Owned:
    """Store what a request brings and have it read.

    Raises:
        Problem: it cannot be taken.
        StreamError: the store or the broker is away.
    """
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    options = parse_options(options_json)
    body = at_a_fair_pace(request.stream())
    if media_type == "application/json":
        stored = await _parse_reference(body)
        owned, options = await gateway.refer(how, stored), stored.options
    elif media_type == "multipart/form-data":
        form = Form.of(content_type)
        owned = await gateway.take(how, gateway.arriving(), form.file(body))
        if "options" in form.fields:
            options = parse_options(form.fields["options"])
    else:
        owned = await gateway.take(how, gateway.arriving(), body)
    context_of(request.scope).document_id = owned.document_id
    await gateway.announce(owned, how, options)
    return owned


async def whole_result(
    gateway: Gateway, document_id: str, outcome: DocumentRecognized | DocumentDeadLettered
) -> DocumentRecognized:
    """The result with its pages, wherever they lie.

    Raises:
        Unreadable: there is none.
        StreamError: it cannot be had now.
    """
    if isinstance(outcome, DocumentDeadLettered):
        raise Unreadable(document_id, outcome.category, outcome.message)
    return await gateway.documents.whole(outcome)


async def _parse_reference(body: AsyncIterator[bytes]) -> StoredObject:
    data = b""
    async for chunk in body:
        data += chunk
        if len(data) > FIELD_BYTES_MAX:
            raise Unacceptable(413, "too-large", f"JSON may have {FIELD_BYTES_MAX} bytes")
    try:
        return StoredObject.model_validate_json(data)
    except ValidationError as err:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}"
            for fault in err.errors()[:5]
        )
        raise Unacceptable(422, "malformed", faults) from err


async def _events(gateway: Gateway, owned: Owned) -> AsyncIterator[str]:
    """What is known, then every step as it comes."""
    with gateway.follower.listening(owned.document_id) as steps:
        outcome, _ = await gateway.documents.outcome(owned)
        first = progress_of(owned, outcome)
        yield _event(first)
        deadline = asyncio.get_running_loop().time() + FOLLOW_MAX_S
        state = first.state
        while not state.is_end and asyncio.get_running_loop().time() < deadline:
            try:
                async with asyncio.timeout(KEEP_ALIVE_S):
                    step = await steps.get()
            except TimeoutError:
                outcome, _ = await gateway.documents.outcome(owned)
                step = progress_of(owned, outcome)
                if not step.state.is_end:
                    yield ": still here\n\n"
                    continue
            state = step.state
            if state is not ProgressState.QUEUED:  # that was told already
                yield _event(step)


def _event(step: DocumentProgressed) -> str:
    return f"event: {step.state}\ndata: {step.model_dump_json()}\n\n"
