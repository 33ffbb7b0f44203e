"""What rows and people are called: indexes from names and keys to ids, on disk, since a list may have a million rows."""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import orjson
from sqlalchemy import ARRAY, Text, any_, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import Json
from persistence.tables import records
from snapshots.column_types import ColumnType
from snapshots.columns import Column
from snapshots.values import normalise

AMBIGUOUS: Final = ""
"""What a name leads to that two rows have."""
_AT_ONCE: Final = 500
_PAGE_ROWS: Final = 2_000


class RowIndex:
    """Keys of rows, in a file of SQLite that nobody else sees and that need not survive."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.execute("CREATE TABLE held (key TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def add(self, keys: Iterable[tuple[str, str]]) -> None:
        """Take in (key, row id); a key that two rows have is ambiguous from then on."""
        self._file.execute("BEGIN")
        statement = "INSERT INTO held VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET row = '' WHERE row <> excluded.row"
        self._file.executemany(statement, keys)
        self._file.execute("COMMIT")

    def find(self, keys: Iterable[str]) -> dict[str, str]:
        """The rows that have these keys: `AMBIGUOUS` where more than one has."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, str] = {}
        for first in range(0, len(wanted), _AT_ONCE):
            part = wanted[first : first + _AT_ONCE]
            marks = ",".join("?" * len(part))
            found.update(self._file.execute(f"SELECT key, row FROM held WHERE key IN ({marks})", part))  # noqa: S608 - marks alone
        return found


async def rows_of(
    connection: AsyncConnection, list_id: str, columns: Sequence[Column]
) -> AsyncIterator[list[tuple[str, list[Json]]]]:
    """The rows of a list that are not in the trash, with the values of some columns, a page at a time."""
    cells = [records.c.data[column.id].label(f"c{number}") for number, column in enumerate(columns)]
    wanted = select(records.c.row_id, *cells).where(records.c.list_id == list_id, records.c.trashed_at.is_(None))
    after = ""
    while True:
        page = (
            await connection.execute(
                wanted.where(records.c.row_id > after).order_by(records.c.row_id).limit(_PAGE_ROWS)
            )
        ).all()
        if not page:
            return
        yield [(row[0], list(row[1:])) for row in page]
        after = page[-1][0]


async def cells_of(connection: AsyncConnection, list_id: str, rows: Sequence[str]) -> dict[str, Mapping[str, Json]]:
    """The cells of these rows by id, of those that the list has, in the trash or not."""
    these = any_(literal([*rows], ARRAY(Text(collation="C"))))
    wanted = select(records.c.row_id, records.c.data).where(records.c.list_id == list_id, records.c.row_id == these)
    return {row.row_id: row.data for row in (await connection.execute(wanted)).all()}


def key_of(columns: Sequence[Column], values: Sequence[Json]) -> str | None:
    """The key that these values make; `None` where one is empty."""
    if any(value is None or value == "" for value in values):
        return None
    return orjson.dumps([normalise(column, value) for column, value in zip(columns, values, strict=True)]).decode()


def name_of(column: Column, value: Json) -> str:
    """What a row is called by its primary value, as a file names it."""
    if column.type is ColumnType.SELECT and isinstance(value, str) and value in column.options:
        return column.options[value].label.strip()
    if isinstance(value, str):
        return value.strip()
    return "" if value is None else orjson.dumps(value).decode()
