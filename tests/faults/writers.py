"""Honest clients that edit without a pause and keep account of what they were promised.

A socket writer keeps a document as a Yjs client does. It comes back by itself with exponential back-off and full jitter, to
another node if there is one, and sends again what was not acknowledged, as the answer to the server's first sync step. Every edit has a
value that no other has, so what became of it can be told apart for ever.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient

UNAUTHORIZED = 401
UNAVAILABLE = 503
OPEN_SECONDS_MAX = 2.0
BACK_OFF_SECONDS = 0.1
BACK_OFF_SECONDS_MAX = 2.5
CONTESTED_EVERY = 10
PERMANENT_CODES = range(4400, 4500)
CREDENTIALS_EXPIRED = 4401
NOT_SENT = 1 << 60
STAY_SECONDS_MAX = 1e6

Addresses = Callable[[], Sequence[str]]
"""The nodes that a load balancer would choose from."""


async def token_of(person: Person, address: str) -> str:
    """Sign somebody in at a node; their token. Raises `AssertionError` when that is refused."""
    there = person.at(address)
    try:
        await there.sign_in()
    finally:
        await there.http.aclose()
    return there.token


@dataclass(slots=True)
class Edit:
    """One edit: the cell's key, its value, when it was made and acknowledged (seconds), and the frame that carries it."""

    cell: str
    value: str
    made_at: float
    frame: int = NOT_SENT
    acknowledged_at: float | None = None


class Client(SocketClient):
    """A socket client that tells what it is shown of others, when it uploads, and when it is told that something is saved."""

    def __init__(
        self, on_shown: Callable[[str, Any], None], on_upload: Callable[[], None], on_saved: Callable[[], None]
    ) -> None:
        super().__init__()
        self._on_shown = on_shown
        self._on_upload = on_upload
        self._on_saved = on_saved
        self._overlaid = self.overlays.observe_deep(self._note_values)

    def _note_values(self, events: Sequence[Any]) -> None:
        if not self._applying:
            return
        for event in events:
            for key, change in event.keys.items():
                if "newValue" in change and key.startswith("c:"):
                    self._on_shown(key, change["newValue"])

    async def send_edit(self, update: bytes, step: int = 2) -> int:
        """Send an update; the answer to the server's first sync step carries everything that it has not got."""
        if step == 1:
            self._on_upload()
        return await super().send_edit(update, step)

    def _take_control(self, message: dict[str, Any]) -> None:
        super()._take_control(message)
        self._on_saved()


