"""What the oracle knows of a document's history, clock by clock, and what an update would do to it.

Every clock is an item of its own here: who wrote it, which path it lies at, whether it still stands. That is slow and
simple; the gate keeps runs. Written from GATE-2 to GATE-6.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.oracle.keys import place_of
from tests.oracle.plain import plain
from tests.oracle.reading import Id, Item, Reading, read

SERVERS_OWN_MAX = 1023
CLOCKS_MAX = 200_000


class _Gone:
    def __repr__(self) -> str:
        return "GONE"


GONE: Any = _Gone()
"""The outcome of a deletion."""


class Known(NamedTuple):
    """A known clock: its path (`None` once it was collected), and whether it stands."""

    path: str | None
    stands: bool


class Fresh(NamedTuple):
    """A clock that is new to the document."""

    content: str
    origin: Id | None
    parent: str | Id | None
    sub: str
    value: Any


@dataclass
class Attempts:
    """What an update tries, or the flaws for which it must be refused."""

    flaws: set[str]
    outcomes: dict[str, list[Any]] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    stale: bool = False
    anew: bool = False
    """It must be written anew before a document may see it: it holds runs of values, of which only the last counts, or
    runs that are known in part, whose new part goes on where the known part lies."""
    fresh: dict[Id, Fresh] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)

    @property
    def idle(self) -> bool:
        """Nothing in it is new."""
        return not self.ends and not self.outcomes


class Knowledge:
    """The history of one document."""

    def __init__(self, state: bytes) -> None:
        self.clients: dict[int, list[Known]] = {}
        self.latest: dict[str, Id] = {}
        """The item that was written last at each path."""
        self.add(state)

    def known(self, client: int) -> int:
        """The first clock of a client that is not known."""
        return len(self.clients.get(client, ()))

    def path(self, item: Id) -> str | None:
        """The path of a known clock."""
        return self.clients[item[0]][item[1]].path

    def add(self, emitted: bytes) -> None:
        """Take in what the server's document emitted."""
        reading = read(emitted)
        assert not reading.flaws, f"the server emitted {reading.flaws}"
        fresh = self._fresh(reading)
        paths = self._resolve(fresh)
        assert paths is not None, "the server emitted what waits for something"
        for (client, clock), item in sorted(fresh.items(), key=lambda pair: pair[0]):
            held = self.clients.setdefault(client, [])
            assert len(held) == clock, "the server emitted a gap"
            path = paths[client, clock]
            held.append(Known(path, item.content not in ("gc", "deleted")))
            if path is not None:
                self.latest[path] = (client, clock)
        for client, start, end in reading.deletions:
            held = self.clients[client]
            held[start:end] = [Known(path, stands=False) for path, _ in held[start:end]]

    def examine(self, payload: bytes, owners: dict[int, str], user: str) -> Attempts:
        """What an update of a user's tries."""
        reading = read(payload)
        attempts = Attempts(set(reading.flaws), reading=reading)
        if attempts.flaws:
            return attempts
        total = 0
        for client, items in reading.blocks.items():
            known, end = self.known(client), items[-1].clock + items[-1].length
            if end <= known:
                continue
            if client <= SERVERS_OWN_MAX or owners.get(client, user if not known else "") != user:
                attempts.flaws.add("foreign_client")
            if items[0].clock > known:
                attempts.flaws.add("clock_gap")
            attempts.ends[client] = end
            total += end - max(known, items[0].clock)
        if total > CLOCKS_MAX:
            attempts.flaws |= {"too_large", "unknown_reference", "future_delete", "nested_type", "malformed"}
        if not attempts.flaws:
            self._look_inside(attempts)
        elif "too_large" not in attempts.flaws:
            self._look_inside(Attempts(attempts.flaws, ends=attempts.ends, reading=reading))
        return attempts

    def _look_inside(self, attempts: Attempts) -> None:
        attempts.fresh = fresh = self._fresh(attempts.reading)
        attempts.anew = any(
            item.length > 1
            and item.clock + item.length > self.known(client)
            and (item.content == "json" or item.clock < self.known(client))
            for client, items in attempts.reading.blocks.items()
            for item in items
        )
        paths = self._resolve(fresh)
        if paths is None:
            attempts.flaws.add("unknown_reference")
            paths = {}
        deleted = self._deleted(attempts)
        followed = {item.origin for item in fresh.values()}
        for struct, item in fresh.items():
            path = paths.get(struct)
            if item.content in ("binary", "map"):
                attempts.flaws.add("nested_type")
            if path is None:
                attempts.stale = attempts.stale or item.content != "gc"
                continue
            held = self._attempted(path, attempts, nested=isinstance(item.parent, tuple))
            if struct not in followed:
                held.append(GONE if item.content == "deleted" or struct in deleted else item.value)
        for struct, path in [(at, self.path(at)) for at in deleted if at[1] < self.known(at[0])]:
            if path is not None:
                held = self._attempted(path, attempts)
                if struct not in followed:
                    held.append(GONE)

    def _attempted(self, path: str, attempts: Attempts, *, nested: bool = False) -> list[Any]:
        place = place_of(path)
        if place is None:
            holder = place_of(path.rpartition("/")[0])
            in_generation = holder is not None and holder.kind == "generation"
            attempts.flaws.add("nested_type" if nested and not in_generation else "malformed")
        elif place.kind in ("segment", "generation"):
            attempts.flaws.add("nested_type")
        return attempts.outcomes.setdefault(path, [])

    def _deleted(self, attempts: Attempts) -> dict[Id, None]:
        """The clocks that the update deletes, in its order: those that stand, and fresh ones."""
        deleted: dict[Id, None] = {}
        for client, start, end in attempts.reading.deletions:
            known, held = self.known(client), self.clients.get(client, [])
            if end > known and end > attempts.ends.get(client, 0):
                attempts.flaws.add("future_delete")
                continue
            deleted |= dict.fromkeys((client, clock) for clock in range(start, min(end, known)) if held[clock].stands)
            deleted |= dict.fromkeys((client, clock) for clock in range(max(start, known), end))
        return deleted

    def _fresh(self, reading: Reading) -> dict[Id, Fresh]:
        fresh: dict[Id, Fresh] = {}
        for client, items in reading.blocks.items():
            known = self.known(client)
            for item in items:
                for clock in range(max(item.clock, known), item.clock + item.length):
                    fresh[client, clock] = _at(client, clock, item)
        return fresh

    def _resolve(self, fresh: dict[Id, Fresh]) -> dict[Id, str | None] | None:
        """The path of every fresh clock, applied in an order in which nothing waits; `None` if there is no such order."""
        queues: dict[int, list[int]] = {}
        for client, clock in fresh:
            queues.setdefault(client, []).append(clock)
        paths: dict[Id, str | None] = {}
        moved = True
        while moved:
            moved = False
            for client, clocks in queues.items():
                done = 0
                for clock in clocks:
                    item = fresh[client, clock]
                    after = item.origin or (item.parent if isinstance(item.parent, tuple) else None)
                    if after is not None and after not in paths and after[1] >= self.known(after[0]):
                        break
                    paths[client, clock] = self._below(item, after, paths)
                    done += 1
                del clocks[:done]
                moved = moved or done > 0
        return paths if len(paths) == len(fresh) else None

    def _below(self, item: Fresh, after: Id | None, paths: dict[Id, str | None]) -> str | None:
        if item.content == "gc":
            return None
        if after is None:
            return f"{item.parent}/{item.sub}"
        above = paths[after] if after in paths else self.path(after)
        if item.origin is None and after not in paths and not self.clients[after[0]][after[1]].stands:
            place = place_of(above or "")
            if place is not None and place.kind == "generation":
                return None  # what is written into a generation that is gone is stale
        return above if above is None or item.origin is not None else f"{above}/{item.sub}"


def _at(client: int, clock: int, item: Item) -> Fresh:
    """One clock of a struct: after the first, each follows the one before; only the last value of a run counts."""
    content, first = item.content, clock == item.clock
    value = plain(item.values[-1]) if item.values else None
    if content == "json" and clock < item.clock + item.length - 1:
        content = "deleted"
    if content == "gc" or first:
        return Fresh(content, item.origin, item.parent, item.sub, value)
    return Fresh(content, (client, clock - 1), None, "", value)
