"""The lock on the list's row as PostgreSQL keeps it, and the transaction by which a node keeps the row to itself.

Who writes waits for whoever has the row, in order; who reads never waits. A hold ends with its commit, after `HOLD_SECONDS`,
when its node lets go, and when the server learns that its connection is lost: at once, or, where nobody tells, once it has
been idle for too long. Nothing of it is written unless its COMMIT arrives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from persistence.contract import HOLD_SECONDS, CommitResult, LogEntry
from persistence.states import OtherEpoch
from tests.simulation.world import Action, World

IDLE_SECONDS_MAX: Final = 10.0
"""The server ends a transaction in which nothing happens for so long."""
SILENCE_SECONDS: Final = 10.0
"""A node that hears nothing for so long asks the server, and drops the connection if that is not at work."""
TOLD_OF_LOSS: Final = 0.7
"""How often the server is told at once that a connection is lost."""


class Failed:
    """The answer of a statement that has none."""


FAILED = Failed()
Run = Callable[[Action], None]
Read = Callable[[], Sequence[LogEntry] | OtherEpoch]
Write = Callable[[], CommitResult]
Done = Callable[[Sequence[LogEntry] | OtherEpoch | CommitResult | Failed], None]


class Way(Protocol):
    """A node's way to the store."""

    def up(self) -> bool:
        """What is sent now arrives."""

    def delay(self) -> float:
        """How long that takes."""


class Row:
    """The lock on the list's row."""

    def __init__(self, world: World) -> None:
        self.holder: Hold | None = None
        self._world = world
        self._waiting: deque[Action] = deque()

    def enter(self, act: Action) -> None:
        """Write as soon as nobody else has the row."""
        if self.holder is None:
            act()
            return
        self._world.counts["hold.others_waited"] += 1
        self._waiting.append(act)

    def release(self, holder: Hold) -> None:
        """The transaction has ended; let in who waits, until one of them keeps the row."""
        if self.holder is holder:
            self.holder = None
            while self.holder is None and self._waiting:
                self._waiting.popleft()()


