"""Question: does the server's memory grow while people come and go?

Workload: our server as in `peers`, with 200 edits/s in one list by twenty writers, watched by forty others. Every second some
clients go, half of them in order and half by a lost connection, and as many come anew. The memory of the server's process is
taken every few seconds; what counts is its growth from the end of the warm-up, the first tenth of the time, to the end. At the
end the server starts anew and opens the list: what it needs then is the list's own, and the rest was left behind by people who came and went.

    python -m benchmarks soak                  # an hour
    python -m benchmarks soak --minutes 1      # to see that it works
"""

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import uvloop
from picows import ws_connect

from benchmarks.clients import STEP_1, STEP_2, Hand, Ledger, Reader
from benchmarks.load import CLIENT_ID_MAX, CLIENT_ID_MIN, FRAME_BYTES_MAX, Target
from benchmarks.peers.contender import Place
from benchmarks.peers.ours import Rowhouse
from benchmarks.peers.visitor import until, until_open
from benchmarks.records import keep
from benchmarks.scribes import Scribe

EDITS_PER_SECOND = 200
WRITERS, WATCHERS = 20, 40
REPLACED_PER_SECOND = 2
PEOPLE = 10
SAMPLE_SECONDS, SYNC_SECONDS_MAX = 5.0, 60.0
WARM_UP_SHARE = 0.1
SAMPLES_AT_AN_END = 5
GROWTH_MAX = 0.05
MIB = 1 << 20


class Guest(Scribe):
    """A client who comes and goes; it counts what it is shown and keeps none of it."""

    def __init__(self, target: Target, hand: Hand, random: Random) -> None:
        assert target.parent is not None
        client = random.randint(CLIENT_ID_MIN, CLIENT_ID_MAX)
        super().__init__(Ledger(), client, target.parent, hand, random)
        self.frames = 0

    def take(self, message: bytes, now: float) -> None:
        """Count a sync message, or answer what the server asks first."""
        if message[1] in (STEP_1, STEP_2):
            Reader.take(self, message, now)
        else:
            self.frames += 1

    def vanish(self) -> None:
        """Go without a word, as a machine that loses its network does."""
        assert self._transport is not None
        self._transport.disconnect(graceful=False)


@dataclass
class Stay:
    """Who is there, and what has happened so far."""

    server: Rowhouse
    place: Place
    random: Random
    guests: list[Guest] = field(default_factory=list)
    joined: int = 0
    left: int = 0
    vanished: int = 0
    written: int = 0
    turned_away: list[str] = field(default_factory=list)

    async def admit(self) -> Guest:
        """Let somebody come, and wait until they have the document."""
        target, hands = await self.server.fresh(self.place.target), self.place.hands
        hand = hands[self.joined % len(hands)]
        guest = Guest(target, hand, self.random)
        headers = target.headers[self.joined % len(target.headers)]
        self.joined += 1
        await ws_connect(lambda: guest, target.address, extra_headers=headers, max_frame_size=FRAME_BYTES_MAX)
        await until(lambda: guest.synced or bool(guest.ended), SYNC_SECONDS_MAX)
        if guest.ended:
            self.turned_away.append(guest.ended)
        return guest

    async def replace(self, number: int) -> None:
        """Somebody goes, in order or not, and somebody else comes in their place."""
        if self.random.choice((True, False)):
            self.guests[number].leave()
            self.left += 1
        else:
            self.guests[number].vanish()
            self.vanished += 1
        self.guests[number] = await self.admit()

    async def write(self, seconds: float) -> None:
        """Write at the pace for so long; edits fall due whether or not earlier ones have arrived."""
        begun, due = time.perf_counter(), 0
        while (passed := time.perf_counter() - begun) < seconds:
            while due < passed * EDITS_PER_SECOND:
                self.guests[self.random.randrange(WRITERS)].write()
                due += 1
                self.written += 1
            await asyncio.sleep(0.005)


def main() -> None:
    """Run it, print what became of the memory and keep the samples."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="how long")
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="rowhouse-bench-") as folder:
        server = Rowhouse(Path(folder), PEOPLE)
        server.start()
        try:
            figures = uvloop.run(soak(server, minutes * 60))
        finally:
            server.stop()
    keep("soak", __doc__, figures)


async def soak(server: Rowhouse, seconds: float) -> dict[str, Any]:
    """Let people edit, come and go for so long; the figures."""
    stay = Stay(server, await server.make_list(), Random(1))
    for _ in range(WRITERS + WATCHERS):
        stay.guests.append(await stay.admit())
    samples: list[tuple[float, int]] = []
    before, begun = server.processes().usage(), time.monotonic()
    writing = asyncio.create_task(stay.write(seconds))
    churning = asyncio.create_task(_churn(stay))
    while not writing.done():
        samples.append((round(time.monotonic() - begun, 1), server.processes().server_bytes()))
        print(f"{samples[-1][0]:7.1f} s: {samples[-1][1] / MIB:.1f} MiB, {stay.written} edits", flush=True)
        await asyncio.wait({writing, churning}, timeout=SAMPLE_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
        assert not churning.done(), f"the churn ended: {churning.exception()}"
    churning.cancel()
    await writing
    used = server.processes().usage() - before
    for guest in stay.guests:
        guest.leave()
    await server.part()
    anew = await _opened_anew(server, stay.place.target)
    return _figures(stay, samples, used.server / used.passed, anew)


async def _opened_anew(server: Rowhouse, target: Target) -> int:
    """The memory of a server that has just started and opened the list."""
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    visitor = await server.visit(server.again(await server.fresh(target)))
    await until_open(visitor, 0, SYNC_SECONDS_MAX)
    held = server.processes().server_bytes()
    visitor.leave()
    await server.part()
    return held


async def _churn(stay: Stay) -> None:
    while True:
        await stay.replace(stay.random.randrange(len(stay.guests)))
        await asyncio.sleep(1 / REPLACED_PER_SECOND)


def growth(samples: list[tuple[float, int]]) -> float:
    """How much the memory grew from the end of the warm-up to the end, as a share; medians of a few samples each."""
    warm = [held for at, held in samples if at >= samples[-1][0] * WARM_UP_SHARE]
    few = max(1, min(SAMPLES_AT_AN_END, len(warm) // 2))
    return median(warm[-few:]) / median(warm[:few]) - 1


def _figures(stay: Stay, samples: list[tuple[float, int]], core: float, anew: int) -> dict[str, Any]:
    grown = growth(samples)
    print(
        f"\n{stay.written} edits, {stay.joined} joined, {stay.left} left, {stay.vanished} vanished; "
        f"memory grew by {grown:.1%} (aim: under {GROWTH_MAX:.0%}), to {samples[-1][1] / MIB:.1f} MiB; "
        f"a server that has just opened the list has {anew / MIB:.1f} MiB; server {core:.1%} of a core"
    )
    return {
        "edits": stay.written,
        "joined": stay.joined,
        "left": stay.left,
        "vanished": stay.vanished,
        "turned_away": stay.turned_away,
        "growth": round(grown, 4),
        "server_core": round(core, 4),
        "opened_anew": anew,
        "samples": samples,
    }


if __name__ == "__main__":
    main()
