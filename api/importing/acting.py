"""Acting in the name of whoever brought a file: with the role that they have now, and by the sign-in or key that they came with.

Rights are read again before every step, so that an import never does what its person may not do any more.
"""

from dataclasses import dataclass

from api.access import SignedIn, principal_of, require_alive
from api.importing.endings import Ended
from api.services import Services
from auth.errors import AuthRefused
from auth.grants import GrantKind
from auth.permissions import Action
from auth.principals import Principal
from persistence.accounts import user_by_id
from persistence.imports import Import
from persistence.keys import key_by_id
from persistence.lists import ListEntry, list_of
from persistence.workspaces import Workspace, workspace_of
from snapshots.columns import ListSchema

_GONE = "You are no member of the workspace any more, or the list is in the trash."
_NOT_ALLOWED = "Your role in this workspace does not allow this import any more."
_KEY_ENDED = "The API key that began this import was revoked or has expired."


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever brought the file of an import."""

    services: Services
    held: Import

    async def person(self) -> SignedIn:
        """Find the person. Raises `Ended` where the key that they acted by has ended; signing out ends no import."""
        grant = self.held.grant
        async with self.services.reading() as connection:
            user = await user_by_id(connection, self.held.created_by)
            found = await key_by_id(connection, grant.id) if grant.kind is GrantKind.KEY else None
        if user is None:
            raise Ended("forbidden", _GONE)
        if grant.kind is GrantKind.SIGN_IN:
            return SignedIn(user, grant)
        if found is None:
            raise Ended("forbidden", _KEY_ENDED)
        try:
            require_alive(found[0], self.services.clock())
        except AuthRefused as refused:
            raise Ended("forbidden", _KEY_ENDED) from refused
        return SignedIn(user, grant, key=found[0])

    async def at(self, list_id: str, action: Action = Action.IMPORT) -> tuple[ListEntry, Principal]:
        """Judge them at a list. Raises `Ended`."""
        person = await self.person()
        async with self.services.reading() as connection:
            entry = await list_of(connection, list_id, person.user.id)
        if entry is None or entry.trashed_at is not None or not person.opens(list_id):
            raise Ended("forbidden", _GONE)
        principal = principal_of(person, entry)
        if not principal.may(action):
            raise Ended("forbidden", _NOT_ALLOWED)
        return entry, principal

    async def in_workspace(self) -> tuple[Workspace, Principal]:
        """Judge them in the workspace, where they make a list. Raises `Ended`."""
        person = await self.person()
        async with self.services.reading() as connection:
            workspace = await workspace_of(connection, self.held.workspace_id, person.user.id)
        if workspace is None:
            raise Ended("forbidden", _GONE)
        user = person.user
        principal = Principal(user.id, user.name, workspace.role, workspace.membership_version, person.credential)
        if not principal.may(Action.LISTS_MANAGE):
            raise Ended("forbidden", _NOT_ALLOWED)
        return workspace, principal


def schema_in(entry: ListEntry) -> ListSchema:
    """The columns of a list as its last commit left them."""
    return ListSchema.from_json(entry.schema if isinstance(entry.schema, dict) else {})
