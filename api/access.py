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
from structlog.contextvars import bind_contextvars

from api.errors import Code, Problem, not_found
from api.schemas import is_id
from api.services import Services
from auth import tokens
from auth.errors import AuthReason, AuthRefused
from auth.grants import Grant, GrantKind, sign_in
from auth.opaque import KEY_PREFIX, key_digest
from auth.permissions import Action, Credential, allows
from auth.principals import Principal
from persistence.accounts import User
from persistence.contract import Json
from persistence.events import Act, Event
from persistence.keys import USE_NOTED_EVERY, ApiKey, key_by_digest, key_by_id, note_use
from persistence.lists import ListEntry, list_of
from persistence.sessions import signed_in_user
from persistence.workspaces import Workspace, workspace_of


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with a valid access token or API key.

    `grant` is what sockets of theirs rest on; `expires_at` is when an access token ends; `key` is set for who came by one.
    """

    user: User
    grant: Grant
    expires_at: datetime | None = None
    key: ApiKey | None = None

    @property
    def credential(self) -> Credential:
        """What they act by."""
        return Credential.SIGN_IN if self.key is None else self.key.credential

    def enters(self, workspace_id: str) -> bool:
        """Tell whether their credential is good for this workspace."""
        return self.key is None or self.key.workspace_id == workspace_id

    def opens(self, list_id: str) -> bool:
        """Tell whether their credential is not limited to other lists."""
        return self.key is None or self.key.opens(list_id)


@dataclass(frozen=True, slots=True)
class WorkspaceAccess:
    """A person who may do what the route does in this workspace, and what they act by there.

    Outside of its lists, a key that is limited to lists is for reading.
    """

    user: User
    workspace: Workspace
    person: SignedIn

    @property
    def credential(self) -> Credential:
        """What they act by in the workspace at large."""
        limited = self.person.key is not None and self.person.key.lists is not None
        return Credential.READ_ONLY_KEY if limited else self.person.credential


@dataclass(frozen=True, slots=True)
class ListAccess:
    """A person who may do what the route does in this list, and the principal to write as."""

    user: User
    list: ListEntry
    principal: Principal
    person: SignedIn


def services_of(connection: HTTPConnection) -> Services:
    """Give the parts that the application was made with."""
    services = connection.app.state.services
    assert isinstance(services, Services)
    return services


ServicesOf = Annotated[Services, Depends(services_of)]


def address_of(connection: HTTPConnection) -> str:
    """Give the network address that a call comes from; behind a trusted proxy the one that the proxy names."""
    return connection.client.host if connection.client else "unknown"


def bearer_token(connection: HTTPConnection) -> str | None:
    """Read the token of an `Authorization: Bearer` header."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


async def signed_in_by(token: str | None, services: Services) -> SignedIn:
    """Turn an access token or an API key into the person it was issued to; raises `AuthRefused`."""
    if token is None:
        raise AuthRefused(AuthReason.MISSING_CREDENTIALS)
    holder = _holder_of if token.startswith(KEY_PREFIX) else bearer_of
    person = await holder(token, services)
    bind_contextvars(user_id=person.user.id)
    return person


async def bearer_of(token: str, services: Services) -> SignedIn:
    """Turn an access token into the person it was issued to; raises `AuthRefused`."""
    now = services.clock()
    claims = tokens.verify(token, services.token_key, now=now)
    if isinstance(claims, AuthReason):
        raise AuthRefused(claims)
    async with services.reading() as connection:
        user = await signed_in_user(connection, claims.user_id, claims.session_id, now)
    if user is None:
        raise AuthRefused(AuthReason.SESSION_REVOKED)
    return SignedIn(user, sign_in(claims.session_id), claims.expires_at)


async def _holder_of(credential: str, services: Services) -> SignedIn:
    """Turn an API key into its owner, and note that it is in use."""
    kept, now = key_digest(credential), services.clock()
    found = None
    if kept is not None:
        async with services.reading() as connection:
            found = await key_by_digest(connection, kept)
    if found is None:
        raise AuthRefused(AuthReason.INVALID_TOKEN)
    key, user = found
    require_alive(key, now)
    if key.last_used_at is None or now - key.last_used_at >= USE_NOTED_EVERY:
        async with services.transaction() as connection:
            await note_use(connection, key.id, now)
    return SignedIn(user, key.grant, key=key)


