"""The clients of a load: they speak y-protocols version 1 as the stock provider does, over any server of it.

A *reader* keeps no document: it notes when which message came. A *writer* keeps one, takes in what others write and
changes map entries, one edit a frame. What is counted is edits, not frames: a message is decoded once,
whoever receives it, and an edit is known by its (client id, clock) in whatever message it travels.
"""

import time
from array import array
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport
from pycrdt import Doc, Map

from realtime.core import codec
from realtime.core.reasons import Unsound
from realtime.core.update import Id, decode

SYNC, DENIED = 0, 2
STEP_1, STEP_2, UPDATE = 0, 1, 2
ASK_FOR_ALL = b"\x00\x00\x01\x00"
NOTHING_TO_GIVE = b"\x00\x01\x02\x00\x00"

Hand = Callable[[Random], tuple[str, Any]]
"""What a writer writes next: the entry's key and its value."""


class Ledger:
    """Every edit with the moment it was sent, and every message that showed edits."""

    def __init__(self) -> None:
        self.sent: dict[Id, float] = {}
        self.shown: list[list[Id]] = []
        self._numbers: dict[bytes, int] = {}

    def number(self, message: bytes) -> int:
        """The number of an update message; the same for the same bytes."""
        number = self._numbers.get(message)
        if number is None:
            number = self._numbers[message] = len(self.shown)
            self.shown.append(self._edits(message))
        return number

    def _edits(self, message: bytes) -> list[Id]:
        reader = codec.Reader(message)
        reader.uint(), reader.uint()
        try:
            update = decode(reader.buffer())
        except Unsound as error:
            raise AssertionError(f"a server sent what is no update of ours: {error}") from error
        ends = (
            (client, structs[0].clock, structs[-1].clock + structs[-1].length) for client, _, structs in update.blocks
        )
        edits = ((client, clock) for client, start, end in ends for clock in range(start, end))
        return [edit for edit in edits if edit in self.sent]


class Reader(WSListener):
    """One connected client that only looks."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.synced = False
        self.ended: str | None = None
        self.denied = 0
        self.edits = 0
        self.numbers = array("L")
        self.times = array("d")
        self.sync_bytes = 0
        self._transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Ask for the document."""
        self._transport = transport
        self.send(ASK_FOR_ALL)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:  # noqa: ARG002 - the library's signature
        """Note when a message came."""
        now = time.perf_counter()
        if frame.msg_type is not WSMsgType.BINARY:
            if frame.msg_type is WSMsgType.CLOSE:
                self.ended = f"{frame.get_close_code()}: {frame.get_close_reason()}"
            return
        message = frame.get_payload_as_bytes()
        if message[0] == SYNC:
            self.take(message, now)
        elif message[0] == DENIED:
            self.denied += 1

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - the library's signature
        """The connection is gone; whoever drives asks why."""
        self.ended = self.ended or "the connection was lost"

    def send(self, frame: bytes) -> None:
        """Send a frame; nothing once the connection is gone."""
        if self._transport is not None and self.ended is None:
            self._transport.send(WSMsgType.BINARY, frame)

    def leave(self) -> None:
        """Begin to close the connection."""
        if self._transport is not None and self.ended is None:
            self._transport.send_close()
            self._transport.disconnect()

    @property
    def away(self) -> bool:
        """Never connected, or gone."""
        return self._transport is None or self.ended is not None

    def take(self, message: bytes, now: float) -> None:
        """Take in a sync message that came at `now`."""
        if message[1] == UPDATE:
            number = self.ledger.number(message)
            self.numbers.append(number)
            self.times.append(now)
            self.edits += len(self.ledger.shown[number])
        elif message[1] == STEP_1:
            self.send(NOTHING_TO_GIVE)
        else:
            self.sync_bytes = len(message)
            self.synced = True


class Writer(Reader):
    """One connected client that also edits. `place` names the map: a root, and the keys of the maps in it."""

    def __init__(self, ledger: Ledger, client: int, place: tuple[str, ...], hand: Hand, random: Random) -> None:
        super().__init__(ledger)
        self.client = client
        self._hand = hand
        self._random = random
        self._place = place
        self._document: Doc[Any] = Doc(client_id=client)
        self._root: Map[Any] = self._document.get(place[0], type=Map)
        self._made: bytes = b""
        self._unread: list[bytes] = []
        self._subscription = self._document.observe(self._note)
        self.written = 0

    def _note(self, event: Any) -> None:
        self._made = event.update

    def take(self, message: bytes, now: float) -> None:
        """Note a sync message; the document takes its update in before the next edit, not while others wait for theirs."""
        super().take(message, now)
        if message[1] in (STEP_2, UPDATE):
            self._unread.append(message)
        if message[1] == UPDATE:
            self.edits -= sum(edit[0] == self.client for edit in self.ledger.shown[self.numbers[-1]])

    def write(self) -> bytes:
        """Change one entry and send it; returns the update."""
        for message in self._unread:
            reader = codec.Reader(message)
            reader.uint(), reader.uint()
            self._document.apply_update(reader.buffer())
        self._unread.clear()
        key, value = self._hand(self._random)
        with self._document.transaction():
            self._entries[key] = value
        frame = b"\x00\x02" + codec.buffer(self._made)
        self.ledger.sent[self.client, self.written] = time.perf_counter()
        self.written += 1
        self.send(frame)
        return self._made

    @property
    def _entries(self) -> Any:
        held: Any = self._root
        for name in self._place[1:]:
            held = held[name]
        return held


def headers_of(token: str) -> Mapping[str, str]:
    """The headers with which a person's client connects."""
    return {"Authorization": f"Bearer {token}"}
