"""The transport of a list's socket: uvicorn's sans-I/O WebSocket protocol, with a way past its queues.

A committed update is framed once and written to every socket's transport as it is. Going through the ASGI
`send` for each would cost a task switch and a copy per receiver. What arrives is handed on at once, without a queue, a
task switch, and a pause of the transport for each frame.
"""

import asyncio
from asyncio.transports import BaseTransport
from collections.abc import Callable
from typing import Final

from starlette.websockets import WebSocket, WebSocketState
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION: Final = "rowhouse.connection"
SLICE_BYTES: Final = 8 * 1024
"""How much of what has arrived is parsed at a time: a transport hands over 256 KB, which may hold 40,000 messages."""

CLOSE_SECONDS_MAX: Final = 5.0

TakeFrame = Callable[[bytes], float]
"""Takes a message that has arrived; answers how many seconds to wait before reading on."""


class ListSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol; it lends its connection to the application and tells when its buffer has drained."""

    tell_drained: Callable[[], None] | None = None
    take_frame: TakeFrame | None = None
    rest_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """A connection; nothing of it has arrived."""
        self.unread = bytearray()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived: parse them, a slice at a time and not while we rest."""
        self.unread += data
        self.parse()

    def parse(self) -> None:
        """Parse what has arrived, until something in it asks for a rest."""
        while self.unread and not self.read_paused and not self.transport.is_closing():
            data = bytes(self.unread[:SLICE_BYTES])
            del self.unread[:SLICE_BYTES]
            super().data_received(data)

    async def receive(self) -> ASGIReceiveEvent:
        """The next event for the application; reading goes on once it has all of them."""
        event = await super().receive()
        self.parse()
        return event

    async def run_asgi(self) -> None:
        """Put the connection where the endpoint finds it, then run the application."""
        extensions = self.scope["extensions"]
        assert extensions is not None, "uvicorn names its extensions"
        extensions[EXTENSION] = {"protocol": self}
        await super().run_asgi()

    def send_receive_event_to_app(self) -> None:
        """Hand a whole binary message on, and rest as long as the taker says; anything else goes uvicorn's way."""
        if self.take_frame is None or self.curr_msg_data_type != "bytes":
            super().send_receive_event_to_app()
            return
        message = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if not self.close_sent:
            self.rest(self.take_frame(message))

    def rest(self, seconds: float) -> None:
        """Read nothing more for a while."""
        if seconds <= 0:
            return
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()
        if self.rest_timer is not None:  # of an earlier message in the same slice: the debt has grown
            self.rest_timer.cancel()
        self.rest_timer = self.loop.call_later(seconds, self.read_on)

    def read_on(self) -> None:
        """Read again."""
        self.rest_timer = None
        if self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()
            self.parse()

    def resume_writing(self) -> None:
        """The transport has passed on what it held."""
        super().resume_writing()
        if self.tell_drained is not None:
            self.tell_drained()


class SocketWire:
    """`realtime.outbox.Wire` over one accepted WebSocket."""

    def __init__(self, websocket: WebSocket) -> None:
        protocol = websocket.scope["extensions"][EXTENSION]["protocol"]
        assert isinstance(protocol, ListSocketProtocol), "the server runs with our WebSocket protocol"
        self._websocket = websocket
        self._protocol = protocol
        self._closing: asyncio.Task[None] | None = None

    def write(self, framed: bytes) -> None:
        """Hand a frame to the transport."""
        protocol = self._protocol
        if self._closing is None and not protocol.disconnected and not protocol.transport.is_closing():
            protocol.transport.write(framed)

    def deliver(self, take_frame: TakeFrame) -> None:
        """Hand every binary message to `take_frame` from now on, those first that have arrived meanwhile."""
        protocol, kept = self._protocol, []
        seconds = 0.0
        while not protocol.queue.empty():
            event = protocol.queue.get_nowait()
            message = event.get("bytes") if event["type"] == "websocket.receive" else None
            if message is None:
                kept.append(event)
            else:
                seconds = max(seconds, take_frame(message))
        for event in kept:
            protocol.queue.put_nowait(event)
        protocol.take_frame = take_frame
        if seconds > 0:
            protocol.rest(seconds)
        else:
            protocol.read_on()

    def held_bytes(self) -> int:
        """How many bytes the transport holds."""
        return self._protocol.transport.get_write_buffer_size()

    def close(self, code: int, sentence: str) -> None:
        """Close in the background; a peer that does not take the close frame is cut off."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(code, sentence))

    def on_drained(self, tell: Callable[[], None]) -> None:
        """Call `tell` when the transport has drained."""
        self._protocol.tell_drained = tell

    async def _close(self, code: int, sentence: str) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS_MAX):
                if self._websocket.application_state is WebSocketState.CONNECTED:
                    await self._websocket.close(code, sentence)
                    self._protocol.parse()
        except (TimeoutError, OSError, RuntimeError):  # gone already, or too slow to take even this
            self._protocol.transport.abort()
