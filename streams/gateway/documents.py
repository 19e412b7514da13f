"""`/v1/documents`: submit, follow, get, delete."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from schemas.dead_letters import DocumentDeadLettered
from schemas.progress import DocumentProgressed, ProgressState
from schemas.results import DocumentRecognized
from streams.errors import DependencyAway
from streams.gateway.bodies import at_a_fair_pace
from streams.gateway.follow import Steps
from streams.gateway.forms import Form
from streams.gateway.guard import context_of
from streams.gateway.models import (
    EXAMPLE_ID,
    DocumentId,
    DocumentView,
    StoredObject,
    Submitted,
)
from streams.gateway.openapi import PICTURE_BODY, SUBMITTED, problems, text_answer
from streams.gateway.problems import NotReadYet, Unreadable
from streams.gateway.requests import (
    Deleter,
    IdempotencyKey,
    OptionsJson,
    Reader,
    Submitter,
    TheGateway,
    WaitSeconds,
    parse_json,
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

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/v1/documents", tags=["documents"])

BROUGHT = (400, 404, 408, 410, 413, 415)
"""Problems of a request that brings a document."""


_EXAMPLE_STEP = DocumentProgressed(
    document_id=EXAMPLE_ID,
    state=ProgressState.READING,
    page_number=3,
    page_count=12,
    occurred_at=datetime(2026, 11, 23, 8, 30, 15, tzinfo=UTC),
)


def _event(step: DocumentProgressed) -> str:
    return f"event: {step.state}\ndata: {step.model_dump_json()}\n\n"


@router.post(
    "",
    status_code=202,
    response_model=Submitted,
    openapi_extra=PICTURE_BODY,
    responses={202: SUBMITTED, **problems(*BROUGHT)},
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


@router.get("/{document_id}", response_model=DocumentView, responses=problems(404, 410))
async def get_document(
    document_id: Id, gateway: TheGateway, caller: Reader, wait: WaitSeconds = 0
) -> Response:
    """How far a document is, and its result once it is read."""
    outcome = await gateway.find(caller, document_id, wait)
    if isinstance(outcome, DocumentRecognized):
        outcome = await gateway.documents.whole(outcome)
    view = DocumentView.of(document_id, outcome)
    return Response(view.model_dump_json(), media_type="application/json")


@router.get(
    "/{document_id}/text",
    response_class=Response,
    responses={
        **text_answer("text/plain", "What was read.", "CORNER CAFÉ\nTOTAL: 120.00"),
        **problems(404, 409, 410),
    },
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
        200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(404, 410),
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
        **text_answer(
            "text/event-stream",
            "Server-sent events `queued`, `reading`, then `done`, `failed` or `deleted`, each with "
            "a DocumentProgressed as its data.",
            _event(_EXAMPLE_STEP),
        ),
        **problems(404, 410),
    },
)
async def follow_document(
    document_id: Id, gateway: TheGateway, caller: Reader
) -> StreamingResponse:
    """Follow a document until it is done."""
    await gateway.find(caller, document_id, 0)
    owned = Owned(tenant_of_name(caller.tenant), document_id)
    return StreamingResponse(_events(gateway, owned), media_type="text/event-stream")


@router.delete("/{document_id}", status_code=204, response_class=Response, responses=problems(404))
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
        stored = await parse_json(body, StoredObject)
        owned, options = await gateway.refer(how, stored), stored.options
    elif media_type == "multipart/form-data":
        form = Form.of(content_type)
        owned = await gateway.take(how, gateway.arriving(), _file_of(form, body))
        if "options" in form.fields:
            options = parse_options(form.fields["options"])
    else:
        owned = await gateway.take(how, gateway.arriving(), body)
    context_of(request.scope).document_id = owned.document_id
    await gateway.announce(owned, how, options)
    return owned


async def _file_of(form: Form, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The form's file; it ends with an error, so that nothing is stored, if its options are bad."""
    async for piece in form.file(body):
        yield piece
    parse_options(form.fields.get("options"))


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


async def _events(gateway: Gateway, owned: Owned) -> AsyncIterator[str]:
    """What is known, then every step as it comes; while the store is away the client is let go."""
    try:
        with gateway.follower.listening(owned.document_id) as steps:
            async for step in _steps(gateway, owned, steps):
                yield ": still here\n\n" if step is None else _event(step)
    except DependencyAway as away:
        logger.warning("a document is not followed any more: %s", away)


async def _steps(
    gateway: Gateway, owned: Owned, steps: Steps
) -> AsyncIterator[DocumentProgressed | None]:
    """Steps until the last one, None where there was none for a while.

    Raises:
        DependencyAway: the store does not tell.
    """
    outcome, _ = await gateway.documents.outcome(owned)
    step = progress_of(owned, outcome)
    yield step
    deadline = asyncio.get_running_loop().time() + FOLLOW_MAX_S
    while not step.state.is_end and asyncio.get_running_loop().time() < deadline:
        try:
            async with asyncio.timeout(KEEP_ALIVE_S):
                step = await steps.get()
        except TimeoutError:
            outcome, _ = await gateway.documents.outcome(owned)
            step = progress_of(owned, outcome)
            if not step.state.is_end:
                yield None
                continue
        if step.state is not ProgressState.QUEUED:  # that was told already
            yield step
