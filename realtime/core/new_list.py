"""A new list: its document in format 1 and the batch that makes it durable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from persistence.contract import AuditEntry, Batch, Fact, FactKind, Json, LoggedUpdate, Source
from realtime.core import keys
from realtime.core.document import FORMAT, ListDocument
from realtime.core.soundness import Outcome
from snapshots.columns import Column, ListSchema

EPOCH: Final = 1


def new_list(
    list_id: str,
    name: str,
    columns: Sequence[Column],
    segments: Mapping[str, bytes],
    *,
    actor: str,
    now: datetime,
    batch_id: UUID,
) -> Batch:
    """Make the first batch of a list: name, columns (the first one is primary), segments and generation 1.

    The rows of `segments` (id -> bytes of `snapshots.segments`) are not in the batch: who writes segments writes
    their records with it (`ListStore.create_list`).
    """
    meta: dict[str, Json] = {"format": FORMAT, "name": name}
    if columns:
        meta["primary"] = columns[0].id
    entries = {entry: value for column in columns for entry, value in column.entries().items()}
    values: dict[str, Outcome | bytes] = {f"{keys.META}/{key}": value for key, value in meta.items()}
    values |= {f"{keys.COLUMNS}/{key}": value for key, value in entries.items()}
    values |= {f"{keys.SEGMENTS}/{segment}": payload for segment, payload in segments.items()}
    update = ListDocument(EPOCH).open_generation(1, values)
    assert update is not None, "a new document says something"
    facts = [*_facts(FactKind.META, meta), *(_column_fact(entry, value) for entry, value in entries.items())]
    return Batch(
        list_id=list_id,
        batch_id=batch_id,
        epoch=EPOCH,
        expected_head=0,
        updates=[LoggedUpdate(actor, Source.API, update, now)],
        audit=[AuditEntry(0, fact, actor, Source.API, now) for fact in facts],
        schema=ListSchema.from_columns_root(entries, columns[0].id if columns else None).to_json(),
        name=name,
    )


def _facts(kind: FactKind, values: Mapping[str, Json]) -> list[Fact]:
    return [Fact(kind, attribute=attribute, new=value) for attribute, value in values.items()]


def _column_fact(entry: str, value: Json) -> Fact:
    column, _, attribute = entry.partition(":")
    return Fact(FactKind.COLUMN, column=column, attribute=attribute, new=value)
