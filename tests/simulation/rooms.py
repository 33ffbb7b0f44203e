"""A live list of a node: the real room, and its effects carried out on simulated sockets, store and bus.

It does what `realtime.runner` does, with the same rules for what comes too late: a list that was abandoned, or whose node
has died, hears nothing any more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from auth.principals import Principal
from persistence.contract import CommitResult, Committed, Conflict, LogEntry, OpenedList
from persistence.rights import Beliefs, Differences, WorkspaceBelief
from persistence.states import OtherEpoch
from realtime.core import events
from realtime.core.closing import CloseCode
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
from realtime.core.limits import Limits
from realtime.core.room import Room
from tests.property_list import LIST, WORKSPACE
from tests.simulation.holds import Failed
from tests.simulation.network import Connection
from tests.simulation.world import Violation

if TYPE_CHECKING:
    from tests.simulation.nodes import Node

LIMITS = Limits(refusals_burst_max=1e9, commit_seconds_apart_each=0.005, commit_seconds_apart_max=0.02)
TIMER_SECONDS_MIN = 0.001
"""How fine the timers of a loop are. Where a clock runs slow, what is due is approached in smaller and smaller steps."""
RACES_MAX = 2
"""Who has lost so many races running must hold the list (BUS-5)."""


class LiveList:
    """One room, its sockets and what is under way for it."""

    def __init__(self, node: Node, opened: OpenedList) -> None:
        self.node = node
        self.abandoned = False
        self.committing = False
        self._world = node.world
        self._checks = node.checks
        self.room = Room(opened, LIMITS, lambda: UUID(int=node.world.random.getrandbits(128)), node.clock())
        self._head = opened.head
        self.connections: dict[str, Connection] = {}
        self.requests: list[str] = []
        self._events: deque[events.Event] = deque()
        self._deciding = False
        self._timer = 0
        self._races_lost = self._holds = 0
        self._checks.at_head(self.room)

    @property
    def head(self) -> int:
        """The number of the last update that people have been shown here."""
        return self.room.standing[1]

    # What comes in

    def handle(self, event: events.Event) -> None:
        """Let the room decide about an event, and carry out all that follows at once."""
        self._events.append(event)
        if self._deciding:
            return
        self._deciding = True
        while self._events and not self.abandoned:
            for effect in self.room.decide(self._events.popleft(), self.node.clock()):
                self._perform(effect)
            if self.head != self._head:
                self._head = self.head
                self._checks.at_head(self.room)
        self._deciding = False

    def join(self, connection: Connection, principal: Principal) -> None:
        """Let a socket in."""
        self.connections[connection.name] = connection
        connection.room = self
        self.handle(events.Joined(connection.name, principal, 200, connection.client.control, connection.copy))

    def request(self, event: events.Requested) -> None:
        """A door of the server asks for writes."""
        self.requests.append(event.request)
        self.handle(event)

    def receive(self, connection: Connection, frame: bytes) -> None:
        """A frame has arrived."""
        self.node.alive(lambda: self.handle(events.Received(connection.name, frame)))

    def congested(self, connection: Connection) -> None:
        """A socket's outbox is full."""
        self.handle(events.Congested(connection.name))

    def drained(self, connection: Connection) -> None:
        """A congested socket has taken everything."""
        self.node.alive(lambda: self.handle(events.Drained(connection.name)))

    def left(self, connection: Connection) -> None:
        """A socket is gone."""

        def leave() -> None:
            self.connections.pop(connection.name, None)
            self.handle(events.Left(connection.name))

        self.node.alive(leave)

    # Effects

    def _perform(self, effect: Effect) -> None:  # noqa: C901, PLR0912 - one arm per effect
        match effect:
            case Send(session, message):
                self._show([session], message)
            case Broadcast(sessions, message):
                self._show(sessions, message)
            case Commit(batch):
                self.committing = True
                self.node.commit(self, batch)
            case Fetch(after, hold):
                self._fetch(after, hold=hold)
            case Publish() | Announce():
                self.node.bus.publish(self.node, effect)
            case Reply(request):
                self.node.replied(request)
            case Refuse(request, refusals):
                self.node.refused(request, refusals)
            case Close(session, code, sentence):
                self._world.note(f"{self.node.name} closes {session} with {code}: {sentence}")
                connection = self.connections.pop(session, None)
                if connection is not None:
                    connection.close(code)
            case Rest(seconds):
                self._world.counts["rests"] += 1
                self._world.after(seconds, self.node.while_alive(lambda: self.handle(events.Rested())))
            case WakeAt(moment):
                self._timer += 1
                delay = (moment - self.node.clock()).total_seconds()
                timer = self._timer
                seconds = max(TIMER_SECONDS_MIN, delay) / self.node.clock.timer_pace
                self._world.after(seconds, self.node.while_alive(lambda: self._wake(timer)))
            case Abandon(CloseCode.STALE_EPOCH):
                self.abandoned = True
                self.node.ending.append(self)
                self.node.store.open_list(self.node.name, self.node.answer(self._stale))
            case Abandon(code):
                self.abandon(code)

    def _show(self, sessions: Sequence[str], message: bytes) -> None:
        if message[:1] == b"\x00" and message[1] in (1, 2):
            self._checks.shown(self.room.standing[0], message)
        self._checks.told(message)
        for session in sessions:
            connection = self.connections.get(session)
            if connection is not None:
                if message[:1] == b"\x64":
                    self._check_saved(connection, message)
                connection.down(message)

    def _check_saved(self, connection: Connection, message: bytes) -> None:
        frames = self._checks.frames_saved(message)
        if frames is not None:
            self._checks.acknowledged(self.room.standing[0], connection.sent[connection.checked : frames])
            connection.checked = frames
            self._world.counts["acknowledgements"] += 1

    def _wake(self, timer: int) -> None:
        if timer == self._timer:
            self.handle(events.Woken())

    def answered(self, result: CommitResult | Failed) -> None:
        """The store has answered a commit, or has not."""
        self.committing = False
        if isinstance(result, Failed):
            self._world.counts["commit.unanswered"] += 1
            self.handle(events.Unanswered())
            return
        self._races_lost = 0 if isinstance(result, Committed) else self._races_lost + isinstance(result, Conflict)
        must_hold = isinstance(result, Conflict) and self._races_lost >= RACES_MAX
        held = self._holds
        self.handle(events.Answered(result))
        if must_hold and self._holds == held and not self.abandoned:
            raise Violation(f"{self.node.name} has lost the race {self._races_lost} times and does not hold the list")

    def _fetch(self, after: int, *, hold: bool) -> None:
        self._world.counts["fetches"] += 1
        self._holds += hold
        if hold:
            self.node.hold(self, after)
        else:
            self.node.store.updates_after(self.node.name, after, self.room.standing[0], self.node.answer(self.fetched))

    def fetched(self, log: Sequence[LogEntry] | OtherEpoch | Failed) -> None:
        """The store has read the log, or has not."""
        if isinstance(log, OtherEpoch):
            self._perform(REBUILT)
        elif isinstance(log, Failed):
            self.handle(events.Unanswered())
        else:
            self.handle(events.Fetched(log))

    def _stale(self, found: OpenedList | Failed | None) -> None:
        if found is None:
            self.abandon(CloseCode.LIST_GONE)
        elif isinstance(found, OpenedList) and found.epoch == self.room.standing[0]:
            self.abandon(CloseCode.TRY_AGAIN_LATER)
        else:
            self._world.counts["epoch.unsure" if isinstance(found, Failed) else "epoch.noticed"] += 1
            self.abandon(CloseCode.STALE_EPOCH)

    def abandon(self, code: int) -> None:
        """End the room."""
        self.abandoned = True
        self.node.ending = [live for live in self.node.ending if live is not self]
        self._world.counts[f"abandoned.{code}"] += 1
        for connection in list(self.connections.values()):
            connection.close(code)
        self.connections.clear()
        self.node.closed(self)

    # Rights

    def beliefs(self) -> Beliefs:
        """What is believed here of rights."""
        believed = self.room.beliefs
        memberships = {(WORKSPACE, user): version for user, version in believed.versions.items()}
        workspace = WorkspaceBelief(believed.lists, believed.members_version)
        heads = {LIST: self.room.standing}
        return Beliefs(memberships, frozenset(), frozenset({LIST}), {WORKSPACE: workspace}, heads)

    def correct(self, found: Differences) -> None:
        """Act on what is not as believed."""
        if found.gone:
            self.handle(events.Removed())
            return
        for held in found.memberships:
            self.handle(events.RightsChanged(held.user_id, held.role, held.version))
        for moved in found.heads:
            self._world.counts["heads.behind"] += 1
            self.handle(events.Heard(moved.epoch, moved.head))
        for known in found.workspaces:
            self.handle(events.WorkspaceKnown(known.lists, known.members, known.members_version))
