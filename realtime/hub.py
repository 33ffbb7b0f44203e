"""The hub: the live lists of this node. It opens a room when someone comes and forgets it when it is quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from auth.grants import Grant
from auth.principals import Principal
from auth.roles import Role
from persistence.contract import ListStore, OpenedList, Source
from persistence.rights import Beliefs, WorkspaceBelief, WorkspaceNow
from realtime.allowances import Allowance, Barred, Crowded
from realtime.blackbox import UNCONTAINED, Containment, stored_bytes
from realtime.bus import Bus, MemoryBus
from realtime.core import events
from realtime.core.closing import RESTARTING, CloseCode
from realtime.core.limits import Limits
from realtime.core.reasons import WritesRefused
from realtime.core.room import Room
from realtime.core.writes import Write
from realtime.incident import Report
from realtime.measures import Measures, Unmeasured
from realtime.outbox import Outbox, Wire
from realtime.runner import Busy, Runner, Written
from realtime.seat import Arrival, Seat

__all__ = [
    "Arrival",
    "Barred",
    "Busy",
    "Crowded",
    "Hub",
    "ListMissing",
    "Quarantined",
    "Report",
    "Seat",
    "WritesRefused",
    "Written",
]

QUIET_SECONDS_MAX: Final = 60.0
_SWEEP_SECONDS: Final = 15.0
SETTLE_SECONDS_MAX: Final = 3.0


class ListMissing(Exception):
    """The list does not exist or is in the trash."""


class Quarantined(Exception):
    """Processes have died of the list: no node opens it."""


class Hub:
    """The rooms of one node. `new_id` and `new_batch_id` give fresh random ids, `clock` the time in UTC.

    `bus` leads to the other nodes, if there are any; `report` hears of each socket that was closed for what its person did;
    `containment` hears of each piece of document work, and tells which lists have ended processes and stay closed.
    """

    def __init__(  # noqa: PLR0913 - each part that a node may have one of
        self,
        store: ListStore,
        limits: Limits,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        new_batch_id: Callable[[], UUID],
        bus: Bus | None = None,
        report: Report = lambda _incident: None,
        measures: Measures | None = None,
        containment: Containment = UNCONTAINED,
    ) -> None:
        self._store = store
        self._bus: Bus = bus or MemoryBus("alone")
        self._limits = limits
        self._clock = clock
        self._new_id = new_id
        self._new_batch_id = new_batch_id
        self._report = report
        self._measures = measures or Unmeasured()
        self._containment = containment
        self._opener = ThreadPoolExecutor(1, "opener")
        self._runners: dict[str, Runner] = {}
        self._opening: dict[str, asyncio.Task[Runner]] = {}
        self._seats: dict[str, int] = {}
        self._allowances: dict[str, Allowance] = {}
        self._seated: dict[str, Seat] = {}
        self._lists_told: dict[str, frozenset[str]] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def limits(self) -> Limits:
        """The limits that this node keeps."""
        return self._limits

    @property
    def seats(self) -> Collection[Seat]:
        """The sockets of this node that have a seat, in the order in which they came."""
        return self._seated.values()

    @property
    def live(self) -> Mapping[str, Runner]:
        """The lists that are open on this node."""
        return {list_id: runner for list_id, runner in self._runners.items() if not runner.abandoned}

    def start(self) -> None:
        """Begin to forget rooms that are quiet."""
        self._sweeper = asyncio.get_running_loop().create_task(self._sweep())

    async def close(self, settle_seconds_max: float = SETTLE_SECONDS_MAX) -> None:
        """Let what is under way finish, but not for ever, then close every socket."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        runners = list(self._runners.values())
        with suppress(TimeoutError):
            async with asyncio.timeout(settle_seconds_max):
                await asyncio.gather(*(runner.settle() for runner in runners))
        for runner in runners:
            runner.abandon(CloseCode.SHUTTING_DOWN, RESTARTING)
        self._runners.clear()
        self._opener.shutdown(wait=False)

    # Doors

    async def join(
        self, list_id: str, principal: Principal, arrival: Arrival, wire: Wire, grant: Grant | None = None
    ) -> Seat:
        """Give a socket its seat in a list. Raises what opening does, `Crowded`, `Barred`."""
        allowance = self._allowance(principal.user_id)
        allowance.enter(self._clock())
        try:
            runner = await self.open(list_id)
            self._require_room(list_id)
        except BaseException:  # whatever it was, this socket did not come in
            allowance.leave()
            raise
        session = self._new_id()
        outbox = Outbox(
            wire,
            self._limits.outbox_bytes_max,
            lambda: runner.handle(events.Congested(session)),
            lambda: self._drained(runner, session),
            lambda code: allowance.closed(code, self._clock()),
        )
        runner.attach(session, outbox)
        self._seats[list_id] = self._seats.get(list_id, 0) + 1
        runner.handle(events.Joined(session, principal, arrival.hue, arrival.control, arrival.copy))
        self._seated[session] = Seat(runner, session, outbox, allowance, self._clock, self._measures, grant)
        return self._seated[session]

    def _drained(self, runner: Runner, session: str) -> None:
        self._measures.caught_up()
        runner.handle(events.Drained(session))

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
        del self._seated[seat.session]
        seat.leave()

    async def write(self, list_id: str, principal: Principal, writes: Sequence[Write], *, source: Source) -> Written:
        """Write through the room, all or nothing; returns when the writes are durable and shown.

        Raises `WritesRefused`, `ListMissing`, `Busy`, `Quarantined`, `StoreUnavailable`.
        """
        runner = await self.open(list_id)
        return await runner.request(events.Requested(self._new_id(), principal, source, tuple(writes)))

    async def rights_changed(self, workspace_id: str, user_id: str, role: Role | None, version: int) -> None:
        """A membership was committed with another role, or ended (`None`)."""
        self._tell(workspace_id, events.RightsChanged(user_id, role, version))

    async def grant_ended(self, grant: Grant) -> None:
        """A sign-in or an API key has ended: the sockets that rest on it are closed."""
        for seat in list(self._seated.values()):
            if seat.grant == grant:
                seat.dismiss(CloseCode.CREDENTIALS_EXPIRED, grant.ended)

    async def lists_known(self, workspace_id: str, list_ids: frozenset[str]) -> None:
        """A workspace has these lists now; link columns may point into them."""
        if self._opening:
            self._lists_told[workspace_id] = list_ids  # a room on its way may have read the lists before
        self._tell(workspace_id, events.WorkspaceKnown(list_ids))

    def workspace_known(self, now: WorkspaceNow) -> None:
        """A workspace has these lists and these members now, whom cells may name."""
        self._tell(now.workspace_id, events.WorkspaceKnown(now.lists, now.members, now.members_version))

    def beliefs(self) -> Beliefs:
        """What this node believes of the rights that its open rooms rest on."""
        open_rooms = self.live
        memberships: dict[tuple[str, str], int] = {}
        workspaces: dict[str, WorkspaceBelief | None] = {}
        for runner in open_rooms.values():
            workspace = runner.workspace_id
            believed = runner.beliefs
            for user, version in believed.versions.items():
                memberships[workspace, user] = min(version, memberships.get((workspace, user), version))
            here = WorkspaceBelief(believed.lists, believed.members_version)
            workspaces[workspace] = here if workspaces.get(workspace, here) == here else None
        heads = {list_id: (runner.live.epoch, runner.live.head) for list_id, runner in open_rooms.items()}
        grants = frozenset(seat.grant for seat in self._seated.values() if seat.grant is not None)
        return Beliefs(memberships, grants, frozenset(open_rooms), workspaces, heads)

    def head_known(self, list_id: str, epoch: int, head: int) -> None:
        """A list has this epoch and head in the database."""
        runner = self._runners.get(list_id)
        if runner is not None:
            runner.handle(events.Heard(epoch, head))

    async def list_trashed(self, list_id: str) -> None:
        """A list went into the trash: its sockets are closed."""
        runner = self._runners.pop(list_id, None)
        if runner is not None:
            runner.handle(events.Removed())

    def _tell(self, workspace_id: str, news: events.News) -> None:
        for runner in list(self._runners.values()):
            if runner.workspace_id == workspace_id:
                runner.handle(news)

    # Rooms

    async def open(self, list_id: str) -> Runner:
        """The live list. Raises `ListMissing`, `Busy`, `Quarantined`, `StoreUnavailable`."""
        if self._closed:
            raise Busy
        runner = self._runners.get(list_id)
        if runner is not None and not runner.abandoned:
            return runner
        opening = self._opening.get(list_id)
        if opening is None:
            opening = asyncio.get_running_loop().create_task(self._load(list_id))
            self._opening[list_id] = opening
            opening.add_done_callback(lambda _: self._opened(list_id))
        return await asyncio.shield(opening)

    async def _load(self, list_id: str) -> Runner:
        if await self._containment.quarantined(list_id):
            raise Quarantined
        opened = await self._store.open_list(list_id)
        if opened is None:
            raise ListMissing
        room = await asyncio.get_running_loop().run_in_executor(self._opener, self._make_room, opened)
        workspace_id, recorder = opened.workspace_id, self._containment.recorder
        runner = Runner(list_id, workspace_id, room, self._store, self._bus, self._clock, self._report, recorder)
        self._runners[list_id] = runner
        if opened.workspace_id in self._lists_told:
            runner.handle(events.WorkspaceKnown(self._lists_told[opened.workspace_id]))
        return runner

    def _opened(self, list_id: str) -> None:
        del self._opening[list_id]
        if not self._opening:
            self._lists_told.clear()

    def _make_room(self, opened: OpenedList) -> Room:
        with self._containment.recorder.opening(opened.list_id, stored_bytes(opened)):
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
