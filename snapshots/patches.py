"""From facts to rows: what the visible facts of one batch change in the relational snapshot.

Cells are patched with the *merged* value after the batch, which is what the last fact about each says (a deleted overlay
key shows what lies below it), so applying the patches of every batch in order gives the rows that a full rebuild from the document gives.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from persistence.contract import AuditEntry, BulkRecord, FactKind, Json, LinkPatch, RowPatch
from snapshots.columns import ListSchema
from snapshots.values import normalise

_MembersOf = Callable[[str, str], Sequence[str]]
_ROW_KINDS: Final = frozenset({FactKind.ROW, FactKind.CELL, FactKind.ELEMENT, FactKind.TRASH})


@dataclass(frozen=True, slots=True)
class Patches:
    """One patch for each row that a batch touches, in the order of their first fact, and the links."""

    rows: tuple[RowPatch, ...]
    links: tuple[LinkPatch, ...]


@dataclass(slots=True)
class _Touched:
    last: AuditEntry
    cells: dict[str, Json] = field(default_factory=dict)
    sets: dict[str, None] = field(default_factory=dict)
    position: str | None = None
    trashed: bool | None = None


def row_patches(entries: Iterable[AuditEntry], schema: ListSchema, members_of: _MembersOf) -> Patches:
    """The patches of a batch from its audit entries in order; refusals and facts that touch no row are passed over.

    `members_of(row, column)` are the elements of a set-valued cell after the batch.
    """
    visible = [entry for entry in entries if entry.reason is None and entry.fact.kind in _ROW_KINDS]
    touched: dict[str, _Touched] = {}
    for entry in visible:
        assert entry.fact.row is not None, "a fact about a row names it"
        _touch(touched.setdefault(entry.fact.row, _Touched(entry)), entry)
    rows = tuple(_row_patch(row, facts, schema, members_of) for row, facts in touched.items())
    return Patches(rows, tuple(_link_patches(visible, schema)))


def with_records(patches: Patches, records: Iterable[BulkRecord]) -> Patches:
    """The patches of a batch that edits rows which it also makes: those rows are whole in their patches."""
    made = {record.row: record for record in records}
    rows = tuple(
        patch
        if (record := made.get(patch.row)) is None
        else replace(patch, cells={**record.cells, **patch.cells}, position=patch.position or record.position)
        for patch in patches.rows
    )
    links = (LinkPatch(record.row, *link, present=True) for record in made.values() for link in record.links)
    return Patches(rows, (*links, *patches.links))


def _touch(touched: _Touched, entry: AuditEntry) -> None:
    fact = entry.fact
    touched.last = entry
    if fact.kind is FactKind.CELL:
        touched.cells[fact.column or ""] = fact.new
    elif fact.kind is FactKind.ELEMENT:
        touched.sets[fact.column or ""] = None
    elif fact.kind is FactKind.TRASH:
        touched.trashed = fact.new is not None
    elif isinstance(fact.new, str):
        touched.position = fact.new


def _row_patch(row: str, touched: _Touched, schema: ListSchema, members_of: _MembersOf) -> RowPatch:
    last = touched.last
    return RowPatch(
        row=row,
        update=last.update,
        actor=last.actor,
        at=last.at,
        cells={column: _stored(schema, column, value) for column, value in touched.cells.items()}
        | {column: list(members_of(row, column)) or None for column in touched.sets},
        position=touched.position,
        trashed=touched.trashed,
    )


def _stored(schema: ListSchema, column: str, value: Json) -> Json:
    known = schema.columns.get(column)
    return value if known is None else normalise(known, value)


def _link_patches(visible: Iterable[AuditEntry], schema: ListSchema) -> Iterable[LinkPatch]:
    before: dict[tuple[str, str, str], bool] = {}
    after: dict[tuple[str, str, str], bool] = {}
    for fact in (entry.fact for entry in visible if entry.fact.kind is FactKind.ELEMENT):
        assert fact.row is not None, "an element's fact names its row"
        assert fact.column is not None, "an element's fact names its column"
        assert fact.attribute is not None, "an element's fact names the element"
        link = (fact.row, fact.column, fact.attribute)
        before.setdefault(link, fact.old is True)
        after[link] = fact.new is True
    targets = _targets(schema)
    for (row, column, element), present in after.items():
        if column in targets and present is not before[row, column, element]:
            yield LinkPatch(row, column, targets[column], element, present)


def _targets(schema: ListSchema) -> Mapping[str, str]:
    """The list that each link column points into."""
    targets = ((column.id, column.target_list) for column in schema.columns.values())
    return {column: target for column, target in targets if target is not None}
