"""A load on one list: clients connect and sync, writers edit at a pace, and every delivery is timed.

It knows nothing of how accounts and lists come about, so it can be pointed at any server of the y-websocket protocol. Each
edit is sent when it is due whether or not earlier ones have arrived, so a server that falls behind cannot slow its own load.
"""

import asyncio
import gc
import heapq
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from random import Random, SystemRandom
from typing import Any

from picows import ws_connect

from benchmarks.clients import PLAIN, Author, Dialect, Hand, Ledger, Reader, Writer
from benchmarks.percentiles import Spread
from benchmarks.processes import Processes, Usage
from benchmarks.scribes import Scribe
from realtime.core.update import Id

JOIN_SECONDS_MAX = 60.0
ARRIVE_SECONDS_MAX = 10.0
LOOK_SECONDS = 0.02
JITTER = 0.5
JOINING_AT_ONCE = 8
FRAME_BYTES_MAX = 1 << 28
CLIENT_ID_MIN, CLIENT_ID_MAX = 1 << 20, (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Target:
    """Where a list is, the map that is written into, and the headers of each client (used in turn).

    With a `parent`, the id of that map, authors write entries of their own and keep no document. `reader_address` is
    another node, if whoever only reads is there.
    """

    address: str
    place: tuple[str, ...]
    headers: Sequence[Mapping[str, str]]
    dialect: Dialect = PLAIN
    parent: Id | None = None
    reader_address: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """How many clients are connected, how many of them write, at which pace each, and for how long."""

    name: str
    clients: int
    writers: int
    edits_per_second: float
    seconds: float
    warm_up_seconds: float = 3.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a load. Times in milliseconds; cores are shares of one core; `late` is how late edits were sent."""

    load: Load
    latency: Spread
    late: Spread
    edits: int
    deliveries: int
    missing: int
    repeated: int
    frames: int
    denied: int
    ended: list[str]
    usage: Usage
    server_bytes: int
    sync_bytes: int

    @property
    def server_core(self) -> float:
        """The share of a core that the server's process used."""
        return self.usage.server / self.usage.passed

    @property
    def database_core(self) -> float:
        """The share of a core that its database used."""
        return self.usage.database / self.usage.passed

    @property
    def driver_core(self) -> float:
        """The share of a core that the driver used."""
        return self.usage.driver / self.usage.passed

    def to_json(self) -> dict[str, Any]:
        """Everything, with the shares and the costs of one edit in microseconds."""
        return asdict(self) | {
            "server_core": round(self.server_core, 4),
            "database_core": round(self.database_core, 4),
            "driver_core": round(self.driver_core, 4),
            "server_us_per_edit": round(self.usage.server * 1e6 / max(1, self.edits), 1),
            "database_us_per_edit": round(self.usage.database * 1e6 / max(1, self.edits), 1),
            "server_us_per_delivery": round(self.usage.server * 1e6 / max(1, self.deliveries), 2),
        }


async def drive(load: Load, target: Target, hands: Sequence[Hand], processes: Processes) -> Outcome:
    """Put the load on the target and measure it after the warm-up. Raises `TimeoutError` if clients cannot sync."""
    ledger = Ledger()
    clients = [make_client(number, load, ledger, target, hands) for number in range(load.clients)]
    try:
        await join(clients, target)
        gc.collect()
        gc.disable()
        pace = Pace(clients, load)
        await pace.run(load.warm_up_seconds)
        before, begun = processes.usage(), time.perf_counter()
        pace.late.clear()
        await pace.run(load.seconds)
        used, edits = processes.usage() - before, len([at for at in ledger.sent.values() if at >= begun])
        await _arrive(clients, ledger)
        latency, repeated = latencies(clients, ledger, begun)
        return Outcome(
            load,
            latency=Spread.of(latency),
            late=Spread.of(pace.late),
            edits=edits,
            deliveries=len(latency),
            missing=edits * (load.clients - 1) - len(latency),
            repeated=repeated,
            frames=len(ledger.shown),
            denied=sum(client.denied for client in clients),
            ended=sorted({client.ended for client in clients if client.ended is not None}),
            usage=used,
            server_bytes=processes.server_bytes(),
            sync_bytes=clients[0].sync_bytes,
        )
    finally:
        gc.enable()
        await leave(clients)


def make_client(number: int, load: Load, ledger: Ledger, target: Target, hands: Sequence[Hand]) -> Reader:
    """The client of that number: the first ones write, the others only read."""
    if number >= load.writers:
        return Reader(ledger, target.dialect)
    client_id = SystemRandom().randint(CLIENT_ID_MIN, CLIENT_ID_MAX)
    hand, random = hands[number % len(hands)], Random(load.seed * 1_000 + number)
    if target.parent is not None:
        return Scribe(ledger, client_id, target.parent, hand, random, target.dialect)
    return Writer(ledger, client_id, target.place, hand, random, target.dialect)


async def join(clients: Sequence[Reader], target: Target) -> None:
    """Connect everybody, a few at a time, and wait until all have the document."""
    gate = asyncio.Semaphore(JOINING_AT_ONCE)

    async def connect(number: int, client: Reader) -> None:
        async with gate:
            headers = target.headers[number % len(target.headers)]
            elsewhere = None if isinstance(client, Author) else target.reader_address
            address = elsewhere or target.address
            await ws_connect(lambda: client, address, extra_headers=headers, max_frame_size=FRAME_BYTES_MAX)

    async with asyncio.timeout(JOIN_SECONDS_MAX):
        await asyncio.gather(*(connect(number, client) for number, client in enumerate(clients)))
        await _until(lambda: all(client.synced or client.ended for client in clients))
    assert not any(client.ended for client in clients), f"turned away: {[c.ended for c in clients if c.ended]}"


async def _arrive(clients: Sequence[Reader], ledger: Ledger) -> None:
    """Wait until everybody has everything, or so long that it counts as missing."""
    total = len(ledger.sent)
    expected = [total - client.written if isinstance(client, Author) else total for client in clients]
    try:
        async with asyncio.timeout(ARRIVE_SECONDS_MAX):
            await _until(lambda: all(client.edits >= most for client, most in zip(clients, expected, strict=True)))
    except TimeoutError:
        return


async def leave(clients: Sequence[Reader]) -> None:
    """Close every connection and wait until it is closed."""
    for client in clients:
        client.leave()
    async with asyncio.timeout(JOIN_SECONDS_MAX):
        await _until(lambda: all(client.away for client in clients))


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - the clients' callbacks must not pay for telling anyone
        await asyncio.sleep(LOOK_SECONDS)


def latencies(clients: Sequence[Reader], ledger: Ledger, begun: float) -> tuple[list[float], int]:
    """The milliseconds from sending to receipt of every edit sent since `begun`, and how many came twice."""
    times: list[float] = []
    repeated = 0
    for client in clients:
        own = client.client if isinstance(client, Author) else None
        seen = set()
        for number, at in zip(client.numbers, client.times, strict=True):
            for edit in ledger.shown[number]:
                sent = ledger.sent[edit]
                if sent < begun or edit[0] == own:
                    continue
                if edit in seen:
                    repeated += 1
                    continue
                seen.add(edit)
                times.append((at - sent) * 1e3)
    return times, repeated


class Pace:
    """Sends each writer's edits when they are due: every interval, half an interval earlier or later by chance."""

    def __init__(self, clients: Sequence[Reader], load: Load) -> None:
        writers = [client for client in clients if isinstance(client, Author)]
        self._random = Random(load.seed)
        self._interval = 1 / load.edits_per_second
        now = time.perf_counter()
        self._due = [(now + self._random.random() * self._interval, number) for number in range(len(writers))]
        heapq.heapify(self._due)
        self._writers = writers
        self.late: list[float] = []

    async def run(self, seconds: float) -> None:
        """Send what falls due in the next seconds."""
        end = time.perf_counter() + seconds
        while (due := self._due[0][0]) < end:
            now = time.perf_counter()
            if due > now:
                await asyncio.sleep(due - now)
                continue
            number = self._due[0][1]
            self.late.append((now - due) * 1e3)
            self._writers[number].write()
            wait = self._interval * self._random.uniform(1 - JITTER, 1 + JITTER)
            heapq.heapreplace(self._due, (due + wait, number))
        await asyncio.sleep(max(0.0, end - time.perf_counter()))
