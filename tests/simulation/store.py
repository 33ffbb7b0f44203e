"""The store of a simulation: the one in memory, behind connections that are slow, break, and leave outcomes unknown.

A statement whose answer does not come may have been written, may never be, or may be written *later*, after its node
has looked for it in the log: then only the comparison with the head decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from persistence.contract import Batch, CommitResult, Committed, LogEntry, LoggedUpdate, OpenedList, Source
from persistence.memory import Membership, MemoryListStore, StoredList
from persistence.memory_rights import MemoryRights
from persistence.rights import Beliefs, Differences
from realtime.core import events
from realtime.core.document import ListDocument
from realtime.core.effects import Commit
from realtime.core.limits import Limits
from realtime.core.room import Room
from realtime.core.writes import AddRow
from tests.property_list import EVERYBODY, LIST, NOW, OLGA, PIER, QUAY, WORKSPACE, finish, furnished_store, opened
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.checks import Checks

Answer = TypeVar("Answer")
TIMEOUT_SECONDS = 1.0


class Failed:
    """The answer of a statement that has none."""


FAILED = Failed()


class Store:
    """The truth, and what each node can see of it; `checks` hear of every commit."""

    def __init__(self, world: World, checks: Checks) -> None:
        self.truth = furnished()
        self.away = False
        self.parted: set[str] = set()
        self._world = world
        self._checks = checks
        self._rights = MemoryRights(self.truth)

    @property
    def kept(self) -> StoredList:
        """What is durable of the list."""
        return self.truth.lists[LIST]

    def open_list(self, node: str, done: Callable[[OpenedList | Failed | None], None]) -> None:
        """Read the list for a room."""
        self._ask(node, lambda: finish(self.truth.open_list(LIST)), done)

    def updates_after(self, node: str, seq: int, done: Callable[[Sequence[LogEntry] | Failed], None]) -> None:
        """Read the log after a number."""
        self._ask(node, lambda: list(finish(self.truth.updates_after(LIST, seq))), done)

    def differences(self, node: str, beliefs: Beliefs, done: Callable[[Differences | Failed], None]) -> None:
        """Compare a node's beliefs of rights."""
        self._ask(node, lambda: finish(self._rights.differences(beliefs, NOW)), done)

    def commit(self, node: str, batch: Batch, done: Callable[[CommitResult | Failed], None]) -> None:
        """Send the statement of a commit; it is written or not, now or later, and the answer comes or does not."""
        world = self._world
        if world.strikes("store.late"):
            self._write_later(batch)
            world.after(world.between(0.05, TIMEOUT_SECONDS), lambda: done(FAILED))
        elif world.strikes("store.answer_lost"):
            world.after(self._delay(), lambda: self._written(batch))
            world.after(world.between(0.05, TIMEOUT_SECONDS), lambda: done(FAILED))
        else:
            self._ask(node, lambda: self._written(batch), done)

    def write(self, batch: Batch) -> CommitResult:
        """Execute a commit now."""
        return self._written(batch)

    def _write_later(self, batch: Batch) -> None:
        """The statement waits in the database: it runs long after its node has given it up."""

        def run() -> None:
            won = isinstance(self._written(batch), Committed)
            self._world.counts["store.late_written" if won else "store.late_beaten"] += 1

        self._world.after(self._world.between(0.02, 3.0), run)

    def _written(self, batch: Batch) -> CommitResult:
        result = finish(self.truth.commit(batch))
        self._world.note(f"commit {batch.expected_head} {len(batch.updates)} {type(result).__name__}")
        self._world.counts[f"commit.{type(result).__name__}"] += 1
        self._checks.committed(batch, result, self.truth)
        return result

    def _ask(self, node: str, execute: Callable[[], Answer], done: Callable[[Answer | Failed], None]) -> None:
        world = self._world

        def arrive() -> None:
            if self._unreachable(node):
                world.counts["store.unreached"] += 1
                world.after(TIMEOUT_SECONDS, lambda: done(FAILED))
                return
            answer = execute()
            world.after(self._delay(), lambda: done(FAILED if self._unreachable(node) else answer))

        if world.strikes("store.refused"):
            world.after(self._delay(), lambda: done(FAILED))
        else:
            world.after(self._delay(), arrive)

    def _unreachable(self, node: str) -> bool:
        return self.away or node in self.parted

    def _delay(self) -> float:
        slow = self._world.strikes("store.slow")
        return self._world.between(0.05, 0.5) if slow else self._world.between(0.001, 0.006)

    # What others do to it

    def open_generation(self, batch_id: UUID) -> None:
        """What folding will do at its end: another process opens the next generation."""
        document = ListDocument(self.kept.epoch)
        document.apply([entry.update for entry in self.kept.log])
        document.scan()
        update = document.open_generation(document.newest_generation() + 1, {})
        assert update is not None, "a new generation says something"
        logged = LoggedUpdate(OLGA.user_id, Source.SYSTEM, update, NOW)
        self._written(Batch(LIST, batch_id, self.kept.epoch, self.kept.head, [logged]))


@cache
def _template() -> MemoryListStore:
    """The store that every seed begins with: the people, the columns and two rows."""
    store = furnished_store()
    ids = count(2)
    room = Room(opened(store), Limits(), lambda: UUID(int=next(ids)), NOW)
    effects = room.decide(events.Requested("rows", OLGA, Source.API, (AddRow(QUAY), AddRow(PIER))), NOW)
    for effect in effects:
        if isinstance(effect, Commit):
            assert isinstance(finish(store.commit(effect.batch)), Committed)
    return store


def furnished() -> MemoryListStore:
    """A copy of the store that every seed begins with."""
    template, store = _template(), MemoryListStore()
    kept = template.lists[LIST]
    store.lists[LIST] = replace(
        kept,
        log=list(kept.log),
        logged_at=dict(kept.logged_at),
        rows={name: replace(row, cells=dict(row.cells)) for name, row in kept.rows.items()},
        links=dict(kept.links),
        comments=dict(kept.comments),
        facts=list(kept.facts),
        facts_of=copy(kept.facts_of),
        client_owners=dict(kept.client_owners),
    )
    store.members[WORKSPACE] = {person.user_id: Membership(person.role) for person in EVERYBODY}
    return store
