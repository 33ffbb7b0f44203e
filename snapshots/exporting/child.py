"""The process that makes one export: `python -m snapshots.exporting.child`, within limits of memory, time and disk.

It hears an `Order` on standard input, reads the rows of one moment in pages while it writes the file that it was given open, and
says on standard output what came of it. It imports little, since its start is part of every export.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from typing import Any, Final

import asyncpg
import orjson

from snapshots.child_process import ProcessLimits, limit_process
from snapshots.exporting.cells import Names, Page
from snapshots.exporting.formats import write
from snapshots.exporting.linked import LinkedNames
from snapshots.exporting.order import Made, Order
from snapshots.exporting.refusals import Unwritable
from snapshots.record import Record

MEMORY_BYTES_MAX: Final = 1024 * 1024 * 1024
"""Of addresses, which are more than what is really used."""
CPU_SECONDS_MAX: Final = 600
FILE_BYTES_MAX: Final = 4 * 1024 * 1024 * 1024
PAGE_ROWS: Final = 1_000
_CONNECT_SECONDS: Final = 5.0
_STATEMENT_SECONDS: Final = 60
_NICENESS: Final = 5
"""Those who edit come first."""
_SCHEMA: Final = "SELECT schema FROM lists WHERE id = $1"


def main() -> None:
    """Make the export that is asked for."""
    limit_process(ProcessLimits(MEMORY_BYTES_MAX, CPU_SECONDS_MAX, FILE_BYTES_MAX, _NICENESS))
    order = Order.from_json(sys.stdin.buffer.read())
    with asyncio.Runner() as runner:
        made = _make(order, runner)
    sys.stdout.buffer.write(made.to_json())


def _make(order: Order, runner: asyncio.Runner) -> Made:
    connection = runner.run(_connect(order.database_url))
    try:
        reader = runner.run(_begin(connection, order))
        if reader is None:
            return Made(changed=True)
        with os.fdopen(order.target, "wb") as target:
            write(order.format, order.shown(), _pages(reader, runner.get_loop(), order.parent), target)
        return Made(rows=reader.rows)
    except Unwritable as refused:
        return Made(refused=refused.sentence)
    finally:
        connection.terminate()


class _Reader:
    """The rows of one transaction, page by page; `rows` counts those that were read."""

    def __init__(self, cursor: Any, linked: LinkedNames, people: dict[str, str]) -> None:
        self._cursor = cursor
        self._linked = linked
        self._people = people
        self.rows = 0

    async def page(self) -> Page | None:
        """The next rows with the names that they need, `None` after the last."""
        found = [Record(*row) for row in await self._cursor.fetch(PAGE_ROWS)]
        self.rows += len(found)
        return (found, Names(self._people, await self._linked.of(found))) if found else None


async def _connect(database_url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(
        database_url,
        timeout=_CONNECT_SECONDS,
        server_settings={
            "application_name": "rowhouse export",
            "timezone": "UTC",
            "jit": "off",
            "statement_timeout": f"{_STATEMENT_SECONDS}s",
        },
    )
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=orjson.dumps, decoder=lambda said: orjson.loads(said[1:])
    )  # the first byte is the version of the format
    return connection


async def _begin(connection: asyncpg.Connection, order: Order) -> _Reader | None:
    """Begin to read, unless the list has other columns by now."""
    await connection.transaction(isolation="repeatable_read", readonly=True).start()
    if await connection.fetchval(_SCHEMA, order.list_id) != order.schema:
        return None
    linked = await LinkedNames.open(connection, order.list_id, order.shown())
    cursor = await connection.cursor(order.statement.text, *order.statement.values)
    return _Reader(cursor, linked, dict(order.people))


def _pages(reader: _Reader, loop: asyncio.AbstractEventLoop, parent: int) -> Iterator[Page]:
    """Page after page; the next one is asked for before one is given, so that PostgreSQL works while it is written."""
    coming = loop.create_task(reader.page())
    while (page := loop.run_until_complete(coming)) is not None:
        if os.getppid() != parent:
            raise SystemExit(1)  # nobody waits for it any more
        coming = loop.create_task(reader.page())
        loop.run_until_complete(asyncio.sleep(0))
        yield page


if __name__ == "__main__":
    main()
