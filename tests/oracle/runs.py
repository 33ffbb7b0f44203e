"""Many documents, in as many processes as there are processors: what came of it all, or the first disagreement.

python -m tests.oracle.runs --updates 1000000 --seed 1
python -m tests.oracle.runs --updates 100 --seed 4711        shows a disagreement of that seed again
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.oracle.duel import CASES_PER_DOCUMENT, Duel

OUTCOMES = ("taken", "partly refused", "refused", "idle", "lost", "unsound: ")
DOCUMENTS_PER_TASK = 10


def run_documents(seeds: range) -> Counter[str]:
    """Judge the updates of one document after another; raises `Disagreement`."""
    tally: Counter[str] = Counter()
    for seed in seeds:
        duel = Duel(seed)
        for _ in duel.run():
            pass
        tally += duel.tally
    return tally


def run_updates(updates: int, seed: int) -> Counter[str]:
    """Judge at least so many updates in all processors; the seed of the first document is `seed`."""
    documents = -(-updates // CASES_PER_DOCUMENT)
    shares = [
        range(first, min(first + DOCUMENTS_PER_TASK, seed + documents))
        for first in range(seed, seed + documents, DOCUMENTS_PER_TASK)
    ]
    tally: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for part in pool.map(run_documents, shares):
            tally += part
    return tally


def judged(tally: Counter[str]) -> int:
    """How many updates a tally speaks of."""
    return sum(count for outcome, count in tally.items() if outcome.startswith(OUTCOMES))


def main() -> None:
    """Read the options, run, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--updates", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    tally = run_updates(options.updates, options.seed)
    total = judged(tally)
    print(f"{total} updates in {time.monotonic() - started:.0f} s, gate and oracle agree")
    for outcome, count in tally.most_common():
        print(f"{outcome:28} {count:9} {count / total:7.2%}")


if __name__ == "__main__":
    main()
