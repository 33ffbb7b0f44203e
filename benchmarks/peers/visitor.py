"""A visitor: a client that opens a list and stays, for what is not about edits: how long opening takes, what it weighs, what is there."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from pycrdt import Doc

from benchmarks.clients import ADMITTED, ASK_FOR_ALL, DENIED, NOTHING_TO_GIVE, STEP_1, STEP_2, SYNC, Dialect
from benchmarks.load import FRAME_BYTES_MAX
from realtime.core import codec

LOOK_SECONDS = 0.005
QUIET_SECONDS = 1.0


class Visitor(WSListener):
    """Asks for everything, and notes how many bytes of the document have come and when the last of them did."""

    def __init__(self, dialect: Dialect, *, keeps: bool = False) -> None:
        self._dialect = dialect
        self._keeps = keeps
        self._transport: WSTransport | None = None
        self.begun = time.perf_counter()
        self.came = self.begun
        self.synced = False
        self.bytes = 0
        self.ended: str | None = None
        self.updates: list[bytes] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Ask for the document."""
        self._transport = transport
        if self._dialect.greeting:
            transport.send(WSMsgType.BINARY, self._dialect.greeting)
        self.send(ASK_FOR_ALL)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:  # noqa: ARG002 - the library's signature
        """Take in a message."""
        if frame.msg_type is WSMsgType.CLOSE:
            self.ended = f"{frame.get_close_code()}: {frame.get_close_reason()}"
        if frame.msg_type is not WSMsgType.BINARY:
            return
        message = frame.get_payload_as_bytes()[len(self._dialect.prefix) :]
        if message[0] == DENIED and message[1] != ADMITTED:
            self.ended = "denied"
        elif message[0] == SYNC and message[1] == STEP_1:
            self.send(NOTHING_TO_GIVE)
        elif message[0] == SYNC:
            self.came = time.perf_counter()
            self.synced = self.synced or message[1] == STEP_2
            self.bytes += len(message)
            if self._keeps:
                self.updates.append(message)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - the library's signature
        """The connection is gone."""
        self.ended = self.ended or "the connection was lost"

    def send(self, frame: bytes) -> None:
        """Send a message of y-protocols."""
        if self._transport is not None and self.ended is None:
            self._transport.send(WSMsgType.BINARY, self._dialect.prefix + frame)

    def leave(self) -> None:
        """Close the connection."""
        if self._transport is not None and self.ended is None:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()

    def document(self) -> Doc[Any]:
        """The document as far as it has come; only of a visitor who keeps updates."""
        document = Doc[Any]()
        for message in self.updates:
            reader = codec.Reader(message)
            reader.uint(), reader.uint()
            document.apply_update(reader.buffer())
        return document


async def visit(address: str, headers: Mapping[str, str], dialect: Dialect, *, keeps: bool = False) -> Visitor:
    """Connect a visitor; it may not be synced yet."""
    visitor = Visitor(dialect, keeps=keeps)
    await ws_connect(lambda: visitor, address, extra_headers=headers, max_frame_size=FRAME_BYTES_MAX)
    return visitor


async def until(holds: Callable[[], bool], seconds: float) -> None:
    """Wait for a condition. Raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - the clients' callbacks must not pay for telling anyone
            await asyncio.sleep(LOOK_SECONDS)


async def until_open(visitor: Visitor, bytes_least: int, seconds: float) -> float:
    """Wait until so much of a document has come; returns the seconds since the visitor was made."""
    await until(lambda: bool(visitor.ended) or (visitor.synced and visitor.bytes >= bytes_least), seconds)
    if visitor.ended:
        raise ConnectionError(visitor.ended)
    return visitor.came - visitor.begun


async def until_quiet(visitor: Visitor, seconds: float) -> None:
    """Wait until nothing of the document has come for a while: some servers send it after an empty first answer."""
    await until_open(visitor, 0, seconds)
    await until(lambda: time.perf_counter() - visitor.came > QUIET_SECONDS, seconds)


def state_of(document: Doc[Any]) -> dict[int, int]:
    """How many clocks of each client a document has."""
    reader = codec.Reader(document.get_state())
    return {reader.uint(): reader.uint() for _ in range(reader.uint())}
