"""Names of a list's rows: their primary values, for whoever looks for a row by its name."""

from typing import Final

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.tables import lists, records
from snapshots.columns import ListSchema

_PART_ROWS: Final = 1_000


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
