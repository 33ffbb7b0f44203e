"""How long a socket may stay: until its access token ends, unless its client brings a fresh one in band (AUTH-14).

A socket that was opened with a ticket or an API key has no end of its own; it lives as long as its grant, which
`realtime.watch` looks after.
"""

import asyncio
from datetime import datetime
from typing import Final

import structlog

from api.access import SignedIn, bearer_of
from api.answers import UNREACHABLE, auth_problem
from api.services import Services
from auth.errors import AuthReason, AuthRefused
from realtime.core.closing import CloseCode
from realtime.core.limits import Bucket
from realtime.core.messages import decode_renewal
from realtime.core.reasons import Unsound
from realtime.hub import Seat

RENEWALS_BURST_MAX: Final = 5
RENEWALS_PER_SECOND_MAX: Final = 0.05

_log = structlog.get_logger(__name__)


class Stay:
    """The time that one socket has, and the renewals that it asks for: one after another, a few a minute."""

    def __init__(self, person: SignedIn, seat: Seat, services: Services) -> None:
        self._person = person
        self._seat = seat
        self._services = services
        self._loop = asyncio.get_running_loop()
        self._pace = Bucket(RENEWALS_PER_SECOND_MAX, RENEWALS_BURST_MAX, services.clock())
        self._turn = asyncio.Lock()
        self._renewals: set[asyncio.Task[None]] = set()
        self._expiry: asyncio.TimerHandle | None = None
        self._expire_at(person.expires_at)

    def renew(self, frame: bytes) -> None:
        """Take a control message: a fresh access token of the same person."""
        try:
            token = decode_renewal(frame)
        except Unsound as error:
            self._seat.dismiss(CloseCode.UNSOUND, str(error))
            return
        if self._pace.take(1, self._services.clock()):
            self._seat.dismiss(CloseCode.TOO_MANY_REFUSALS, "Too many renewals; one a quarter of an hour is enough.")
            return
        task = self._loop.create_task(self._renew(token))
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)

    def end(self) -> None:
        """The socket is gone."""
        if self._expiry is not None:
            self._expiry.cancel()
        for task in self._renewals:
            task.cancel()

    async def _renew(self, token: str) -> None:
        async with self._turn:
            try:
                fresh = await self._verified(token)
            except AuthRefused as refused:
                self._seat.dismiss(CloseCode.CREDENTIALS_EXPIRED, auth_problem(refused).detail)
                return
            except UNREACHABLE as failure:
                _log.warning("a renewal could not be looked up", error=type(failure).__name__)
                return  # not answered: the client asks again, and until its end the old token holds
            if fresh.user.id != self._person.user.id:
                self._seat.dismiss(CloseCode.NO_ACCESS, "This token is another person's.")
                return
            if self._person.expires_at is not None:
                self._expire_at(fresh.expires_at)
            self._seat.renew(fresh.grant, None if self._person.expires_at is None else fresh.expires_at)

    async def _verified(self, token: str) -> SignedIn:
        """Only a sign-in is renewed, and only by an access token: a key's limits cannot be moved on."""
        if self._person.key is not None:
            raise AuthRefused(AuthReason.INVALID_TOKEN)
        return await bearer_of(token, self._services)

    def _expire_at(self, moment: datetime | None) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        if moment is not None:
            remaining = (moment - self._services.clock()).total_seconds()
            self._expiry = self._loop.call_later(max(0.0, remaining), self._expire)

    def _expire(self) -> None:
        self._seat.dismiss(CloseCode.CREDENTIALS_EXPIRED, "Your access token has expired.")
