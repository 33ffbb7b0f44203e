"""What came into a column since it took the place of another: what an undo of that would take from view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import FactKind, Json, Source
from persistence.tables import facts, records
from snapshots.queries import records_of

SAMPLES_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class LaterEdits:
    """The rows that were edited, those that were imported with a value and not edited, and what some of both hold now in the column."""

    rows: Sequence[str]
    imported: Sequence[str]
    values: Mapping[str, Json]


async def later_edits(connection: AsyncConnection, list_id: str, column_id: str) -> LaterEdits:
    """Read from the audit what was edited, and which rows came, since the column appeared in its place last."""
    own = (facts.c.list_id == list_id, facts.c.column_id == column_id, facts.c.reason.is_(None))
    appeared = select(func.max(facts.c.seq)).where(
        *own, facts.c.kind == FactKind.COLUMN.value, facts.c.attribute == "deleted"
    )
    cells = facts.c.kind.in_([FactKind.CELL.value, FactKind.ELEMENT.value])
    since = (facts.c.seq > appeared.scalar_subquery(), facts.c.list_id == list_id)
    statement = select(facts.c.row_id).where(*own, cells, *since).distinct().order_by(facts.c.row_id)
    rows = list((await connection.scalars(statement)).all())
    edited = set(rows)
    brought: Sequence[str] = (await connection.scalars(_imported(list_id, column_id, *since))).all()
    imported = [row for row in brought if row not in edited]
    samples = await records_of(connection, list_id, [*rows, *imported][:SAMPLES_MAX])
    return LaterEdits(rows, imported, {row: record.cells.get(column_id) for row, record in samples.items()})


def _imported(list_id: str, column_id: str, *since: ColumnElement[bool]) -> Select[Any]:
    """The rows that an import has made since, with a value in the column: of their cells there is no fact."""
    held = (records.c.list_id == list_id, records.c.row_id == facts.c.row_id, records.c.data.has_key(column_id))
    made = (facts.c.kind == FactKind.ROW.value, facts.c.source == Source.IMPORT.value, facts.c.old.is_(None))
    return select(facts.c.row_id).where(*made, *since, *held, facts.c.reason.is_(None)).order_by(facts.c.row_id)
