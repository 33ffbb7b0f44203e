"""The relational tables of one list against its document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import islice
from typing import Final

from persistence.contract import CommentPatch, Json
from persistence.inspection import RecordRow, Snapshot, StoredHead
from realtime.core import keys
from realtime.core.document import ListDocument
from realtime.core.rebuild import RebuiltRow, rebuilt_comments, rebuilt_rows
from realtime.core.update import CLIENT_RESERVED_MAX, decode
from realtime.verifying.difference import Difference
from snapshots.columns import ListSchema
from snapshots.values import normalise

_CHUNK_ROWS: Final = 1_000


async def verify_tables(snapshot: Snapshot, head: StoredHead, document: ListDocument) -> AsyncIterator[Difference]:
    """Every difference between the document and `lists`, `records`, `links`, `comments`, `client_ids`."""
    schema = document.schema()
    name = document.read(f"{keys.META}/name")
    if name != head.name:
        yield Difference(
            snapshot.list_id, "lists.name", stored=head.name, rebuilt=name if isinstance(name, str) else None
        )
    if schema.to_json() != head.schema:
        yield Difference(snapshot.list_id, "lists.schema", stored=head.schema, rebuilt=schema.to_json())
    async for difference in _verify_rows(snapshot, head, document, schema):
        yield difference
    for difference in _comments(snapshot.list_id, await snapshot.comments(), document):
        yield difference
    for difference in _client_ids(snapshot.list_id, await snapshot.client_ids(), document):
        yield difference


async def _verify_rows(
    snapshot: Snapshot, head: StoredHead, document: ListDocument, schema: ListSchema
) -> AsyncIterator[Difference]:
    seen: set[str] = set()
    rows = rebuilt_rows(document, schema)
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        ids = [row.row for row in chunk]
        seen.update(ids)
        stored, links = await snapshot.records(ids), await snapshot.links(ids)
        for row in chunk:
            for difference in _row(snapshot.list_id, head, schema, row, stored.get(row.row)):
                yield difference
        for difference in _links(snapshot.list_id, chunk, links):
            yield difference
    for table in ("records", "links"):
        async for row_id in snapshot.row_ids(table):
            if row_id not in seen:
                yield Difference(snapshot.list_id, f"{table} has a row that the document has not", row_id)


def _row(
    list_id: str, head: StoredHead, schema: ListSchema, row: RebuiltRow, stored: RecordRow | None
) -> Iterator[Difference]:
    if stored is None:
        yield Difference(list_id, "records lacks a row", row.row)
        return
    if stored.position != row.position:
        yield Difference(list_id, "records.position", row.row, stored=stored.position, rebuilt=row.position)
    if stored.trashed != row.trashed:
        yield Difference(list_id, "records.trashed_at", row.row, stored=stored.trashed, rebuilt=row.trashed)
    if not 1 <= stored.seq <= head.head:
        yield Difference(list_id, "records.seq", row.row, stored=stored.seq, rebuilt=head.head)
    for column in sorted(stored.cells.keys() | row.cells.keys()):
        here, there = stored.cells.get(column), row.cells.get(column)
        if not _agree(schema, column, here, there):
            yield Difference(list_id, "records.data", row.row, column, stored=here, rebuilt=there)


def _agree(schema: ListSchema, column: str, stored: Json, rebuilt: Json) -> bool:
    """A cell keeps the rounding of the column as it was when the cell was written, until it is written again."""
    if stored == rebuilt and type(stored) is type(rebuilt):
        return True
    known = schema.columns.get(column)
    if known is None or rebuilt is None or stored is None:
        return False
    if known.set_valued and isinstance(stored, list) and isinstance(rebuilt, list):
        return sorted(map(str, stored)) == sorted(map(str, rebuilt))
    return stored == normalise(known, rebuilt)


def _links(list_id: str, chunk: list[RebuiltRow], stored: set[tuple[str, str, str, str]]) -> Iterator[Difference]:
    rebuilt = {(row.row, *link) for row in chunk for link in row.links}
    for row, column, target, _ in sorted(rebuilt - stored):
        yield Difference(list_id, "links lacks a link", row, column, rebuilt=target)
    for row, column, target, _ in sorted(stored - rebuilt):
        yield Difference(list_id, "links has a link that the document has not", row, column, stored=target)


def _comments(list_id: str, stored: Mapping[str, CommentPatch], document: ListDocument) -> Iterator[Difference]:
    rebuilt = rebuilt_comments(document)
    for comment in sorted(stored.keys() | rebuilt.keys()):
        if stored.get(comment) != rebuilt.get(comment):
            here, there = comment in stored, comment in rebuilt
            what = "comments" if here and there else "comments lacks one" if there else "comments has one too many"
            yield Difference(list_id, f"{what}: {comment}", rebuilt[comment].row if there else None)


def _client_ids(list_id: str, owned: frozenset[int], document: ListDocument) -> Iterator[Difference]:
    wrote = {client for client, _, _ in decode(document.difference()).blocks if client > CLIENT_RESERVED_MAX}
    for client in sorted(wrote - owned):
        yield Difference(list_id, "a client id of the document has no owner", stored=None, rebuilt=client)
    for client in sorted(owned - wrote):
        yield Difference(list_id, "a client id has an owner and never wrote", stored=client)
