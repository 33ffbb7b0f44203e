"""The index of a document's structs: (client, clock) -> the path it wrote, and whether it is still alive.

A struct names its parent only if it is the first of its key; every later one names its origin. With the
index the decoded bytes of an update alone tell which keys it touches, before they reach the document.

Kept as runs: a living item is one clock long, a longer run is dead, so liveness is a property of the run. What is not
committed yet can be taken back: each update that was taken in since `settle` is a step that can be undone.

1. Per client the runs cover the clocks from 0 to `known(client)` without gaps.
2. The path of a run is `None` where it was garbage-collected with its generation.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from itertools import compress
from sys import intern
from typing import TYPE_CHECKING

from persistence.contract import FactKind
from realtime.core import keys
from realtime.core.reasons import Flaw, Unsound
from realtime.core.update import Content, Id, Struct, Update

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DEAD = (Content.GC, Content.DELETED)
_FLIPPED = bytes((1, *bytes(255)))


class _Runs:
    """The runs of one client."""

    __slots__ = ("dead", "end", "paths", "starts")

    def __init__(self) -> None:
        self.starts = array("Q")
        self.paths: list[str | None] = []
        self.dead = bytearray()
        self.end = 0

    def append(self, path: str | None, end: int, *, dead: bool) -> None:
        self.starts.append(self.end)
        self.paths.append(path)
        self.dead.append(dead)
        self.end = end

    def at(self, clock: int) -> int:
        return bisect_right(self.starts, clock) - 1

    def living(self, start: int, end: int) -> Iterator[int]:
        """The places of the living runs between `start` and before `end`."""
        last = bisect_left(self.starts, end)
        run = self.dead.find(0, bisect_left(self.starts, start), last)
        while run >= 0:
            yield run
            run = self.dead.find(0, run + 1, last)

    def all_living(self) -> list[int]:
        return list(compress(range(len(self.dead)), self.dead.translate(_FLIPPED)))


class _Step:
    """What one update changed: how many runs each client had, and where they ended; which runs it buried."""

    __slots__ = ("before", "buried")

    def __init__(self) -> None:
        self.before: dict[int, tuple[int, int]] = {}
        self.buried: list[tuple[_Runs, int]] = []


class Index:
    """Paths and liveness of every struct of one document."""

    __slots__ = ("_clients", "_steps")

    def __init__(self) -> None:
        self._clients: dict[int, _Runs] = {}
        self._steps: list[_Step] = []

    def __len__(self) -> int:
        return len(self._clients)

    def known(self, client: int) -> int:
        """The first clock of `client` that the document does not know."""
        runs = self._clients.get(client)
        return 0 if runs is None else runs.end

    def path(self, struct_id: Id) -> str | None:
        """The path that a known struct wrote; `None` if it went with its generation. Raises `Unsound`."""
        client, clock = struct_id
        runs = self._clients.get(client)
        if runs is None or clock >= runs.end:
            raise Unsound(Flaw.UNKNOWN_REFERENCE, "an item refers to one that nobody has")
        return runs.paths[runs.at(clock)]

    def alive(self, struct_id: Id) -> bool:
        """Tell whether a known struct has not been deleted."""
        runs = self._clients[struct_id[0]]
        return not runs.dead[runs.at(struct_id[1])]

    def living(self, client: int, start: int, end: int) -> list[tuple[int, str]]:
        """(clock, path) of the items of `client` between `start` and before `end` that are not deleted."""
        runs = self._clients.get(client)
        if runs is None:
            return []
        return [(runs.starts[run], path) for run in runs.living(start, end) if (path := runs.paths[run]) is not None]

    def living_within(self, client: int, ranges: Sequence[tuple[int, int]]) -> list[tuple[int, str]]:
        """(clock, path) of the items of `client` that are not deleted and lie in one of many ranges (start, end)."""
        runs = self._clients.get(client)
        if runs is None:
            return []
        places = runs.all_living()
        starts = [runs.starts[place] for place in places]
        found: list[tuple[int, str]] = []
        for start, end in ranges:
            first = bisect_left(starts, start)
            if first < len(starts) and starts[first] < end:
                within = places[first : bisect_left(starts, end, first)]
                found += [(runs.starts[place], path) for place in within if (path := runs.paths[place]) is not None]
        return found

    def add(self, update: Update, paths: Mapping[Id, str | None] | None = None) -> set[str]:
        """Take in an update that the document emitted; returns the paths that it wrote or deleted.

        `paths` are those that `resolve` has found, where that was done already.
        """
        resolved = resolve(update, self) if paths is None else paths
        touched: set[str] = set()
        step = _Step()
        self._steps.append(step)
        for client, _, structs in update.blocks:
            runs = self._clients.setdefault(client, _Runs())
            step.before[client] = (len(runs.paths), runs.end)
            for struct in structs:
                end = struct.clock + struct.length
                if end <= runs.end:
                    continue
                path = resolved[client, struct.clock]
                if path is not None:
                    path = intern(path)  # a key that is written again and again has one text
                    touched.add(path)
                runs.append(path, end, dead=struct.content in DEAD)
        for client, clock, length in update.deletions:
            self._bury(client, clock, clock + length, touched, step)
        return touched

    def settle(self, steps: int | None = None) -> None:
        """The first so many of the updates taken in, or all, are not taken back any more."""
        del self._steps[:steps]

    def expect(self, steps: int) -> None:
        """So many updates that are settled here already will be settled again."""
        self._steps = [*(_Step() for _ in range(steps)), *self._steps]

    def take_back(self) -> set[str]:
        """Undo every update that is not settled; returns the paths that they wrote."""
        undone: set[str] = set()
        for step in reversed(self._steps):
            for runs, run in step.buried:
                runs.dead[run] = 0
            for client, (count, end) in step.before.items():
                runs = self._clients[client]
                undone.update(path for path in runs.paths[count:] if path is not None)
                del runs.starts[count:], runs.paths[count:], runs.dead[count:]
                runs.end = end
                if not end:
                    del self._clients[client]
        self._steps = []
        return undone

    def _bury(self, client: int, start: int, end: int, touched: set[str], step: _Step) -> None:
        runs = self._clients[client]
        for run in list(runs.living(start, end)):
            runs.dead[run] = 1
            step.buried.append((runs, run))
            path = runs.paths[run]
            if path is not None:
                touched.add(path)


def resolve(update: Update, index: Index) -> dict[Id, str | None]:
    """Find the path of every struct of `update` by its (client, first clock); raises `Unsound`.

    Origins may lead through other structs of the same update, in any order of its blocks.
    """
    found: dict[Id, str | None] = {}
    waiting = False
    for client, _, structs in update.blocks:
        for struct in structs:
            reference = reference_of(struct)
            if reference is None:
                found[client, struct.clock] = None if struct.content is Content.GC else f"{struct.parent}/{struct.sub}"
            elif reference[1] < index.known(reference[0]):
                found[client, struct.clock] = _below(struct, _standing(struct, reference, index))
            else:
                waiting = True
    if waiting:
        _follow(update, found)
    return found


_Blocks = dict[int, tuple[list[int], list[Struct]]]


def _follow(update: Update, found: dict[Id, str | None]) -> None:
    """Resolve the structs whose reference lies inside the update itself, in an order in which they can be applied.

    A struct waits for its reference and for the one before it in its block; each waits once, so this is linear.
    """
    blocks = {client: ([struct.clock for struct in structs], structs) for client, _, structs in update.blocks}
    placed = dict.fromkeys(blocks, 0)
    for client, (_, structs) in blocks.items():
        trail = {client: len(structs) - 1}  # each is placed up to here because the one before it waits for that
        while trail:
            last, until = next(reversed(trail.items()))
            wanted = _place(last, until, blocks, placed, found)
            if wanted is None:
                del trail[last]
            elif wanted[0] in trail:
                raise Unsound(Flaw.UNKNOWN_REFERENCE, "items refer to each other in a circle")
            else:
                trail[wanted[0]] = wanted[1]


def _place(client: int, until: int, blocks: _Blocks, placed: dict[int, int], found: dict[Id, str | None]) -> Id | None:
    """Place the structs of a client in their order, or return the client and place of one that must come first."""
    structs = blocks[client][1]
    while placed[client] <= until:
        struct = structs[placed[client]]
        if (client, struct.clock) not in found:
            holder, place = _locate(blocks, struct)
            if place >= placed[holder]:
                return holder, place
            found[client, struct.clock] = _below(struct, found[holder, blocks[holder][0][place]])
        placed[client] += 1
    return None


def _locate(blocks: _Blocks, struct: Struct) -> Id:
    """The client, and the place in its block, of the struct that another one refers to."""
    reference = reference_of(struct)
    assert reference is not None, "only structs with a reference wait for one"
    client, clock = reference
    clocks, structs = blocks.get(client, ([], []))
    place = bisect_right(clocks, clock) - 1
    if place < 0 or clock >= structs[place].clock + structs[place].length:
        raise Unsound(Flaw.UNKNOWN_REFERENCE, "an item refers to one that nobody has")
    return client, place


def reference_of(struct: Struct) -> Id | None:
    """The id that a struct's place depends on: its origin, or the nested map it lies in."""
    if struct.origin is not None:
        return struct.origin
    return struct.parent if isinstance(struct.parent, tuple) else None


def _standing(struct: Struct, reference: Id, index: Index) -> str | None:
    """The path of a known reference; `None` where a generation is gone: what is written first into it is stale."""
    path = index.path(reference)
    if struct.origin is not None or path is None or index.alive(reference):
        return path
    key = keys.parse(path)
    return None if key is not None and key.kind is FactKind.GENERATION else path


def _below(struct: Struct, reference: str | None) -> str | None:
    if reference is None or struct.origin is not None:
        return reference
    return f"{reference}/{struct.sub}"
