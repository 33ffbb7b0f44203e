"""Reading records from a real database: pages, orders, search, the trash, names of linked rows."""

from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import Json
from persistence.tables import records
from snapshots.columns import ColumnType, ListSchema
from snapshots.cursors import QueryReason, QueryRefused, write_cursor
from snapshots.queries import RecordQuery, record_of, records_of, records_page
from snapshots.sorting import Sort
from tests.integration.snapshots.conftest import AT, put_row
from tests.list_columns import SCHEMA, column_id

LIST = "properties-1"
TEXT = column_id(ColumnType.TEXT)
NUMBER = column_id(ColumnType.NUMBER)
SELECT = column_id(ColumnType.SELECT)
LINK = column_id(ColumnType.LINK)


async def _walk(connection: AsyncConnection, query: RecordQuery, schema: ListSchema = SCHEMA) -> list[str]:
    """The ids of all records of a query, page by page."""
    found: list[str] = []
    while True:
        page = await records_page(connection, LIST, schema, query)
        found += [record.id for record in page.records]
        if page.next_cursor is None:
            return found
        query = replace(query, cursor=page.next_cursor)


@pytest.mark.rule("SNAP-8")
async def test_pages_follow_position_then_id_without_gap_or_repeat(connection: AsyncConnection) -> None:
    """Rows that share a position are parted by their ids, compared by code unit, whatever the page size."""
    placed = [("row-b-0000001", "a1"), ("row-a-0000001", "a1"), ("row-Z-0000001", "a1"), ("row-c-0000001", "Zz")]
    for row, position in placed:
        await put_row(connection, row, position, {})
    expected = ["row-c-0000001", "row-Z-0000001", "row-a-0000001", "row-b-0000001"]
    for limit in (1, 2, 3, 4, 5):
        assert await _walk(connection, RecordQuery(limit=limit)) == expected


@pytest.mark.rule("SNAP-8")
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (ColumnType.NUMBER, [-3.5, 2, 10, 10, 9e15, 5e-324]),
        (ColumnType.TEXT, ["", "apple", "Banana", "cherry", "Émile", "cherry"]),
        (ColumnType.DATE, ["1999-12-31", "2026-01-01", "2026-01-01", "2026-11-05"]),
        (ColumnType.SELECT, ["option-sold1", "option-open1", "option-sold1"]),
        (ColumnType.CHECKBOX, [True, False, True]),
    ],
)
async def test_typed_sorts_page_in_both_directions(
    connection: AsyncConnection, kind: ColumnType, values: list[Json]
) -> None:
    """Page by page gives the same order as one page, empty cells last, up and down."""
    column = SCHEMA.columns[column_id(kind)]
    for index, value in enumerate([*values, None, None]):
        cells = {} if value is None else {column.id: value}
        await put_row(connection, f"row-{index:09}", "a0", cells)
    for descending in (False, True):
        whole = RecordQuery(sort=Sort(column, descending))
        expected = await _walk(connection, whole)
        assert len(expected) == len(values) + 2
        if kind is not ColumnType.CHECKBOX:
            assert set(expected[-2:]) == {f"row-{len(values):09}", f"row-{len(values) + 1:09}"}
        for limit in (1, 2, 3):
            assert await _walk(connection, replace(whole, limit=limit)) == expected


async def test_numbers_sort_as_numbers(connection: AsyncConnection) -> None:
    """Ten comes after two."""
    for row, value in (("row-ten-00001", 10), ("row-two-00001", 2), ("row-half-0001", 0.5)):
        await put_row(connection, row, "a0", {NUMBER: value})
    ascending = await _walk(connection, RecordQuery(sort=Sort(SCHEMA.columns[NUMBER])))
    assert ascending == ["row-half-0001", "row-two-00001", "row-ten-00001"]


@pytest.mark.rule("SNAP-9")
@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "===", "é", "bnVsbA", "W10", "A" * 20_000, write_cursor("position", ("a0",))),
        *(
            write_cursor("position", (1, 2)),
            write_cursor("+col", (1, "a0", "r")),
            write_cursor("position", ("\0", "r")),
        ),
    ],
)
async def test_a_bad_cursor_is_refused(connection: AsyncConnection, cursor: str) -> None:
    """Whatever is no cursor of this order has one documented outcome."""
    with pytest.raises(QueryRefused) as refused:
        await records_page(connection, LIST, SCHEMA, RecordQuery(cursor=cursor))
    assert refused.value.reason is QueryReason.BAD_CURSOR


