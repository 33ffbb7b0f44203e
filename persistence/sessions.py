"""Sign-ins: families of rotating refresh tokens, of which only digests are kept.

Everything that changes a family first takes the family's transaction lock, so that a refresh cannot slip a new
token past a revocation that runs at the same moment.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.refresh import RefreshToken
from persistence.accounts import User, user_of
from persistence.tables import sessions, users

_ALIVE: Final = select(sessions.c.id).where(
    sessions.c.family == bindparam("family"),
    sessions.c.user_id == users.c.id,
    sessions.c.revoked_at.is_(None),
    sessions.c.expires_at > bindparam("now"),
)
# Made once: to put a statement together takes longer than to run it.
_SIGNED_IN: Final = select(users.c.id, users.c.email, users.c.name, users.c.hue, users.c.created_at).where(
    users.c.id == bindparam("person"), _ALIVE.exists()
)


@dataclass(frozen=True, slots=True)
class NewRefreshToken:
    """A refresh token to keep: its own id, whose sign-in it continues, its digest, and its life."""

    id: str
    user_id: str
    family: str
    digest: bytes
    now: datetime
    life: timedelta


@dataclass(frozen=True, slots=True)
class KeptRefreshToken:
    """A refresh token that was found by its digest."""

    id: str
    user_id: str
    family: str
    token: RefreshToken


async def add_refresh_token(connection: AsyncConnection, new: NewRefreshToken) -> None:
    """Keep a refresh token, and forget the same person's tokens that have ended."""
    ended = delete(sessions).where(sessions.c.user_id == new.user_id, sessions.c.expires_at <= new.now)
    await connection.execute(ended)
    await connection.execute(
        insert(sessions).values(
            id=new.id,
            user_id=new.user_id,
            family=new.family,
            token_hash=new.digest,
            created_at=new.now,
            expires_at=new.now + new.life,
        )
    )


async def lock_refresh_token(connection: AsyncConnection, digest: bytes) -> KeptRefreshToken | None:
    """Find a refresh token and hold its family until the transaction ends."""
    family = await connection.scalar(select(sessions.c.family).where(sessions.c.token_hash == digest))
    if family is None:
        return None
    await _hold(connection, family)
    row = (await connection.execute(select(sessions).where(sessions.c.token_hash == digest))).first()
    if row is None:
        return None
    return KeptRefreshToken(
        row.id, row.user_id, row.family, RefreshToken(row.expires_at, row.rotated_at, row.revoked_at)
    )


async def mark_rotated(connection: AsyncConnection, token_id: str, now: datetime) -> None:
    """Note that a refresh token was spent."""
    await connection.execute(update(sessions).where(sessions.c.id == token_id).values(rotated_at=now))


async def revoke_family(connection: AsyncConnection, family: str, now: datetime) -> None:
    """End a sign-in: none of its refresh tokens and access tokens is accepted any more."""
    await _hold(connection, family)
    alive = (sessions.c.family == family) & sessions.c.revoked_at.is_(None)
    await connection.execute(update(sessions).where(alive).values(revoked_at=now))


async def signed_in_user(connection: AsyncConnection, user_id: str, family: str, now: datetime) -> User | None:
    """Read the person of a sign-in, if it is still alive."""
    row = (await connection.execute(_SIGNED_IN, {"person": user_id, "family": family, "now": now})).first()
    return None if row is None else user_of(row)


async def _hold(connection: AsyncConnection, family: str) -> None:
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(family, 0))))
