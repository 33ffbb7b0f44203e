"""A long run of hostile updates against drafts; every failure names its seed.

    python -m tests.fuzz.long_run --minutes 60 --seed 1

At the end it says what became of the updates: one that only tests refusals tests little.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from random import Random

from tests.hostile_updates import HostileClient
from tests.properties.test_hostile_updates import CLIENTS, Bench, attack

CASES_PER_DOCUMENT = 400


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    fuzz(arguments.minutes, arguments.seed)


def fuzz(minutes: float, seed: int) -> None:
    """Attack one draft after another; a failure names its seed."""
    outcomes: Counter[str] = Counter()
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        try:
            attack_one_document(seed, outcomes)
        except BaseException:  # a panic of the native library is no Exception; the seed is all that is needed
            print(f"failed with seed {seed}")  # noqa: T201 - it talks to the person at the terminal
            raise
        seed += 1
    total = sum(outcomes.values())
    print(f"{total} updates, next seed {seed}")  # noqa: T201
    for outcome, count in outcomes.most_common():
        print(f"{outcome:20} {count:9} {count / total:7.2%}")  # noqa: T201


def attack_one_document(seed: int, outcomes: Counter[str]) -> None:
    """Nearly honest updates and bent bytes of three people against one list."""
    random, bench = Random(seed), Bench()
    everyone = [client for own in CLIENTS.values() for client in own]
    clients = {
        person: HostileClient(random, person.user_id, own, tuple(c for c in everyone if c not in own))
        for person, own in CLIENTS.items()
    }
    for case in range(CASES_PER_DOCUMENT):
        person = random.choice(list(CLIENTS))
        update = clients[person].update(bench.draft._index)
        attack(bench, person, update if random.random() < 0.7 else clients[person].bytes_like(update), outcomes)
        if case % 40 == 39:
            bench.check()
    bench.check()


if __name__ == "__main__":
    main()
