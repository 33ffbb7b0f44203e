"""Scenes for tests of live lists: people, a list with columns and rows, replicas that write, and a room on a stage.

A `Stage` is a room with the store in memory and a clock that only the test moves. Commits wait until the test
lets the store answer, so that what happens before and after an answer can be told apart.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from pycrdt import Doc, Map

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Batch, CommitResult, Json, Source
from persistence.memory import MemoryListStore, StoredList
from realtime.core import codec, events, keys
from realtime.core.closing import CloseCode
from realtime.core.effects import Abandon, Broadcast, Close, Commit, Effect, Fetch, Refuse, Reply, Send, WakeAt
from realtime.core.limits import Limits
from realtime.core.room import Room
from realtime.core.writes import AddRow, Write
from tests.property_list import LIST, NOW, OLGA, WORKSPACE, finish, furnished_store, opened, update_frame


class Peer:
    """A client's replica: it writes as an honest client does and takes in what the server shows."""

    def __init__(self, client: int) -> None:
        self.client = client
        self.generation = "1"
        """The one that it writes into."""
        self.doc: Doc[Map[Any]] = Doc(client_id=client)
        self.made: list[bytes] = []
        self._applying = False
        self.doc.observe(self._note)

    def _note(self, event: Any) -> None:
        if not self._applying:
            self.made.append(event.update)

    def apply(self, update: bytes) -> None:
        """Take in an update."""
        self._applying = True
        try:
            self.doc.apply_update(update)
        finally:
            self._applying = False

    def held(self, root: str) -> Map[Any]:
        """A root's map, or its generation's for `overlays`."""
        top: Map[Any] = self.doc.get(root, type=Map)
        return top[self.generation] if root == keys.OVERLAYS else top

    def generations(self) -> list[str]:
        """The generations that it has, by number."""
        return list(self.doc.get(keys.OVERLAYS, type=Map).keys())

    def set(self, values: Mapping[str, Json]) -> bytes:
        """Set keys (`meta/name`, `c:row:col`) in one transaction; `...` deletes one. Returns the update."""
        with self.doc.transaction():
            for path, value in values.items():
                root, below, name = path.partition("/")
                held = self.held(root if below else keys.OVERLAYS)
                if value is ...:
                    del held[name if below else path]
                else:
                    held[name if below else path] = value
        update = self.made[-1]
        self.made.clear()
        return update

    def values(self) -> dict[str, Any]:
        """Everything that the replica shows, by path."""
        shown: dict[str, Any] = {}
        for root in (keys.META, keys.COLUMNS, keys.VIEWS, keys.COMMENTS):
            shown |= {f"{root}/{name}": value for name, value in self.held(root).to_py().items()}
        for name, payload in self.held(keys.SEGMENTS).to_py().items():
            shown[f"{keys.SEGMENTS}/{name}"] = gzip.decompress(payload).decode()
        overlays: Map[Any] = self.doc.get(keys.OVERLAYS, type=Map)
        for name in overlays.keys():  # noqa: SIM118 - pycrdt maps iterate over keys() only
            shown |= {f"{name}/{key}": value for key, value in overlays[name].to_py().items()}
        return shown


@dataclass
class Seat:
    """A connected client on the stage: its replica and the messages that it has been sent."""

    session: str
    principal: Principal
    peer: Peer
    inbox: list[bytes] = field(default_factory=list)
    closed: int | None = None

    def take(self) -> list[bytes]:
        """The messages since the last call."""
        taken, self.inbox = self.inbox, []
        return taken

    def controls(self) -> list[dict[str, Any]]:
        """The control messages among those in the inbox."""
        return [json.loads(_text(message)) for message in self.inbox if message[0] == 100]

    def denials(self) -> list[dict[str, Any]]:
        """The refusals among the messages in the inbox."""
        return [json.loads(_text(message[1:])) for message in self.inbox if message[:2] == b"\x02\x00"]

    def updates(self) -> list[bytes]:
        """The updates among the messages in the inbox, without those that say nothing."""
        bodies = (body_of(message) for message in self.inbox if message[:1] == b"\x00" and message[1] in (1, 2))
        return [body for body in bodies if body != b"\x00\x00"]


def _text(message: bytes) -> str:
    reader = codec.Reader(message)
    reader.byte()
    return reader.string()


def body_of(message: bytes) -> bytes:
    """The state vector or update in a sync message."""
    reader = codec.Reader(message)
    reader.position = 2
    return reader.buffer()


