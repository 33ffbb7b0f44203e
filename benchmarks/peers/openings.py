"""The scenarios about lists as such: the big list, many small ones, connections that only stay."""

import asyncio
import time
from random import Random, SystemRandom

from picows import ws_connect

from benchmarks.clients import ASK_FOR_ALL, STEP_2, Ledger, Reader
from benchmarks.load import CLIENT_ID_MAX, CLIENT_ID_MIN, FRAME_BYTES_MAX, Load, Target, drive
from benchmarks.peers.contender import Contender, big_rows, new_id
from benchmarks.peers.scenarios import Figures, Scale, figures_of
from benchmarks.peers.visitor import Visitor, until, until_open
from benchmarks.scribes import Scribe

BIG_COLUMNS = 10
OPEN_SECONDS_MAX = 120.0
AT_ONCE, EDITS_BESIDE = 5, 50
BESIDE_SECONDS = 6.0
OPENING_AT_ONCE = 20
IDLE_LISTS = 20
IDLE_SECONDS = 10.0
MIB, KIB = 1 << 20, 1 << 10


async def big_list(contender: Contender, scale: Scale) -> Figures:
    """Opening the big list: warm, five at once while somebody edits another list, cold after a restart; what it weighs."""
    bare = contender.processes().server_bytes()
    target = await contender.make_big_list(big_rows(scale.big_rows, BIG_COLUMNS))
    first = await contender.visit(target)
    await until_open(first, scale.big_rows, OPEN_SECONDS_MAX)
    whole = first.bytes * 4 // 5
    filled = contender.processes().server_bytes()
    warm = await _open(contender, target, whole)
    beside = await _beside(contender, target, whole, min(BESIDE_SECONDS, 2 * scale.seconds))
    first.leave()
    await asyncio.to_thread(contender.stop)
    await asyncio.to_thread(contender.start)
    bare_again = contender.processes().server_bytes()
    cold = await _open(contender, contender.again(target), whole)
    opened = contender.processes().server_bytes()
    return {
        "warm_seconds": round(warm, 3),
        "mebibytes_sent": round(first.bytes / MIB, 2),
        **beside,
        "cold_seconds": round(cold, 3),
        "mebibytes_filled": round((filled - bare) / MIB, 1),
        "mebibytes_after_cold": round((opened - bare_again) / MIB, 1),
        "mebibytes_bare": round(bare / MIB, 1),
    }


async def _open(contender: Contender, target: Target, whole: int, number: int = 0) -> float:
    visitor = await contender.visit(target, number)
    try:
        return await until_open(visitor, whole, OPEN_SECONDS_MAX)
    finally:
        visitor.leave()


async def _beside(contender: Contender, target: Target, whole: int, seconds: float) -> Figures:
    """Five open the big list while one edits another list and a second one watches."""
    place = await contender.make_list()
    load = Load("beside", 2, 1, EDITS_BESIDE, seconds, warm_up_seconds=1)
    editing = asyncio.create_task(drive(load, place.target, place.hands, contender.processes()))
    await asyncio.sleep(load.warm_up_seconds + seconds / 4)
    openings = await asyncio.gather(*(_open(contender, target, whole, number) for number in range(AT_ONCE)))
    outcome = await editing
    return {
        "five_at_once_seconds": round(max(openings), 3),
        "waits_beside_ms": outcome.latency.most,
        "waits_beside_p50_ms": outcome.latency.p50,
        "beside": figures_of(outcome),
    }


class Opener(Scribe):
    """Opens a small list, adds an entry, and asks for the document until the entry is in it."""

    def __init__(self, ledger: Ledger, target: Target) -> None:
        self.arrived = False
        row = new_id()
        self._key = f"r:{row}".encode()
        client = SystemRandom().randint(CLIENT_ID_MIN, CLIENT_ID_MAX)
        super().__init__(
            ledger, client, target.parent or target.place[0], lambda _: (f"r:{row}", "a0"), Random(1), target.dialect
        )

    def take(self, message: bytes, now: float) -> None:
        """Write once synced, then look whether the server has it."""
        super().take(message, now)
        if not self.synced:
            return
        if not self.written:
            self.write()
        if not self.arrived:
            self.arrived = self._key in message
            if not self.arrived and message[1] == STEP_2:  # an answer may take several messages; this ends it
                self.send(ASK_FOR_ALL)


async def small_lists(contender: Contender, scale: Scale) -> Figures:
    """Many lists opened and edited once, a few at a time, one connection each; all stay open."""
    targets = await contender.make_small_lists(scale.small_lists)
    processes = contender.processes()
    ledger = Ledger()
    openers = [Opener(ledger, target) for target in targets]
    gate = asyncio.Semaphore(OPENING_AT_ONCE)

    async def run(number: int) -> None:
        async with gate:
            await _connect(openers[number], targets[number], number)
            await until(lambda: openers[number].arrived or bool(openers[number].ended), OPEN_SECONDS_MAX)

    before, begun = processes.server_bytes(), time.perf_counter()
    await asyncio.gather(*(run(number) for number in range(len(openers))))
    passed = time.perf_counter() - begun
    grown = processes.server_bytes() - before
    ended = [opener.ended for opener in openers if opener.ended]
    for opener in openers:
        opener.leave()
    return {
        "lists_per_second": round(sum(opener.arrived for opener in openers) / passed, 1),
        "kibibytes_each": round(grown / KIB / len(openers), 1),
        "ended": sorted(set(ended)),
        "missing": sum(not opener.arrived for opener in openers),
    }


async def _connect(client: Reader, target: Target, number: int) -> None:
    headers = target.headers[number % len(target.headers)]
    await ws_connect(lambda: client, target.address, extra_headers=headers, max_frame_size=FRAME_BYTES_MAX)


async def idle(contender: Contender, scale: Scale) -> Figures:
    """Connections that only stay, spread over a few lists: what each weighs, and what all cost."""
    lists = max(1, min(IDLE_LISTS, scale.idle // 10))
    places = [await contender.make_list(1) for _ in range(lists)]
    processes = contender.processes()
    before = processes.server_bytes()
    visitors: list[Visitor] = []
    for start in range(0, scale.idle, OPENING_AT_ONCE):
        few = range(start, min(scale.idle, start + OPENING_AT_ONCE))
        visitors += await asyncio.gather(*(contender.visit(places[n % lists].target, n) for n in few))
    await until(lambda: all(visitor.synced or visitor.ended for visitor in visitors), OPEN_SECONDS_MAX)
    grown = processes.server_bytes() - before
    await asyncio.sleep(1)
    used = processes.usage()
    await asyncio.sleep(min(IDLE_SECONDS, scale.seconds))
    used = processes.usage() - used
    ended = sorted({visitor.ended for visitor in visitors if visitor.ended})
    for visitor in visitors:
        visitor.leave()
    return {
        "connections": len(visitors),
        "kibibytes_each": round(grown / KIB / len(visitors), 1),
        "server_core": round(used.server / used.passed, 4),
        "ended": ended,
    }
