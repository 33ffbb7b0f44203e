"""Tickets: single-use permits to open one list's socket, good for seconds; only digests are kept."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.grants import Grant, GrantKind
from persistence.tables import tickets


async def add_ticket(
    connection: AsyncConnection,
    digest: bytes,
    *,
    user_id: str,
    list_id: str,
    grant: Grant,
    now: datetime,
    life: timedelta,
) -> None:
    """Keep a ticket with the grant that it was asked for under, and forget those that have ended."""
    await connection.execute(delete(tickets).where(tickets.c.expires_at <= now))
    await connection.execute(
        insert(tickets).values(
            hash=digest,
            user_id=user_id,
            list_id=list_id,
            expires_at=now + life,
            grant_kind=grant.kind.value,
            grant_id=grant.id,
        )
    )


async def redeem_ticket(
    connection: AsyncConnection, digest: bytes, *, list_id: str, now: datetime
) -> tuple[str, Grant] | None:
    """Spend a ticket: the id of its user and the grant; `None` if it is unknown, spent, ended or for another list.

    A ticket that is presented is gone, whatever the outcome.
    """
    statement = delete(tickets).where(tickets.c.hash == digest).returning(tickets)
    row = (await connection.execute(statement)).first()
    if row is None or row.list_id != list_id or row.expires_at <= now:
        return None
    return str(row.user_id), Grant(GrantKind(row.grant_kind), row.grant_id)
