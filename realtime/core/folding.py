"""Folding: the live edits of older generations merged into segments, so that a list costs what it holds and not its history.

Worked out on a document of its own, in steps that the room takes like any other writes: segments are replaced a few at a time while
the generations still lie over them, and the last step deletes those. Nothing that anybody sees changes in any step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from persistence.contract import FactKind, Json
from realtime.core import keys
from realtime.core.writes import ClearKeys, DropGenerations, ReplaceSegments
from snapshots.segments import ROWS_MAX, Segment, decode_segment, encode_segment, split_rows

if TYPE_CHECKING:
    from realtime.core.document import ListDocument

SEGMENTS_PER_STEP_MAX: Final = 3
"""To take a segment in costs a node some five milliseconds, in which nobody's edits go on."""
KEYS_PER_STEP_MAX: Final = 1_000
"""To delete a key costs a node some ten microseconds."""
_ROWS_FEW: Final = ROWS_MAX // 2
_HEAD: Final = 2


Step = ReplaceSegments | ClearKeys | DropGenerations


@dataclass(frozen=True, slots=True)
class FoldBase:
    """A document to fold: its epoch, its state, the generations up to which, and what its draft had counted then."""

    epoch: int
    state: bytes
    upto: int
    as_of: int


def fold(document: ListDocument, upto: int, new_id: Callable[[], str]) -> Iterator[Step]:
    """The steps that fold the generations up to `upto` away; `document` is read only as far as that from here on."""
    document.look_below(upto)
    folding = _Folding(document, new_id)
    made: set[str] = set()
    for step in (*folding.in_place(), *folding.anew()):
        made.update(step.segments)
        yield step
    yield from folding.cleared()
    yield DropGenerations(upto, frozenset(made), folding.trash())


class _Folding:
    """What lies over the segments: the edited cells by row, and the rows that were made, moved or thrown away."""

    def __init__(self, document: ListDocument, new_id: Callable[[], str]) -> None:
        self._document = document
        self._new_id = new_id
        self._columns = document.schema().columns
        held = cast("Mapping[str, bytes]", document.held(keys.SEGMENTS))
        self._segments = {name: decode_segment(bytes(payload)) for name, payload in sorted(held.items())}
        self._keys = {generation: document.keys_of(generation) for generation in document.generations()}
        self._cells: dict[str, set[str]] = {}
        self._rows: set[str] = set()
        self._trash: set[str] = set()
        for generation, names in self._keys.items():
            for name in names:
                self._note(keys.parse(f"{keys.OVERLAYS}/{generation}/{name}"))
        known = {str(row[0]) for segment in self._segments.values() for row in segment.rows}
        self._loose = sorted(self._rows - known)
        few = [name for name, segment in self._segments.items() if len(segment.rows) < _ROWS_FEW]
        self._few = frozenset(few[: SEGMENTS_PER_STEP_MAX // 2]) if self._loose else frozenset[str]()

    def _note(self, key: keys.Key | None) -> None:
        assert key is not None, "a list document has no other keys"
        assert key.row is not None, "what lies in a generation is about a row"
        if key.kind is FactKind.TRASH:
            self._trash.add(key.row)
        elif key.kind is FactKind.ROW:
            self._rows.add(key.row)
        elif key.column is not None:
            self._cells.setdefault(key.row, set()).add(key.column)

    def cleared(self) -> Iterator[ClearKeys]:
        """Delete what stands in segments now; the rest goes with its generation."""
        for generation, names in self._keys.items():
            cells = [name for name in names if name[0] in "ce"]
            for first in range(0, len(cells), KEYS_PER_STEP_MAX):
                yield ClearKeys(generation, cells[first : first + KEYS_PER_STEP_MAX])

    def trash(self) -> dict[str, Json]:
        """The rows in the trash, with who put them there: no segment says that."""
        return {row: mark for row in sorted(self._trash) if (mark := self._document.trashed(row)) is not None}

    def in_place(self) -> Iterator[ReplaceSegments]:
        """Replace the segments that have edited rows, each by itself."""
        touched = [name for name in self._segments if name not in self._few and self._is_touched(self._segments[name])]
        for first in range(0, len(touched), SEGMENTS_PER_STEP_MAX):
            names = touched[first : first + SEGMENTS_PER_STEP_MAX]
            fresh = [part for name in names for part in self._merged(self._segments[name])]
            yield ReplaceSegments(self._named(fresh), frozenset(names))

    def anew(self) -> Iterator[ReplaceSegments]:
        """Make segments of the rows that have none, with those of segments with few rows: else there would be ever more of them."""
        old = [str(row[0]) for name in sorted(self._few) for row in self._segments[name].rows]
        if old:
            more = max(0, ROWS_MAX - len(old))
            yield ReplaceSegments(self._named(self._made([*old, *self._loose[:more]])), self._few)
            self._loose = self._loose[more:]
        fresh = list(self._made(self._loose))
        for first in range(0, len(fresh), SEGMENTS_PER_STEP_MAX):
            yield ReplaceSegments(self._named(fresh[first : first + SEGMENTS_PER_STEP_MAX]), frozenset())

    def _named(self, segments: Sequence[Segment] | Iterator[Segment]) -> dict[str, bytes]:
        return {self._new_id(): encode_segment(segment) for segment in segments}

    def _is_touched(self, segment: Segment) -> bool:
        return any(row[0] in self._cells or row[0] in self._rows for row in segment.rows)

    def _merged(self, segment: Segment) -> Iterator[Segment]:
        """A segment with what lies over it; it may have become too large for one."""
        edited = {column for row in segment.rows for column in self._cells.get(str(row[0]), ())}
        columns = [*segment.columns, *(name for name in self._columns if name in edited.difference(segment.columns))]
        rows = []
        for row, _, *below in segment.rows:
            values = dict(zip(segment.columns, below, strict=True))
            values |= {column: self._value(str(row), column) for column in self._cells.get(str(row), ())}
            rows.append([row, self._document.position(str(row)), *map(values.get, columns)])
        return split_rows(columns, rows)

    def _made(self, names: Sequence[str]) -> Iterator[Segment]:
        """Segments of whole rows, in the order of the list, without the columns that none of them fills."""
        rows = [[name, self._document.position(name), *(self._value(name, c) for c in self._columns)] for name in names]
        rows.sort(key=lambda row: (str(row[1]), str(row[0])))
        filled = [n for n, _ in enumerate(self._columns, _HEAD) if any(row[n] is not None for row in rows)]
        columns = list(self._columns)
        return split_rows(
            [columns[n - _HEAD] for n in filled], [[*row[:_HEAD], *(row[n] for n in filled)] for row in rows]
        )

    def _value(self, row: str, column: str) -> Json:
        known = self._columns.get(column)
        if known is not None and known.set_valued:
            return list(self._document.members(row, column)) or None
        return self._document.cell(row, column)
