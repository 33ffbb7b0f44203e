"""The time of a server: UTC that never goes back, so that what is due comes due whatever happens to the machine's clock.

A clock that is set forward is followed at once. One that is set back is waited for: meanwhile time passes at half its pace, so
limits, heartbeats and retries are late by a factor of two at most instead of by the whole step.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

_PACE_WHILE_AHEAD: Final = 0.5


class SteadyClock:
    """`wall` gives the machine's time in UTC, `steady` seconds that only grow (`time.monotonic`)."""

    def __init__(self, wall: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._wall = wall
        self._steady = steady
        self._now = wall()
        self._seen_at = steady()

    def __call__(self) -> datetime:
        """Give the time."""
        wall, seen_at = self._wall(), self._steady()
        elapsed = timedelta(seconds=seen_at - self._seen_at)
        self._seen_at = seen_at
        self._now = wall if wall >= self._now + elapsed else max(wall, self._now + _PACE_WHILE_AHEAD * elapsed)
        return self._now
