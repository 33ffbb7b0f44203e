"""Plays many seeds, or shows one.

    python -m tests.simulation --seeds 100000 --first 1 --jobs 2
    python -m tests.simulation --seed 42

Both print the seeds that fail and how to see them again; one seed prints its whole trace and its hash.
"""

from __future__ import annotations

import argparse
import sys
import traceback

from tests.simulation.play import Play
from tests.simulation.report import processors, quieten, run


def main() -> int:
    """Read the command line and play."""
    parser = argparse.ArgumentParser(prog="simulate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2_000, help="how many seeds (default 2000)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default 1)")
    parser.add_argument(
        "--jobs", type=int, default=processors(), help="how many processes (default: one per processor)"
    )
    parser.add_argument("--seed", type=int, help="play this one and print its trace")
    arguments = parser.parse_args()
    quieten()
    if arguments.seed is not None:
        return show(arguments.seed)
    return run(arguments.first, arguments.seeds, arguments.jobs)


def show(seed: int) -> int:
    """Play one seed and print all that happened."""
    played = Play(seed)
    print(f"seed {seed}, faults: {', '.join(played.world.faults.chosen) or 'none'}")
    try:
        played.run()
    except BaseException:  # noqa: BLE001 - shown with what led to it
        print("\n".join(played.world.trace))
        traceback.print_exc()
        return 1
    print("\n".join(played.world.trace))
    print(f"no violation, hash {played.world.digest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
