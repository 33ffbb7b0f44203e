"""Names of the rows that a page of records links to."""

from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import Json
from persistence.tables import lists
from snapshots.column_types import ColumnType
from snapshots.columns import ListSchema
from snapshots.exporting.linked import LinkedNames
from snapshots.queries import RecordQuery, records_page
from tests.integration.snapshots.conftest import AT, put_row
from tests.list_columns import SCHEMA, column_id

LIST = "properties-1"
TEXT, LINK = column_id(ColumnType.TEXT), column_id(ColumnType.LINK)


async def names_of(connection: AsyncConnection, schema: ListSchema) -> dict[str, dict[str, str]]:
    """What the rows are called that the first page of the list links to."""
    page = await records_page(connection, LIST, SCHEMA, RecordQuery())
    driver = (await connection.get_raw_connection()).driver_connection
    found = await (await LinkedNames.open(driver, LIST, schema.standing())).of(page.records)
    return {column: dict(rows) for column, rows in found.items()}


@pytest.mark.rule("SNAP-11")
async def test_linked_rows_are_called_by_their_primary_value_inside_the_workspace(connection: AsyncConnection) -> None:
    """One query for each list names the linked rows of a page; rows of another workspace's list stay unnamed."""
    await put_row(connection, "owner-row-001", "a0", {TEXT: "Ana Harbour"}, list_id="owners-list-1")
    await put_row(connection, "owner-row-002", "a0", {}, list_id="owners-list-1")
    await put_row(connection, "owner-row-003", "a0", {TEXT: "Secret"}, list_id="foreign-list1")
    linked: list[Json] = ["owner-row-001", "owner-row-002", "owner-row-003", "owner-row-404"]
    await put_row(connection, "row-full-0001", "a0", {LINK: linked})
    assert await names_of(connection, SCHEMA) == {LINK: {"owner-row-001": "Ana Harbour"}}
    foreign = replace(SCHEMA.columns[LINK], config={"list": "foreign-list1"})
    schema = replace(SCHEMA, columns={**SCHEMA.columns, LINK: foreign})
    assert await names_of(connection, schema) == {LINK: {}}
    await connection.execute(update(lists).where(lists.c.id == "owners-list-1").values(trashed_at=AT))
    assert await names_of(connection, SCHEMA) == {LINK: {}}