@dataclass
class Writer:
    """One person's client. `own` are cells that nobody else writes, `contested` those that everybody does."""

    person: Person
    target: List
    addresses: Addresses
    own: Sequence[str]
    contested: Sequence[str]
    random: Random
    edits_per_second: float = 20.0
    waiting: list[Edit] = field(default_factory=list)
    acknowledged: list[Edit] = field(default_factory=list)
    shown: set[tuple[str, str]] = field(default_factory=set)
    closes: Counter[int] = field(default_factory=Counter)
    refusals: Counter[int] = field(default_factory=Counter)
    connections: int = 0
    paused: bool = False

    def __post_init__(self) -> None:
        self.client = Client(self._note_shown, self._note_upload, self._note_saved)
        self._numbers = itertools.count(1)
        self._ending = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Come in, and begin to write."""
        self._tasks = [asyncio.create_task(self._stay()), asyncio.create_task(self._write())]
        await self.client.until(lambda: self.client.synced and self.client.saved > 0)

    async def stop(self) -> None:
        """Go away; raises what went wrong on the way."""
        self._ending = True
        for task in self._tasks:
            task.cancel()
        for outcome in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    def require_well(self) -> None:
        """Raise what ended this writer, if something did."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def until_saved_since(self, moment: float) -> float:
        """Wait until an edit made at that time or later is acknowledged; returns when it was."""
        await self.client.until(lambda: bool(self.acknowledged) and self.acknowledged[-1].made_at >= moment)
        first = next(edit for edit in self.acknowledged if edit.made_at >= moment)
        assert first.acknowledged_at is not None
        return first.acknowledged_at

    async def until_quiet(self) -> None:
        """Wait until everything written so far is acknowledged."""
        await self.client.until(lambda: not self.waiting)

    def describe(self) -> str:
        """How it goes, for whoever has to find out."""
        client = self.client
        return (
            f"{self.person.name} at {self.person.server}: closed={client.closed} synced={client.synced} frames={client.frames} "
            f"saved={client.saved} waiting={len(self.waiting)} from {self.waiting[:1]}, connections={self.connections} "
            f"closes={dict(self.closes)} refusals={dict(self.refusals)} control={client.control[-2:]}"
        )

    # The connection

    async def _stay(self) -> None:
        attempt = 0
        while not self._ending:
            if await self._visit():
                attempt = 0
            await asyncio.sleep(self.random.uniform(0, min(BACK_OFF_SECONDS * 2**attempt, BACK_OFF_SECONDS_MAX)))
            attempt += 1

    async def _visit(self) -> bool:
        """Be connected to some node until that ends; tells whether the first sync was done.

        To another one than before, if there is one: a proxy sends nobody to a node that has just failed.
        """
        doors = self.addresses()
        self.person.server = self.random.choice([door for door in doors if door != self.person.server] or doors)
        synced = False
        try:
            async with self.client.connected(self.person, self.target.id, open_seconds_max=OPEN_SECONDS_MAX):
                synced = True
                self.connections += 1
                await self.client.until_closed(seconds_max=STAY_SECONDS_MAX)
        except InvalidStatus as refused:
            self.refusals[refused.response.status_code] += 1
            if refused.response.status_code == UNAUTHORIZED:
                await self._sign_in()
            elif refused.response.status_code != UNAVAILABLE:
                raise
        except (OSError, InvalidHandshake, WebSocketException):
            pass
        if self.client.closed is not None:
            await self._note_closed(*self.client.closed)
        return synced

    async def _note_closed(self, code: int, sentence: str) -> None:
        self.closes[code] += 1
        if code == CREDENTIALS_EXPIRED:
            await self._sign_in()
        elif code in PERMANENT_CODES:
            raise AssertionError(f"{self.person.name} was closed with {code}: {sentence}")

    async def _sign_in(self) -> None:
        with suppress(httpx.TransportError, AssertionError):  # else it is tried again
            self.person.token = await token_of(self.person, self.person.server)

    # Edits

    async def _write(self) -> None:
        await self.client.until(lambda: self.client.synced)
        cells = itertools.cycle(self.own)
        while True:
            await asyncio.sleep(1 / self.edits_per_second)  # the pace of the load: nothing is waited for
            if not self.paused:
                number = next(self._numbers)
                contested = number % CONTESTED_EVERY == 0
                await self._edit(self.random.choice(self.contested) if contested else next(cells), number)

    async def _edit(self, cell: str, number: int) -> None:
        edit = Edit(cell, f"{self.person.name} {number}", asyncio.get_running_loop().time())
        update = self.client.make({cell: edit.value})
        self.waiting.append(edit)
        if self.client.frames and self.client.closed is None:
            edit.frame = self.client.frames + 1
            with suppress(WebSocketException):  # it will be sent again
                await self.client.send_edit(update)

    def _note_upload(self) -> None:
        for edit in self.waiting:
            edit.frame = 1

    def _note_shown(self, cell: str, value: Any) -> None:
        if not str(value).startswith(f"{self.person.name} "):
            self.shown.add((cell, value))

    def _note_saved(self) -> None:
        """What is acknowledged: frames up to a number; the first one carries everything that was made before it."""
        now = asyncio.get_running_loop().time()
        still = []
        for edit in self.waiting:
            if edit.frame <= self.client.saved:
                edit.acknowledged_at = now
                self.acknowledged.append(edit)
            else:
                still.append(edit)
        self.waiting = still
