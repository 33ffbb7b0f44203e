"""Personal API keys: who acts by them, where, and until when. Only digests are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.grants import Grant, GrantKind
from auth.permissions import Credential
from persistence.accounts import User
from persistence.tables import api_keys, users

USE_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key: it acts in one workspace as its owner; `lists` limits it to these (`None` = every list)."""

    id: str
    workspace_id: str
    name: str
    read_only: bool
    lists: frozenset[str] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None = None

    @property
    def grant(self) -> Grant:
        """What a socket that was opened by this key rests on."""
        return Grant(GrantKind.KEY, self.id)

    @property
    def credential(self) -> Credential:
        """How much the key is worth in a list."""
        return Credential.READ_ONLY_KEY if self.read_only else Credential.KEY

    def opens(self, list_id: str) -> bool:
        """Tell whether the key is not limited to other lists."""
        return self.lists is None or list_id in self.lists


_COLUMNS: Final = tuple(column for column in api_keys.c if column.name not in {"hash", "user_id"})
_OWNER: Final = tuple(users.c[name].label(f"owner_{name}") for name in ("id", "email", "name", "hue", "created_at"))


async def add_key(connection: AsyncConnection, key: ApiKey, user_id: str, digest: bytes) -> None:
    """Keep a new key."""
    await connection.execute(
        insert(api_keys).values(
            id=key.id,
            workspace_id=key.workspace_id,
            user_id=user_id,
            name=key.name,
            hash=digest,
            read_only=key.read_only,
            lists=None if key.lists is None else sorted(key.lists),
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
    )


async def keys_of(connection: AsyncConnection, user_id: str) -> Sequence[ApiKey]:
    """Read a person's keys that are not revoked, oldest first."""
    owned = (api_keys.c.user_id == user_id) & api_keys.c.revoked_at.is_(None)
    rows = await connection.execute(select(*_COLUMNS).where(owned).order_by(api_keys.c.created_at, api_keys.c.id))
    return [_key(row) for row in rows.all()]


async def count_keys(connection: AsyncConnection, user_id: str) -> int:
    """Count a person's keys that are not revoked."""
    owned = (api_keys.c.user_id == user_id) & api_keys.c.revoked_at.is_(None)
    return int(await connection.scalar(select(func.count()).where(owned)) or 0)


async def key_by_digest(connection: AsyncConnection, digest: bytes) -> tuple[ApiKey, User] | None:
    """Read a key and its owner, revoked or not."""
    return await _holder(connection, api_keys.c.hash == digest)


async def key_by_id(connection: AsyncConnection, key_id: str) -> tuple[ApiKey, User] | None:
    """Read a key and its owner, revoked or not."""
    return await _holder(connection, api_keys.c.id == key_id)


async def revoke_key(connection: AsyncConnection, key_id: str, user_id: str, now: datetime) -> ApiKey | None:
    """End a person's key; `None` if they have no such key."""
    owned = (api_keys.c.id == key_id) & (api_keys.c.user_id == user_id) & api_keys.c.revoked_at.is_(None)
    row = (await connection.execute(update(api_keys).where(owned).values(revoked_at=now).returning(*_COLUMNS))).first()
    return None if row is None else _key(row)


async def note_use(connection: AsyncConnection, key_id: str, now: datetime) -> None:
    """Note that a key is in use, once a minute however often it is."""
    stale = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at <= now - USE_NOTED_EVERY)
    await connection.execute(update(api_keys).where(api_keys.c.id == key_id, stale).values(last_used_at=now))


async def _holder(connection: AsyncConnection, which: ColumnElement[bool]) -> tuple[ApiKey, User] | None:
    statement = select(*_COLUMNS, *_OWNER).join(users, users.c.id == api_keys.c.user_id).where(which)
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    return _key(row), User(row.owner_id, row.owner_email, row.owner_name, row.owner_hue, row.owner_created_at)


def _key(row: Row[*tuple[Any, ...]]) -> ApiKey:
    return ApiKey(
        id=row.id,
        workspace_id=row.workspace_id,
        name=row.name,
        read_only=row.read_only,
        lists=None if row.lists is None else frozenset(row.lists),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
