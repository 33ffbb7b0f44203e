"""Limits on guessing: how often one address and one account may try to sign in.

Kept in this process: a cluster of n nodes allows n times as many, which argon2's cost still makes harmless.
"""

from typing import Final

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from api.errors import Code, Problem
from api.settings import Settings

ACCOUNT_FACTOR: Final = 5
"""How many addresses' worth of attempts an account takes, so that one stranger cannot lock its owner out."""


class Attempts:
    """Counts attempts in moving windows and refuses those beyond the settings' limits."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._by_address = RateLimitItemPerMinute(settings.login_attempts_per_minute)
        self._by_account = RateLimitItemPerMinute(settings.login_attempts_per_minute * ACCOUNT_FACTOR)
        self._registration = RateLimitItemPerHour(settings.registrations_per_hour)

    async def login(self, address: str, email: str) -> None:
        """Count a sign-in by network address and by account; raises `Problem` (`rate`) beyond the limit."""
        await self._count(self._by_address, "login-address", address)
        await self._count(self._by_account, "login-email", email.casefold())

    async def registration(self, address: str) -> None:
        """Count a new account by network address; raises `Problem` (`rate`) beyond the limit."""
        await self._count(self._registration, "register", address)

    async def _count(self, limit: RateLimitItem, *key: str) -> None:
        if await self._limiter.hit(limit, *key):
            return
        seconds = limit.get_expiry()
        raise Problem(
            Code.RATE,
            f"Too many attempts. Wait up to {seconds} seconds and try again.",
            headers={"Retry-After": str(seconds)},
        )
