"""Records and their history as callers see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import JsonValue

from api.fields import Fields
from api.schemas import Answer
from persistence.contract import FactKind, Json, Source
from snapshots.columns import Column
from snapshots.history import HistoryEntry
from snapshots.record import Record


class RecordAnswer(Answer):
    """A record; `trashed_at` is set while it lies in the trash."""

    id: str
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    trashed_at: datetime | None
    fields: dict[str, JsonValue]

    @classmethod
    def of(cls, record: Record, fields: Fields, wanted: Sequence[Column] | None = None) -> Self:
        """Make the answer of a record, with the wanted columns or all."""
        return cls(
            id=record.id,
            created_at=record.created_at,
            created_by=record.created_by,
            updated_at=record.updated_at,
            updated_by=record.updated_by,
            trashed_at=record.trashed_at,
            fields=fields.show(record.cells, record, wanted),
        )


class RecordPageAnswer(Answer):
    """Records in order; `next_cursor` leads to the next page."""

    items: list[RecordAnswer]
    next_cursor: str | None = None


class HistoryAnswer(Answer):
    """One change of a record. `field` is the column's key; `element` what was added to or taken from a set."""

    seq: int
    ordinal: int
    kind: FactKind
    field: str | None
    column: str | None
    element: str | None
    old: JsonValue
    new: JsonValue
    actor: str
    source: Source
    at: datetime

    @classmethod
    def of(cls, entry: HistoryEntry, fields: Fields) -> Self:
        """Make the answer of a change."""
        column = fields.schema.columns.get(entry.column) if entry.column else None
        return cls(
            seq=entry.seq,
            ordinal=entry.ordinal,
            kind=entry.kind,
            field=fields.key(column) if column else None,
            column=entry.column,
            element=entry.attribute if entry.kind is FactKind.ELEMENT else None,
            old=_shown(column, entry.old, fields),
            new=_shown(column, entry.new, fields),
            actor=entry.actor,
            source=entry.source,
            at=entry.at,
        )


class HistoryPageAnswer(Answer):
    """Changes, newest first."""

    items: list[HistoryAnswer]
    next_cursor: str | None


def _shown(column: Column | None, value: Json, fields: Fields) -> Json:
    return value if column is None or column.set_valued or value is None else fields.show_value(column, value)
