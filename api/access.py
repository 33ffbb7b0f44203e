"""The doors of the API: who calls, and may they do this here?

Every route below `/api` (but signing in) takes one of these as a parameter. A stranger's workspace or list is
answered exactly as one that does not exist. The rights are those of `auth.permissions`, read on every call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from api.errors import Code, Problem, not_found
from api.schemas import is_id
from api.services import Services
from auth import tokens
from auth.errors import AuthReason, AuthRefused
from auth.permissions import Action, allows
from auth.principals import Principal
from persistence.accounts import User
from persistence.contract import Json
from persistence.events import Act, Event
from persistence.lists import ListEntry, list_of
from persistence.sessions import signed_in_user
from persistence.workspaces import Workspace, workspace_of


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with a valid access token: their sign-in (`family`), and when the token ends."""

    user: User
    family: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WorkspaceAccess:
    """A person who may do what the route does in this workspace."""

    user: User
    workspace: Workspace


@dataclass(frozen=True, slots=True)
class ListAccess:
    """A person who may do what the route does in this list, and the principal to write as."""

    user: User
    list: ListEntry
    principal: Principal


def services_of(connection: HTTPConnection) -> Services:
    """Give the parts that the application was made with."""
    services = connection.app.state.services
    assert isinstance(services, Services)
    return services


ServicesOf = Annotated[Services, Depends(services_of)]


def bearer_token(connection: HTTPConnection) -> str | None:
    """Read the token of an `Authorization: Bearer` header."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


async def signed_in_by(token: str | None, services: Services) -> SignedIn:
    """Turn an access token into the person it was issued to; raises `AuthRefused`."""
    if token is None:
        raise AuthRefused(AuthReason.MISSING_CREDENTIALS)
    now = services.clock()
    claims = tokens.verify(token, services.token_key, now=now)
    if isinstance(claims, AuthReason):
        raise AuthRefused(claims)
    async with services.engine.connect() as connection:
        user = await signed_in_user(connection, claims.user_id, claims.session_id, now)
    if user is None:
        raise AuthRefused(AuthReason.SESSION_REVOKED)
    return SignedIn(user, claims.session_id, claims.expires_at)


async def signed_in(request: HTTPConnection, services: ServicesOf) -> SignedIn:
    """Let in whoever brings a valid access token."""
    return await signed_in_by(bearer_token(request), services)


SignedInPerson = Annotated[SignedIn, Depends(signed_in)]


async def open_list_entry(list_id: str, user: User, services: Services) -> ListEntry:
    """Read a list that the person may know of, in the trash or not; else the one 404."""
    if is_id(list_id):
        async with services.engine.connect() as connection:
            entry = await list_of(connection, list_id, user.id)
        if entry is not None:
            return entry
    raise not_found("list")


def principal_of(user: User, entry: ListEntry) -> Principal:
    """Make the principal that acts in a list: the person with the role that was just read."""
    return Principal(user.id, user.name, entry.role, entry.membership_version)


class WorkspaceDoor:
    """Lets members of the workspace in the path through whose role allows the action."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, workspace_id: str, person: SignedInPerson, services: ServicesOf) -> WorkspaceAccess:
        """Find the workspace and judge the role."""
        workspace = None
        if is_id(workspace_id):
            async with services.engine.connect() as connection:
                workspace = await workspace_of(connection, workspace_id, person.user.id)
        if workspace is None:
            raise not_found("workspace")
        if not allows(workspace.role, self.action):
            raise turned_away(services, person.user, workspace, self.action)
        return WorkspaceAccess(person.user, workspace)


class ListDoor:
    """Lets members of the list's workspace through whose role allows the action; `trashed` lists on demand only."""

    def __init__(self, action: Action, *, trashed: bool = False) -> None:
        self.action = action
        self.trashed = trashed

    async def __call__(self, list_id: str, person: SignedInPerson, services: ServicesOf) -> ListAccess:
        """Find the list and judge the role."""
        entry = await open_list_entry(list_id, person.user, services)
        if entry.trashed_at is not None and not self.trashed:
            raise not_found("list")
        if not allows(entry.role, self.action):
            raise turned_away(services, person.user, entry, self.action)
        return ListAccess(person.user, entry, principal_of(person.user, entry))


def turned_away(services: Services, user: User, place: Workspace | ListEntry, action: Action) -> Problem:
    """Make the refusal of an action that the person's role does not allow there, and note it for the audit."""
    note_refusal(services, user, place, {"action": action.value})
    return forbidden(place.role)


def note_refusal(services: Services, user: User, place: Workspace | ListEntry, detail: Mapping[str, Json]) -> None:
    """Note for the audit that a member's call was refused in a workspace or list."""
    workspace_id = place.workspace_id if isinstance(place, ListEntry) else place.id
    event = Event(Act.CALL_REFUSED, workspace_id, user.id, place.id, services.clock(), detail)
    services.incidents.note(event)


def forbidden(role: str) -> Problem:
    """Make the refusal of an action that the person's role does not allow."""
    return Problem(Code.FORBIDDEN, f"As {role} of this workspace you may not do this. Ask an owner or admin.")