@pytest.mark.rule("SNAP-9")
@pytest.mark.parametrize("value", ["text", True, 1e300, [], {}])
async def test_a_cursor_with_a_foreign_value_is_refused_or_answered(connection: AsyncConnection, value: Json) -> None:
    """A forged place in a sort by number never reaches the database as anything but a number."""
    sort = Sort(SCHEMA.columns[NUMBER])
    query = RecordQuery(sort=sort, cursor=write_cursor(sort.order, (value, "a0", "row")))
    with pytest.raises(QueryRefused):
        await records_page(connection, LIST, SCHEMA, query)


async def test_a_column_without_an_order_cannot_be_sorted_by(connection: AsyncConnection) -> None:
    """Links have no order of their own."""
    with pytest.raises(QueryRefused) as refused:
        await records_page(connection, LIST, SCHEMA, RecordQuery(sort=Sort(SCHEMA.columns[LINK])))
    assert refused.value.reason is QueryReason.NOT_SORTABLE


@pytest.mark.rule("SNAP-10")
@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("50%", ["row-percent-1"]),
        ("a_b", ["row-under-001"]),
        ("OAK", ["row-oak-00001"]),
        ("sol", ["row-sold-0001"]),
        ("'; DROP TABLE records; --", []),
        ("\\", ["row-slash-001"]),
        ("420", ["row-number-01"]),
    ],
)
async def test_search_takes_every_character_literally(
    connection: AsyncConnection, search: str, expected: list[str]
) -> None:
    """Wildcards and quotes are ordinary characters; labels of options and numbers are found too."""
    texts = {"row-percent-1": "50% off", "row-under-001": "a_b", "row-axb-00001": "axb", "row-oak-00001": "12 Oak Lane"}
    for row, text in {**texts, "row-slash-001": "a\\b"}.items():
        await put_row(connection, row, "a0", {TEXT: text})
    await put_row(connection, "row-sold-0001", "a0", {SELECT: "option-sold1"})
    await put_row(connection, "row-number-01", "a0", {NUMBER: 420_000})
    assert await _walk(connection, RecordQuery(search=search)) == expected


async def test_a_search_that_no_database_can_hold_is_refused(connection: AsyncConnection) -> None:
    """NUL and overlong searches have a documented outcome."""
    for search in ("\0", "x" * 201, "\ud800"):
        with pytest.raises(QueryRefused) as refused:
            await records_page(connection, LIST, SCHEMA, RecordQuery(search=search))
        assert refused.value.reason is QueryReason.BAD_SEARCH


async def test_the_trash_and_the_list_are_apart(connection: AsyncConnection) -> None:
    """A trashed row is only in the trash, and can be read by its id."""
    await put_row(connection, "row-kept-0001", "a0", {TEXT: "kept"})
    await put_row(connection, "row-gone-0001", "a1", {TEXT: "gone"})
    gone = records.c.row_id == "row-gone-0001"
    await connection.execute(update(records).where(gone).values(trashed_at=AT, trashed_by="ana-0000000001"))
    assert await _walk(connection, RecordQuery()) == ["row-kept-0001"]
    assert await _walk(connection, RecordQuery(trashed=True)) == ["row-gone-0001"]
    record = await record_of(connection, LIST, "row-gone-0001")
    assert record is not None
    assert record.trashed_at == AT
    assert await record_of(connection, "foreign-list1", "row-gone-0001") is None


async def test_only_the_columns_asked_for_are_read(connection: AsyncConnection) -> None:
    """A record holds the wanted columns that are filled."""
    await put_row(connection, "row-full-0001", "a0", {TEXT: "kept", NUMBER: 5})
    page = await records_page(connection, LIST, SCHEMA, RecordQuery(columns=[NUMBER, SELECT]))
    assert [dict(record.cells) for record in page.records] == [{NUMBER: 5}]
    assert set(await records_of(connection, LIST, ["row-full-0001", "row-none-0001"])) == {"row-full-0001"}
