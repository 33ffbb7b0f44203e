"""A list's relational rows, links and comments, rebuilt from its document alone.

It reads the roots as they are and merges them in its own way, so that a slip in the merged reads or in the patches of the write path
shows as a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from persistence.contract import CommentPatch, FactKind, Json
from realtime.core import keys
from realtime.core.comments import comment_patch
from realtime.core.keyed import plain
from snapshots.segments import decode_segment

if TYPE_CHECKING:
    from realtime.core.document import ListDocument
    from snapshots.columns import ListSchema


@dataclass(slots=True)
class RebuiltRow:
    """A row as the document has it; an empty cell has no key in `cells`. `links` holds (column, target row, target list)."""

    row: str
    position: str | None
    trashed: bool
    cells: dict[str, Json]
    links: set[tuple[str, str, str]]


@dataclass(slots=True)
class _Over:
    """What the generations lay over one row, the newest value of each key."""

    position: str | None = None
    trash: Json = None
    cells: dict[str, Json] = field(default_factory=dict)
    elements: dict[str, dict[str, Json]] = field(default_factory=dict)


def rebuilt_rows(document: ListDocument, schema: ListSchema) -> Iterator[RebuiltRow]:
    """Every row of the document, segment by segment, then those that no segment has."""
    over = _overlays(document)
    for payload in cast("Mapping[str, bytes]", document.held(keys.SEGMENTS)).values():
        segment = decode_segment(bytes(payload))
        for row, position, *values in segment.rows:
            below = dict(zip(segment.columns, values, strict=True))
            yield _row(str(row), str(position), below, over.pop(str(row), _Over()), schema)
    for row, laid in over.items():
        if laid.position is not None:
            yield _row(row, None, {}, laid, schema)


def rebuilt_comments(document: ListDocument) -> dict[str, CommentPatch]:
    """Every comment of the document."""
    entries = document.entries(keys.COMMENTS)

    def visible(comment: str, name: str) -> Json:
        return entries.get(f"{comment}:{name}" if name else comment)

    found: dict[str, CommentPatch] = {}
    for comment in {key.partition(":")[0] for key in entries}:
        patch = comment_patch(comment, lambda name, comment=comment: visible(comment, name))  # type: ignore[misc]  # bound now
        if patch is not None:
            found[comment] = patch
    return found


def _overlays(document: ListDocument) -> dict[str, _Over]:
    over: dict[str, _Over] = {}
    generations = cast("Mapping[str, Mapping[str, object]]", document.held(keys.OVERLAYS))
    for generation in sorted(generations, key=int):
        for name, value in generations[generation].items():
            key = keys.parse(f"{keys.OVERLAYS}/{generation}/{name}")
            if key is not None and key.row is not None:
                _lay(over.setdefault(key.row, _Over()), key, plain(value))
    return over


def _lay(over: _Over, key: keys.Key, value: Json) -> None:
    match key.kind:
        case FactKind.ROW:
            over.position = value if isinstance(value, str) else None
        case FactKind.TRASH:
            over.trash = value
        case FactKind.CELL:
            over.cells[str(key.column)] = value
        case FactKind.ELEMENT:
            over.elements.setdefault(str(key.column), {})[str(key.attribute)] = value


def _row(row: str, position: str | None, below: Mapping[str, Json], over: _Over, schema: ListSchema) -> RebuiltRow:
    cells: dict[str, Json] = {}
    links: set[tuple[str, str, str]] = set()
    for column in schema.columns.values():
        if column.set_valued:
            members = _members(below.get(column.id), over.elements.get(column.id, {}))
            if members:
                cells[column.id] = members
            if column.target_list is not None:
                links |= {(column.id, str(member), column.target_list) for member in members}
        else:
            value = over.cells.get(column.id, below.get(column.id))
            if value is not None:
                cells[column.id] = value
    return RebuiltRow(row, position if over.position is None else over.position, over.trash is not None, cells, links)


def _members(below: Json, over: Mapping[str, Json]) -> list[Json]:
    listed = [item for item in below if isinstance(item, str)] if isinstance(below, list) else []
    kept: list[Json] = [item for item in listed if over.get(item) is not False]
    return kept + sorted(item for item, there in over.items() if there is True and item not in listed)
