"""Exports: a list as a file."""

from contextlib import ExitStack
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi import Request as HttpRequest
from fastapi.responses import Response

from api.access import ListAccess, ListDoor, ServicesOf, still_signed_in
from api.exporting.making import Asked, make_export, note_export, open_file
from api.exporting.sending import FileSent, file_name
from auth.permissions import Action
from snapshots.exporting.formats import Format

router = APIRouter(prefix="/api", tags=["exports"])

Exporter = ListDoor(Action.EXPORT)
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file.",
        "content": {kind.media_type: {"schema": {"type": "string", "format": "binary"}} for kind in Format},
    }
}


@router.get("/lists/{list_id}/export", response_class=Response, responses=_FILE)
async def export_list(
    access: Annotated[ListAccess, Depends(Exporter)],
    request: HttpRequest,
    services: ServicesOf,
    kind: Annotated[Format, Query(alias="format")] = Format.CSV,
    view: str | None = None,
) -> FileSent:
    """Download a list as it stands now: the rows that are not in the trash, in their order, or those of a saved view."""
    person, entry, asked = access.person, access.list, Asked(kind, view)

    async def unwanted() -> bool:
        return services.drain.begun or await request.is_disconnected()

    with ExitStack() as held:
        held.enter_context(services.exports.turn(person.user.id))
        file = held.enter_context(open_file(services.settings))
        made = await make_export(services, entry, person.user.id, asked, file, unwanted)
        # Rights may have ended while the file was made.
        still = await still_signed_in(person.user.id, person.grant, services)
        await Exporter(entry.id, still, services)
        await note_export(services, entry, person.user.id, asked, made)
        name = file_name(entry.name, services.clock().date(), kind)
        return FileSent(file, kind.media_type, name, held.pop_all())
    raise AssertionError("a turn swallows nothing")
