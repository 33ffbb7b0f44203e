"""The rows of an export as SQL: all that are not in the trash, or those of some conditions, in list order or another."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import asyncpg

from persistence.tables import records
from snapshots.exporting.order import Statement

_READ: Final = (
    records.c.row_id,
    records.c.data,
    records.c.position,
    records.c.seq,
    records.c.created_at,
    records.c.created_by,
    records.c.updated_at,
    records.c.updated_by,
    records.c.trashed_at,
    records.c.trashed_by,
)
"""In the order of the fields of a `Record`."""


def rows_statement(
    list_id: str, conditions: Sequence[ColumnElement[bool]] = (), order: Sequence[ColumnElement[Any]] = ()
) -> Statement:
    """Write the statement for a process that has no SQLAlchemy; every value is a parameter of it.

    Rows that `order` leaves equal stand in list order.
    """
    statement = (
        select(*_READ)
        .where(records.c.list_id == list_id, records.c.trashed_at.is_(None), *conditions)
        .order_by(*order, records.c.position, records.c.row_id)
    )
    dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    return Statement(str(compiled), [compiled.params[name] for name in compiled.positiontup or ()])