class Hold:
    """One transaction of one life of a node: it locks the row, reads, and waits for the one statement that it is there for.

    `run` runs what the node does, while it lives and as soon as it is not stopped.
    """

    def __init__(self, world: World, row: Row, line: Way, run: Run) -> None:
        self.lasts = False
        """For all that its node knows, the statement can still be written under the lock."""
        self._world = world
        self._row = row
        self._line = line
        self._run = run
        self._turns = 0
        self._waits_for_row = False
        self._lost = False
        self._server_told = False
        self._done: Done | None = None
        self._ended = False
        self._then: Action | None = None

    # The node's side

    def begin(self, read: Read, done: Done) -> None:
        """Lock the row; `done` gets what `read` reads then."""
        self._done = done
        self._watch()
        self._send(lambda: self._ask_for_row(read))

    def write(self, execute: Write, done: Done) -> None:
        """Write under the lock, while it `lasts`."""
        self.lasts, self._done = False, done
        self._send(lambda: self._statement(execute))

    def end(self, then: Action) -> None:
        """Let go without having written; `then` comes when that is done."""
        self._then = then
        if self._ended:
            then()
        elif self.lasts:
            self._let_go()

    def _got(self, log: Sequence[LogEntry]) -> None:
        if self._lost:
            return
        if self._then is not None:
            self._let_go()
            return
        self.lasts = True
        self._world.after(HOLD_SECONDS, lambda: self._run(self._time_out))
        self._answer(log)

    def _time_out(self) -> None:
        if self.lasts:
            self._world.counts["hold.timed_out"] += 1
            self._let_go()

    def _let_go(self) -> None:
        self.lasts = False
        self._send(self._let_go_of)

    def _answer(self, answer: Sequence[LogEntry] | OtherEpoch | CommitResult | Failed) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(answer)

    def _end(self) -> None:
        self.lasts, self._ended = False, True
        then, self._then = self._then, None
        if then is not None:
            then()

    def _finish(self, answer: OtherEpoch | CommitResult | Failed) -> None:
        if not self._ended:
            self._end()
            self._answer(answer)

    def _watch(self) -> None:
        self._world.after(SILENCE_SECONDS, lambda: self._run(self._look))

    def _look(self) -> None:
        """Nothing has been heard for long: the connection is dropped unless the server is at work."""
        if self._ended:
            return
        if self._waits_for_row and self._line.up():
            self._watch()
        else:
            self._world.counts["hold.dropped"] += 1
            self._lose(told=self._line.up())
            self._finish(FAILED)

    def crashed(self) -> None:
        """The node has died, with all that it knew of this."""
        if not self._ended:
            self._world.counts["hold.holder_died"] += self._row.holder is self
            self.lasts, self._ended = False, True
            self._lose(told=self._world.random.random() < TOLD_OF_LOSS)

    # The way

    def _send(self, act: Action) -> None:
        if not self._lost:
            self._world.after(self._line.delay(), lambda: act() if self._line.up() else None)

    def _reply(self, act: Action) -> None:
        if self._world.strikes("hold.answer_lost"):
            self._lose(told=self._world.random.random() < TOLD_OF_LOSS)
            self._world.after(self._world.between(0.05, 1.0), lambda: self._run(lambda: self._finish(FAILED)))
            return
        self._world.after(self._line.delay(), lambda: self._run(act) if self._line.up() else None)

    def _lose(self, *, told: bool) -> None:
        """The connection is lost; the server is told, or is not."""
        self._lost = True
        if told:
            self._world.after(self._line.delay(), self._tell)

    def _tell(self) -> None:
        self._server_told = True
        if self._row.holder is self:
            self._world.counts["hold.ended_by_loss"] += 1
            self._release()

    # The server's side

    def _ask_for_row(self, read: Read) -> None:
        self._waits_for_row = True
        self._row.enter(lambda: self._granted(read))

    def _granted(self, read: Read) -> None:
        self._waits_for_row = False
        if self._server_told:
            self._world.counts["hold.granted_to_nobody"] += 1
            return
        self._world.counts["hold.granted"] += 1
        self._row.holder = self
        self._be_idle()
        log = read()
        if isinstance(log, OtherEpoch):
            self._release()
            self._reply(lambda: self._finish(log))
        else:
            self._reply(lambda: self._got(log))

    def _let_go_of(self) -> None:
        self._release()
        self._reply(self._end)

    def _statement(self, execute: Write) -> None:
        """It changes nothing that anybody sees, until its node has heard that it went well and has said COMMIT."""
        if self._row.holder is not self:
            self._world.counts["hold.was_over"] += 1
            self._reply(lambda: self._finish(FAILED))
            return
        self._be_idle()
        self._reply(lambda: self._commit(execute))

    def _commit(self, execute: Write) -> None:
        if not self._world.strikes("hold.commit_late"):
            self._send(lambda: self._committed(execute))
            return
        self._world.after(self._world.between(0.02, 3.0), lambda: self._committed(execute))
        self._lost = True
        self._finish(FAILED)

    def _committed(self, execute: Write) -> None:
        if self._row.holder is not self:
            self._world.counts["hold.was_over"] += 1
            self._reply(lambda: self._finish(FAILED))
            return
        self._world.counts["hold.written"] += 1
        result = execute()
        self._release()
        self._reply(lambda: self._finish(result))

    def _be_idle(self) -> None:
        self._turns += 1
        turn = self._turns
        self._world.after(IDLE_SECONDS_MAX, lambda: self._idle_for_long(turn))

    def _idle_for_long(self, turn: int) -> None:
        if turn == self._turns and self._row.holder is self:
            self._world.counts["hold.ended_idle"] += 1
            self._release()

    def _release(self) -> None:
        self._row.release(self)
