"""The drain of a node that is told to end: how it says so, and how it lets go of its sockets.

Thousands of clients that lose their sockets in one instant would come back in one instant, to a neighbour that has its own people.
"""

import asyncio
from typing import Final

from api.readiness import Readiness
from realtime.core.closing import RESTARTING, CloseCode
from realtime.hub import Hub

SLICE_SECONDS: Final = 0.05


class Drain:
    """How this node leaves. Without a hub there is nothing to let go of."""

    def __init__(self, readiness: Readiness, hub: Hub | None = None) -> None:
        self._readiness = readiness
        self._hub = hub

    @property
    def begun(self) -> bool:
        """The node is on its way out."""
        return self._readiness.draining

    def begin(self) -> None:
        """From now on the node is not ready, and lets no new socket in; whoever is in goes on working."""
        self._readiness.drain()

    async def empty(self, spread_seconds: float) -> None:
        """Close the sockets, spread over a time, then let commits under way finish; no call writes any more."""
        if self._hub is None:
            return
        seats = list(self._hub.seats)
        slices = max(1, round(spread_seconds / SLICE_SECONDS))
        for number in range(slices):
            for seat in seats[number::slices]:
                seat.dismiss(CloseCode.SHUTTING_DOWN, RESTARTING)
            await asyncio.sleep(spread_seconds / slices)
        await self._hub.close()
