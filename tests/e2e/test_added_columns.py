"""A column added to a list of thousands of rows, at a real server and its PostgreSQL."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

import asyncpg
import pytest
from fractional_indexing import generate_n_keys_between

from api.demo.sheets import Sheet
from api.demo.storing import store_sheet
from persistence.pool import create_pool
from persistence.postgres import PostgresListStore
from snapshots.columns import Column, ColumnType
from snapshots.segments import encode_segment, split_rows
from tests.e2e.conftest import Newcomer
from tests.e2e.house import House

ROWS = 5_000
STORED = "SELECT row_id, xmin::text || ' ' || ctid::text FROM records WHERE list_id = $1"


def new_id() -> str:
    """An id as the server makes them."""
    return secrets.token_urlsafe(16)


def sheet() -> Sheet:
    """A list with one column of texts."""
    column = Column(new_id(), "Address", ColumnType.TEXT, "a0")
    lines = [[new_id(), position, f"{position} Oak Lane"] for position in generate_n_keys_between(None, None, ROWS)]
    segments = {new_id(): encode_segment(part) for part in split_rows([column.id], lines)}
    return Sheet("many", new_id(), "Many", [column], [line[0] for line in lines], segments)


async def stored(sql: asyncpg.Connection, list_id: str) -> Mapping[str, str]:
    """Which version of each row stands where in the table."""
    return dict(await sql.fetch(STORED, list_id))


@pytest.mark.rule("DATA-79")
async def test_an_added_column_rewrites_no_row(house: House, newcomer: Newcomer) -> None:
    """Each of 5,000 rows is the same version in the same place of the table, before and after, and the list has the column."""
    ana = await newcomer("Ana")
    made = sheet()
    async with await create_pool(house.database_url) as pool:
        await store_sheet(PostgresListStore(pool), ana.workspace, made, actor=ana.id, now=datetime.now(UTC))
    sql = await asyncpg.connect(house.database_url)
    try:
        before = await stored(sql, made.id)
        assert len(before) == ROWS
        await ana.make(f"/api/lists/{made.id}/columns", {"name": "Rent", "type": "number"})
        assert await stored(sql, made.id) == before
    finally:
        await sql.close()
    columns = (await ana.get(f"/api/lists/{made.id}/columns"))["items"]
    assert [column["name"] for column in columns] == ["Address", "Rent"]