class Stage:
    """A room, its store and its people; every effect is noted in order in `effects`.

    Its time stands still between events, so its commits follow one another at once unless they are to be `apart`.
    """

    def __init__(
        self, store: MemoryListStore | None = None, limits: Limits | None = None, *, apart: float = 0.0
    ) -> None:
        self.store = store or furnished_store()
        self.now = NOW
        self.seats: dict[str, Seat] = {}
        self.effects: list[Effect] = []
        self.commits: list[Batch] = []
        self.fetches: list[int] = []
        self.wake_at = NOW
        self.abandoned = False
        self._ids = count(100)
        limits = replace(limits or Limits(), commit_seconds_apart_max=apart)
        self.room = Room(opened(self.store), limits, lambda: UUID(int=next(self._ids)), NOW)

    @property
    def kept(self) -> StoredList:
        """What the store has of the list."""
        return self.store.lists[LIST]

    def handle(self, event: events.Event) -> list[Effect]:
        """Let the room decide about an event; returns its effects."""
        effects = [] if self.abandoned else self.room.decide(event, self.now)
        self.effects += effects
        for effect in effects:
            self._perform(effect)
        return effects

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Send(session, message):
                self._deliver([session], message)
            case Broadcast(sessions, message):
                self._deliver(sessions, message)
            case Close(session, code):
                if session in self.seats:
                    self.seats[session].closed = code
            case Abandon(code, _):
                self.abandoned = True
                for seat in self.seats.values():
                    seat.closed = code
            case Commit(batch):
                self.commits.append(batch)
            case Fetch(after):
                self.fetches.append(after)
            case WakeAt(moment):
                self.wake_at = moment
            case _:
                pass

    def _deliver(self, sessions: Sequence[str], message: bytes) -> None:
        for session in sessions:
            seat = self.seats[session]
            seat.inbox.append(message)
            if message[:1] == b"\x00" and message[1] in (1, 2):
                seat.peer.apply(body_of(message))

    # What people do

    def join(self, principal: Principal, client: int, *, control: bool = True, sync: bool = True) -> Seat:
        """Let a new client in and, unless told otherwise, sync it."""
        seat = Seat(f"session-{client}", principal, Peer(client))
        return self.rejoin(seat, control=control, sync=sync)

    def rejoin(self, seat: Seat, *, control: bool = True, sync: bool = True) -> Seat:
        """Let a client in that may have a state already."""
        self.seats[seat.session] = seat
        seat.closed = None
        seat.inbox.clear()
        self.handle(events.Joined(seat.session, seat.principal, 200, control))
        if sync:
            self.send(seat, b"\x00\x00" + codec.buffer(seat.peer.doc.get_state()))
        return seat

    def send(self, seat: Seat, frame: bytes) -> list[Effect]:
        """A frame arrives from a client."""
        return self.handle(events.Received(seat.session, frame))

    def write(self, seat: Seat, values: Mapping[str, Any]) -> list[Effect]:
        """A client writes keys and sends the update."""
        return self.send(seat, update_frame(seat.peer.set(values)))

    def leave(self, seat: Seat) -> list[Effect]:
        """A client goes."""
        effects = self.handle(events.Left(seat.session))
        del self.seats[seat.session]
        return effects

    def request(self, principal: Principal, *writes: Write) -> list[Effect]:
        """A door of the server asks for writes."""
        return self.handle(events.Requested(f"request-{next(self._ids)}", principal, Source.API, writes))

    def pass_time(self, seconds: float) -> list[Effect]:
        """Time passes, and the room wakes whenever it has asked for that."""
        end, effects = self.now + timedelta(seconds=seconds), list[Effect]()
        while self.wake_at <= end:
            self.now = max(self.now, self.wake_at)
            effects += self.handle(events.Woken())
        self.now = end
        return effects

    # What the store does

    def commit(self) -> tuple[CommitResult, list[Effect]]:
        """The store answers the oldest commit; returns its answer and what the room does then."""
        result = finish(self.store.commit(self.commits.pop(0)))
        return result, self.handle(events.Answered(result))

    def fetch(self) -> list[Effect]:
        """The store answers the oldest fetch."""
        return self.handle(events.Fetched(finish(self.store.updates_after(LIST, self.fetches.pop(0)))))

    def settle(self) -> None:
        """The store answers everything."""
        while not self.abandoned and (self.commits or self.fetches):
            if self.commits:
                self.commit()
            else:
                self.fetch()

    def set_role(self, principal: Principal, role: Role | None) -> int:
        """Change a membership in the store, without telling the room; returns its new version."""
        held = self.store.members[WORKSPACE][principal.user_id]
        changed = replace(held, version=held.version + 1, active=role is not None, role=role or held.role)
        self.store.members[WORKSPACE][principal.user_id] = changed
        return changed.version


def stage_with_rows(*rows: str, limits: Limits | None = None, apart: float = 0.0) -> Stage:
    """A stage whose list has these rows, written by Olga through the server's door."""
    stage = Stage(limits=limits, apart=apart)
    if rows:
        stage.request(OLGA, *(AddRow(row) for row in rows))
        stage.settle()
    stage.effects.clear()
    return stage


def replies(effects: Sequence[Effect]) -> list[Reply]:
    """The replies among effects."""
    return [effect for effect in effects if isinstance(effect, Reply)]


def refusals(effects: Sequence[Effect]) -> list[Refuse]:
    """The refused requests among effects."""
    return [effect for effect in effects if isinstance(effect, Refuse)]


def closes(effects: Sequence[Effect]) -> list[tuple[str, int]]:
    """(session, close code) of the closes among effects."""
    return [(effect.session, CloseCode(effect.code)) for effect in effects if isinstance(effect, Close)]
