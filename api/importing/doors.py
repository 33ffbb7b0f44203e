"""Who may do what with an import: members of its workspace see how far it is, only whoever brought the file may do more.

What the file holds concerns nobody else, and an import acts in its person's name.
"""

from dataclasses import dataclass

from api.access import (
    ListAccess,
    ListDoor,
    ServicesOf,
    SignedIn,
    SignedInPerson,
    WorkspaceAccess,
    WorkspaceDoor,
)
from api.errors import Code, Problem, not_found
from api.importing.acting import schema_in
from api.importing.completing import Ground
from api.schemas import is_id
from api.services import Services
from auth.permissions import Action
from persistence.imports import Import, import_of
from persistence.lists import list_ids_of


@dataclass(frozen=True, slots=True)
class ImportAccess:
    """A person who may do what the route does with an import, and where it goes; `place` is a list unless it makes one."""

    held: Import
    place: ListAccess | WorkspaceAccess
    person: SignedIn

    async def ground(self, services: Services) -> Ground:
        """Where the import goes, as it stands now."""
        async with services.reading() as connection:
            lists = await list_ids_of(connection, self.held.workspace_id)
        place = self.place
        if isinstance(place, ListAccess):
            principal = place.principal
            return Ground(self.held.id, schema_in(place.list), lists, principal.role, principal.credential)
        return Ground(self.held.id, None, lists, place.workspace.role, place.credential)


class ImportDoor:
    """Lets whoever brought the file through, if their role still allows the import."""

    async def __call__(self, import_id: str, person: SignedInPerson, services: ServicesOf) -> ImportAccess:
        """Find the import and judge the role; for everybody else there is no such import."""
        held = await _held(import_id, services)
        place = await _place(held, Action.LISTS_MANAGE if held.new_list else Action.IMPORT, person, services)
        if held.created_by != person.user.id:
            raise not_found("import")
        return ImportAccess(held, place, person)


class ImportWindow:
    """Lets members of the import's workspace through."""

    async def __call__(self, import_id: str, person: SignedInPerson, services: ServicesOf) -> Import:
        """Find the import."""
        held = await _held(import_id, services)
        await _place(held, Action.LISTS_READ, person, services)
        return held


async def _held(import_id: str, services: Services) -> Import:
    held = None
    if is_id(import_id):
        async with services.reading() as connection:
            held = await import_of(connection, import_id)
    if held is None:
        raise not_found("import")
    return held


async def _place(held: Import, action: Action, person: SignedIn, services: Services) -> ListAccess | WorkspaceAccess:
    try:
        if held.new_list or held.list_id is None:
            return await WorkspaceDoor(action)(held.workspace_id, person, services)
        return await ListDoor(action)(held.list_id, person, services)
    except Problem as problem:
        if problem.code is Code.NOT_FOUND:
            raise not_found("import") from problem
        raise
