"""The hub: the live lists of this node. It opens a room when someone comes and forgets it when it is quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Final
from uuid import UUID

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import ListStore, OpenedList, Source
from realtime.allowances import Allowance, Barred, Crowded
from realtime.core import events
from realtime.core.closing import CloseCode
from realtime.core.draft import WritesRefused
from realtime.core.limits import Limits
from realtime.core.room import Room
from realtime.core.writes import Write
from realtime.outbox import Outbox, Wire
from realtime.runner import Busy, Incident, Report, Runner, Written

__all__ = [
    "Barred",
    "Busy",
    "Crowded",
    "Hub",
    "Incident",
    "ListMissing",
    "Report",
    "Seat",
    "WritesRefused",
    "Written",
]

QUIET_SECONDS_MAX: Final = 60.0
_SWEEP_SECONDS: Final = 15.0


class ListMissing(Exception):
    """The list does not exist or is in the trash."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A socket's place in a room, and what its person may still use."""

    runner: Runner
    session: str
    outbox: Outbox
    allowance: Allowance
    clock: Callable[[], datetime]

    def receive(self, frame: bytes) -> float:
        """A frame has arrived; returns how many seconds to wait before the next one is read.

        What is written back at once counts as bytes too: two bytes may ask for a whole document.
        """
        begun, written = perf_counter(), self.outbox.written_bytes
        self.runner.handle(events.Received(self.session, frame))
        answered = self.outbox.written_bytes - written
        return self.allowance.spend(len(frame), answered, perf_counter() - begun, self.clock())

    def leave(self) -> None:
        """The socket is gone."""
        self.runner.detach(self.session)
        self.allowance.leave()


class Hub:
    """The rooms of one node. `new_id` and `new_batch_id` give fresh random ids, `clock` the time in UTC.

    `report` hears of each socket that was closed for what its person did.
    """

    def __init__(
        self,
        store: ListStore,
        limits: Limits,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        new_batch_id: Callable[[], UUID],
        report: Report = lambda _incident: None,
    ) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock
        self._new_id = new_id
        self._new_batch_id = new_batch_id
        self._report = report
        self._runners: dict[str, Runner] = {}
        self._opening: dict[str, asyncio.Task[Runner]] = {}
        self._seats: dict[str, int] = {}
        self._allowances: dict[str, Allowance] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def limits(self) -> Limits:
        """The limits that this node keeps."""
        return self._limits

    def start(self) -> None:
        """Begin to forget rooms that are quiet."""
        self._sweeper = asyncio.get_running_loop().create_task(self._sweep())

    async def close(self) -> None:
        """Let what is under way finish, then close every socket."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        for runner in list(self._runners.values()):
            await runner.settle()
            runner.abandon(CloseCode.SHUTTING_DOWN, "The server is restarting.")
        self._runners.clear()

    # Doors

    async def join(self, list_id: str, principal: Principal, hue: int, wire: Wire, *, control: bool) -> Seat:
        """Give a socket its seat in a list. Raises `ListMissing`, `Busy`, `Crowded`, `Barred`, `StoreUnavailable`."""
        allowance = self._allowance(principal.user_id)
        allowance.enter(self._clock())
        try:
            runner = await self._open(list_id)
            self._require_room(list_id)
        except BaseException:  # whatever it was, this socket did not come in
            allowance.leave()
            raise
        session = self._new_id()
        outbox = Outbox(
            wire,
            self._limits.outbox_bytes_max,
            lambda: runner.handle(events.Congested(session)),
            lambda: runner.handle(events.Drained(session)),
            lambda code: allowance.closed(code, self._clock()),
        )
        runner.attach(session, outbox)
        self._seats[list_id] = self._seats.get(list_id, 0) + 1
        runner.handle(events.Joined(session, principal, hue, control))
        return Seat(runner, session, outbox, allowance, self._clock)

    def _allowance(self, user_id: str) -> Allowance:
        allowance = self._allowances.get(user_id)
        if allowance is None:
            allowance = self._allowances[user_id] = Allowance(self._limits, self._clock())
        return allowance

    def _require_room(self, list_id: str) -> None:
        taken, most = self._seats.get(list_id, 0), self._limits.sessions_per_list_max
        if taken >= most or sum(self._seats.values()) >= self._limits.sessions_per_node_max:
            raise Busy

    def leave(self, seat: Seat) -> None:
        """Take a socket's seat back."""
        list_id = seat.runner.list_id
        self._seats[list_id] -= 1
        if not self._seats[list_id]:
            del self._seats[list_id]
        seat.leave()

    async def write(self, list_id: str, principal: Principal, writes: Sequence[Write], *, source: Source) -> Written:
        """Write through the room, all or nothing; returns when the writes are durable and shown.

        Raises `WritesRefused`, `ListMissing`, `Busy`, `StoreUnavailable`.
        """
        runner = await self._open(list_id)
        return await runner.request(events.Requested(self._new_id(), principal, source, tuple(writes)))

    async def rights_changed(self, workspace_id: str, user_id: str, role: Role | None, version: int) -> None:
        """A membership was committed with another role, or ended (`None`)."""
        for runner in list(self._runners.values()):
            if runner.workspace_id == workspace_id:
                runner.handle(events.RightsChanged(user_id, role, version))

    async def list_trashed(self, list_id: str) -> None:
        """A list went into the trash: its sockets are closed."""
        runner = self._runners.pop(list_id, None)
        if runner is not None:
            runner.handle(events.Removed())

    # Rooms

    async def _open(self, list_id: str) -> Runner:
        if self._closed:
            raise Busy
        runner = self._runners.get(list_id)
        if runner is not None and not runner.abandoned:
            return runner
        opening = self._opening.get(list_id)
        if opening is None:
            opening = asyncio.get_running_loop().create_task(self._load(list_id))
            self._opening[list_id] = opening
            opening.add_done_callback(lambda _: self._opening.pop(list_id, None))
        return await asyncio.shield(opening)

    async def _load(self, list_id: str) -> Runner:
        opened = await self._store.open_list(list_id)
        if opened is None:
            raise ListMissing
        room = await asyncio.to_thread(self._make_room, opened)
        runner = Runner(list_id, opened.workspace_id, room, self._store, self._clock, self._report)
        self._runners[list_id] = runner
        return runner

    def _make_room(self, opened: OpenedList) -> Room:
        return Room(opened, self._limits, self._new_batch_id, self._clock())

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = self._clock()
            for list_id, runner in list(self._runners.items()):
                quiet = runner.quiet_since
                if runner.abandoned or (quiet is not None and (now - quiet).total_seconds() > QUIET_SECONDS_MAX):
                    runner.abandon(CloseCode.TRY_AGAIN_LATER, "The list was closed; open it again.")
                    self._runners.pop(list_id, None)
            for user_id in [user for user, allowance in self._allowances.items() if allowance.whole(now)]:
                del self._allowances[user_id]
