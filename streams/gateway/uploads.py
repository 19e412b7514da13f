"""`/v1/uploads`: large documents go to the object store directly, past the gateway."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from minio.datatypes import PostPolicy

from streams.gateway.bodies import at_a_fair_pace, too_large
from streams.gateway.guard import context_of
from streams.gateway.models import Confirmed, DocumentId, Submitted, UploadForm, WantedUpload
from streams.gateway.openapi import SUBMITTED, json_body, problems
from streams.gateway.problems import Gone, NotFound, Unacceptable
from streams.gateway.requests import Submitter, TheGateway, parse_json, submission
from streams.places import ID_NAME, Owned, tenant_of_name
from streams.store.object_store import connect

EXPIRES_IN_S = 900

router = APIRouter(prefix="/v1/uploads", tags=["uploads"])


@router.post(
    "",
    status_code=201,
    openapi_extra=json_body(WantedUpload),
    responses=problems(400, 408, 409, 413),
)
async def begin_upload(request: Request, gateway: TheGateway, caller: Submitter) -> UploadForm:
    """Get a form with which to send a document to the object store."""
    wanted = await parse_json(at_a_fair_pace(request.stream()), WantedUpload)
    settings = gateway.settings
    if settings.master_keys_file is not None:
        raise Unacceptable(
            409,
            "encryption-required",
            "documents are encrypted before they reach the store; POST them to /v1/documents",
        )
    if settings.s3_secret_key is None:
        raise Unacceptable(
            409, "not-offered", "the store knows no keys of ours; POST documents to /v1/documents"
        )
    if wanted.size_bytes > settings.document_bytes_max:
        raise too_large(settings.document_bytes_max)
    owned = Owned(tenant_of_name(caller.tenant), secrets.token_hex(16))
    context_of(request.scope).document_id = owned.document_id
    endpoint = settings.s3_public_endpoint or settings.s3_endpoint
    public = settings.model_copy(update={"s3_endpoint": endpoint})
    policy = PostPolicy(
        settings.uploads_bucket, datetime.now(UTC) + timedelta(seconds=EXPIRES_IN_S)
    )
    own = {"key": owned.upload_key, f"x-amz-meta-{ID_NAME}": owned.document_id}
    own |= settings.s3_encryption_headers()
    for name, value in own.items():
        policy.add_equals_condition(name, value)
    policy.add_content_length_range_condition(1, wanted.size_bytes)
    signed = connect(public).presigned_post_policy(policy)
    return UploadForm(
        document_id=owned.document_id,
        url=f"{str(endpoint).rstrip('/')}/{settings.uploads_bucket}",
        fields={**own, **{str(name): str(value) for name, value in signed.items()}},
        expires_in_s=EXPIRES_IN_S,
        confirm=f"/v1/uploads/{owned.document_id}",
    )


@router.post(
    "/{document_id}",
    status_code=202,
    openapi_extra=json_body(Confirmed, is_required=False),
    responses={202: SUBMITTED, **problems(400, 404, 408, 410, 413)},
)
async def confirm_upload(
    document_id: Annotated[DocumentId, Path(description="As the form's answer gave it.")],
    request: Request,
    response: Response,
    gateway: TheGateway,
    caller: Submitter,
) -> Submitted:
    """Have a document read that was sent to the object store."""
    wanted = await parse_json(at_a_fair_pace(request.stream()), Confirmed)
    owned = Owned(tenant_of_name(caller.tenant), document_id)
    if await gateway.documents.was_deleted(owned):
        raise Gone(document_id)
    if not await gateway.documents.is_there(owned):
        raise NotFound
    await gateway.announce(owned, submission(request, caller, None), wanted.options)
    response.headers["Location"] = f"/v1/documents/{document_id}"
    return Submitted.of(document_id)
