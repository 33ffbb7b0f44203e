"""Personal API keys: how a program acts as a person in one of their workspaces, and never as more."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Self

from fastapi import APIRouter, status
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from api.access import InPerson, ServicesOf
from api.errors import Code, FieldProblem, Problem, not_found
from api.schemas import Answer, Name, Request, is_id
from auth.opaque import KEY_PREFIX, key_digest
from auth.permissions import Action, allows
from auth.roles import Role
from persistence.events import Act, add_event
from persistence.keys import ApiKey, add_key, count_keys, keys_of, revoke_key
from persistence.lists import list_ids_of
from persistence.workspaces import workspace_of

router = APIRouter(prefix="/api/keys", tags=["keys"])

KEYS_MAX: Final = 100
LISTS_MAX: Final = 1_000
DAYS_MAX: Final = 3_650


class NewKey(Request):
    """A key for one workspace; without `lists` it opens every list there, without `expires_in_days` it has no end."""

    workspace_id: str
    name: Name
    read_only: bool = False
    lists: Annotated[list[str], Field(min_length=1, max_length=LISTS_MAX)] | None = None
    expires_in_days: Annotated[int, Field(ge=1, le=DAYS_MAX)] | None = None


class KeyAnswer(Answer):
    """A key without its secret; `last_used_at` is kept to the minute."""

    id: str
    workspace_id: str
    name: str
    read_only: bool
    lists: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """Make the answer of a key."""
        return cls(
            id=key.id,
            workspace_id=key.workspace_id,
            name=key.name,
            read_only=key.read_only,
            lists=None if key.lists is None else sorted(key.lists),
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
        )


class MadeKey(KeyAnswer):
    """A new key with its secret, which is shown this once."""

    key: str


class KeyPage(Answer):
    """Keys, oldest first."""

    items: list[KeyAnswer]
    next_cursor: str | None = None


@router.get("")
async def read_keys(person: InPerson, services: ServicesOf) -> KeyPage:
    """List one's own keys."""
    async with services.reading() as connection:
        found = await keys_of(connection, person.user.id)
    return KeyPage(items=[KeyAnswer.of(key) for key in found])


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_key(body: NewKey, person: InPerson, services: ServicesOf) -> MadeKey:
    """Make a key; its secret is in this answer and nowhere else."""
    secret, now = KEY_PREFIX + services.random_secret(), services.clock()
    kept_digest = key_digest(secret)
    assert kept_digest is not None, "random_secret makes what key_digest reads"
    key = ApiKey(
        id=services.random_id(),
        workspace_id=body.workspace_id,
        name=body.name,
        read_only=body.read_only,
        lists=None if body.lists is None else frozenset(body.lists),
        created_at=now,
        expires_at=None if body.expires_in_days is None else now + timedelta(days=body.expires_in_days),
        last_used_at=None,
    )
    async with services.transaction() as connection:
        await _require_place(connection, person.user.id, body)
        await add_key(connection, key, person.user.id, kept_digest)
        await _note(connection, Act.KEY_CREATED, key, person.user.id, now)
    return MadeKey(**KeyAnswer.of(key).model_dump(), key=secret)


@router.delete("/{key_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_key(key_id: str, person: InPerson, services: ServicesOf) -> None:
    """Revoke one's own key; its sockets close."""
    now = services.clock()
    key = None
    if is_id(key_id):
        async with services.transaction() as connection:
            key = await revoke_key(connection, key_id, person.user.id, now)
            if key is not None:
                await _note(connection, Act.KEY_REVOKED, key, person.user.id, now)
    if key is None:
        raise not_found("key")
    await services.rooms.grant_ended(key.grant)


async def _require_place(connection: AsyncConnection, user_id: str, body: NewKey) -> None:
    """Refuse a key for what its owner has no access to, and one too many; raises `Problem`."""
    role = await _role(connection, user_id, body.workspace_id)
    if role is None:
        raise not_found("workspace")
    if not allows(role, Action.KEYS_MANAGE):
        raise Problem(Code.FORBIDDEN, f"As {role} of this workspace you may not make keys.")
    known = await list_ids_of(connection, body.workspace_id)
    message = "The workspace has no such list."
    unknown = [
        FieldProblem(f"lists.{number}", message, Code.INVALID_VALUE)
        for number, list_id in enumerate(body.lists or ())
        if list_id not in known
    ]
    if unknown:
        raise Problem(Code.INVALID_VALUE, f"{unknown[0].field}: {message}", unknown)
    if await count_keys(connection, user_id) >= KEYS_MAX:
        raise Problem(Code.INVALID_REQUEST, f"You may have {KEYS_MAX} keys at most. Revoke one that you do not use.")


async def _role(connection: AsyncConnection, user_id: str, workspace_id: str) -> Role | None:
    workspace = await workspace_of(connection, workspace_id, user_id) if is_id(workspace_id) else None
    return None if workspace is None else workspace.role


async def _note(connection: AsyncConnection, act: Act, key: ApiKey, user_id: str, at: datetime) -> None:
    lists = None if key.lists is None else sorted(key.lists)
    await add_event(
        connection,
        act,
        workspace_id=key.workspace_id,
        actor=user_id,
        subject=key.id,
        at=at,
        detail={"name": key.name, "read_only": key.read_only, "lists": [*lists] if lists is not None else None},
    )
