"""Names of linked rows: the primary values behind the row ids in link cells, one query for a whole page."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import ColumnElement, String, and_, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.tables import lists, records
from snapshots.columns import ListSchema
from snapshots.record import Record

_PART_ROWS: Final = 1_000


async def linked_names(
    connection: AsyncConnection, list_id: str, schema: ListSchema, page: Iterable[Record]
) -> Mapping[str, Mapping[str, str]]:
    """For each link column the names of the rows that these records link to, by row id.

    Rows in the trash keep their names; rows that do not exist, have an empty primary cell or lie in a list of
    another workspace have none.
    """
    wanted = _wanted(schema, page)
    if not wanted:
        return {}
    home = select(lists.c.workspace_id).where(lists.c.id == list_id).scalar_subquery()
    name = records.c.data.op("->>", return_type=String())(lists.c.schema["primary"].astext)
    statement = (
        select(records.c.list_id, records.c.row_id, cast(name, String).label("name"))
        .join(lists, lists.c.id == records.c.list_id)
        .where(lists.c.workspace_id == home, lists.c.trashed_at.is_(None), name.is_not(None), _any_of(wanted))
    )
    found = {(row.list_id, row.row_id): row.name for row in (await connection.execute(statement)).all()}
    return {
        column.id: {row: found[target, row] for row in wanted[target] if (target, row) in found}
        for column in schema.standing()
        if (target := column.target_list) in wanted
    }


def _wanted(schema: ListSchema, page: Iterable[Record]) -> dict[str, set[str]]:
    """The rows linked to, by target list."""
    columns = [(column.id, column.target_list) for column in schema.standing()]
    wanted: dict[str, set[str]] = {}
    for record in page:
        for column, target in columns:
            linked = record.cells.get(column)
            if target is not None and isinstance(linked, list):
                wanted.setdefault(target, set()).update(row for row in linked if isinstance(row, str))
    return {target: rows for target, rows in wanted.items() if rows}


def _any_of(wanted: Mapping[str, set[str]]) -> ColumnElement[bool]:
    return or_(*(and_(records.c.list_id == target, records.c.row_id.in_(rows)) for target, rows in wanted.items()))


async def row_names(connection: AsyncConnection, workspace_id: str, list_id: str) -> dict[str, str]:
    """The primary values of a list's rows by row id, options by label; rows in the trash and empty ones have none.

    Read in parts, between which others come to their turn: a list may have a hundred thousand rows.
    """
    here = select(lists.c.schema).where(lists.c.id == list_id, lists.c.workspace_id == workspace_id)
    said = (await connection.execute(here)).scalar_one_or_none()
    schema = ListSchema.from_json(said if isinstance(said, dict) else {})
    if schema.primary is None:
        return {}
    labels = {option.id: option.label for option in schema.columns[schema.primary].options.values()}
    name = records.c.data.op("->>", return_type=String())(schema.primary)
    own = (records.c.list_id == list_id, records.c.trashed_at.is_(None), name.is_not(None))
    found: dict[str, str] = {}
    async with connection.stream(select(records.c.row_id, name.label("name")).where(*own)) as rows:
        async for part in rows.partitions(_PART_ROWS):
            found.update((row.row_id, labels.get(row.name, row.name)) for row in part)
    return found
