"""Imports: a file is brought, looked at as often as one likes, and then read into a list in the background."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, status
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.access import (
    ListAccess,
    ListDoor,
    ServicesOf,
    SignedIn,
    SignedInPerson,
    WorkspaceAccess,
    WorkspaceDoor,
    still_signed_in,
)
from api.errors import Code, Problem
from api.importing.answers import ImportAnswer, PreviewBody, RunBody
from api.importing.doors import ImportAccess, ImportDoor, ImportWindow
from api.importing.files import keep_file
from api.importing.job import NAME
from api.importing.preview import Preview, preview_import, settle
from api.importing.report import report_lines
from api.importing.uploads import WAITING_MAX
from api.services import Services
from auth.errors import AuthRefused
from auth.permissions import Action
from persistence.imports import (
    ENDED,
    UNDER_WAY,
    Import,
    ImportState,
    cancel_import,
    count_imports,
    import_of,
    queue_import,
)
from persistence.jobs import put_job
from snapshots.importing.refusals import FileReason, FileRefused

router = APIRouter(prefix="/api", tags=["imports"])
"""Where files are brought."""
one = APIRouter(prefix="/api/imports/{import_id}", tags=["imports"])
"""What may be done with one of them."""

NAME_CHARACTERS_MAX: Final = 200
_LOOK_SECONDS: Final = 0.3
_SILENT_LOOKS: Final = 40
_ONE_FILE: Final = "Send one file as the field `file` of a multipart form."
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}

Importer = Annotated[ImportAccess, Depends(ImportDoor())]


@router.post("/lists/{list_id}/imports", status_code=status.HTTP_201_CREATED, openapi_extra=_FORM)
async def bring_to_list(
    access: Annotated[ListAccess, Depends(ListDoor(Action.IMPORT))], request: HttpRequest, services: ServicesOf
) -> ImportAnswer:
    """Bring a file for a list (a multipart form with `file`): CSV, an Excel workbook (.xlsx) or JSON."""
    return await _bring(request, services, access.person, access.list.workspace_id, access.list.id)


@router.post("/workspaces/{workspace_id}/imports", status_code=status.HTTP_201_CREATED, openapi_extra=_FORM)
async def bring_to_workspace(
    access: Annotated[WorkspaceAccess, Depends(WorkspaceDoor(Action.LISTS_MANAGE))],
    request: HttpRequest,
    services: ServicesOf,
) -> ImportAnswer:
    """Bring a file for a new list."""
    return await _bring(request, services, access.person, access.workspace.id, None)


@one.get(
    "",
    response_model=ImportAnswer,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def read_import(
    held: Annotated[Import, Depends(ImportWindow())], person: SignedInPerson, request: HttpRequest, services: ServicesOf
) -> Response:
    """See how far an import is; with `Accept: text/event-stream` an event `import` at each change until it has ended."""
    if "text/event-stream" in request.headers.get("accept", ""):
        return EventSourceResponse(_changes(held, person, services), headers={"Cache-Control": "no-store"})
    return JSONResponse(ImportAnswer.of(held).model_dump(mode="json"))


@one.post("/preview")
async def look_at(access: Importer, services: ServicesOf, body: PreviewBody) -> Preview:
    """See what an import would do, with some choices or as guessed. Nothing is changed."""
    _require_uploaded(access.held)
    ground = await access.ground(services)
    try:
        async with services.uploads.look():
            return await preview_import(services, access.held, ground, body.choices)
    except FileRefused as refused:
        raise _problem(refused) from refused


@one.post("/run", status_code=status.HTTP_202_ACCEPTED)
async def run(body: RunBody, access: Importer, services: ServicesOf) -> ImportAnswer:
    """Import: the file is read into the list in the background."""
    _require_uploaded(access.held)
    ground = await access.ground(services)
    try:
        async with services.uploads.look():
            choices, rows = await settle(services, access.held, ground, body.choices)
    except FileRefused as refused:
        raise _problem(refused) from refused
    async with services.transaction() as connection:
        under_way = await count_imports(connection, access.held.workspace_id, UNDER_WAY)
        most = services.settings.imports_per_workspace_max
        if under_way >= most:
            raise Problem(
                Code.RATE, f"{under_way} imports of the workspace are under way, and {most} may be. Wait for one."
            )
        if not await queue_import(connection, access.held.id, choices.model_dump(mode="json"), rows):
            raise _begun()
        await put_job(connection, NAME, access.held.id)
    return ImportAnswer.of(await _again(services, access.held))


@one.post("/cancel")
async def cancel(access: Importer, services: ServicesOf) -> ImportAnswer:
    """End an import at its next step. What it has done stays; one that has ended is left as it is."""
    async with services.transaction() as connection:
        await cancel_import(connection, access.held.id, services.clock())
    return ImportAnswer.of(await _again(services, access.held))


@one.get("/report", response_class=StreamingResponse)
async def read_report(access: Importer, services: ServicesOf) -> StreamingResponse:
    """Download what was not taken, as CSV: row, column, value, reason."""
    name = f"import-{access.held.id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    lines = report_lines(services, access.held)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _bring(
    request: HttpRequest, services: Services, person: SignedIn, workspace_id: str, list_id: str | None
) -> ImportAnswer:
    await services.uploads.count(person.user.id)
    async with services.reading() as connection:
        waiting = await count_imports(connection, workspace_id, [ImportState.UPLOADED])
    if waiting >= WAITING_MAX:
        raise Problem(Code.RATE, f"{waiting} files of the workspace wait to be imported. Import or cancel some first.")
    try:
        async with request.form(max_files=1, max_fields=0) as form:
            upload = form.get("file")
            if not isinstance(upload, UploadFile):
                raise Problem(Code.INVALID_REQUEST, _ONE_FILE)
            new = _new(services, person, workspace_id, list_id, upload)
            await keep_file(services, new, upload.read)
    except HTTPException as malformed:
        if malformed.status_code == status.HTTP_413_CONTENT_TOO_LARGE:
            most = services.settings.import_bytes_max // 1024**2
            raise Problem(Code.TOO_LARGE, f"A file may have {most} MB. Cut it into several files.") from malformed
        raise Problem(Code.INVALID_REQUEST, _ONE_FILE) from malformed
    return ImportAnswer.of(new)


def _new(services: Services, person: SignedIn, workspace_id: str, list_id: str | None, upload: UploadFile) -> Import:
    name = "".join(letter for letter in upload.filename or "" if letter.isprintable()).strip()
    return Import(
        id=services.random_id(),
        workspace_id=workspace_id,
        list_id=list_id,
        new_list=list_id is None,
        filename=name[-NAME_CHARACTERS_MAX:] or "file",
        size_bytes=upload.size or 0,
        state=ImportState.UPLOADED,
        created_at=services.clock(),
        created_by=person.user.id,
        grant=person.grant,
    )


async def _changes(held: Import, person: SignedIn, services: Services) -> AsyncIterator[bytes]:
    """An event whenever the import has changed, until it has ended, the node ends, or the person may see it no more."""
    told: str | None = None
    silent = 0
    while not services.drain.begun:
        said = ImportAnswer.of(held).model_dump_json()
        silent += 1
        if said != told:
            yield format_sse_event(event="import", data_str=said)
            told, silent = said, 0
        elif silent % _SILENT_LOOKS == 0:
            yield KEEPALIVE_COMMENT
        if held.state in ENDED:
            return
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            still = await still_signed_in(person.user.id, person.grant, services)
            held = await ImportWindow()(held.id, still, services)
        except (AuthRefused, Problem):
            return


async def _again(services: Services, held: Import) -> Import:
    async with services.reading() as connection:
        found = await import_of(connection, held.id)
    assert found is not None, "nobody takes an import away while it is asked for"
    return found


def _require_uploaded(held: Import) -> None:
    if held.state is not ImportState.UPLOADED:
        raise _begun()


def _begun() -> Problem:
    return Problem(Code.IMPORT_BEGUN, "This import has begun or ended. Bring the file again for another one.")


def _problem(refused: FileRefused) -> Problem:
    code = Code.INVALID_REQUEST if refused.reason is FileReason.WRONG_CHOICE else Code.UNREADABLE_FILE
    return Problem(code, refused.sentence)
