"""Waiting for what happens in other processes, which nobody tells of."""

import asyncio
from collections.abc import Awaitable, Callable

_POLL_SECONDS = 0.02


async def until(holds: Callable[[], Awaitable[bool]], seconds_max: float) -> None:
    """Look again and again until something holds. Raises `TimeoutError`."""
    async with asyncio.timeout(seconds_max):
        while not await holds():  # noqa: ASYNC110 - no event of this loop tells of another process
            await asyncio.sleep(_POLL_SECONDS)
