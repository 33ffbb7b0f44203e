"""The scenario about presence: everyone in one list moves once a second, and everyone else is to see it."""

import asyncio
import time
from array import array
from contextlib import suppress
from random import Random
from typing import Any

import orjson
from picows import ws_connect

from benchmarks.clients import Dialect, Ledger, Reader
from benchmarks.load import CLIENT_ID_MIN, FRAME_BYTES_MAX, leave
from benchmarks.peers.contender import Contender
from benchmarks.peers.scenarios import Figures, Scale
from benchmarks.peers.visitor import until
from benchmarks.percentiles import Spread
from realtime.core import codec

AWARENESS = 1
JOINING_AT_ONCE = 20
JOIN_SECONDS_MAX, ARRIVE_SECONDS_MAX = 60.0, 5.0
PERIOD_SECONDS = 1.0
Move = tuple[int, int]


class Moves:
    """Every move with the moment it was made, and which moves each message shows; a message is read once."""

    def __init__(self) -> None:
        self.made: dict[Move, float] = {}
        self.shown: dict[bytes, list[Move]] = {}

    def of(self, message: bytes) -> list[Move]:
        """The moves in an awareness message."""
        moves = self.shown.get(message)
        if moves is None:
            moves = self.shown[message] = [move for move in _entries(message) if move in self.made]
        return moves


class Walker(Reader):
    """One person who moves, and notes when others' moves came."""

    def __init__(self, ledger: Ledger, moves: Moves, client: int, dialect: Dialect) -> None:
        super().__init__(ledger, dialect)
        self.client = client
        self.clock = 0
        self._moves = moves
        self.delays = array("d")
        self.measures = False
        self._seen: dict[int, int] = {}

    def move(self, cell: str) -> None:
        """Say where the cursor is."""
        self.clock += 1
        state = {"user": {"name": f"Person {self.client}", "color": "#336699"}, "cursor": {"cell": cell}}
        entry = codec.uint(self.client) + codec.uint(self.clock) + codec.buffer(orjson.dumps(state))
        self._moves.made[self.client, self.clock] = time.perf_counter()
        self.send(bytes([AWARENESS]) + codec.buffer(b"\x01" + entry))

    def take_other(self, message: bytes, now: float) -> None:
        """Note the moves in an awareness message, each once."""
        if message[0] != AWARENESS or not self.measures:
            return
        for client, clock in self._moves.of(message):
            if client != self.client and self._seen.get(client, 0) < clock:
                self._seen[client] = clock
                self.delays.append((now - self._moves.made[client, clock]) * 1e3)


def walking(place: int) -> Any:
    """The scenario with the first or the second number of people."""

    async def play(contender: Contender, scale: Scale) -> Figures:
        people = scale.people[place]
        target = (await contender.make_list(1)).target
        moves, ledger = Moves(), Ledger()
        walkers = [Walker(ledger, moves, CLIENT_ID_MIN + number, target.dialect) for number in range(people)]
        for start in range(0, people, JOINING_AT_ONCE):
            joins = [
                ws_connect(
                    lambda walker=walkers[number]: walker,
                    target.address,
                    extra_headers=target.headers[number % len(target.headers)],
                    max_frame_size=FRAME_BYTES_MAX,
                )
                for number in range(start, min(people, start + JOINING_AT_ONCE))
            ]
            await asyncio.gather(*joins)
        await until(lambda: all(walker.synced or walker.ended for walker in walkers), JOIN_SECONDS_MAX)
        await _walk(walkers, scale.warm_up_seconds)
        return await _measure(contender, scale, walkers)

    return play


async def _measure(contender: Contender, scale: Scale, walkers: list[Walker]) -> Figures:
    for walker in walkers:
        walker.measures = True
    moved, before = sum(walker.clock for walker in walkers), contender.processes().usage()
    await _walk(walkers, scale.seconds)
    used = contender.processes().usage() - before
    moved = sum(walker.clock for walker in walkers) - moved
    expected = moved * (len(walkers) - 1)
    with suppress(TimeoutError):  # what has not come by then counts as missing
        await until(lambda: sum(len(walker.delays) for walker in walkers) >= expected, ARRIVE_SECONDS_MAX)
    delays = [delay for walker in walkers for delay in walker.delays]
    ended = sorted({walker.ended for walker in walkers if walker.ended})
    await leave(walkers)
    spread = Spread.of(delays)
    return {
        "people": len(walkers),
        "p50_ms": spread.p50,
        "p95_ms": spread.p95,
        "server_core": round(used.server / used.passed, 4),
        "driver_core": round(used.driver / used.passed, 4),
        "moves": moved,
        "missing": max(0, expected - len(delays)),
        "ended": ended,
    }


async def _walk(walkers: list[Walker], seconds: float) -> None:
    """Everyone moves once a period, each at a moment of their own."""
    random = Random(len(walkers))
    begun = time.perf_counter()
    due = sorted((begun + random.random() * PERIOD_SECONDS, number) for number in range(len(walkers)))
    rounds = max(1, round(seconds / PERIOD_SECONDS))
    for turn in range(rounds):
        for at, number in due:
            wait = at + turn * PERIOD_SECONDS - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            walkers[number].move(f"{random.randrange(1_000)}:{random.randrange(10)}")
        await asyncio.sleep(0)


def _entries(message: bytes) -> list[Move]:
    outer = codec.Reader(message)
    outer.uint()
    reader = codec.Reader(outer.buffer())
    entries = []
    for _ in range(reader.uint()):
        entries.append((reader.uint(), reader.uint()))
        reader.buffer()
    return entries
