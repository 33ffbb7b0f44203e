"""The runner of one room: it feeds events to the decision function and carries its effects out, in order.

It owns what the core must not have: the clock, the store's answers, the sockets and the timer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime

import structlog

from persistence.contract import Batch, ListStore, StoreUnavailable
from persistence.states import OtherEpoch
from realtime.blackbox import Burden, Recorder
from realtime.bus import Bus
from realtime.core import events
from realtime.core.closing import BLAMED_CODES, CloseCode
from realtime.core.draft import Draft
from realtime.core.effects import (
    REBUILT,
    Abandon,
    Announce,
    Broadcast,
    Close,
    Commit,
    Effect,
    Fetch,
    Publish,
    Refuse,
    Reply,
    Rest,
    Send,
    WakeAt,
)
from realtime.core.folding import FoldBase
from realtime.core.news import Believed
from realtime.core.reasons import WritesRefused
from realtime.core.replica import Replica
from realtime.core.room import Room
from realtime.incident import Incident, Report
from realtime.outbox import Outbox, frame

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """Writes are durable and shown: the list's head after them, and the time that stands in the log."""

    head: int
    at: datetime


class Busy(Exception):
    """The list can't take the request now: it is overloaded, was rebuilt or is shutting down. Try again."""


class Runner:
    """One live list: its room, its sockets, and what is under way for it."""

    def __init__(
        self,
        list_id: str,
        workspace_id: str,
        room: Room,
        store: ListStore,
        bus: Bus,
        clock: Callable[[], datetime],
        report: Report,
        recorder: Recorder,
    ) -> None:
        self.list_id = list_id
        self.workspace_id = workspace_id
        self.abandoned = self._deciding = False
        self.quiet_since: datetime | None = clock()
        self._room = room
        self._store = store
        self._bus = bus
        self._clock = clock
        self._report = report
        self._recorder = recorder
        self._burden = Burden()
        self._loop = asyncio.get_running_loop()
        self._outboxes: dict[str, Outbox] = {}
        self._requests: dict[str, asyncio.Future[Written]] = {}
        self._events: deque[events.Event] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        bus.listen(list_id, self.handle)

    @property
    def idle(self) -> bool:
        """Nobody is here and nothing is under way."""
        return self._room.idle and not self._requests

    @property
    def live(self) -> Replica:
        """What people have been shown: exactly what is committed."""
        return self._room.live

    @property
    def beliefs(self) -> Believed:
        """What the room believes of rights."""
        return self._room.beliefs

    @property
    def draft(self) -> Draft:
        """The candidate document: everything that has been accepted, durable or not."""
        return self._room.ledger.draft

    def overlay(self) -> tuple[list[int], int]:
        """The generations of live edits, newest first, and how many edits they hold."""
        draft = self.draft
        return draft.document.generations(), draft.index.edits

    def fold_base(self) -> FoldBase:
        """What folding is worked out on: everything that has been accepted, durable or not."""
        document, as_of = self.draft.document, self.draft.changes_below
        return FoldBase(self.live.epoch, document.whole(), document.newest_generation() - 1, as_of)

    def attach(self, session: str, outbox: Outbox) -> None:
        """Write the messages for `session` to this outbox from now on."""
        self._outboxes[session] = outbox

    def handle(self, event: events.Event) -> None:
        """Let the room decide about an event, and everything that follows from it at once."""
        self._events.append(event)
        if self._deciding:
            return
        self._deciding = True
        self._recorder.begin(self.list_id, self._burden.of(event, self._room.live.size_bytes))
        try:
            while self._events and not self.abandoned:
                next_event = self._events.popleft()
                for effect in self._room.decide(next_event, self._clock()):
                    self._perform(effect)
        except Exception:  # noqa: BLE001 - the root of a decision: people are sent to a fresh room, nothing shown is lost
            _log.exception("room failed", list_id=self.list_id)
            self.abandon(CloseCode.INTERNAL_ERROR, "The list had to be loaded again.")
        finally:
            self._recorder.end()
            self._deciding = False
            self._note_quiet()

    async def request(self, request: events.Requested) -> Written:
        """Ask the room for writes; returns when they are durable. Raises `WritesRefused`, `Busy`."""
        if self.abandoned:
            raise Busy
        future: asyncio.Future[Written] = self._loop.create_future()
        self._requests[request.request] = future
        self.handle(request)
        return await future

    def abandon(self, code: int, sentence: str) -> None:
        """End the room: close its sockets, fail what still waits."""
        self.abandoned = True
        self._bus.forget(self.list_id, self.handle)
        for outbox in self._outboxes.values():
            outbox.close(code, sentence)
        self._outboxes.clear()
        for future in self._requests.values():
            if not future.done():
                future.set_exception(Busy())
        self._requests.clear()
        if self._timer is not None:
            self._timer.cancel()

    async def settle(self) -> None:
        """Wait until nothing is under way (no new events may come)."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _note_quiet(self) -> None:
        if not self.idle:
            self.quiet_since = None
        elif self.quiet_since is None:
            self.quiet_since = self._clock()

    # Effects

    def _perform(self, effect: Effect) -> None:  # noqa: C901 - one arm per effect
        match effect:
            case Send(session, message):
                self._write((session,), message)
            case Broadcast(sessions, message):
                self._write(sessions, message)
            case Commit(batch):
                self._start(self._commit(batch))
            case Fetch(after, hold):
                self._start(self._fetch(after, hold=hold))
            case Publish() | Announce():
                self._bus.publish(self.list_id, effect)
            case Reply(request, head, at):
                self._answer(request, Written(head, at))
            case Refuse(request, refusals, rows):
                self._answer(request, WritesRefused(refusals, rows))
            case Close():
                self._close(effect)
            case Rest(seconds):
                self._start(self._rest(seconds))
            case WakeAt(moment):
                self._wake_at(moment)
            case Abandon(CloseCode.STALE_EPOCH, sentence):
                self.abandoned = True  # nothing is decided any more, while the store is asked why
                self._start(self._abandon_stale(sentence))
            case Abandon(code, sentence):
                self.abandon(code, sentence)

    def _write(self, sessions: Sequence[str], message: bytes) -> None:
        framed, outboxes = frame(message), self._outboxes
        for session in sessions:
            if (outbox := outboxes.get(session)) is not None:
                outbox.write(framed)

    def _close(self, close: Close) -> None:
        outbox = self._outboxes.pop(close.session, None)
        if outbox is not None:
            outbox.close(close.code, close.sentence)
        if close.code in BLAMED_CODES:
            incident = (close.user, close.code, close.sentence, self._clock())
            self._report(Incident(self.workspace_id, self.list_id, *incident))

    def detach(self, session: str) -> None:
        """A socket is gone."""
        self._outboxes.pop(session, None)
        self.handle(events.Left(session))

    def _answer(self, request: str, answer: Written | WritesRefused) -> None:
        future = self._requests.pop(request, None)
        if future is None or future.done():
            return
        if isinstance(answer, Written):
            future.set_result(answer)
        else:
            future.set_exception(answer)

    def _wake_at(self, moment: datetime) -> None:
        if self._timer is not None:
            self._timer.cancel()
        delay = (moment - self._clock()).total_seconds()
        self._timer = self._loop.call_later(max(0.0, delay), self.handle, events.Woken(), context=Context())

    # The store

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work, context=Context())  # it is for all who are here, not for who set it off
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _commit(self, batch: Batch) -> None:
        try:
            result = await self._store.commit(batch)
        except StoreUnavailable:
            _log.warning("commit unanswered", list_id=self.list_id, expected_head=batch.expected_head)
            self.handle(events.Unanswered())
        except Exception:  # noqa: BLE001 - a batch that the store can't take; its people start again from what is durable
            _log.exception("commit failed", list_id=self.list_id, expected_head=batch.expected_head)
            self.abandon(CloseCode.INTERNAL_ERROR, "The list had to be loaded again.")
        else:
            self.handle(events.Answered(result))

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.handle(events.Rested())

    async def _abandon_stale(self, sentence: str) -> None:
        """Nothing can be committed, and nobody was first: the list was rebuilt, or it went into the trash (ROOM-15).

        It may have come out of the trash since; where the store does not say, nobody may go on from an old document.
        """
        try:
            found = await self._store.open_list(self.list_id)
        except StoreUnavailable:
            self.abandon(CloseCode.STALE_EPOCH, sentence)
            return
        if found is None:
            self.abandon(CloseCode.LIST_GONE, "This list was deleted.")
        elif found.epoch == self._room.standing[0]:
            self.abandon(CloseCode.TRY_AGAIN_LATER, "The list was put back; open it again.")
        else:
            self.abandon(CloseCode.STALE_EPOCH, sentence)

    async def _fetch(self, after: int, *, hold: bool) -> None:
        try:
            read = self._store.hold if hold else self._store.updates_after
            entries = await read(self.list_id, after, self._room.standing[0])
        except OtherEpoch:
            self._perform(REBUILT)
        except StoreUnavailable:
            self.handle(events.Unanswered())
        except Exception:  # noqa: BLE001 - a log that can't be read; its people start again from what is durable
            _log.exception("fetch failed", list_id=self.list_id, after=after)
            self.abandon(CloseCode.INTERNAL_ERROR, "The list had to be loaded again.")
        else:
            self.handle(events.Fetched(entries))
