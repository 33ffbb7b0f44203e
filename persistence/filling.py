"""Filling a column that nobody sees yet: many values in few statements, in the transaction of the commit that says them.

The rows count as unchanged: their number, their time and who wrote them last stay as they are.
"""

from typing import Final

import asyncpg

from persistence.fills import ColumnFill
from persistence.payload import json_text

_FILL: Final = """
UPDATE records AS r
SET data = CASE WHEN jsonb_typeof(f.value) = 'null' THEN r.data - $2 ELSE r.data || jsonb_build_object($2::text, f.value) END
FROM jsonb_each($3::jsonb) AS f (row_id, value)
WHERE r.list_id = $1 AND r.row_id = f.row_id
"""
_UNLINK: Final = "DELETE FROM links WHERE list_id = $1 AND column_id = $2 AND row_id = ANY ($3::text[])"
_LINK: Final = """
INSERT INTO links (list_id, row_id, column_id, target_row_id, target_list_id)
SELECT $1, l.row_id, $2, l.target, $3
FROM unnest($4::text[], $5::text[]) AS l (row_id, target)
"""


async def fill_column(connection: asyncpg.Connection, list_id: str, fill: ColumnFill) -> None:
    """Write the values of a column into rows that exist, and its links."""
    await connection.execute(_FILL, list_id, fill.column, json_text(fill.values))
    if fill.target_list is None:
        return
    await connection.execute(_UNLINK, list_id, fill.column, list(fill.values))
    sets = {row: value for row, value in fill.values.items() if isinstance(value, list)}
    links = [(row, str(target)) for row, targets in sets.items() for target in targets]
    rows, targets = [row for row, _ in links], [target for _, target in links]
    await connection.execute(_LINK, list_id, fill.column, fill.target_list, rows, targets)
