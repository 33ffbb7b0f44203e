"""What one person may use of a node, over all of their sockets: connections, frames, bytes, work, and patience.

Who uses more than their share is read more slowly, and nothing of theirs is lost; only what no honest client does
again and again, being closed for unsound or refused edits, bars a person for a while.
"""

from __future__ import annotations

from datetime import datetime

from realtime.core.closing import BLAMED_CODES
from realtime.core.limits import Bucket, Limits


class Barred(Exception):
    """Too many of the person's connections had to be closed; they may come back in a while."""


class Crowded(Exception):
    """The person has too many connections, or opens them too fast."""


class Allowance:
    """What is left to one person. Everything that they spend flows back with time."""

    __slots__ = ("_bytes", "_frames", "_joins", "_limits", "_sockets", "_strikes", "_work")

    def __init__(self, limits: Limits, now: datetime) -> None:
        frames, octets, work = limits.frames_per_second_max, limits.bytes_per_second_max, limits.work_share_max
        burst = limits.burst_seconds
        self._limits = limits
        self._sockets = 0
        self._frames = Bucket(frames, frames * burst, now)
        self._bytes = Bucket(octets, max(octets * burst, float(limits.sync_bytes_max)), now)
        self._work = Bucket(work, limits.work_burst_seconds, now)
        self._joins = Bucket(limits.joins_per_second_max, limits.joins_burst_max, now)
        self._strikes = Bucket(limits.strikes_per_second_max, limits.strikes_burst_max, now)

    def enter(self, now: datetime) -> None:
        """A socket comes in. Raises `Barred`, `Crowded`."""
        if not self._strikes.holds(1, now):
            raise Barred
        if self._sockets >= self._limits.sessions_per_user_max or not self._joins.holds(1, now):
            raise Crowded
        self._joins.take(1, now)
        self._sockets += 1

    def leave(self) -> None:
        """A socket is gone."""
        self._sockets -= 1

    def closed(self, code: int, now: datetime) -> None:
        """A socket was closed by us; being closed for what was sent counts against the person."""
        if code in BLAMED_CODES:
            self._strikes.take(1, now)

    def spend(self, frame_bytes: int, answer_bytes: int, work_seconds: float, now: datetime) -> float:
        """A frame was handled, with what it cost; returns how many seconds to wait before the next one is read."""
        waits = (
            self._frames.take(1, now),
            self._bytes.take(frame_bytes + answer_bytes, now),
            self._work.take(work_seconds, now),
        )
        return max(waits).total_seconds()

    def whole(self, now: datetime) -> bool:
        """Nothing is spent and nobody is here: there is nothing to remember."""
        buckets = (self._frames, self._bytes, self._work, self._joins, self._strikes)
        return self._sockets == 0 and all(bucket.full(now) for bucket in buckets)
