"""What the routes work with: one record that `create_app` fills, and that a test may fill otherwise."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.attempts import Attempts
from api.draining import Drain
from api.exporting.turns import Turns
from api.importing.uploads import Uploads
from api.incidents import Incidents
from api.knocks import Knocks
from api.pressure import Pressure
from api.settings import Settings
from auth.grants import Grant
from auth.passwords import hash_password, password_matches
from auth.principals import Principal
from auth.roles import Role
from persistence.contract import ListStore, Source
from realtime.converter import Converter
from realtime.core.limits import Limits
from realtime.core.writes import Write
from realtime.hub import Arrival, Seat
from realtime.outbox import Wire
from realtime.runner import Runner


class Written(Protocol):
    """The receipt of a committed write: the list's head after it, and the time that stands in the log."""

    @property
    def head(self) -> int:
        """The number of the last committed update."""

    @property
    def at(self) -> datetime:
        """The time of the commit (UTC)."""


class Rooms(Protocol):
    """The live lists, as the routes see them: the one write path and the news that rooms must hear."""

    async def write(self, list_id: str, principal: Principal, writes: Sequence[Write], *, source: Source) -> Written:
        """Commit the writes together or not at all; the one write path."""

    async def join(
        self, list_id: str, principal: Principal, arrival: Arrival, wire: Wire, grant: Grant | None = None
    ) -> Seat:
        """Give a socket its seat in a list, for as long as its grant lasts."""

    def leave(self, seat: Seat) -> None:
        """Take a socket's seat back."""

    @property
    def limits(self) -> Limits:
        """The limits that sockets are held to."""

    async def open(self, list_id: str) -> Runner:
        """Open the live list."""

    async def rights_changed(self, workspace_id: str, user_id: str, role: Role | None, version: int) -> None:
        """Hear that a membership was committed with another role, or ended (`None`)."""

    async def grant_ended(self, grant: Grant) -> None:
        """Hear that a sign-in or an API key has ended: its sockets are closed."""

    async def lists_known(self, workspace_id: str, list_ids: frozenset[str]) -> None:
        """Hear which lists a workspace has, just read from the database."""

    async def list_trashed(self, list_id: str) -> None:
        """Hear that a list went into the trash: its sockets are closed."""


class Passwords:
    """Hashing off the event loop, at most two at a time: each needs 64 MiB and a core."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(2)

    async def hash(self, password: str) -> str:
        """Hash a password for keeping."""
        async with self._turns:
            return await asyncio.to_thread(hash_password, password)

    async def match(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password belongs to the hash; an unknown account takes as long as a wrong password."""
        async with self._turns:
            return await asyncio.to_thread(password_matches, password_hash, password)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts that a request may need. `clock` gives the time in UTC; `random_id` and `random_secret` fresh texts."""

    settings: Settings
    engine: AsyncEngine
    reader: AsyncEngine
    store: ListStore
    rooms: Rooms
    converter: Converter
    token_key: bytes
    clock: Callable[[], datetime]
    random_id: Callable[[], str]
    random_secret: Callable[[], str]
    attempts: Attempts
    incidents: Incidents
    drain: Drain
    pressure: Pressure
    knocks: Knocks
    exports: Turns
    passwords: Passwords = field(default_factory=Passwords)
    uploads: Uploads = field(default_factory=Uploads)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Lend a connection for reads; each statement stands for itself."""
        return self.reader.connect()

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a transaction that commits when the block ends well: the boundary of every change."""
        return self.engine.begin()
