"""The store of a simulation: the one in memory, behind connections that are slow, break, and leave outcomes unknown.

A statement whose answer does not come may have been written, may never be, or may be written *later*, after its node
has looked for it in the log: then only the comparison with the head decides. Whatever writes waits for the list's row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from persistence.contract import (
    Batch,
    CommitResult,
    Committed,
    Conflict,
    LogEntry,
    OpenedList,
)
from persistence.memory import StoredList, StoredState, document_of
from persistence.memory_rights import MemoryRights
from persistence.rights import Beliefs, Differences
from persistence.states import OtherEpoch
from realtime.core.document import ListDocument
from tests.property_list import LIST, NOW, finish
from tests.simulation.beginning import furnished
from tests.simulation.holds import FAILED, Failed, Hold, Row, Run
from tests.simulation.rebuilding import rebuilt
from tests.simulation.world import Action, Violation, World

if TYPE_CHECKING:
    from tests.simulation.checks import Checks

Answer = TypeVar("Answer")
TIMEOUT_SECONDS = 1.0
PATIENCE_SECONDS = 2.0
"""A node that has waited so long for a commit asks whether the server is still at it."""


class Line:
    """The way of one node to the store."""

    def __init__(self, store: Store, node: str) -> None:
        self._store = store
        self._node = node

    def up(self) -> bool:
        """What is sent now arrives."""
        return not (self._store.away or self._node in self._store.parted)

    def delay(self) -> float:
        """How long a message takes."""
        return self._store.delay()


class Store:
    """The truth, and what each node can see of it; `checks` hear of every commit."""

    def __init__(self, world: World, checks: Checks) -> None:
        self.truth = furnished()
        self.row = Row(world)
        self.away = False
        self.parted: set[str] = set()
        self._world = world
        self._checks = checks
        self._rights = MemoryRights(self.truth)
        self._holds: dict[str, Hold] = {}
        self._begun: dict[str, list[Hold]] = {}

    @property
    def kept(self) -> StoredList:
        """What is durable of the list."""
        return self.truth.lists[LIST]

    def open_list(self, node: str, done: Callable[[OpenedList | Failed | None], None]) -> None:
        """Read the list for a room."""
        self._ask(node, lambda: finish(self.truth.open_list(LIST)), done)

    def updates_after(
        self, node: str, seq: int, epoch: int, done: Callable[[Sequence[LogEntry] | OtherEpoch | Failed], None]
    ) -> None:
        """Read the log after a number."""
        self._ask(node, lambda: self._log_after(seq, epoch), done)

    def hold(self, node: str, run: Run, seq: int, epoch: int, done: Callable[[Any], None]) -> None:
        """Read the log after a number with the row locked; the node's earlier hold ends first."""
        world = self._world
        if world.strikes("store.refused"):
            world.after(self.delay(), lambda: done(FAILED))
            return
        before = self._holds.get(node)
        hold = self._holds[node] = Hold(world, self.row, Line(self, node), run)
        self._begun.setdefault(node, []).append(hold)
        world.counts["hold.begun"] += 1

        def begin() -> None:
            hold.begin(lambda: self._log_after(seq, epoch), done)

        if before is None:
            begin()
        else:
            world.counts["hold.begun_again"] += 1
            before.end(begin)

    def died(self, node: str) -> None:
        """A node has died: its connections break, and the server is told or is not."""
        self._holds.pop(node, None)
        for hold in self._begun.pop(node, ()):
            hold.crashed()

    def differences(self, node: str, beliefs: Beliefs, done: Callable[[Differences | Failed], None]) -> None:
        """Compare a node's beliefs of rights."""
        self._ask(node, lambda: finish(self._rights.differences(beliefs, NOW)), done)

    def commit(self, node: str, batch: Batch, done: Callable[[Any], None]) -> None:
        """Send the statement of a commit; it is written or not, now or later, and the answer comes or does not."""
        world = self._world

        def write() -> None:
            self._written(batch)

        hold = self._holds.pop(node, None)
        if hold is not None and hold.lasts:
            hold.write(lambda: self._written_in_hold(batch), done)
        elif world.strikes("store.late"):
            self._write_later(batch)
            world.after(world.between(0.05, TIMEOUT_SECONDS), lambda: done(FAILED))
        elif world.strikes("store.answer_lost"):
            world.after(self.delay(), lambda: self.row.enter(write))
            world.after(world.between(0.05, TIMEOUT_SECONDS), lambda: done(FAILED))
        else:
            self._commit(node, batch, done)

    def _commit(self, node: str, batch: Batch, done: Callable[[Any], None]) -> None:
        """It waits for the row as long as the server is at it; a node that cannot ask whether it is gives up, and it waits on."""
        world, line, over = self._world, Line(self, node), False

        def answer(result: CommitResult | Failed) -> None:
            nonlocal over
            if not over:
                over = True
                done(result)

        def write() -> None:
            if over:
                world.counts["store.written_given_up"] += 1
            result = self._written(batch)
            world.after(self.delay(), lambda: answer(result if line.up() else FAILED))

        def look() -> None:
            if over:
                return
            if line.up():
                world.after(PATIENCE_SECONDS, look)
            else:
                answer(FAILED)

        def arrive() -> None:
            world.after(PATIENCE_SECONDS, look)
            self.row.enter(write)

        self._reach(node, arrive, lambda: answer(FAILED))

    def _write_later(self, batch: Batch) -> None:
        """The statement waits in the database: it runs long after its node has given it up."""

        def run() -> None:
            won = isinstance(self._written(batch), Committed)
            self._world.counts["store.late_written" if won else "store.late_beaten"] += 1

        self._world.after(self._world.between(0.02, 3.0), lambda: self.row.enter(run))

    def _written_in_hold(self, batch: Batch) -> CommitResult:
        """Nobody can have come between: the head is what was read (BUS-5)."""
        result = self._written(batch)
        kept = self.kept
        if isinstance(result, Conflict) and not kept.trashed and batch.epoch == kept.epoch:
            raise Violation(
                f"a commit on head {batch.expected_head} of {kept.head} has lost although the list was held"
            )
        return result

    def _written(self, batch: Batch) -> CommitResult:
        result = finish(self.truth.commit(batch))
        self._world.note(f"commit {batch.expected_head} {len(batch.updates)} {type(result).__name__}")
        self._world.counts[f"commit.{type(result).__name__}"] += 1
        self._checks.committed(batch, result, self.truth)
        return result

    def _log_after(self, seq: int, epoch: int) -> Sequence[LogEntry] | OtherEpoch:
        try:
            return finish(self.truth.updates_after(LIST, seq, epoch))
        except OtherEpoch as other:
            return other

    def _ask(self, node: str, execute: Callable[[], Answer], done: Callable[[Answer | Failed], None]) -> None:
        line = Line(self, node)

        def arrive() -> None:
            answer = execute()
            self._world.after(self.delay(), lambda: done(answer if line.up() else FAILED))

        self._reach(node, arrive, lambda: done(FAILED))

    def _reach(self, node: str, arrive: Action, fail: Action) -> None:
        """A statement is on its way: it arrives, or its node hears at once or after a while that it does not."""
        world, line = self._world, Line(self, node)

        def try_to_arrive() -> None:
            if line.up():
                arrive()
            else:
                world.counts["store.unreached"] += 1
                world.after(TIMEOUT_SECONDS, fail)

        if world.strikes("store.refused"):
            world.after(self.delay(), fail)
        else:
            world.after(self.delay(), try_to_arrive)

    def delay(self) -> float:
        """How long a message takes."""
        slow = self._world.strikes("store.slow")
        return self._world.between(0.05, 0.5) if slow else self._world.between(0.001, 0.006)

    # What others do to it

    def set_trashed(self, *, trashed: bool) -> None:
        """The list goes into the trash, or comes out of it."""

        def write() -> None:
            self.kept.trashed = trashed

        self.row.enter(write)

    def document(self) -> ListDocument:
        """The list's document as the store has it."""
        found = document_of(LIST, self.kept)
        document = ListDocument(found.epoch)
        document.apply([*([] if found.state is None else [found.state]), *(entry.update for entry in found.log)])
        document.scan()
        return document

    def rebuild(self) -> None:
        """The document is made anew, in a new epoch: no node may write under the old one any more (ROOM-15)."""

        def write() -> None:
            kept, epoch = self.kept, self.kept.epoch + 1
            state = rebuilt(self.document(), epoch)
            kept.epoch, kept.state = epoch, StoredState(epoch, kept.head, state)
            self._checks.rebuilt(epoch, kept.head, state)

        self.row.enter(write)
