"""The structural rules of the gate: what a client's update must be before anyone looks at what it says.

The rules are those of docs/SPEC.md, GATE-1 to GATE-6; the first that is broken raises `Unsound`. What comes
out are the *attempts*: for every path that the update touches, each outcome that it tries to bring about.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import Final

from persistence.contract import FactKind, Json
from realtime.core import keys
from realtime.core.index import DEAD, Index
from realtime.core.keys import Key
from realtime.core.reasons import Flaw, Unsound
from realtime.core.resolving import resolve
from realtime.core.update import CLIENT_RESERVED_MAX, CLOCK_MAX, Content, Id, Struct, Update, encode

_FEW_RANGES: Final = 8
_SERVERS_OWN: Final = (Content.BINARY, Content.MAP)
_IN_GENERATION: Final = re.compile(rf"{keys.OVERLAYS}/[0-9]+/[^/]*")


CLIENTS_PER_UPDATE_MAX: Final = 100
STRUCTS_PER_KEY_MAX: Final = 4_000
"""To place an item the native library walks along the others of its key: an update with many of them would hold
the server for as long as their square. An honest one overwrites its own and carries few."""


class Absent:
    """The outcome of a deletion: the key is gone."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
Outcome = Json | Absent


@dataclass(slots=True)
class Attempt:
    """What a sound update tries: outcomes by path, and what must hold after it was applied."""

    payload: bytes
    update: Update | None = None
    """What `payload` says, decoded."""
    paths: Mapping[Id, str | None] = field(default_factory=dict)
    """The path of each of its structs."""
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    clocks: dict[int, int] = field(default_factory=dict)
    """The first unknown clock of each client after the update."""
    fresh_clocks: int = 0
    """How many clocks it adds, over all clients."""
    stale: bool = False
    """Something in it was written into a generation that is gone."""
    segments: Mapping[str, bytes] = field(default_factory=dict)
    """The segments by path that one of the server's own doors brings with it; no client does."""

    @property
    def idle(self) -> bool:
        """Nothing in it is new to the document."""
        return not self.clocks and not self.outcomes


def examine(payload: bytes, update: Update, index: Index, owns: Callable[[int], bool]) -> Attempt:
    """Judge the structure of a decoded update against what the document knows; raises `Unsound`."""
    attempt = Attempt(payload, update)
    _check_blocks(update, index, owns, attempt)
    cut = _cut(update, index)
    fresh = [struct for _, _, structs in update.blocks for struct in structs]
    if fresh or update.deletions:
        deleted = _Deleted(update, index)
        if cut or update.merged:
            attempt.payload = encode(update)
        attempt.paths = paths = resolve(update, index)
        if len(fresh) > STRUCTS_PER_KEY_MAX:
            _check_crowd(paths[struct.client, struct.clock] for struct in fresh)
        origins = {struct.origin for struct in fresh if struct.origin is not None}
        _collect(fresh, origins, deleted, attempt)
        _collect_deletions(deleted, origins, attempt)
    return attempt


def _check_blocks(update: Update, index: Index, owns: Callable[[int], bool], attempt: Attempt) -> None:
    for client, start, structs in update.blocks:
        known = index.known(client)
        end = structs[-1].clock + structs[-1].length
        if end <= known:
            continue
        if client <= CLIENT_RESERVED_MAX or not owns(client):
            raise Unsound(Flaw.FOREIGN_CLIENT, "the update writes under the client id of somebody else")
        if start > known:
            raise Unsound(Flaw.CLOCK_GAP, "the update leaves out earlier edits of its client")
        attempt.clocks[client] = end
        attempt.fresh_clocks += end - known
    if len(attempt.clocks) > CLIENTS_PER_UPDATE_MAX:
        raise Unsound(Flaw.TOO_LARGE, f"the update writes under more than {CLIENTS_PER_UPDATE_MAX} client ids")


def _check_crowd(paths: Iterable[str | None]) -> None:
    crowd = Counter(path for path in paths if path is not None)
    if max(crowd.values(), default=0) > STRUCTS_PER_KEY_MAX:
        raise Unsound(Flaw.TOO_LARGE, f"the update writes one key more than {STRUCTS_PER_KEY_MAX} times")


def _cut(update: Update, index: Index) -> bool:
    """Leave only what is new in the update: what it says of known structs counts for nothing.

    The new end of a run that is known in part goes on where its known part lies, wherever the update puts it.
    """
    blocks: list[tuple[int, int, list[Struct]]] = []
    cut = False
    for block in update.blocks:
        client, start, structs = block
        known = index.known(client)
        if start < known:
            structs = _after(known, structs)
            cut = True
        if any(map(_is_run, structs)):
            structs = [part for struct in structs for part in _parts(struct)]
            cut = True
        if structs:
            blocks.append((client, structs[0].clock, structs) if cut else block)
    update.blocks = blocks
    return cut


