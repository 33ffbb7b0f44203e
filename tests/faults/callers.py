"""A program that makes records over HTTP at any node, one after another, and keeps account of what it was answered."""

import asyncio
import itertools
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random

import httpx

from tests.e2e.people import List, Person
from tests.faults.writers import Addresses, token_of

CALL_SECONDS_MAX = 8.0


@dataclass
class Caller:
    """Makes records whose field `column` holds a text that no other has; what is not answered is not tried again."""

    person: Person
    target: List
    column: str
    addresses: Addresses
    random: Random
    calls_per_second: float = 3.0
    made: dict[str, str] = field(default_factory=dict)
    """The records that were answered with 201: their texts, by id."""
    asked: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    paused: bool = False
    last_made_at: float = 0.0

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._idle = asyncio.Event()
        self._made = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._call_on())

    async def stop(self) -> None:
        """End; raises what went wrong on the way."""
        assert self._task is not None
        self._task.cancel()
        (outcome,) = await asyncio.gather(self._task, return_exceptions=True)
        if isinstance(outcome, Exception):
            raise outcome

    def require_well(self) -> None:
        """Raise what ended this caller, if something did."""
        if self._task is not None and self._task.done():
            self._task.result()

    async def until_idle(self) -> None:
        """Wait until no call is under way (it must be paused)."""
        async with asyncio.timeout(2 * CALL_SECONDS_MAX):
            await self._idle.wait()

    async def until_made_since(self, moment: float) -> None:
        """Wait until a record that was asked for at that time or later is made."""
        async with asyncio.timeout(2 * CALL_SECONDS_MAX), self._made:
            await self._made.wait_for(lambda: self.last_made_at >= moment)

    async def _call_on(self) -> None:
        async with httpx.AsyncClient(timeout=CALL_SECONDS_MAX) as http:
            while True:
                self._idle.set()
                await asyncio.sleep(1 / self.calls_per_second)  # the pace of the load: nothing is waited for
                if not self.paused:
                    self._idle.clear()
                    await self._call(http, f"record {next(self._numbers)}")

    async def _call(self, http: httpx.AsyncClient, text: str) -> None:
        asked_at = asyncio.get_running_loop().time()
        self.asked.add(text)
        address = f"{self.random.choice(self.addresses())}/api/lists/{self.target.id}/records"
        headers = {"authorization": f"Bearer {self.person.token}"}
        try:
            answer = await http.post(address, json={"records": [{"fields": {self.column: text}}]}, headers=headers)
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return
        self.answers[str(answer.status_code)] += 1
        if answer.status_code == HTTPStatus.CREATED:
            self.made[answer.json()["items"][0]["id"]] = text
            async with self._made:
                self.last_made_at = asked_at
                self._made.notify_all()
            return
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            with suppress(httpx.TransportError, AssertionError):  # else the next call tries again
                self.person.token = await token_of(self.person, str(answer.url.join("/")).rstrip("/"))
            return
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE, answer.text
        assert answer.headers["retry-after"], "who is turned away is told when to come back"
