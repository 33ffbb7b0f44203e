"""A long run against the decoders of frames and updates: noise, bent bytes, and the grammar with lies in it.

    python -m tests.fuzz.decoder --inputs 10000000 --seed 1

It says what became of the inputs (a run that only tests refusals tests little), how much memory it took and the
slowest input. Only `Unsound` may escape; a failure names its seed and the input.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random

import psutil

from tests.fuzz.decoding import exercise_frame, exercise_update
from tests.fuzz.grammar import LIES, Scribe, bend

WARM_UP_INPUTS = 20_000
GROWTH_BYTES_MAX = 20 << 20
"""How much the memory of a process may grow after its first inputs (threats: bounded memory)."""


@dataclass
class Tally:
    """What came of a run."""

    outcomes: Counter[str] = field(default_factory=Counter)
    grown_bytes: int = 0
    resident_bytes: int = 0
    slowest_ms: float = 0.0

    def add(self, other: Tally) -> None:
        """Take in the run of another process."""
        self.outcomes += other.outcomes
        self.grown_bytes = max(self.grown_bytes, other.grown_bytes)
        self.resident_bytes = max(self.resident_bytes, other.resident_bytes)
        self.slowest_ms = max(self.slowest_ms, other.slowest_ms)


def run(inputs: int, seed: int) -> Tally:
    """Exercise the decoders with that many inputs of one seed."""
    random, tally, process = Random(seed), Tally(), psutil.Process()
    resident, done = process.memory_info().rss, 0
    while done < inputs:
        for kind, source in _family(random):
            started = time.thread_time_ns()
            try:
                outcome = (exercise_frame if kind[0] == "f" else exercise_update)(source)
            except BaseException as error:  # whatever escapes is the find; the note says how to see it again
                error.add_note(f"seed {seed}, {kind}, input {source.hex()}")
                raise
            tally.slowest_ms = max(tally.slowest_ms, (time.thread_time_ns() - started) / 1e6)
            tally.outcomes[f"{kind}: {outcome}"] += 1
            done += 1
            if done == WARM_UP_INPUTS:
                resident = process.memory_info().rss
    tally.resident_bytes = process.memory_info().rss
    tally.grown_bytes = tally.resident_bytes - resident
    return tally


def _family(random: Random) -> list[tuple[str, bytes]]:
    """An input of the grammar, the same bent, and now and then noise."""
    scribe = Scribe(random, random.choice(LIES))
    if random.random() < 0.4:
        frame = scribe.frame()
        family = [("frame", frame), ("frame, bent", bend(random, frame))]
    else:
        update = scribe.update()
        family = [("update", update), ("update, bent", bend(random, update))]
    if random.random() < 0.2:
        noise = random.randbytes(random.randrange(40))
        family.append(random.choice((("update, noise", noise), ("frame, noise", noise))))
    return family


def main() -> int:
    """Read the options, run in as many processes, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    started, tally = time.monotonic(), Tally()
    share = -(-options.inputs // options.processes)
    seeds = range(options.seed * 1_000, options.seed * 1_000 + options.processes)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, context) as pool:
        for part in pool.map(run, [share] * options.processes, seeds):
            tally.add(part)
    _report(tally, time.monotonic() - started)
    return 1 if tally.grown_bytes > GROWTH_BYTES_MAX else 0


def _report(tally: Tally, seconds: float) -> None:
    total = tally.outcomes.total()
    print(f"{total} inputs in {seconds:.0f} s; slowest input {tally.slowest_ms:.1f} ms of processor time")
    print(f"memory of a process: {tally.resident_bytes / 2**20:.1f} MiB, grown by {tally.grown_bytes / 2**20:.2f} MiB")
    for outcome, count in sorted(tally.outcomes.items()):
        print(f"{outcome:32} {count:10} {count / total:7.2%}")


if __name__ == "__main__":
    sys.exit(main())
