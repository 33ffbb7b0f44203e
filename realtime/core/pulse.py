"""The pulse of a room: when presence is shown (merged, at most so often) and when the heartbeat is sent.

Browsers do not see WebSocket pings, and stock clients drop a connection that has been silent for 30 s: an empty
presence message is the heartbeat.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from realtime.core import messages
from realtime.core.limits import Limits
from realtime.core.presence import PresenceBoard


class Pulse:
    """Two clocks: the next moment at which presence may be shown, and that of the next heartbeat."""

    def __init__(self, limits: Limits, now: datetime) -> None:
        self._presence_every = timedelta(seconds=limits.presence_interval_seconds)
        self._heartbeat_every = timedelta(seconds=limits.heartbeat_seconds)
        self._presence_at = now
        self._heartbeat_at = now + self._heartbeat_every

    def due(self, board: PresenceBoard, now: datetime) -> list[bytes]:
        """The messages for everybody that are due now."""
        due: list[bytes] = []
        if board.changed and now >= self._presence_at:
            due.extend(messages.presence_messages(board.take_changes()))
            self._presence_at = now + self._presence_every
        if now >= self._heartbeat_at:
            due.append(messages.presence_message(()))
            self._heartbeat_at = now + self._heartbeat_every
        return due

    def next(self, board: PresenceBoard) -> datetime:
        """When something will be due next."""
        return min(self._presence_at, self._heartbeat_at) if board.changed else self._heartbeat_at
