"""Many seeds: spread over processes, counted, and told."""

from __future__ import annotations

import gc
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Final

import structlog

from tests.simulation.play import Play

FAILURES_SHOWN_MAX: Final = 20
_CHUNK: Final = 25

OCCURRENCES: Final = {
    "frames delayed, split and cut off": (
        "frame.late",
        "frame.burst",
        "frame.split",
        "frame.early_end",
        "cut",
        "cut.in_flight",
        "cut.in_frame",
        "half_open",
    ),
    "bus messages lost, doubled, reordered and delayed": (
        "bus.carried",
        "bus.lost",
        "bus.doubled",
        "bus.reordered",
        "bus.late",
        "heads.behind",
    ),
    "nodes crashing before, during and after a commit": (
        "died.any time",
        "died.before commit",
        "died.in commit",
        "died.after commit",
        "paused",
        "paused.in_commit",
    ),
    "store errors, and time-outs with unknown outcome": (
        "store.slow",
        "store.refused",
        "store.answer_lost",
        "store.late_written",
        "store.late_beaten",
        "commit.unanswered",
        "commit.Conflict",
    ),
    "partitions": ("store_away", "store_parted", "store.unreached", "bus_away", "bus_parted", "bus.silent"),
    "a list held by one node": (
        "rushes",
        "hold.granted",
        "hold.others_waited",
        "hold.written",
        "hold.answer_lost",
        "hold.commit_late",
        "hold.timed_out",
        "hold.was_over",
        "hold.holder_died",
        "hold.ended_by_loss",
        "hold.ended_idle",
        "hold.dropped",
        "node.hangs_in_hold",
        "died.in hold",
    ),
    "clocks that are wrong, jump, run unevenly and stand still": (
        "clock.apart",
        "clock.uneven",
        "clock_ahead",
        "clock_back",
        "clock_jump",
        "clock_drift",
        "clock_frozen",
        "clock.log_went_back",
    ),
    "rights and columns that change": (
        "role_change",
        "removal",
        "re_added",
        "close.4403",
        "commit.RightsMoved",
        "schema_change",
    ),
    "refusals": ("edits.refused", "edits.refused_told", "requests.refused"),
    "commits that wait for more": ("rests",),
    "slow readers": ("reader.congested", "reader.drained"),
    "offline clients coming home": (
        "offline",
        "client.came_home_with_edits",
        "client.siblings_met",
        "newcomers",
    ),
    "lists that go and come back": (
        "list_trash",
        "close.4404",
        "fold",
        "fold.begun",
        "fold.worked_out",
        "fold.done",
        "edits.of_older_generation",
        "edits.stale",
        "epoch",
        "epoch.noticed",
        "client.started_afresh",
    ),
    "rows that come in bulk": (
        "imports",
        "imports.asked_again",
        "imports.edited_at_once",
        "edits.of_rows_in_segments",
    ),
    "columns that are converted": (
        "convert",
        "convert.begun",
        "convert.resumed",
        "convert.rushes",
        "convert.broken_off",
        "convert.again",
        "convert.told",
        "convert.done",
        "convert.late",
        "convert.lost",
        "convert.undone",
        "edits.of_converted",
        "edits.of_replaced",
    ),
    "promises given": ("requests.replied", "requests.unknown", "acknowledgements"),
}
"""What must have happened in a run of many seeds, or it has not tested what it says."""


@dataclass(slots=True)
class Failure:
    """A seed that found something."""

    seed: int
    what: str


@dataclass
class Tally:
    """What came of many seeds."""

    seeds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in what came of others."""
        self.seeds += other.seeds
        self.counts += other.counts
        self.failures += other.failures

    @property
    def missing(self) -> list[str]:
        """What should have happened and never did."""
        return [f"{name} ({kind})" for kind, names in OCCURRENCES.items() for name in names if not self.counts[name]]


def play_seeds(seeds: Iterable[int]) -> Tally:
    """Play seeds one after another in this process."""
    tally = Tally()
    for seed in seeds:
        played = Play(seed)
        try:
            played.run()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, a panic of the native library too, is the find; the next seed is a world of its own
            tally.failures.append(Failure(seed, f"{type(error).__name__}: {error}"))
        tally.seeds += 1
        tally.counts += played.world.counts
    return tally


def play_all(first: int, seeds: int, jobs: int) -> Iterator[Tally]:
    """Play seeds `first` to `first + seeds - 1` in so many processes; yields what came of each part."""
    chunks = [range(start, min(start + _CHUNK, first + seeds)) for start in range(first, first + seeds, _CHUNK)]
    if jobs == 1:
        yield from map(play_seeds, chunks)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin_worker) as pool:
        yield from pool.map(play_seeds, chunks)


def _begin_worker() -> None:
    quieten()
    gc.set_threshold(50_000)


def quieten() -> None:
    """Let the product log nothing in this process: what it says has the times of the real clock, and is no part of a trace."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def run(first: int, seeds: int, jobs: int) -> int:
    """Play seeds and tell what came of it; the exit status is 0 if nothing was violated and everything occurred."""
    started, whole = time.monotonic(), Tally()
    for part in play_all(first, seeds, jobs):
        before, found = whole.seeds, len(whole.failures)
        whole.add(part)
        for failure in whole.failures[found:][:FAILURES_SHOWN_MAX]:
            print(f"seed {failure.seed}: {failure.what}\n    python3 dev.py simulate --seed {failure.seed}", flush=True)
        if before * 10 // seeds != whole.seeds * 10 // seeds:
            print(f"{whole.seeds:,} of {seeds:,} seeds, {_rate(whole, started)}", flush=True)
    for name, count in sorted(whole.counts.items()):
        print(f"  {name:<32}{count:>12,}")
    missing = whole.missing if seeds >= SEEDS_FOR_EVERYTHING else []
    for name in missing:
        print(f"never occurred: {name}")
    print(f"{len(whole.failures)} violations in {whole.seeds:,} seeds, {_rate(whole, started)}, {jobs} processes")
    return 1 if whole.failures or missing else 0


SEEDS_FOR_EVERYTHING: Final = 2_000
"""With fewer seeds a fault may be missing by chance."""


def _rate(tally: Tally, started: float) -> str:
    seconds = time.monotonic() - started
    return f"{tally.seeds / seconds:.1f} seeds/s, {seconds:.0f} s"


def processors() -> int:
    """How many processes are worth while here."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
