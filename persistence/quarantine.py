"""Strikes and quarantines: lists that processes died of, counted over all nodes of an installation.

A death is shared equally among the lists that may be its reason. A list whose shares within a time add up to
`STRIKES_MAX` is quarantined: no node opens it any more, until an operator lifts that. Its rows can still be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import orjson

from persistence.events import LIST_EVENT, Act
from persistence.pool import reaching

STRIKES_MAX: Final = 2.0
ACTOR: Final = "system"
"""Who the audit names for what no person did."""

_STRIKE: Final = """
INSERT INTO strikes (list_id, death, at, share, hung)
SELECT id, $2, $3, $4, $5 FROM lists WHERE id = $1
ON CONFLICT (list_id, death) DO NOTHING
"""
_QUARANTINE: Final = """
INSERT INTO quarantines (list_id, at)
SELECT list_id, $2 FROM strikes WHERE list_id = $1 AND at > $3
GROUP BY list_id HAVING sum(share) >= $4
ON CONFLICT (list_id) DO NOTHING
RETURNING list_id
"""
_LIFT: Final = """
WITH lifted AS (DELETE FROM quarantines WHERE list_id = $1 RETURNING list_id),
forgiven AS (DELETE FROM strikes WHERE list_id = $1)
SELECT list_id FROM lifted
"""
_ALL: Final = """
SELECT q.list_id, l.workspace_id, l.name, q.at FROM quarantines q JOIN lists l ON l.id = q.list_id ORDER BY q.at, q.list_id
"""
_HELD: Final = "SELECT EXISTS (SELECT FROM quarantines WHERE list_id = $1)"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A list that no node opens, and since when."""

    list_id: str
    workspace_id: str
    name: str
    at: datetime


class PostgresQuarantine:
    """Strikes and quarantines on the connections of `persistence.pool.create_pool`. Any call may raise `StoreUnavailable`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def strike(
        self, suspects: Sequence[str], death: UUID, *, hung: bool, at: datetime, within: timedelta
    ) -> Sequence[str]:
        """Record a death once, however often it is told; returns the lists that are quarantined by it."""
        quarantined = []
        async with reaching(self._pool) as connection, connection.transaction():
            for list_id in suspects:
                await connection.execute(_STRIKE, list_id, death, at, 1 / len(suspects), hung)
                if await connection.fetchval(_QUARANTINE, list_id, at, at - within, STRIKES_MAX) is not None:
                    detail = orjson.dumps({"hung": hung}).decode()
                    await connection.execute(LIST_EVENT, list_id, ACTOR, Act.LIST_QUARANTINED, at, detail)
                    quarantined.append(list_id)
        return quarantined

    async def holds(self, list_id: str) -> bool:
        """Tell whether a list is quarantined."""
        async with reaching(self._pool) as connection:
            return bool(await connection.fetchval(_HELD, list_id))

    async def all(self) -> Sequence[Quarantined]:
        """Read every quarantine, the oldest first."""
        async with reaching(self._pool) as connection:
            return [Quarantined(**dict(row)) for row in await connection.fetch(_ALL)]

    async def lift(self, list_id: str, at: datetime) -> bool:
        """Let a list be opened again, and forget its strikes; false where it was not quarantined."""
        async with reaching(self._pool) as connection, connection.transaction():
            if await connection.fetchval(_LIFT, list_id) is None:
                return False
            await connection.execute(LIST_EVENT, list_id, ACTOR, Act.LIST_RELEASED, at, "{}")
            return True
