"""The transport of a list's socket: uvicorn's sans-I/O WebSocket protocol, with a way past its queues.

A committed update is framed once and written to every socket's transport as it is. Going through the ASGI
`send` for each would cost a task switch and a copy per receiver. What arrives is handed on at once, without a queue, a
task switch, and a pause of the transport for each frame.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import uvicorn
from starlette.websockets import WebSocket, WebSocketState
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame

from api.patience import CUT_OFF_SECONDS, ServerConfig
from realtime.core.closing import RESTARTING, CloseCode

EXTENSION: Final = "rowhouse.connection"
SLICE_BYTES: Final = 8 * 1024
"""How much of what has arrived is parsed at a time: a transport hands over 256 KB, which may hold 40,000 messages."""
DRAINED_BYTES: Final = 16 * 1024  # a transport that was full counts as drained once it holds no more than this
MESSAGE_FRAGMENTS_MAX: Final = 4096
CONTROL_FRAMES_PER_SECOND_MAX: Final = 60
SHARE_BYTES: Final = 1 << 20  # of an unfinished message each socket may hold so much, however busy the node is

TakeFrame = Callable[[bytes], float]
"""Takes a message that has arrived; answers how many seconds to wait before reading on."""


class ListSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol; it lends its connection to the application and tells when its buffer has drained."""

    tell_full: Callable[[], None] | None = None
    tell_drained: Callable[[], None] | None = None
    take_frame: TakeFrame | None = None
    rest_timer: asyncio.TimerHandle | None = None

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        assert isinstance(config, ServerConfig), "`serve` configures the protocols"
        self._node = config
        self._held_bytes = 0
        self._fragments = 0
        self._message_deadline: asyncio.TimerHandle | None = None
        self._control_frames = 0
        self._control_since = 0.0
        self._unread = bytearray()

    async def run_asgi(self) -> None:
        """Put the connection where the endpoint finds it, then run the application."""
        extensions = self.scope["extensions"]
        assert extensions is not None, "uvicorn names its extensions"
        extensions[EXTENSION] = {"protocol": self}
        await super().run_asgi()

    def send_receive_event_to_app(self) -> None:
        """Hand a whole binary message on, and rest as long as the taker says; anything else goes uvicorn's way."""
        if self.curr_msg_data_type != "bytes":
            self.frames = [b""]  # lists take binary messages only: what a text says is no matter
        if self.take_frame is None or self.curr_msg_data_type != "bytes":
            super().send_receive_event_to_app()
            return
        message = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if not self.close_sent:
            self.rest(self.take_frame(message))

    # What is not whole yet is bounded in bytes, in frames and in time (WIRE-13, WIRE-14)

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived: parse them, a slice at a time and not while we rest."""
        self._unread += data
        self.parse()

    def parse(self) -> None:
        """Parse what has arrived, until something in it asks for a rest, and count what is not whole."""
        while self._unread and not self.read_paused and not self.transport.is_closing():
            data = bytes(self._unread[:SLICE_BYTES])
            del self._unread[:SLICE_BYTES]
            super().data_received(data)
            if self.conn.handshake_exc is not None and not self.transport.is_closing():
                # uvicorn waits for ever where its library could not read the head.
                self.transport.write(b"".join(self.conn.data_to_send()))
                self._cut_off()
        unfinished = len(self._unread) + len(self.conn.reader.buffer) + (self.conn.current_size or 0)
        self._hold(0 if self.close_sent else unfinished)

    async def receive(self) -> ASGIReceiveEvent:
        """The next event for the application; reading goes on once it has all of them."""
        event = await super().receive()
        self.parse()
        return event

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, and with it what it held."""
        self._forget_message()
        self._hold(0)
        super().connection_lost(exc)

    def handle_bytes(self, event: Frame) -> None:
        """A binary message, or its first fragment."""
        self._begin_message(event)
        super().handle_bytes(event)

    def handle_text(self, event: Frame) -> None:
        """A text message, or its first fragment."""
        self._begin_message(event)
        super().handle_text(event)

    def handle_cont(self, event: Frame) -> None:
        """Another fragment."""
        self._fragments += 1
        if self._fragments > MESSAGE_FRAGMENTS_MAX:
            self.end(CloseCode.UNFIT, "A message came in too many fragments.")
            return
        if event.fin:
            self._forget_message()
        super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answer, unless there is no end of them."""
        if self._count_control_frame():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Take an answer, whether it was asked for or not."""
        if self._count_control_frame():
            super().handle_pong(event)

    def handle_close(self, event: Frame) -> None:
        """The peer says goodbye."""
        super().handle_close(event)
        self._cut_off()

    def handle_parser_exception(self) -> None:
        """What came is no WebSocket frame."""
        super().handle_parser_exception()
        self._cut_off()

    def keepalive_timeout(self) -> None:
        """The peer is dead."""
        super().keepalive_timeout()
        self._cut_off()

    def shutdown(self) -> None:
        """The server ends: so does a socket that no room has closed by now."""
        if self.handshake_complete and not self.close_sent:
            self.end(CloseCode.SHUTTING_DOWN, RESTARTING)
        else:
            super().shutdown()

    def end(self, code: int, sentence: str) -> None:
        """Close at once, whatever else has arrived."""
        if self.close_sent or self.transport.is_closing():
            return
        self.stop_keepalive()
        self._forget_message()
        self.frames = []
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": sentence})
        self.conn.fail(code, sentence)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._cut_off()

    def _cut_off(self) -> None:
        """Close, and do not wait long for a peer that takes nothing any more."""
        self.transport.close()
        self.loop.call_later(CUT_OFF_SECONDS, self.transport.abort)

    def _begin_message(self, event: Frame) -> None:
        if not event.fin and not self.close_sent:
            self._fragments = 1
            self._message_deadline = self.loop.call_later(
                self._node.settings.message_seconds_max, self.end, CloseCode.UNFIT, "A message took too long."
            )

    def _forget_message(self) -> None:
        if self._message_deadline is not None:
            self._message_deadline.cancel()
            self._message_deadline = None

    def _count_control_frame(self) -> bool:
        """Tell whether a ping or pong is one of so many that a connection may send."""
        now = self.loop.time()
        if now - self._control_since >= 1.0:
            self._control_since, self._control_frames = now, 0
        self._control_frames += 1
        if self._control_frames > CONTROL_FRAMES_PER_SECOND_MAX:
            self.end(CloseCode.UNFIT, "Too many pings.")
        return not self.close_sent

    def _hold(self, held_bytes: int) -> None:
        node = self._node
        node.unfinished_bytes += held_bytes - self._held_bytes
        self._held_bytes = held_bytes
        if held_bytes > SHARE_BYTES and node.unfinished_bytes > node.settings.unfinished_bytes_max:
            self.end(CloseCode.TRY_AGAIN_LATER, "The server is overloaded; try again in a moment.")
            self._hold(0)

    # How fast it is read

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

    def pause_writing(self) -> None:
        """The transport holds more than it should."""
        super().pause_writing()
        if self.tell_full is not None:
            self.tell_full()

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
        if self._closing is None and not protocol.transport.is_closing():
            protocol.transport.write(framed)

    def deliver(self, take_frame: TakeFrame) -> None:
        """Hand every binary message to `take_frame` from now on, those first that have arrived meanwhile."""
        protocol, kept, seconds = self._protocol, [], 0.0
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

    def watch(self, bytes_max: int, tell_full: Callable[[], None], tell_drained: Callable[[], None]) -> None:
        """Let the transport tell when it holds too much, and when it has drained."""
        protocol = self._protocol
        protocol.tell_full, protocol.tell_drained = tell_full, tell_drained
        protocol.transport.set_write_buffer_limits(bytes_max, min(bytes_max, DRAINED_BYTES))

    async def _close(self, code: int, sentence: str) -> None:
        try:
            async with asyncio.timeout(CUT_OFF_SECONDS):
                if self._websocket.application_state is WebSocketState.CONNECTED:
                    await self._websocket.close(code, sentence)
                    self._protocol.parse()
        except (TimeoutError, OSError, RuntimeError):  # gone already, or too slow to take even this
            self._protocol.transport.abort()
