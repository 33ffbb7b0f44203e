"""A long run of faults on one installation:

    python -m tests.faults --cycles 200 --seed 1

It prints a line for each cycle and a table by kind: how often, how long until everybody was served again. It ends with status 1 at
the first promise that was not kept, and names the seed.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random
from statistics import median

from tests.faults.cycles import RECOVERED_SECONDS_MAX, Outcome, at_work
from tests.faults.strikes import Kind


def main() -> int:
    """Run, print, and tell by the exit status whether every promise was kept in time."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Faults with real processes.")
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--spread", action="store_true", help="people of one list are at all nodes at the same time")
    parser.add_argument("--only", type=Kind, choices=list(Kind), action="append")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rowhouse-faults-"))
    folder.chmod(0o755)
    outcomes: list[Outcome] = []
    kept = True
    try:
        asyncio.run(_run(folder, arguments, outcomes))
    except (AssertionError, TimeoutError, ExceptionGroup):
        traceback.print_exc()
        print(f"seed {arguments.seed}, cycle {len(outcomes) + 1}: a promise was not kept; {folder} is left as it is")
        kept = False
    else:
        shutil.rmtree(folder)
    print(_table(outcomes))
    return 0 if kept and all(one.recovered_seconds < RECOVERED_SECONDS_MAX for one in outcomes) else 1


async def _run(folder: Path, arguments: argparse.Namespace, outcomes: list[Outcome]) -> None:
    random = Random(arguments.seed)
    kinds: list[Kind] = []
    async with at_work(folder, random, nodes=arguments.nodes, spread=arguments.spread) as work:
        while len(outcomes) < arguments.cycles:
            if not kinds:
                kinds = random.sample(arguments.only or list(Kind), len(arguments.only or Kind))
            begun = time.monotonic()
            outcome = await work.cycle(kinds.pop(), random)
            outcomes.append(outcome)
            took = time.monotonic() - begun
            print(
                f"{len(outcomes):4} {outcome.kind:34} served again after {outcome.recovered_seconds:5.2f} s, "
                f"cycle {took:5.1f} s, {outcome.promised} promises kept",
                flush=True,
            )
        checker = work.checker
        print(f"{checker.head} updates, {checker.facts} facts, answers to the program: {dict(work.caller.answers)}")


def _table(outcomes: list[Outcome]) -> str:
    lines = [f"{'fault':34} cycles  served again: median, slowest"]
    for kind in Kind:
        times = [one.recovered_seconds for one in outcomes if one.kind is kind]
        if times:
            lines.append(f"{kind:34} {len(times):6}  {median(times):20.2f} s {max(times):7.2f} s")
    return "\n".join([*lines, f"{'all':34} {len(outcomes):6}"])


if __name__ == "__main__":
    sys.exit(main())
