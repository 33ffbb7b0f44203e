"""Pressure: is the event loop so late that a node had better take nobody new in (ROOM-46)?

A node that falls behind must not be given more: who is in goes on, whoever comes is sent away before they cost anything,
and their client comes back later, perhaps to another node.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

INTERVAL_SECONDS: Final = 0.5
_WEIGHT: Final = 0.4
_CAP: Final = 4.0
"""One long step, or a machine that slept, is felt as so many times the limit at most."""


class Pressure:
    """Measures how late the loop calls a timer; `note` hears of each measurement, in seconds."""

    def __init__(self, lag_seconds_max: float, note: Callable[[float], None]) -> None:
        self._max = lag_seconds_max
        self._note = note
        self._late = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def high(self) -> bool:
        """The loop has been late by more than the limit, on the mean of the last seconds."""
        return self._late > self._max

    def feel(self, lag_seconds: float) -> None:
        """Take a measurement in."""
        self._note(lag_seconds)
        self._late += (min(lag_seconds, _CAP * self._max) - self._late) * _WEIGHT

    def start(self) -> None:
        """Begin to measure."""
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
