"""Reading records: pages by keyset in the list's own order or by a column's values, and single records.

Every text of a caller is a bound parameter; nothing is pasted into SQL. Who may read the list has been decided
by the caller.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, false, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import Json
from persistence.tables import records
from snapshots.column_types import NUMBER_TYPES, ColumnType
from snapshots.columns import Column, ListSchema
from snapshots.cursors import QueryReason, QueryRefused, read_cursor, write_cursor
from snapshots.placing import REACH, Neighbour
from snapshots.record import Record
from snapshots.sorting import Sort, after_place, after_row, cursor_kinds, ordering, sort_key
from snapshots.text import clean_text

PAGE_ROWS_MAX: Final = 1_000
SEARCH_CHARACTERS_MAX: Final = 200
_OWN_ORDER: Final = "position"
_SEARCHED_AS_TEXT: Final = NUMBER_TYPES | {
    *(ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.EMAIL, ColumnType.PHONE, ColumnType.URL),
    *(ColumnType.DATE, ColumnType.DATETIME),
}


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Which records of a list, in which order, and how many at once (1 to 1,000).

    `columns` are the ids of the columns wanted (`None` = all); `search` is found anywhere in a text, a number,
    a date or the label of a chosen option, in any case; `trashed` asks for the trash instead of the list.
    """

    limit: int = 100
    cursor: str | None = None
    sort: Sort | None = None
    columns: Sequence[str] | None = None
    search: str | None = None
    trashed: bool = False


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Records in order; `next_cursor` is `None` on the last page."""

    records: Sequence[Record]
    next_cursor: str | None


async def records_page(connection: AsyncConnection, list_id: str, schema: ListSchema, query: RecordQuery) -> RecordPage:
    """Read one page. Raises `QueryRefused` for a bad cursor or search, or a column without an order."""
    assert 1 <= query.limit <= PAGE_ROWS_MAX, "a page has 1 to 1,000 records"
    key = None if query.sort is None else sort_key(query.sort.column)
    statement = _select(list_id, key).where(_in_trash(trashed=query.trashed))
    if query.search:
        statement = statement.where(_matches(schema, query.search))
    statement = _from_cursor(_ordered(statement, query, key), query, key).limit(query.limit + 1)
    rows = (await connection.execute(statement)).all()
    shown = rows[: query.limit]
    more = len(rows) > query.limit
    wanted = None if query.columns is None else frozenset(query.columns)
    return RecordPage([_record(row, wanted) for row in shown], _cursor(query, shown[-1]) if more else None)


async def record_of(connection: AsyncConnection, list_id: str, row_id: str) -> Record | None:
    """Read one record, in the trash or not."""
    row = (await connection.execute(_select(list_id, None).where(records.c.row_id == row_id))).first()
    return None if row is None else _record(row, None)


async def records_of(connection: AsyncConnection, list_id: str, row_ids: Iterable[str]) -> Mapping[str, Record]:
    """Read these records by id, in the trash or not; ids that the list does not have are left out."""
    statement = _select(list_id, None).where(records.c.row_id.in_(list(row_ids)))
    return {row.row_id: _record(row, None) for row in (await connection.execute(statement)).all()}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A row's place in its list: its position, whether it is in the trash, and the rows around it, nearest first."""

    position: str
    trashed: bool
    before: Sequence[Neighbour]
    after: Sequence[Neighbour]


async def surroundings_of(
    connection: AsyncConnection, list_id: str, row_id: str, leaving: Collection[str] = ()
) -> Surroundings | None:
    """Read where a row stands, and up to `REACH` rows on each side, but for those that leave their places."""
    here = records.c.list_id == list_id
    row = (await connection.execute(select(records).where(here, records.c.row_id == row_id))).first()
    if row is None:
        return None
    place = tuple_(records.c.position, records.c.row_id)
    others = select(records.c.row_id, records.c.position).where(
        here, _in_trash(trashed=False), records.c.row_id.not_in(list(leaving))
    )
    found = tuple_(row.position, row_id)
    before = others.where(place < found).order_by(records.c.position.desc(), records.c.row_id.desc()).limit(REACH)
    after = others.where(place > found).order_by(records.c.position, records.c.row_id).limit(REACH)
    sides = [[(held, at) for held, at in (await connection.execute(side)).all()] for side in (before, after)]
    return Surroundings(row.position, row.trashed_at is not None, *sides)


def _select(list_id: str, key: ColumnElement[Any] | None) -> Select[*tuple[Any, ...]]:
    extra = () if key is None else (key.label("sort_key"),)
    return select(records, *extra).where(records.c.list_id == list_id)


def _in_trash(*, trashed: bool) -> ColumnElement[bool]:
    return records.c.trashed_at.is_not(None) if trashed else records.c.trashed_at.is_(None)


def _ordered(
    statement: Select[*tuple[Any, ...]], query: RecordQuery, key: ColumnElement[Any] | None
) -> Select[*tuple[Any, ...]]:
    if key is None or query.sort is None:
        return statement.order_by(records.c.position, records.c.row_id)
    return statement.order_by(*ordering(key, descending=query.sort.descending))


def _from_cursor(
    statement: Select[*tuple[Any, ...]], query: RecordQuery, key: ColumnElement[Any] | None
) -> Select[*tuple[Any, ...]]:
    if query.cursor is None:
        return statement
    if key is None or query.sort is None:
        return statement.where(after_row(*read_cursor(query.cursor, _OWN_ORDER, (str, str))))
    kinds = (cursor_kinds(query.sort.column), str, str)
    place = read_cursor(query.cursor, query.sort.order, kinds)
    return statement.where(after_place(key, place, descending=query.sort.descending))


def _cursor(query: RecordQuery, row: Row[*tuple[Any, ...]]) -> str:
    if query.sort is None:
        return write_cursor(_OWN_ORDER, (row.position, row.row_id))
    return write_cursor(query.sort.order, (row.sort_key, row.position, row.row_id))


def _matches(schema: ListSchema, search: str) -> ColumnElement[bool]:
    if len(search) > SEARCH_CHARACTERS_MAX or not clean_text(search):
        raise QueryRefused(QueryReason.BAD_SEARCH)
    return or_(false(), *(match for column in schema.standing() for match in _column_matches(column, search)))


def _column_matches(column: Column, search: str) -> Iterable[ColumnElement[bool]]:
    value = records.c.data[column.id]
    if column.type in _SEARCHED_AS_TEXT:
        yield value.astext.icontains(search, autoescape=True)
    labels = (option for option in column.options.values() if search.lower() in option.label.lower())
    chosen = [option.id for option in labels]
    if column.type is ColumnType.SELECT and chosen:
        yield value.astext.in_(chosen)
    if column.type is ColumnType.MULTI_SELECT:
        yield from (value.contains([option]) for option in chosen)


def _record(row: Row[*tuple[Any, ...]], wanted: frozenset[str] | None) -> Record:
    cells: dict[str, Json] = row.data
    return Record(
        id=row.row_id,
        cells=cells if wanted is None else {column: cells[column] for column in wanted & cells.keys()},
        position=row.position,
        seq=row.seq,
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        trashed_at=row.trashed_at,
        trashed_by=row.trashed_by,
    )
