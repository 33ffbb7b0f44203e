"""A workspace with two lists in a real database, and rows put straight into the relational snapshot."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import Json
from persistence.engine import open_engine
from persistence.tables import lists, records, workspaces
from tests.list_columns import SCHEMA

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def connection(database_url: str) -> AsyncIterator[AsyncConnection]:
    """A connection to a database with the workspaces `harbour` and `elsewhere`, in a transaction of its own."""
    engine = open_engine(database_url)
    try:
        async with engine.connect() as connection:
            await _furnish(connection)
            yield connection
    finally:
        await engine.dispose()


async def _furnish(connection: AsyncConnection) -> None:
    await connection.execute(
        insert(workspaces), [{"id": "harbour", "name": "Harbour"}, {"id": "elsewhere", "name": "Elsewhere"}]
    )
    rows = [("properties-1", "harbour"), ("owners-list-1", "harbour"), ("foreign-list1", "elsewhere")]
    schema = SCHEMA.to_json()
    await connection.execute(
        insert(lists),
        [
            {"id": one, "workspace_id": home, "name": one, "schema": schema, "created_by": "ana-0000000001"}
            for one, home in rows
        ],
    )


async def put_row(
    connection: AsyncConnection, row: str, position: str, cells: dict[str, Json], *, list_id: str = "properties-1"
) -> None:
    """Put a row into the relational snapshot."""
    await connection.execute(
        insert(records).values(
            list_id=list_id,
            row_id=row,
            workspace_id="harbour",
            data=cells,
            position=position,
            seq=1,
            created_at=AT,
            created_by="ana-0000000001",
            updated_at=AT,
            updated_by="ana-0000000001",
        )
    )
