"""What folding and conversion ask of a document: whether it still holds for it, and what it does. Nobody sees any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from persistence.contract import FactKind, Json
from realtime.core import keys
from realtime.core.soundness import Absent
from realtime.core.writes import ClearKeys, DropGenerations, FillColumn, OpenGeneration, ReplaceSegments, Upkeep
from snapshots.conversion_marks import run_of
from snapshots.segments import digest

if TYPE_CHECKING:
    from realtime.core.document import ListDocument
    from realtime.core.keys import Key


def below(key: Key | None, document: ListDocument) -> bool:
    """Tell whether a key is one that folding is worked out from: of an older generation, or a segment."""
    if key is None or key.kind is FactKind.GENERATION:
        return False
    return key.kind is FactKind.SEGMENT or 0 < key.generation < document.newest_generation()


def unsettles(key: Key | None, document: ListDocument) -> bool:
    """Tell whether folding holds no more once a key is taken back: what changes before a generation is there again is not `below` it."""
    return below(key, document) or (key is not None and key.kind is FactKind.GENERATION)


def holds(upkeep: Upkeep, document: ListDocument, as_of: int) -> bool:
    """Tell whether it was worked out on the document as it stands: nothing below has changed since `as_of`."""
    segments = document.segments()
    match upkeep:
        case OpenGeneration(newest):
            return document.generations() == [newest]
        case ReplaceSegments(_, superseded, worked_out):
            return worked_out == as_of and superseded <= segments
        case ClearKeys(generation, _, worked_out):
            return worked_out == as_of and generation in document.generations()[1:]
        case DropGenerations(upto, made, _, worked_out):
            return worked_out == as_of and made <= segments and upto < document.newest_generation()
        case FillColumn():
            return _fits(upkeep, document)


def _fits(fill: FillColumn, document: ListDocument) -> bool:
    """Tell whether this conversion still fills the column, and its segments would take the place of the same ones."""
    known, segments = document.schema().columns.get(fill.column), document.segments()
    if known is None or not known.deleted or run_of(known) != fill.run:
        return False
    held = fill.superseded.items()
    same = all(name in segments and digest(document.segment(name)) == said for name, said in held)
    return same and (bool(held) or all(map(document.is_loose, fill.values)))


def apply(upkeep: Upkeep, document: ListDocument) -> bytes | None:
    """Do it; returns the emitted update."""
    match upkeep:
        case OpenGeneration(newest):
            return document.open_generation(newest + 1, {})
        case ReplaceSegments(segments, superseded) | FillColumn(_, segments, superseded):
            return document.refit(segments, superseded)
        case ClearKeys(generation, names):
            return document.clear(generation, names)
        case DropGenerations(upto):
            return document.drop_generations(upto, carried(upkeep, document))


def carried(drop: DropGenerations, document: ListDocument) -> dict[str, Json]:
    """The keys of the newest generation that say what no segment can: which rows are in the trash, unless it says so itself."""
    overlay = f"{keys.OVERLAYS}/{document.newest_generation()}/"
    said = {overlay + keys.trash(row): mark for row, mark in drop.trash.items()}
    return {path: mark for path, mark in said.items() if isinstance(document.read(path), Absent)}
