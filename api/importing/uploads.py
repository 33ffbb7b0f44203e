"""How much may be brought: the size of a file, and how often a person brings one; and how many files a node looks at at once."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from api.answers import busy
from api.errors import Code, Problem

PER_MINUTE_MAX: Final = 30
WAITING_MAX: Final = 50
"""Files of a workspace that nobody has imported yet; they are let go of after a day."""
LOOKS_AT_ONCE: Final = 2
LOOKS_WAITING_MAX: Final = 20
_PATH: Final = re.compile(r"/api/(?:lists|workspaces)/[^/]+/imports")


def is_upload(method: str, path: str) -> bool:
    """Tell whether a call brings a file, and may be as large as one."""
    return method == "POST" and _PATH.fullmatch(path) is not None


class Uploads:
    """What this node takes of files."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(PER_MINUTE_MAX)
        self._turns = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._waiting = 0

    async def count(self, user_id: str) -> None:
        """Count a file that a person brings. Raises `Problem` (`rate`)."""
        if not await self._limiter.hit(self._rate, "upload", user_id):
            sentence = f"You may bring {PER_MINUTE_MAX} files a minute. Wait a moment."
            raise Problem(Code.RATE, sentence, headers={"Retry-After": "60"})

    @asynccontextmanager
    async def look(self) -> AsyncIterator[None]:
        """Take a turn to look at a file, which takes a process and a processor. Raises `Problem` (`busy`) where many wait."""
        if self._waiting >= LOOKS_WAITING_MAX:
            raise busy()
        self._waiting += 1
        try:
            async with self._turns:
                yield
        finally:
            self._waiting -= 1
