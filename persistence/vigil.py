"""A vigil over a connection that is in use: is the server still at work, or will no answer ever come?

A connection may be dead without either side being told: its network carries nothing, or its server has become another one. Waiting
tells nothing, and a limit that ends slow but honest statements would end them again at each retry. So after a while of silence
the server itself is asked, on another connection.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol


class Watched(Protocol):
    """A connection that can be asked after."""

    async def at_work(self) -> bool:
        """Tell whether the server is busy with what was asked on this connection."""

    def terminate(self) -> None:
        """Drop the connection; whoever waits on it gets an error."""


class Vigil:
    """Begins when it is made, and drops the connection when the server is not at work on it after `silence_seconds`.

    `on_dropped` is called after that.
    """

    def __init__(self, connection: Watched, silence_seconds: float, on_dropped: Callable[[], Awaitable[None]]) -> None:
        self._connection = connection
        self._silence_seconds = silence_seconds
        self._on_dropped = on_dropped
        self._loop = asyncio.get_running_loop()
        self._asking: asyncio.Task[None] | None = None
        self._timer = self._loop.call_later(silence_seconds, self._ask)

    def go_on(self) -> None:
        """Something is asked again after an end."""
        self._timer = self._loop.call_later(self._silence_seconds, self._ask)

    def end(self) -> None:
        """The answer has come, and silence means nothing any more."""
        self._timer.cancel()
        if self._asking is not None:
            self._asking.cancel()

    def _ask(self) -> None:
        self._asking = self._loop.create_task(self._look())

    async def _look(self) -> None:
        if await self._connection.at_work():
            self._timer = self._loop.call_later(self._silence_seconds, self._ask)
            return
        self._asking = None  # from here on nothing is waited for that the connection's user could end
        self._connection.terminate()
        await self._on_dropped()
