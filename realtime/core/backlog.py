"""The backlog of a room, bounded: what arrived while the log was being read, in order, and what waits for the next commit."""

from __future__ import annotations

from realtime.core import events
from realtime.core.ahead import perhaps_ahead
from realtime.core.audience import Session
from realtime.core.limits import Limits
from realtime.core.messages import STEP_2_HEAD

Waiting = events.Received | events.Requested


class Backlog:
    """What waits to be judged."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._events: list[Waiting] = []
        self._bytes = 0
        self._doubted: events.Received | None = None
        self._judged = self._judged_bytes = 0

    def add(self, event: Waiting) -> bool:
        """Let an event wait; false if that is more than may wait."""
        self._events.append(event)
        self._bytes += len(event.frame) if isinstance(event, events.Received) else 0
        return len(self._events) <= self._limits.waiting_edits_max and self._bytes <= self._limits.waiting_bytes_max

    def judged(self, size: int) -> bool:
        """An edit of so many bytes waits for the next commit; false if that is more than may wait."""
        self._judged += 1
        self._judged_bytes += size
        return self._judged <= self._limits.waiting_edits_max and self._judged_bytes <= self._limits.waiting_bytes_max

    def begun(self) -> None:
        """A commit has begun, with everything that waited for it."""
        self._judged = self._judged_bytes = 0

    def doubt(self, session: Session, edit: events.Received, error: Exception) -> bool:
        """Let an edit that seems unsound wait until the log was read, which may say otherwise.

        False for the second time, and while live edits wait for the session's upload.
        """
        if not perhaps_ahead(error) or edit is self._doubted or (session.ahead and edit.frame[:2] != STEP_2_HEAD):
            return False
        self._doubted = edit
        return self.add(edit)

    def take(self) -> list[Waiting]:
        """Everything that has waited."""
        taken, self._events, self._bytes = self._events, [], 0
        return taken
