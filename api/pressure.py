"""Pressure: had a node better take nobody new in, since its event loop is late (ROOM-46) or its memory full (ROOM-67)?

A node that falls behind must not be given more: who is in goes on, whoever comes is sent away before they cost anything,
and their client comes back later, perhaps to another node.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from api.memory import resident_bytes

INTERVAL_SECONDS: Final = 0.5
_WEIGHT: Final = 0.4
_CAP: Final = 4.0
"""One long step, or a machine that slept, is felt as so many times the limit at most."""
_ROOM_AGAIN: Final = 0.95
"""Memory is full until it is below this share of its limit, so that a node at the limit does not come and go."""


class Pressure:
    """Measures how late the loop calls a timer, and what the process holds; `note` hears of each lateness, in seconds."""

    def __init__(
        self,
        lag_seconds_max: float,
        memory_bytes_max: float,
        note: Callable[[float], None],
        held_bytes: Callable[[], int] = resident_bytes,
    ) -> None:
        self._max = lag_seconds_max
        self._bytes_max = memory_bytes_max
        self._note = note
        self._held_bytes = held_bytes
        self._late = 0.0
        self._full = False
        self._task: asyncio.Task[None] | None = None

    @property
    def high(self) -> bool:
        """The loop has been late by more than the limit, on the mean of the last seconds; or memory is full."""
        return self._late > self._max or self._full

    @property
    def full(self) -> bool:
        """The process holds more than it may, and has not given enough back since."""
        return self._full

    def feel(self, lag_seconds: float) -> None:
        """Take a measurement in."""
        self._note(lag_seconds)
        self._late += (min(lag_seconds, _CAP * self._max) - self._late) * _WEIGHT

    def weigh(self) -> None:
        """Look at what the process holds."""
        self._full = self._held_bytes() > self._bytes_max * (_ROOM_AGAIN if self._full else 1)

    def start(self) -> None:
        """Begin to measure."""
        self.weigh()
        self._task = asyncio.get_running_loop().create_task(self._measure())

    async def close(self) -> None:
        """Measure no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + INTERVAL_SECONDS
            await asyncio.sleep(INTERVAL_SECONDS)
            self.feel(max(0.0, loop.time() - due))
            self.weigh()
