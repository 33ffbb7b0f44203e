"""The outbox of one socket: writes never wait, and what a slow reader has not taken is bounded.

A message is framed once (RFC 6455; server frames are not masked, so the same bytes serve every socket) and
written straight to the transport. When the transport holds more than the limit the socket is congested: its
room stops writing to it, and once it has drained sends one difference instead of the queue.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final, Protocol

_BINARY_FINAL: Final = 0x82
_SHORT_MAX: Final = 125
_MEDIUM_MAX: Final = 0xFFFF


def frame(message: bytes) -> bytes:
    """Wrap a message into one unmasked binary WebSocket frame."""
    length = len(message)
    if length <= _SHORT_MAX:
        return bytes((_BINARY_FINAL, length)) + message
    if length <= _MEDIUM_MAX:
        return struct.pack(">BBH", _BINARY_FINAL, 126, length) + message
    return struct.pack(">BBQ", _BINARY_FINAL, 127, length) + message


class Wire(Protocol):
    """The transport of a socket."""

    def write(self, framed: bytes) -> None:
        """Hand bytes to the transport; never waits, and does nothing once the socket is gone."""

    def held_bytes(self) -> int:
        """How many bytes the transport has not passed on yet."""

    def close(self, code: int, sentence: str) -> None:
        """Send a close frame and end the connection."""

    def watch(self, bytes_max: int, tell_full: Callable[[], None], tell_drained: Callable[[], None]) -> None:
        """Call `tell_full` when the transport comes to hold more than so much, `tell_drained` once nearly all of it is passed on."""


class Outbox:
    """Writes to one wire and tells its room when the reader falls behind and when it has caught up."""

    __slots__ = (
        "_congested",
        "_tell_closed",
        "_tell_congested",
        "_tell_drained",
        "_wire",
        "written_bytes",
    )

    def __init__(
        self,
        wire: Wire,
        bytes_max: int,
        tell_congested: Callable[[], None],
        tell_drained: Callable[[], None],
        tell_closed: Callable[[int], None],
    ) -> None:
        self._wire = wire
        self._tell_congested = tell_congested
        self._tell_drained = tell_drained
        self._tell_closed = tell_closed
        self._congested = False
        self.written_bytes = 0
        wire.watch(bytes_max, self._full, self._drained)

    @property
    def congested(self) -> bool:
        """The reader has fallen behind."""
        return self._congested

    def held_bytes(self) -> int:
        """How many bytes the transport has not passed on yet."""
        return self._wire.held_bytes()

    def write(self, framed: bytes) -> None:
        """Write a framed message."""
        self._wire.write(framed)
        self.written_bytes += len(framed)

    def close(self, code: int, sentence: str) -> None:
        """Close the socket."""
        self._tell_closed(code)
        self._wire.close(code, sentence)

    def _full(self) -> None:
        if not self._congested:
            self._congested = True
            self._tell_congested()

    def _drained(self) -> None:
        if self._congested:
            self._congested = False
            self._tell_drained()
