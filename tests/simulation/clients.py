"""Clients of a simulation: real replicas, driven as an honest stock client drives its own.

A client writes into its replica whether it is online or not. Once a connection has asked for what the server lacks, and
has been answered, every further edit is sent as it is made. A client that is cut off comes back, and goes on from what it has.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from persistence.contract import Json
from realtime.core import codec, keys
from realtime.core.closing import CloseCode
from realtime.core.codec import Reader
from tests.property_list import LOCKED, NAME, OPEN, PIER, QUAY, RENT, SOLD, STATE, TAGS, step_2_frame, update_frame
from tests.room_scenes import Peer
from tests.simulation.checks import MUST_BE_REFUSED, is_unique
from tests.simulation.families import BELOW, keys_of_converted
from tests.simulation.history import body_of, vector_of
from tests.simulation.network import Connection
from tests.simulation.world import Violation, World

if TYPE_CHECKING:
    from tests.simulation.nodes import Node

HONEST_CLOSES = frozenset(
    {
        1006,
        CloseCode.SHUTTING_DOWN,
        CloseCode.INTERNAL_ERROR,
        CloseCode.TRY_AGAIN_LATER,
        CloseCode.NO_ACCESS,
        CloseCode.LIST_GONE,
    }
)
"""How the connection of somebody honest may end; everything else says that they did something wrong."""
SILENCE_SECONDS_MAX = 30.0
OF_SEGMENTS = 0.3
SERVERS_BELOW = 1_024
"""Client ids below this are those of servers: epochs."""
_AT = "2026-03-01T12:00:00.000Z"


@dataclass(slots=True)
class Edit:
    """A key that a client has written with a value that only this edit has, and on which connection it was first sent."""

    key: str
    value: Json
    connection: Connection | None = None
    shared: bool = False
    """A sibling may have sent it first, and was told instead."""


class Client:
    """One tab of a person. `edits` are its keys with unique values; `told` the keys that it was told are refused."""

    def __init__(self, world: World, number: int, user: str, nodes: list[Node], *, control: bool, member: bool) -> None:
        self.name = f"tab{number}"
        self.user = user
        self.peer = Peer(5000 + number)
        self.online = True
        self.control = control
        self.connection: Connection | None = None
        self.edits: dict[Json, Edit] = {}
        self.told: set[str] = set()
        self.uploaded = False
        self.synced = False
        self.siblings: list[Client] = []
        self._world = world
        self._nodes = nodes
        self.member = member
        self._connections = 0
        self._unsent: list[Edit] = []
        self._dialling = False
        self._heard_at = 0.0
        self._column = 0

    @property
    def epoch(self) -> int | None:
        """The epoch that its copy is of, by the servers' client ids in it; `None` while it has nothing."""
        return max((met for met in vector_of(self.peer.doc.get_state()) if met < SERVERS_BELOW), default=None)

    # Its connection

    def connect(self) -> None:
        """Connect to any node, unless it is connected or means to be offline."""
        self._dialling = False
        if self.connection is not None or not self.online:
            return
        self._connections += 1
        node = self._world.random.choice(self._nodes)
        self.connection = Connection(self._world, f"{self.name}.{self._connections}", self)
        self.connection.copy = self.epoch if self.control else None
        self.uploaded = self.synced = False
        self._heard_at = self._world.now
        self._world.note(f"{self.name} connects to {node.name}")
        node.accept(self.connection)

    def lost(self, connection: Connection, code: int) -> None:
        """A connection has ended; try again in a while."""
        if connection is not self.connection:
            return
        self._world.note(f"{self.name} lost {code}")
        self._world.counts[f"close.{code}"] += 1
        if code == CloseCode.STALE_EPOCH and self._may_be_stale():
            self._start_afresh()
        elif code not in HONEST_CLOSES:
            raise Violation(f"{self.name} did nothing wrong and was closed with {code}")
        self.connection = None
        self.redial()

    def _may_be_stale(self) -> bool:
        """Its copy is of an epoch that is over, or else a node could not find out which one holds.

        Who does not name an epoch may also be told so by a node that hears of the new one while it asks what it has missed.
        """
        counts = self._world.counts
        unsure = counts["epoch.unsure"] or (counts["epoch"] and not self.control)
        return unsure > 0 or self.epoch != self._nodes[0].store.kept.epoch

    def _start_afresh(self) -> None:
        """The document was made anew: what this replica holds must not be merged into it."""
        self._world.counts["client.started_afresh"] += 1
        self.peer = Peer(self.peer.client + 100)
        self._unsent.clear()

    def redial(self) -> None:
        """Connect again after a pause."""
        if self.online and not self._dialling:
            self._dialling = True
            self._world.after(self._world.between(0.05, 0.5), self.connect)

    def go_offline(self) -> None:
        """The person closes the laptop."""
        self.online = False
        if self.connection is not None:
            self.connection.hang_up()

    def come_home(self) -> None:
        """The person is back."""
        self.online = True
        if self.connection is None:
            self._world.counts["client.came_home"] += 1
            self._world.counts["client.came_home_with_edits"] += bool(self._unsent)
            self.redial()

    def listen(self) -> None:
        """A connection that has been silent for too long is given up, as stock clients do."""
        if self.connection is not None and self._world.now - self._heard_at > SILENCE_SECONDS_MAX:
            self._world.counts["client.heard_nothing"] += 1
            self.connection.cut(0.0)

    def settled(self) -> bool:
        """It is connected, has sent everything, and knows that it is durable."""
        connection = self.connection
        if connection is None or connection.broken or self._unsent:
            return False
        if not (self.uploaded and self.synced and connection.quiet):
            return False
        return not self.control or connection.saved == len(connection.sent)

    # What it is sent

    def opened(self, connection: Connection) -> None:
        """The socket is open: ask for what the replica lacks."""
        if connection is self.connection:
            connection.up(b"\x00\x00" + codec.buffer(self.peer.doc.get_state()))

    def receive(self, connection: Connection, message: bytes) -> None:
        """A frame from the server."""
        if connection is not self.connection:
            return
        self._heard_at = self._world.now
        kind = message[0]
        if kind == 0 and message[1] == 0:
            self._upload(connection, body_of(message))
        elif kind == 0:
            self.synced = self.synced or message[1] == 1
            self.peer.apply(body_of(message))
        elif kind == 2:
            refused = json.loads(_text(message[1:]))["refused"]
            self.told.update(each["key"] for each in refused)
            self._world.counts["edits.stale"] += any(each["reason"] == "stale_generation" for each in refused)
        elif kind == 100:
            said = json.loads(_text(message))
            if said["type"] == "saved":
                connection.saved = said["frames"]

    def _upload(self, connection: Connection, state_vector: bytes) -> None:
        self._sent(connection)
        connection.up(step_2_frame(self.peer.doc.get_update(state_vector)))
        self.uploaded = True

    def _sent(self, connection: Connection) -> None:
        for edit in self._unsent:
            edit.connection = connection
        self._unsent.clear()

    # What its person does

    def meet(self, sibling: Client) -> None:
        """Two tabs of one browser pass their replicas on to each other; who comes home first brings both."""
        if self.epoch != sibling.epoch:
            return  # tabs share the copies of one epoch
        for giver, taker in ((self, sibling), (sibling, self)):
            taker.peer.apply(giver.peer.doc.get_update(taker.peer.doc.get_state()))
            for edit in giver._unsent:
                edit.shared = True
        self._world.counts["client.siblings_met"] += 1

    def write(self) -> None:
        """Write one to three keys, and send them if there is a connection that takes live edits."""
        generations = sorted(self.peer.generations(), key=int)
        if not generations:
            return
        self.peer.generation = self._world.random.choice((*generations, *[generations[-1]] * 4))
        self._world.counts["edits.of_older_generation"] += self.peer.generation != generations[-1]
        values = self._values()
        if not values:
            return
        update = self.peer.set(values)
        self._world.note(f"{self.name} writes {','.join(values)}")
        self._world.counts["edits"] += 1
        for path, value in values.items():
            if path[:2] == "c:" and (is_unique(value) or str(value).startswith(MUST_BE_REFUSED)):
                edit = Edit(path, value)
                self.edits[value] = edit
                self._unsent.append(edit)
        if self.connection is not None and self.uploaded:
            self._sent(self.connection)
            self.connection.up(update_frame(update))

    def _values(self) -> dict[str, Any]:
        random, held = self._world.random, self.peer.held(keys.OVERLAYS)
        names = sorted(held.keys())
        rows = [QUAY, PIER, *(name[2:] for name in names if name[0] == "r")]
        values: dict[str, Any] = {}
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            self._column += 1
            unique = int(self.peer.client) * 1000 + self._column
            marker = f"{MUST_BE_REFUSED}-{unique}" if self.member else f"v{unique}"
            row, kind = self._row(rows[:4]), random.random()
            converts = self._world.faults.conversions
            converted = keys_of_converted(self.peer, row, kind, unique, marker, random) if converts else None
            self._world.counts["edits.of_converted"] += converted is not None
            values |= self._keys(row, kind, unique, marker, names) if converted is None else converted
        return values

    def _keys(self, row: str, kind: float, unique: int, marker: str, names: list[str]) -> dict[str, Any]:
        random = self._world.random
        if kind < BELOW[NAME]:
            return {f"c:{row}:{NAME}": marker}
        if kind < BELOW[RENT]:
            invalid = self.member or random.random() < 0.2
            return {f"c:{row}:{RENT}": f"{MUST_BE_REFUSED}-{unique}" if invalid else unique}
        if kind < BELOW[LOCKED]:
            return {f"c:{row}:{LOCKED}": 5}
        if kind < BELOW[TAGS]:
            there = random.random() < 0.6
            return {f"e:{row}:{TAGS}:{random.choice((SOLD, OPEN))}": there}
        if kind < BELOW[STATE]:
            return {f"c:{row}:{STATE}": random.choice((SOLD, OPEN, None, f"{MUST_BE_REFUSED}-{unique}"))}
        return self._keys_of_no_column(row, kind, unique, marker, names)

    def _keys_of_no_column(self, row: str, kind: float, unique: int, marker: str, names: list[str]) -> dict[str, Any]:
        random = self._world.random
        if kind < 0.8:
            new = f"row-{unique:09}"
            return {f"r:{new}": random.choice(("a5", "a6V")), f"c:{new}:{NAME}": marker}
        if kind < 0.84:
            return {f"t:{row}": random.choice((None, {"by": self.user, "at": _AT}))}
        if kind < 0.92:
            comment = {"row": row, "author": self.user, "at": _AT, "body": "Seen.", "mentions": []}
            return {f"comments/comment-{unique:09}": comment}
        return {name: ... for name in random.sample(names, min(1, len(names))) if name[0] in "cet"}

    def _row(self, rows: list[str]) -> str:
        """One of these rows, or of those that segments hold."""
        payloads = [bytes(held) for held in self.peer.held(keys.SEGMENTS).values()]
        if not payloads or self._world.random.random() > OF_SEGMENTS:
            return self._world.random.choice(rows)
        self._world.counts["edits.of_rows_in_segments"] += 1
        return self._world.random.choice(sorted(row for payload in payloads for row in rows_in(payload)))


@lru_cache(1_024)
def rows_in(payload: bytes) -> tuple[str, ...]:
    """The rows of a segment."""
    return tuple(row[0] for row in json.loads(gzip.decompress(payload))["rows"])


def _text(message: bytes) -> str:
    reader = Reader(message)
    reader.byte()
    return reader.string()
