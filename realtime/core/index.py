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

from realtime.core import keys
from realtime.core.reasons import Flaw, Unsound
from realtime.core.resolving import resolve
from realtime.core.update import Content, Id, Update

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

    def join(self) -> None:
        """Make one run of neighbours that were collected with their generations."""
        kept = [not n or path is not None or self.paths[n - 1] is not None for n, path in enumerate(self.paths)]
        self.starts = array("Q", compress(self.starts, kept))
        self.dead = bytearray(compress(self.dead, kept))
        self.paths = list(compress(self.paths, kept))

    def all_living(self) -> list[int]:
        return list(compress(range(len(self.dead)), self.dead.translate(_FLIPPED)))


class _Step:
    """What one update changed: how many runs each client had, and where they ended; which runs it buried.

    `forgotten`: the paths of those that went with their generation.
    """

    __slots__ = ("before", "buried", "forgotten")

    def __init__(self) -> None:
        self.before: dict[int, tuple[int, int]] = {}
        self.buried: list[tuple[_Runs, int]] = []
        self.forgotten: list[tuple[_Runs, int, str]] = []


class Index:
    """Paths and liveness of every struct of one document."""

    __slots__ = ("_clients", "_ragged", "_steps", "edits")

    def __init__(self) -> None:
        self.edits = 0
        """How many items lie in generations, deleted ones too: what folding takes away."""
        self._ragged = False
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
        buried: set[str] = set()
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
                    self.edits += _is_edit(path)
                runs.append(path, end, dead=struct.content in DEAD)
        for client, clock, length in update.deletions:
            self._bury(client, clock, clock + length, buried, step)
        touched |= buried
        gone = tuple(f"{path}/" for path in buried if _is_generation(path) and path not in resolved.values())
        if gone:
            self._forget(gone, step)
            touched = {path for path in touched if not path.startswith(gone)}
        return touched

    def settle(self, steps: int | None = None) -> None:
        """The first so many of the updates taken in, or all, are not taken back any more."""
        del self._steps[:steps]
        if self._ragged and not self._steps:
            self._ragged = False
            for runs in self._clients.values():
                runs.join()

    def expect(self, steps: int) -> None:
        """So many updates that are settled here already will be settled again."""
        self._steps = [*(_Step() for _ in range(steps)), *self._steps]

    def take_back(self) -> set[str]:
        """Undo every update that is not settled; returns the paths that they wrote or deleted."""
        undone: set[str] = set()
        for step in reversed(self._steps):
            for runs, run in step.buried:
                runs.dead[run] = 0
                if (path := runs.paths[run]) is not None:
                    undone.add(path)
            for runs, run, path in step.forgotten:
                runs.paths[run] = path
            self.edits += len(step.forgotten)
            for client, (count, end) in step.before.items():
                runs = self._clients[client]
                written = [path for path in runs.paths[count:] if path is not None]
                undone.update(written)
                self.edits -= sum(_is_edit(path) for path in written)
                del runs.starts[count:], runs.paths[count:], runs.dead[count:]
                runs.end = end
                if not end:
                    del self._clients[client]
        self._steps = []
        return undone

    def _forget(self, gone: tuple[str, ...], step: _Step) -> None:
        """What lay in a generation is collected with it: whatever refers to that is stale from now on."""
        for runs in self._clients.values():
            for run, path in enumerate(runs.paths):
                if path is not None and path.startswith(gone):
                    step.forgotten.append((runs, run, path))
                    runs.paths[run] = None
        self.edits -= len(step.forgotten)
        self._ragged = True

    def _bury(self, client: int, start: int, end: int, touched: set[str], step: _Step) -> None:
        runs = self._clients[client]
        for run in list(runs.living(start, end)):
            runs.dead[run] = 1
            step.buried.append((runs, run))
            path = runs.paths[run]
            if path is not None:
                touched.add(path)


def _is_edit(path: str) -> bool:
    """Tell whether a path lies in a generation: no other one has two slashes."""
    return path.count("/") > 1


def _is_generation(path: str) -> bool:
    root, _, name = path.partition("/")
    return root == keys.OVERLAYS and "/" not in name
