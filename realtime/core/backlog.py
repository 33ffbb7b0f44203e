"""The backlog of a room: frames and requests that arrived while the log was being read, in order and bounded."""

from __future__ import annotations

from realtime.core import events
from realtime.core.limits import Limits

Waiting = events.Received | events.Requested


class Backlog:
    """What waits to be judged."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._events: list[Waiting] = []
        self._bytes = 0

    def add(self, event: Waiting) -> bool:
        """Let an event wait; false if that is more than may wait."""
        self._events.append(event)
        self._bytes += len(event.frame) if isinstance(event, events.Received) else 0
        return len(self._events) <= self._limits.waiting_edits_max and self._bytes <= self._limits.waiting_bytes_max

    def take(self) -> list[Waiting]:
        """Everything that has waited."""
        taken, self._events, self._bytes = self._events, [], 0
        return taken