async def still_signed_in(user_id: str, grant: Grant, services: Services) -> SignedIn:
    """Find the person of a grant, if it still stands; raises `AuthRefused`."""
    now = services.clock()
    async with services.reading() as connection:
        if grant.kind is GrantKind.SIGN_IN:
            user = await signed_in_user(connection, user_id, grant.id, now)
            if user is None:
                raise AuthRefused(AuthReason.SESSION_REVOKED)
            return SignedIn(user, grant)
        found = await key_by_id(connection, grant.id)
    if found is None:
        raise AuthRefused(AuthReason.KEY_REVOKED)
    key, user = found
    require_alive(key, now)
    return SignedIn(user, grant, key=key)


def require_alive(key: ApiKey, now: datetime) -> None:
    """Refuse a key that has ended; raises `AuthRefused`."""
    if key.revoked_at is not None:
        raise AuthRefused(AuthReason.KEY_REVOKED)
    if key.expires_at is not None and key.expires_at <= now:
        raise AuthRefused(AuthReason.KEY_EXPIRED)


async def signed_in(request: HTTPConnection, services: ServicesOf) -> SignedIn:
    """Let in whoever brings a valid access token."""
    return await signed_in_by(bearer_token(request), services)


SignedInPerson = Annotated[SignedIn, Depends(signed_in)]


async def in_person(person: SignedInPerson) -> SignedIn:
    """Let in whoever is signed in themselves: a key makes neither keys nor workspaces."""
    if person.key is not None:
        raise Problem(Code.FORBIDDEN, "An API key may not do this. Sign in yourself.")
    return person


InPerson = Annotated[SignedIn, Depends(in_person)]


async def open_list_entry(list_id: str, person: SignedIn, services: Services) -> ListEntry:
    """Read a list that the person may know of, in the trash or not; else the one 404."""
    if is_id(list_id) and person.opens(list_id):
        async with services.reading() as connection:
            entry = await list_of(connection, list_id, person.user.id)
        if entry is not None and person.enters(entry.workspace_id):
            return entry
    raise not_found("list")


def principal_of(person: SignedIn, entry: ListEntry) -> Principal:
    """Make the principal that acts in a list: the person with the role that was just read, and what they act by."""
    user = person.user
    return Principal(user.id, user.name, entry.role, entry.membership_version, person.credential)


class WorkspaceDoor:
    """Lets members of the workspace in the path through whose role allows the action."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, workspace_id: str, person: SignedInPerson, services: ServicesOf) -> WorkspaceAccess:
        """Find the workspace and judge the role."""
        workspace = None
        if is_id(workspace_id) and person.enters(workspace_id):
            async with services.reading() as connection:
                workspace = await workspace_of(connection, workspace_id, person.user.id)
        if workspace is None:
            raise not_found("workspace")
        access = WorkspaceAccess(person.user, workspace, person)
        if not allows(workspace.role, self.action, access.credential):
            raise turned_away(services, access.user, workspace, self.action, access.credential)
        return access


class ListDoor:
    """Lets members of the list's workspace through whose role allows the action; `trashed` lists on demand only."""

    def __init__(self, action: Action, *, trashed: bool = False) -> None:
        self.action = action
        self.trashed = trashed

    async def __call__(self, list_id: str, person: SignedInPerson, services: ServicesOf) -> ListAccess:
        """Find the list and judge the role."""
        entry = await open_list_entry(list_id, person, services)
        if entry.trashed_at is not None and not self.trashed:
            raise not_found("list")
        principal = principal_of(person, entry)
        if not principal.may(self.action, switched_on=entry.members_export):  # the one switch that there is
            raise turned_away(services, person.user, entry, self.action, principal.credential)
        return ListAccess(person.user, entry, principal, person)


def turned_away(
    services: Services, user: User, place: Workspace | ListEntry, action: Action, credential: Credential
) -> Problem:
    """Make the refusal of an action that the person's role, or their key, does not allow there, and note it for the audit."""
    note_refusal(services, user, place, {"action": action.value})
    return forbidden(place.role, credential)


def note_refusal(services: Services, user: User, place: Workspace | ListEntry, detail: Mapping[str, Json]) -> None:
    """Note for the audit that a member's call was refused in a workspace or list."""
    workspace_id = place.workspace_id if isinstance(place, ListEntry) else place.id
    event = Event(Act.CALL_REFUSED, workspace_id, user.id, place.id, services.clock(), detail)
    services.incidents.note(event)


def forbidden(role: str, credential: Credential) -> Problem:
    """Make the refusal of an action that the person's role, or their key, does not allow."""
    if credential is not Credential.SIGN_IN:
        return Problem(Code.FORBIDDEN, f"As {role} of this workspace, and by this API key, you may not do this.")
    return Problem(Code.FORBIDDEN, f"As {role} of this workspace you may not do this. Ask an owner or admin.")
