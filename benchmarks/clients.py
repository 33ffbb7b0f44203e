"""The clients of a load: they speak y-protocols version 1 as the stock provider does, over any server of it.

A *reader* keeps no document: it notes when which message came. A *writer* keeps one, takes in what others write and
changes map entries, one edit a frame; a *scribe* (`scribes.py`) writes entries of its own only and needs none. What is counted is edits, not frames: a message is decoded once,
whoever receives it, and an edit is known by its (client id, clock) in whatever message it travels.
"""

import time
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport
from pycrdt import Doc, Map

from benchmarks.clocks import clocks_of
from realtime.core import codec
from realtime.core.update import Id

SYNC, DENIED = 0, 2
ADMITTED = 2
STEP_1, STEP_2, UPDATE = 0, 1, 2
ASK_FOR_ALL = b"\x00\x00\x01\x00"
NOTHING_TO_GIVE = b"\x00\x01\x02\x00\x00"

Hand = Callable[[Random], tuple[str, Any]]
"""What a writer writes next: the entry's key and its value."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server wants around the messages of y-protocols: bytes before each, and a frame that is said first."""

    prefix: bytes = b""
    greeting: bytes = b""


PLAIN = Dialect()


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
        return [edit for edit in clocks_of(reader.buffer()) if edit in self.sent]


class Reader(WSListener):
    """One connected client that only looks."""

    def __init__(self, ledger: Ledger, dialect: Dialect = PLAIN) -> None:
        self.ledger = ledger
        self._dialect = dialect
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
        if self._dialect.greeting:
            transport.send(WSMsgType.BINARY, self._dialect.greeting)
        self.send(ASK_FOR_ALL)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:  # noqa: ARG002 - the library's signature
        """Note when a message came."""
        now = time.perf_counter()
        if frame.msg_type is not WSMsgType.BINARY:
            if frame.msg_type is WSMsgType.CLOSE:
                self.ended = f"{frame.get_close_code()}: {frame.get_close_reason()}"
            return
        message = frame.get_payload_as_bytes()[len(self._dialect.prefix) :]
        if message[0] == SYNC:
            self.take(message, now)
        elif message[0] == DENIED and message[1] != ADMITTED:
            self.denied += 1
        else:
            self.take_other(message, now)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - the library's signature
        """The connection is gone; whoever drives asks why."""
        self.ended = self.ended or "the connection was lost"

    def send(self, frame: bytes) -> None:
        """Send a frame; nothing once the connection is gone."""
        if self._transport is not None and self.ended is None:
            self._transport.send(WSMsgType.BINARY, self._dialect.prefix + frame)

    def leave(self) -> None:
        """Begin to close the connection."""
        if self._transport is not None and self.ended is None:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()

    @property
    def away(self) -> bool:
        """Never connected, or gone."""
        return self._transport is None or self.ended is not None

    def take(self, message: bytes, now: float) -> None:
        """Take in a sync message that came at `now`."""
        if message[1] == STEP_1:
            self.send(NOTHING_TO_GIVE)
        elif not self.synced:  # the document as it was before the load, in one message or in several
            self.sync_bytes += len(message)
            self.synced = message[1] == STEP_2
        elif message[1] == UPDATE:
            number = self.ledger.number(message)
            self.numbers.append(number)
            self.times.append(now)
            self.edits += len(self.ledger.shown[number])

    def take_other(self, message: bytes, now: float) -> None:
        """Take in a message that is no sync message; a reader has no use for it."""


class Author(Reader, ABC):
    """One connected client that also edits."""

    def __init__(self, ledger: Ledger, client: int, hand: Hand, random: Random, dialect: Dialect = PLAIN) -> None:
        super().__init__(ledger, dialect)
        self.client = client
        self.hand = hand
        self.random = random
        self.written = 0

    @abstractmethod
    def write(self) -> bytes:
        """Change one entry and send it; returns the update."""

    def take(self, message: bytes, now: float) -> None:
        """Note a sync message; of the edits in it, the author's own do not count."""
        known = len(self.numbers)
        super().take(message, now)
        if len(self.numbers) > known:
            self.edits -= sum(edit[0] == self.client for edit in self.ledger.shown[self.numbers[-1]])

    def send_update(self, update: bytes) -> None:
        """Send an update that holds the author's next edit, and note when."""
        frame = b"\x00\x02" + codec.buffer(update)
        self.ledger.sent[self.client, self.written] = time.perf_counter()
        self.written += 1
        self.send(frame)


class Writer(Author):
    """An author with a document. `place` names the map: a root, and the keys of the maps in it."""

    def __init__(
        self,
        ledger: Ledger,
        client: int,
        place: tuple[str, ...],
        hand: Hand,
        random: Random,
        dialect: Dialect = PLAIN,
    ) -> None:
        super().__init__(ledger, client, hand, random, dialect)
        self._place = place
        self._document: Doc[Any] = Doc(client_id=client)
        self._root: Map[Any] = self._document.get(place[0], type=Map)
        self._made: bytes = b""
        self._unread: list[bytes] = []
        self._subscription = self._document.observe(self._note)

    def _note(self, event: Any) -> None:
        self._made = event.update

    def take(self, message: bytes, now: float) -> None:
        """Note a sync message; the document takes its update in before the next edit, not while others wait for theirs."""
        super().take(message, now)
        if message[1] in (STEP_2, UPDATE):
            self._unread.append(message)

    def write(self) -> bytes:
        """Change one entry and send it; returns the update."""
        for message in self._unread:
            reader = codec.Reader(message)
            reader.uint(), reader.uint()
            self._document.apply_update(reader.buffer())
        self._unread.clear()
        key, value = self.hand(self.random)
        with self._document.transaction():
            self._entries[key] = value
        self.send_update(self._made)
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
