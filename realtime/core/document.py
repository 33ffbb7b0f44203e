"""The list document: typed access to the pycrdt document of one list (format 1).

Reads merge what lies over each other: the newest generation that has a key wins, then the row's segment.
Only sound updates of this server's gate or log reach `apply`: pycrdt must never see anybody else's bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from weakref import finalize

from pycrdt import Doc, Map

from persistence.contract import Fact, FactKind, Json
from realtime.core import keys
from realtime.core.change import Change
from realtime.core.keys import Key
from realtime.core.row_blocks import RowBlock, unpack
from realtime.core.soundness import ABSENT, Absent, Outcome
from snapshots.columns import ListSchema

FORMAT: Final = 1


class ListDocument:
    """One replica of a list's document, with the rows and elements that its keys speak of.

    `client_id` is the id that this replica writes under: the list's epoch (docs/SPEC.md, LOG rules).
    """

    def __init__(self, client_id: int) -> None:
        self._doc: Doc[Map[object]] = Doc(client_id=client_id, allow_multithreading=True)
        self._emitted: list[bytes] = []
        self.change = Change(self._doc)
        """A transaction for several reads and writes at once; `take` gives what it emitted."""
        emitted = self._emitted
        subscription = self._doc.observe(lambda event: emitted.append(event.update))
        # An observed document of pycrdt holds itself through its observer, where no garbage collector sees it.
        finalize(self, self._doc.unobserve, subscription).atexit = False
        self._roots: dict[str, Map[object]] = {name: self._doc.get(name, type=Map) for name in keys.ROOTS}
        self._generations: dict[str, Map[object]] = {}  # by number, newest first
        self._rows: dict[str, RowBlock | None] = {}  # with what lies below the generations, in a segment
        self._elements: dict[tuple[str, str], set[str]] = {}
        self.last_position: str | None = None

    # Whole documents

    def apply(self, updates: Iterable[bytes]) -> bytes | None:
        """Apply sound updates in log order, in one transaction; returns the one update that it emitted."""
        with self.change:
            for update in updates:
                self._doc.apply_update(update)
        return self.take()

    def write(
        self, payload: bytes | None, values: Mapping[str, Outcome], insisted: dict[str, Outcome] | None = None
    ) -> None:
        """Apply a sound update and set or delete keys, in one transaction.

        What is `insisted` on is set only where the update alone did not bring it about; what did not have to be
        set is taken out of it.
        """
        with self.change:
            if payload is not None:
                self._doc.apply_update(payload)
            for path, value in list((insisted or {}).items()):
                if self.read(path) != value:
                    self._put(path, value)
                elif insisted is not None:
                    del insisted[path]
            for path, value in values.items():
                self._put(path, value)

    def open_generation(self, generation: int, values: Mapping[str, Outcome | bytes]) -> bytes | None:
        """Make the nested map of a new generation and set keys of the flat roots; returns the emitted update."""
        with self.change:
            self._roots[keys.OVERLAYS][str(generation)] = Map()
            for path, value in values.items():
                self._put(path, value)
        self._find_generations()
        return self.take()

    def difference(self, state_vector: bytes | None = None) -> bytes:
        """Everything that a replica with this state vector lacks, as one update."""
        return self._doc.get_update(state_vector) if state_vector else self._doc.get_update()

    def state_vector(self) -> bytes:
        """The encoded state vector."""
        return self._doc.get_state()

    def take(self) -> bytes | None:
        """The one update that the last transaction emitted; `None` if it changed nothing."""
        if not self._emitted:
            return None
        assert len(self._emitted) == 1, "one transaction emits one update"
        return self._emitted.pop()

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
        self._find_generations()
        self._rows, self._elements, self.last_position = other._rows, other._elements, other.last_position
        for key in map(keys.parse, undone):
            if key is not None and key.kind is FactKind.ROW and key.row is not None and self.position(key.row) is None:
                self._rows.pop(key.row, None)

    def notice(self, key: Key | None) -> None:
        """Take note of a key that has appeared: a row, an element, a segment."""
        if key is None:
            return
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
        elif key.kind is FactKind.SEGMENT and key.entity is not None:
            payload = self._roots[keys.SEGMENTS][key.entity]
            assert isinstance(payload, bytes | bytearray), "a segment is binary"
            for row, position, block in unpack(bytes(payload)):
                self._rows[row] = block
                self._note_position(position)

    def _note_position(self, position: str) -> None:
        if self.last_position is None or position > self.last_position:
            self.last_position = position

    # Keys

    def read(self, path: str) -> Outcome:
        """The value at a path, or `ABSENT`. Raises `KeyError` where its generation is not there."""
        held, name = self._place(path)
        return self._held(held, name)

    def _held(self, held: Map[object], name: str) -> Outcome:
        raw = self.change.raw
        if raw is None:
            with self.change:
                return self._held(held, name)
        try:
            return plain(held.integrated.get(raw, name))
        except ValueError:  # the native library's word for a key that is not there
            return ABSENT

    def _place(self, path: str) -> tuple[Map[object], str]:
        root, _, name = path.partition("/")
        if root != keys.OVERLAYS:
            return self._roots[root], name
        generation, _, name = name.partition("/")
        return self._generations[generation], name

    def _put(self, path: str, value: Outcome | bytes) -> None:
        held, name = self._place(path)
        if not isinstance(value, Absent):
            held[name] = value
        elif name in held:
            del held[name]

    def entries(self, root: str) -> dict[str, Json]:
        """All keys of a flat root with their values."""
        return {name: plain(value) for name, value in self._roots[root].items()}

    def held(self, root: str) -> object:
        """All that stands under a root, nested maps and segments included."""
        return self._roots[root].to_py()

    def newest_generation(self) -> int:
        """The generation that clients write into."""
        return int(next(iter(self._generations)))

    def _find_generations(self) -> None:
        self._generations = {}
        overlays = self._roots[keys.OVERLAYS]
        for number in sorted(map(int, overlays.keys()), reverse=True):
            held = overlays[str(number)]
            assert isinstance(held, Map), "a generation is a nested map"
            self._generations[str(number)] = held

    # Merged reads

    def schema(self) -> ListSchema:
        """The columns as they stand."""
        primary = self.read(f"{keys.META}/primary")
        return ListSchema.from_columns_root(self.entries(keys.COLUMNS), primary if isinstance(primary, str) else None)

    def has_row(self, row: str) -> bool:
        """Tell whether a row exists (in the trash or not)."""
        return row in self._rows

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
        if not isinstance(over, Absent):
            return over
        below = self._below(row)
        return below[1].get(column) if below else None

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

    def visible(self, key: Key, held: Outcome) -> Json:
        """What a person sees where `key` is: the merged value, `None` for nothing; `held` is what stands at its path."""
        if not isinstance(held, Absent) and (key.generation == 0 or key.generation == self.newest_generation()):
            return (held or None) if key.kind is FactKind.ELEMENT else held
        match key.kind:
            case FactKind.CELL:
                return self.cell(key.row or "", key.column or "")
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

    def _below(self, row: str) -> tuple[str, Mapping[str, Json]] | None:
        block = self._rows.get(row)
        return None if block is None else block.row(row)


def plain(value: object) -> Json:
    """A JSON value as the rest of the program holds it: pycrdt's whole floats become integers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    assert value is None or isinstance(value, str | float | bool | int), "list documents hold JSON"
    return value


def fact_of(key: Key, old: Json, new: Json) -> Fact:
    """The fact that what stands at `key` has changed."""
    return Fact(key.kind, key.row, key.column, key.entity, key.attribute, old, new)
