"""The list document: typed access to the pycrdt document of one list (format 1).

Reads merge what lies over each other: the newest generation that has a key wins, then the row's segment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from persistence.contract import Fact, FactKind, Json
from realtime.core import keys
from realtime.core.keyed import KeyedDocument, unknown
from realtime.core.keys import Key
from realtime.core.row_blocks import RowBlock, unpack
from realtime.core.soundness import ABSENT, Absent, Outcome
from snapshots.columns import Column, ListSchema
from snapshots.segments import decode_segment

FORMAT: Final = 1


class ListDocument(KeyedDocument):
    """One replica of a list's document, with the rows and elements that its keys speak of."""

    def __init__(self, client_id: int, segment_of: Callable[[str], bytes] = unknown) -> None:
        super().__init__(client_id, segment_of)
        self._rows: dict[str, RowBlock | None] = {}  # with what lies below the generations, in a segment
        self._elements: dict[tuple[str, str], set[str]] = {}
        self._edited: dict[str, set[str]] = {}
        self.last_position: str | None = None
        self.places: object = object()
        """Another one whenever a row has appeared or moved, so that what was found out of rows can be known to hold."""

    def watch(self, column: str) -> None:
        """Note from now on in which rows a column is edited, until `unwatch`."""
        self._edited[column] = set()

    def unwatch(self, column: str) -> None:
        """Note it no more."""
        self._edited.pop(column, None)

    def edited(self, column: str) -> frozenset[str] | None:
        """The rows in which a column may have been edited since it is watched; `None` where nobody has watched it."""
        rows = self._edited.get(column)
        return None if rows is None else frozenset(rows)

    def scan(self) -> None:
        """Find the rows and elements of a freshly loaded document."""
        self._find_generations()
        for segment in self._roots[keys.SEGMENTS].keys():  # noqa: SIM118 - pycrdt maps iterate over keys() only
            self.notice(keys.parse(f"{keys.SEGMENTS}/{segment}"))
        for generation, held in self._generations.items():
            for name in held.keys():  # noqa: SIM118
                if name[0] in "re":
                    self.notice(keys.parse(f"{keys.OVERLAYS}/{generation}/{name}"))

    def inherit(self, other: ListDocument, undone: Iterable[str]) -> None:
        """Take over what `other`, which is used no more, knows of its rows; it had these paths besides."""
        changed = [key for key in map(keys.parse, undone) if key is not None]
        self._find_generations()
        self._rows, self._elements, self.last_position = other._rows, other._elements, other.last_position
        self.places, self._edited = other.places, other._edited
        for key in changed:
            self._note_edit(key)
        doubted = [key.row for key in changed if key.kind is FactKind.ROW and key.row is not None]
        written = {key.entity for key in changed if key.kind is FactKind.SEGMENT}
        if written:
            here, there = self.segments(), other.segments()
            for segment in (there - here) & written:
                rows = [str(row[0]) for row in decode_segment(other.segment(segment)).rows]
                self._rows |= dict.fromkeys(rows)
                doubted += rows
            for segment in here - there:  # it is superseded no more
                self.notice(keys.parse(f"{keys.SEGMENTS}/{segment}"))
        for row in doubted:
            if self.position(row) is None:
                self._rows.pop(row, None)

    def notice(self, key: Key | None) -> None:
        """Take note of a key that has appeared: a row, an element, a segment."""
        self._note_edit(key)
        if key is None or key.kind is FactKind.CELL:  # nearly every one
            return
        if key.kind in (FactKind.ROW, FactKind.SEGMENT):
            self.places = object()
        if key.kind is FactKind.GENERATION:
            self._find_generations()
        elif key.kind is FactKind.ROW and key.row is not None:
            if (position := self.position(key.row)) is not None:  # else the new row was refused
                self._rows.setdefault(key.row, None)
                self._note_position(position)
        elif key.kind is FactKind.ELEMENT:
            assert key.row is not None
            assert key.column is not None
            assert key.attribute is not None
            self._elements.setdefault((key.row, key.column), set()).add(key.attribute)
        elif key.kind is FactKind.SEGMENT and (key.entity or "") in self._roots[keys.SEGMENTS]:
            found = list(unpack(self.segment(key.entity or "")))
            for edited in self._edited.values():  # a row that comes whole has a value as well
                edited.update(row for row, _, _ in found if row not in self._rows)
            self._rows.update({row: block for row, _, block in found})
            for last in sorted(position for _, position, _ in found)[-1:]:
                self._note_position(last)

    def _note_edit(self, key: Key | None) -> None:
        if self._edited and key is not None and key.row is not None and key.column in self._edited:
            self._edited[str(key.column)].add(key.row)

    def _note_position(self, position: str) -> None:
        if self.last_position is None or position > self.last_position:
            self.last_position = position

    # Merged reads

    def schema(self) -> ListSchema:
        """The columns as they stand."""
        primary = self.read(f"{keys.META}/primary")
        return ListSchema.from_columns_root(self.entries(keys.COLUMNS), primary if isinstance(primary, str) else None)

    def has_row(self, row: str) -> bool:
        """Tell whether a row exists (in the trash or not)."""
        return row in self._rows

    def is_loose(self, row: str) -> bool:
        """Tell whether a row exists, and no segment holds it."""
        return row in self._rows and self._rows[row] is None

    def rows(self) -> Iterable[str]:
        """The ids of all rows, in no particular order."""
        return self._rows.keys()

    def position(self, row: str) -> str | None:
        """A row's position key."""
        over = self._over(keys.row_key(row))
        if not isinstance(over, Absent):
            return over if isinstance(over, str) else None
        below = self._below(row)
        return below[0] if below else None

    def trashed(self, row: str) -> Json:
        """`{by, at}` where a row is in the trash, else `None`."""
        over = self._over(keys.trash(row))
        return None if isinstance(over, Absent) else over

    def cell(self, row: str, column: str) -> Json:
        """The value of a single-valued cell."""
        over = self._over(keys.cell(row, column))
        return self._cell_below(row, column) if isinstance(over, Absent) else over

    def members(self, row: str, column: str) -> list[str]:
        """The elements of a set-valued cell, in the order of the segment, then of their ids."""
        below = self._below(row)
        base = below[1].get(column) if below else None
        listed = [item for item in base if isinstance(item, str)] if isinstance(base, list) else []
        over = self._elements.get((row, column))
        if not over:
            return listed
        kept = [item for item in listed if item not in over or self._over(keys.element(row, column, item)) is not False]
        added = (
            item for item in sorted(over.difference(listed)) if self._over(keys.element(row, column, item)) is True
        )
        return [*kept, *added]

    def value(self, column: Column) -> Callable[[str], Json]:
        """What gives a row's value in a column, an array for a set-valued one."""
        if column.set_valued:
            return lambda row: [*self.members(row, column.id)]
        return lambda row: self.cell(row, column.id)

    def visible(self, key: Key, held: Outcome) -> Json:
        """What a person sees where `key` is: the merged value, `None` for nothing; `held` is what stands at its path."""
        if not isinstance(held, Absent) and (key.generation == 0 or key.generation == self.newest_generation()):
            return (held or None) if key.kind is FactKind.ELEMENT else held
        alone = isinstance(held, Absent) and len(self._generations) == 1
        match key.kind:
            case FactKind.CELL:
                value_of = self._cell_below if alone else self.cell
                return value_of(key.row or "", key.column or "")
            case FactKind.ELEMENT:
                return self._has_element(key) or None
            case FactKind.ROW:
                return self.position(key.row or "")
            case FactKind.TRASH:
                return self.trashed(key.row or "")
            case _:
                return None

    def _has_element(self, key: Key) -> bool:
        assert key.row is not None
        assert key.column is not None
        assert key.attribute is not None
        over = self._over(keys.element(key.row, key.column, key.attribute))
        if not isinstance(over, Absent):
            return over is True
        below = self._below(key.row)
        base = below[1].get(key.column) if below else None
        return isinstance(base, list) and key.attribute in base

    def _over(self, name: str) -> Outcome:
        for held in self._generations.values():
            value = self._held(held, name)
            if not isinstance(value, Absent):
                return value
        return ABSENT

    def _cell_below(self, row: str, column: str) -> Json:
        below = self._below(row)
        return below[1].get(column) if below else None

    def _below(self, row: str) -> tuple[str, Mapping[str, Json]] | None:
        block = self._rows.get(row)
        return None if block is None else block.row(row)


def fact_of(key: Key, old: Json, new: Json) -> Fact:
    """The fact that what stands at `key` has changed."""
    return Fact(key.kind, key.row, key.column, key.entity, key.attribute, old, new)
