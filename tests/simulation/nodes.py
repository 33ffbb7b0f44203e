"""A node of a simulation: its door, its clock, its watch of rights, and the ways in which it dies, stops and comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from auth.principals import Principal
from persistence.contract import Batch, CommitResult, LogEntry, OpenedList, Source
from persistence.rights import Differences
from persistence.states import OtherEpoch
from realtime.core import events
from realtime.core.closing import CloseCode
from realtime.core.words import FromNodes
from realtime.core.writes import Write
from tests.property_list import EVERYBODY, WORKSPACE
from tests.simulation.bus import Bus
from tests.simulation.clocks import Clocks
from tests.simulation.holds import Failed
from tests.simulation.network import Connection
from tests.simulation.rooms import LiveList
from tests.simulation.store import Store
from tests.simulation.world import Action, World

if TYPE_CHECKING:
    from tests.simulation.checks import Checks
    from tests.simulation.requests import Refusals, Requests

Answer = TypeVar("Answer")
NAMES = {person.user_id: person.name for person in EVERYBODY}
WATCH_SECONDS = 0.4


@dataclass(slots=True)
class _Waiting:
    """What waits for the list to be opened."""

    enter: Callable[[LiveList], None]
    turn_away: Callable[[int], None]


class Node:
    """One process. While it is `up` and not `paused` it acts; what reaches it while paused waits."""

    def __init__(self, world: World, name: str, store: Store, bus: Bus, checks: Checks, requests: Requests) -> None:
        self.world = world
        self.name = name
        self.store = store
        self.bus = bus
        self.checks = checks
        bus.nodes.append(self)
        self.live: LiveList | None = None
        self.ending: list[LiveList] = []
        """Rooms that ask whether their list was rebuilt, before they close their people."""
        self.up = True
        self.paused = False
        self.clock = Clocks(world)
        self._requests = requests
        self._life = 0
        self._backlog: list[Action] = []
        self._waiting: list[_Waiting] = []
        self._opening = False
        self._start_watch()

    # Life

    @property
    def life(self) -> int:
        """How often it has died: what belongs to an earlier life is gone."""
        return self._life

    def alive(self, act: Action) -> None:
        """Do something now, or once the node goes on; never, if it is down."""
        if self.paused:
            self._backlog.append(act)
        elif self.up:
            act()

    def this_life(self) -> Callable[[Action], None]:
        """What does something as `alive` does, in this life of the node: nothing happens once it has died."""
        life = self._life

        def run(act: Action) -> None:
            if life == self._life:
                self.alive(lambda: act() if life == self._life else None)

        return run

    def while_alive(self, act: Action) -> Action:
        """An action of this life of the node."""
        return partial(self.this_life(), act)

    def answer(self, done: Callable[[Answer], None]) -> Callable[[Answer], None]:
        """An answer to this life of the node."""
        run = self.this_life()
        return lambda answer: run(lambda: done(answer))

    def crash(self, how: str) -> None:
        """Die now; come back after a while."""
        if not self.up:
            return
        self.world.note(f"{self.name} dies: {how}")
        self.world.counts[f"died.{how}"] += 1
        live, self.live = self.live, None
        self._life += 1
        self.up, self.paused, self._opening = False, False, False
        self._backlog.clear()
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.turn_away(1006)
        ending, self.ending = self.ending, []
        for room in [*ending, *([] if live is None else [live])]:
            room.abandoned = True
            for connection in list(room.connections.values()):
                connection.cut(0.0)
        self._requests.lost(self.name)
        self.store.died(self.name)
        self.world.after(self.world.between(0.2, 2.0), self.start)

    def start(self) -> None:
        """Come up, with nothing in memory."""
        if not self.up:
            self.up = True
            self.clock.start()
            self._start_watch()
            self.world.note(f"{self.name} starts")

    def pause(self, seconds: float) -> None:
        """Stop in the middle of whatever it is; go on after so many seconds."""
        if self.up and not self.paused:
            self.paused = True
            self.world.counts["paused"] += 1
            self.world.counts["paused.in_commit"] += self.live is not None and self.live.committing
            self.world.after(seconds, self.while_up(self.resume))

    def while_up(self, act: Action) -> Action:
        """An action that happens to this life of the node from outside, paused or not."""
        life = self._life
        return lambda: act() if life == self._life else None

    def resume(self) -> None:
        """Go on: what has waited comes first, in order."""
        self.paused = False
        backlog, self._backlog = self._backlog, []
        for act in backlog:
            self.alive(act)

    # The door

    def accept(self, connection: Connection) -> None:
        """A client dials; refused if nobody listens."""
        delay = self.world.between(0.001, 0.02)
        if not self.up:
            self.world.after(delay, lambda: connection.client.lost(connection, 1006))
            return
        self.world.after(delay, self.while_alive(lambda: self._let_in(connection)))
        self.world.after(delay + 5.0, lambda: self._give_up(connection))

    def _give_up(self, connection: Connection) -> None:
        """A client waits only so long for its socket to be opened."""
        if connection.room is None and connection is connection.client.connection:
            connection.cut(0.0)

    def _let_in(self, connection: Connection) -> None:
        principal = self.principal(connection.client.user)
        if principal is None:
            connection.close(CloseCode.NO_ACCESS)
            return

        def enter(live: LiveList) -> None:
            if connection.broken:
                return
            live.join(connection, principal)
            connection.client.opened(connection)

        self._open(_Waiting(enter, connection.close))

    def principal(self, user: str) -> Principal | None:
        """The person as the store has them now; `None` if they are no member."""
        held = self.store.truth.members[WORKSPACE][user]
        return Principal(user, NAMES[user], held.role, held.version) if held.active else None

    def request(self, request: str, principal: Principal, writes: tuple[Write, ...], source: Source) -> None:
        """A door of the server asks for writes."""
        event = events.Requested(request, principal, source, writes)
        failed = partial(self._requests.failed, request)
        if self.up:
            self.alive(lambda: self._open(_Waiting(lambda live: live.request(event), lambda _: failed())))
        else:
            failed()

    def open(self, enter: Callable[[LiveList], None], turn_away: Callable[[int], None]) -> None:
        """Enter the live list, which is opened first if it is not."""
        self._open(_Waiting(enter, turn_away))

    def _open(self, waiting: _Waiting) -> None:
        if self.live is not None and not self.live.abandoned:
            waiting.enter(self.live)
            return
        self._waiting.append(waiting)
        if not self._opening:
            self._opening = True
            self.store.open_list(self.name, self.answer(self._opened))

    def _opened(self, found: OpenedList | Failed | None) -> None:
        self._opening = False
        waiting, self._waiting = self._waiting, []
        if isinstance(found, OpenedList):
            self.live = LiveList(self, found)
            self.world.note(f"{self.name} opens at {found.head}")
        code = CloseCode.LIST_GONE if found is None else CloseCode.TRY_AGAIN_LATER
        for each in waiting:
            if isinstance(found, OpenedList) and self.live is not None:
                each.enter(self.live)
            else:
                each.turn_away(code)

    def hear(self, heard: FromNodes) -> None:
        """Another node says something."""
        if self.live is not None:
            self.live.handle(heard)

    def closed(self, live: LiveList) -> None:
        """The room was abandoned."""
        if self.live is live:
            self.live = None
        for request in live.requests:
            self._requests.failed(request)

    # Commits

    def hold(self, live: LiveList, after: int) -> None:
        """Read the log with the list held; the node may hang or die with it in its hands."""
        world = self.world

        def done(log: Sequence[LogEntry] | OtherEpoch | Failed) -> None:
            if not isinstance(log, OtherEpoch | Failed):
                if world.strikes("node.hangs_in_hold"):
                    world.after(world.between(0.0, 0.01), self.while_up(lambda: self.pause(world.between(0.5, 20.0))))
                if world.strikes("node.dies_in_hold"):
                    world.after(world.between(0.0, 0.01), self.while_up(lambda: self.crash("in hold")))
            live.fetched(log)

        self.store.hold(self.name, self.this_life(), after, live.room.standing[0], done)

    def commit(self, live: LiveList, batch: Batch) -> None:
        """Send a commit; the node may die before, meanwhile, or when it is done and nobody knows."""
        world = self.world
        if world.strikes("node.dies_before_commit"):
            self.world.after(0.0, lambda: self.crash("before commit"))
            return
        if world.strikes("node.dies_in_commit"):
            world.after(world.between(0.0, 0.005), self.while_up(lambda: self.crash("in commit")))
        dies_after = world.strikes("node.dies_after_commit")
        deliver = self.answer(live.answered)

        def done(result: CommitResult | Failed) -> None:
            if dies_after:
                self.while_up(lambda: self.crash("after commit"))()
            else:
                deliver(result)

        self.store.commit(self.name, batch, done)

    def replied(self, request: str) -> None:
        """A request's writes are durable and shown."""
        self._requests.replied(request)

    def refused(self, request: str, refusals: Refusals) -> None:
        """A request was refused."""
        self._requests.refused(request, refusals)

    # The watch

    def _start_watch(self) -> None:
        self.world.after(self.world.between(0.0, WATCH_SECONDS), self.while_alive(self._watch))

    def _watch(self) -> None:
        again = self.while_alive(self._watch)
        if self.live is None or self.live.abandoned:
            self.world.after(WATCH_SECONDS, again)
            return
        live = self.live

        def told(found: Differences | Failed) -> None:
            if not isinstance(found, Failed) and self.live is live:
                live.correct(found)
            self.world.after(WATCH_SECONDS, again)

        self.store.differences(self.name, live.beliefs(), self.answer(told))
