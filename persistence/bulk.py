"""Whole rows by COPY, for imports and generators: the rows, their links, and one audit fact for each row.

Runs inside the transaction whose commit statement has just taken the list's head.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, Self

import asyncpg

from persistence.chain import SALT_BYTES, BatchDigest, fact_digest, values_proof
from persistence.contract import AuditEntry, Batch, BulkRecord, Fact, FactKind
from persistence.payload import json_text

_CHUNK_ROWS: Final = 2_000
"""Rows encoded and sent at once: bounds the memory, whatever the size of the import."""

_COLUMNS: Final = {
    "records": (
        *("list_id", "row_id", "data", "position", "seq"),
        *("created_at", "created_by", "updated_at", "updated_by", "workspace_id"),
    ),
    "links": ("list_id", "row_id", "column_id", "target_list_id", "target_row_id"),
    "facts": (
        *("list_id", "seq", "ordinal", "kind", "row_id", "column_id", "entity", "attribute", "old", "new"),
        *("actor", "source", "reason", "at", "salt", "seal"),
    ),
}
_EXTEND: Final = "UPDATE lists SET chain = sha256(chain || $2) WHERE id = $1 RETURNING chain"


class Bulk:
    """The rows of a batch on their way: each a record, its links, and a `row` fact numbered after the batch's own entries.

    They are encoded as they are written, however many there are; or before, so that nobody waits for it under the list's lock.
    """

    def __init__(self, batch: Batch, records: Iterable[BulkRecord]) -> None:
        self._batch = batch
        self._audit = _Audit(batch)
        self._chunks = self._encode(iter(records))

    def encoded(self) -> Self:
        """Encode all of them now."""
        self._chunks = iter(list(self._chunks))
        return self

    def _encode(self, remaining: Iterator[BulkRecord]) -> Iterator[_Chunk]:
        batch = self._batch
        facts = [self._audit.add(entry) for entry in batch.audit]
        while chunk := list(islice(remaining, _CHUNK_ROWS)):
            links = [link for record in chunk for link in _links(batch, record)]
            facts += [self._audit.add(_entry(batch, record)) for record in chunk]
            yield _Chunk([_row(batch, record) for record in chunk], links, facts)
            facts = []
        if facts:
            yield _Chunk([], [], facts)

    async def write(self, connection: asyncpg.Connection, workspace_id: str) -> None:
        """Write them and all facts of the batch, which together extend the list's chain."""
        facts: list[tuple[Any, ...]] = []
        for chunk in self._chunks:
            await _copy(connection, "records", [(*row, workspace_id) for row in chunk.rows])
            await _copy(connection, "links", chunk.links)
            facts = await _copy_but_last(connection, facts + chunk.facts)
        if facts:
            [last] = facts
            chain = await connection.fetchval(_EXTEND, self._batch.list_id, self._audit.digest.digest())
            await _copy(connection, "facts", [(*last[:-1], chain)])


class _Chunk(NamedTuple):
    """Some of the rows, their links and facts as they are stored, but for the workspace and the seal."""

    rows: list[tuple[Any, ...]]
    links: list[tuple[str, ...]]
    facts: list[tuple[Any, ...]]


async def _copy_but_last(connection: asyncpg.Connection, facts: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Write these facts but the last in order, which may be the one that carries the seal; returns that one."""
    last = max(facts, key=_place)
    await _copy(connection, "facts", [fact for fact in facts if fact is not last])
    return [last]


def _place(fact: tuple[Any, ...]) -> tuple[int, int]:
    return fact[1], fact[2]


async def _copy(connection: asyncpg.Connection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        await connection.copy_records_to_table(table, records=rows, columns=_COLUMNS[table])


def _row(batch: Batch, record: BulkRecord) -> tuple[Any, ...]:
    update = batch.updates[record.update]
    cells = json_text({column: value for column, value in record.cells.items() if value is not None})
    seq = batch.expected_head + 1 + record.update
    return (
        *(batch.list_id, record.row, cells, record.position, seq),
        *(update.at, update.actor, update.at, update.actor),
    )


def _links(batch: Batch, record: BulkRecord) -> Iterator[tuple[str, ...]]:
    for column, target_list, target_row in record.links:
        yield batch.list_id, record.row, column, target_list, target_row


def _entry(batch: Batch, record: BulkRecord) -> AuditEntry:
    update = batch.updates[record.update]
    fact = Fact(FactKind.ROW, row=record.row, new=record.position)
    return AuditEntry(record.update, fact, update.actor, update.source, update.at)


class _Audit:
    """Numbers the facts of a batch as they come, and takes them into its digest."""

    def __init__(self, batch: Batch) -> None:
        self.digest = BatchDigest(batch.list_id)
        self._batch = batch
        self._ordinals: Counter[int] = Counter()

    def add(self, entry: AuditEntry) -> tuple[Any, ...]:
        """The next fact of its update, as it is stored, without a seal."""
        fact, seq = entry.fact, self._batch.expected_head + 1 + entry.update
        ordinal = self._ordinals[entry.update]
        self._ordinals[entry.update] = ordinal + 1
        salt = os.urandom(SALT_BYTES)
        self.digest.add(seq, fact_digest(seq, ordinal, entry, values_proof(salt, fact.old, fact.new)))
        place = (self._batch.list_id, seq, ordinal, fact.kind, fact.row, fact.column, fact.entity, fact.attribute)
        values = (None if value is None else json_text(value) for value in (fact.old, fact.new))
        return (*place, *values, entry.actor, entry.source, entry.reason, entry.at, salt, None)
