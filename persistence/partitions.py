"""The monthly partitions of log and audit: made ahead, and let go by retention.

Everything goes by the database's clock, and by the times that entries carry only in so far as they say when something may go: a number
never depends on them. What a wrong clock has dated lies in the default partition of its table.
"""

from datetime import UTC, datetime
from typing import Final, NamedTuple

import asyncpg

SCHEMA: Final = "partitions"
PARENTS: Final = ("updates", "facts")
MONTHS_AHEAD: Final = 2
SILENT_SECONDS_MAX: Final = 2
_LOCK_KEY: Final = 0x726F776875706B70
"""The advisory lock of upkeep: one node at a time works on the partitions."""

_STANDING: Final = """
SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::regclass
ORDER BY c.relname
"""


class Partition(NamedTuple):
    """A partition by its name; `until` is the end of its month, `None` for the default one."""

    name: str
    until: datetime | None

    @property
    def place(self) -> str:
        """Its qualified name, quoted."""
        return f'{SCHEMA}."{self.name}"'


async def take_turn(connection: asyncpg.Connection) -> bool:
    """Take the turn of upkeep until the transaction ends; false if another node has it. No edit waits long for what follows.

    Nor for a node that stands still in the middle of it, with the whole table locked: the server ends the transaction.
    """
    await connection.execute(
        f"SET LOCAL lock_timeout = '250ms'; SET LOCAL idle_in_transaction_session_timeout = '{SILENT_SECONDS_MAX:d}s'"
    )
    taken: bool = await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK_KEY)
    return taken


async def partitions_of(connection: asyncpg.Connection, parent: str) -> list[Partition]:
    """The partitions of a table, the default one among them."""
    found = await connection.fetch(_STANDING, parent)
    return [Partition(row["name"], _until(parent, row["name"])) for row in found]


async def make_ahead(connection: asyncpg.Connection) -> None:
    """Make the partitions of this month and the next ones, where they are not there; must have the turn.

    What the default partition holds of a month moves into its partition.
    """
    today = await connection.fetchval("SELECT now() AT TIME ZONE 'UTC'")
    for parent in PARENTS:
        standing = {partition.name for partition in await partitions_of(connection, parent)}
        for ahead in range(MONTHS_AHEAD + 1):
            begin, end = _month(today, ahead), _month(today, ahead + 1)
            if _name(parent, begin) not in standing:
                await _make(connection, parent, begin, end)


async def _make(connection: asyncpg.Connection, parent: str, begin: datetime, end: datetime) -> None:
    place, default = f'{SCHEMA}."{_name(parent, begin)}"', f"{SCHEMA}.{parent}_default"
    bounds = f"FROM ('{begin.isoformat()}') TO ('{end.isoformat()}')"
    await connection.execute(f"LOCK TABLE ONLY {parent} IN ACCESS EXCLUSIVE MODE")
    await connection.execute(f"CREATE TABLE {place} (LIKE {parent} INCLUDING DEFAULTS)")
    await connection.execute(
        f"WITH moved AS (DELETE FROM {default} WHERE at >= $1 AND at < $2 RETURNING *)"  # noqa: S608 - names of our own
        f" INSERT INTO {place} SELECT * FROM moved",
        *(begin, end),
    )
    await connection.execute(f"ALTER TABLE {parent} ATTACH PARTITION {place} FOR VALUES {bounds}")


def _month(today: datetime, ahead: int) -> datetime:
    months = today.year * 12 + today.month - 1 + ahead
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def _name(parent: str, begin: datetime) -> str:
    return f"{parent}_{begin:%Y_%m}"


def _until(parent: str, name: str) -> datetime | None:
    year, _, month = name.removeprefix(f"{parent}_").partition("_")
    return _month(datetime(int(year), int(month), 1, tzinfo=UTC), 1) if month else None
