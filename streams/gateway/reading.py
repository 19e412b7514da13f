"""`POST /v1/read`: one picture in, its lines out, through the same stream."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from schemas.results import DocumentRecognized
from streams.access.caller import Scope
from streams.gateway.documents import BROUGHT, take_document, whole_result
from streams.gateway.models import ReadAnswer, ReadLine, Submitted
from streams.gateway.openapi import PICTURE_BODY, SUBMITTED, headers, problems
from streams.gateway.requests import (
    IdempotencyKey,
    OptionsJson,
    Submitter,
    TheGateway,
    submission,
)

DEADLINE_S = 30.0
DEADLINE_MAX_S = 120.0

router = APIRouter(tags=["reading"])

Deadline = Annotated[
    float,
    Query(ge=0, le=DEADLINE_MAX_S, description="Seconds after which the id is answered instead."),
]


@router.post(
    "/v1/read",
    response_model=ReadAnswer,
    openapi_extra=PICTURE_BODY,
    responses={
        202: {
            "model": Submitted,
            **SUBMITTED,
            "headers": headers("Location", "Retry-After"),
        },
        **problems(*BROUGHT),
    },
)
async def read(
    request: Request,
    gateway: TheGateway,
    caller: Submitter,
    options: OptionsJson = None,
    deadline: Deadline = DEADLINE_S,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Read a picture, and answer with its lines if that is done within the deadline.

    It needs the scopes submit and read.
    """
    caller.require(Scope.READ)
    ends_at = asyncio.get_running_loop().time() + deadline
    how = submission(request, caller, idempotency_key)
    owned = await take_document(gateway, request, how, options)
    left_s = max(0.0, ends_at - asyncio.get_running_loop().time())
    outcome = await gateway.find(caller, owned.document_id, left_s)
    if outcome is None:
        place = {"Location": f"/v1/documents/{owned.document_id}", "Retry-After": "2"}
        submitted = Submitted.of(owned.document_id).model_dump(mode="json")
        return JSONResponse(submitted, 202, place)
    result = await whole_result(gateway, owned.document_id, outcome)
    answer = read_answer(result)
    return Response(answer.model_dump_json(), media_type="application/json")


def read_answer(result: DocumentRecognized) -> ReadAnswer:
    """The lines of a result and nothing else."""
    lines = [
        ReadLine(
            text=line.text or "",
            confidence=line.confidence,
            box=line.box,
            page_number=page.page_number,
        )
        for page in result.pages or ()
        for line in page.lines
    ]
    return ReadAnswer(document_id=result.document_id, lines=tuple(lines), warnings=result.warnings)