def _after(known: int, structs: list[Struct]) -> list[Struct]:
    """The structs from a clock on; of one that begins before it, the rest."""
    fresh = [struct for struct in structs if struct.clock + struct.length > known]
    if not fresh or fresh[0].clock >= known:
        return fresh
    first = fresh[0]
    origin = None if first.content is Content.GC else (first.client, known - 1)
    length = first.clock + first.length - known
    return [Struct(first.client, known, length, first.content, origin, values=first.values[-length:]), *fresh[1:]]


def _is_run(struct: Struct) -> bool:
    return struct.length > 1 and struct.content is Content.ANY


def _parts(run: Struct) -> Iterator[Struct]:
    """A run of values as deleted clocks and its last value, which is all that anyone sees of it.

    Yjs keeps the values of an undo history as one item, and an undo writes such an item anew. The native library
    must not see a map entry longer than one value.
    """
    if not _is_run(run):
        yield run
        return
    before = run.length - 1
    yield replace(run, length=before, content=Content.DELETED, values=())
    yield Struct(
        run.client, run.clock + before, 1, Content.ANY, (run.client, run.clock + before - 1), values=run.values[-1:]
    )


class _Deleted:
    """The delete set of an update, split into what it hits among known living items and inside the update."""

    def __init__(self, update: Update, index: Index) -> None:
        self.hits: list[tuple[Id, str]] = []
        self._inside: dict[int, list[tuple[int, int]]] = {}
        ends = {client: structs[-1].clock + structs[-1].length for client, _, structs in update.blocks}
        for client, group in groupby(update.deletions, itemgetter(0)):
            ranges = [(clock, clock + length) for _, clock, length in group]
            known = index.known(client)
            if ranges[-1][1] > max(known, ends.get(client, 0)):
                raise Unsound(Flaw.FUTURE_DELETE, "the update deletes edits that do not exist yet")
            if ranges[-1][1] > known:
                self._inside[client] = [(start, end) for start, end in ranges if end > known]
            self.hits.extend(((client, at), path) for at, path in _living(client, ranges, index))

    def covers(self, struct: Struct) -> bool:
        """Tell whether the whole of a new struct is deleted by the same update."""
        ranges = self._inside.get(struct.client)
        if ranges is None:
            return False
        place = bisect_right(ranges, (struct.clock, CLOCK_MAX)) - 1
        return place >= 0 and struct.clock + struct.length <= ranges[place][1]


def _living(client: int, ranges: Sequence[tuple[int, int]], index: Index) -> Sequence[tuple[int, str]]:
    """The living items in a few ranges, or in many: an honest client that comes back brings all that it knows to be deleted."""
    if len(ranges) > _FEW_RANGES:
        return index.living_within(client, ranges)
    return [found for start, end in ranges for found in index.living(client, start, end)]


def _collect(fresh: list[Struct], origins: AbstractSet[Id], deleted: _Deleted, attempt: Attempt) -> None:
    paths, outcomes = attempt.paths, attempt.outcomes
    for struct in fresh:
        path, content = paths[struct.client, struct.clock], struct.content
        if content in _SERVERS_OWN:
            raise Unsound(Flaw.NESTED_TYPE, "only the server writes segments and nested maps")
        if path is None:
            attempt.stale = attempt.stale or content is not Content.GC
            continue
        if path not in outcomes:
            _register(path, attempt, nested=isinstance(struct.parent, tuple))
        if origins and (struct.client, struct.clock + struct.length - 1) in origins:
            continue
        gone = content in DEAD or deleted.covers(struct)
        outcomes[path].append(ABSENT if gone else struct.values[0])


def _collect_deletions(deleted: _Deleted, origins: AbstractSet[Id], attempt: Attempt) -> None:
    for struct_id, path in deleted.hits:
        if path not in attempt.outcomes:
            _register(path, attempt)
        if struct_id not in origins:
            attempt.outcomes[path].append(ABSENT)


def _register(path: str, attempt: Attempt, *, nested: bool = False) -> None:
    key = keys.parse(path)
    if key is None and nested and not _IN_GENERATION.fullmatch(path):
        # Or its parent is a generation that another node has made, under a clock that this one has given to something else.
        raise Unsound(Flaw.NESTED_TYPE, "the update writes into what is no generation")
    if key is None:
        raise Unsound(Flaw.MALFORMED, "the update writes a key that list documents do not have")
    if key.kind in (FactKind.SEGMENT, FactKind.GENERATION):
        raise Unsound(Flaw.NESTED_TYPE, "only the server writes segments and generations")
    attempt.keys[path] = key
    attempt.outcomes[path] = []
