"""What was edited in a column since it took the place of another: what an undo of that would take from view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import FactKind, Json
from persistence.tables import facts
from snapshots.queries import records_of

SAMPLES_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class LaterEdits:
    """The rows that were edited, and what some of them hold now in the column."""

    rows: Sequence[str]
    values: Mapping[str, Json]


async def later_edits(connection: AsyncConnection, list_id: str, column_id: str) -> LaterEdits:
    """Read from the audit which rows were edited since the column appeared in its place last."""
    own = (facts.c.list_id == list_id, facts.c.column_id == column_id, facts.c.reason.is_(None))
    appeared = select(func.max(facts.c.seq)).where(
        *own, facts.c.kind == FactKind.COLUMN.value, facts.c.attribute == "deleted"
    )
    cells = facts.c.kind.in_([FactKind.CELL.value, FactKind.ELEMENT.value])
    since = (facts.c.seq > appeared.scalar_subquery(), facts.c.list_id == list_id)
    statement = select(facts.c.row_id).where(*own, cells, *since).distinct().order_by(facts.c.row_id)
    rows = list((await connection.scalars(statement)).all())
    samples = await records_of(connection, list_id, rows[:SAMPLES_MAX])
    return LaterEdits(rows, {row: record.cells.get(column_id) for row, record in samples.items()})
