"""The clocks of a node: days or years off, set forward and back, fast, slow or standing still.

Half of the nodes take the time from them as a real node does (`api.clock`: it never goes back), the others as it is, which is
worse than anything that a real node sees.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from api.clock import SteadyClock
from tests.property_list import NOW
from tests.simulation.world import World

_DAY: Final = 86_400.0
_OFF_BY: Final = (0.5 * _DAY, 400 * _DAY, 7_300 * _DAY)
_PACES: Final = (0.3, 0.7, 0.98, 1.02, 1.5, 3.0)
_STEADY_PACES: Final = (0.9, 0.999, 1.001, 1.1)


class Clocks:
    """What one node takes the time to be, and how fast its timers run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wall = NOW
        self._read_at = 0.0
        self._pace = self.timer_pace = 1.0
        self._steadied = world.random.random() < 0.5
        if world.strikes("clock.apart"):
            self.jump(timedelta(seconds=self._off()))
        if world.strikes("clock.uneven"):
            self.drift()
            self.timer_pace = world.random.choice(_STEADY_PACES)
        self._steady = SteadyClock(self._now, self._ticks)

    def __call__(self) -> datetime:
        """Give the time."""
        return self._steady() if self._steadied else self._now()

    def start(self) -> None:
        """The node begins anew: it knows nothing of what the time was before."""
        self._steady = SteadyClock(self._now, self._ticks)

    def jump(self, by: timedelta) -> None:
        """Somebody sets the clock."""
        self._wall = self._now() + by

    def jump_anywhere(self) -> None:
        """Somebody sets the clock by hours, days or years."""
        self.jump(timedelta(seconds=self._off()))

    def drift(self) -> None:
        """From now on the clock runs fast, or slow."""
        self._run_at(self._world.random.choice(_PACES))

    def freeze(self) -> None:
        """The clock stands still."""
        self._run_at(0.0)

    def _run_at(self, pace: float) -> None:
        self._wall, self._pace = self._now(), pace

    def _off(self) -> float:
        most = self._world.random.choice(_OFF_BY)
        return self._world.between(-most, most)

    def _now(self) -> datetime:
        elapsed, self._read_at = self._world.now - self._read_at, self._world.now
        self._wall += timedelta(seconds=elapsed * self._pace)
        return self._wall

    def _ticks(self) -> float:
        return self._world.now * self.timer_pace
