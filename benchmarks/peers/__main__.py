"""Question: how does our server compare with others of the y-websocket protocol?

Workload: every server in a fresh process on a data folder of its own, durable as it comes; the same driver, the same scenarios, one after
another on the same machine. The others check nothing and have no accounts; ours is started as a user would, fsync on, and shows an edit
only after check, commit, audit and row.

    python -m benchmarks peers             # all of it, under 25 minutes on an idle machine
    python -m benchmarks peers --quick     # the same with small numbers, about a minute, to see that it all works
    python -m benchmarks peers --only climb --servers ours,hocuspocus
"""

import argparse
import asyncio
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.peers.contender import Contender
from benchmarks.peers.install import install
from benchmarks.peers.others import Hocuspocus, PycrdtWebsocket, YWebsocketServer
from benchmarks.peers.ours import PEOPLE, Rowhouse
from benchmarks.peers.scenarios import QUICK, Play, Scale
from benchmarks.peers.table import SCENARIOS, table
from benchmarks.records import keep, load_average

CONTENDERS: dict[str, type[Contender]] = {
    "ours": Rowhouse,
    "hocuspocus": Hocuspocus,
    "y-websocket": YWebsocketServer,
    "pycrdt": PycrdtWebsocket,
}
PEOPLE_QUICK = 5
SCENARIO_SECONDS_MAX = 240.0


def main(asked: Sequence[str] | None = None) -> int:
    """Run all that was asked for, print the table and keep the raw results."""
    arguments = _arguments(asked)
    chosen = arguments.servers.split(",")
    if set(chosen) - {"ours"}:
        install()
    scenarios = {name: play for name, play in SCENARIOS.items() if arguments.only in name}
    scale = QUICK if arguments.quick else Scale()
    results: dict[str, dict[str, Any]] = {}
    for name in chosen:
        with tempfile.TemporaryDirectory(prefix="rowhouse-bench-") as folder:
            contender = _contender(name, Path(folder), quick=arguments.quick)
            results[contender.name] = uvloop.run(_play_all(contender, scenarios, scale))
    durability = {CONTENDERS[name].name: CONTENDERS[name].durability for name in chosen}
    print("\n" + table(results, list(scenarios)))
    for server, how in durability.items():
        print(f"\n- {server}: {how}.", end="")
    print()
    keep("peers", __doc__, {"quick": arguments.quick, "durability": durability, "results": results})
    return 0


def _arguments(asked: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks peers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="small numbers: shows that everything works, measures little"
    )
    parser.add_argument("--only", default="", help=f"the scenarios with this in their name, of {', '.join(SCENARIOS)}")
    parser.add_argument("--servers", default=",".join(CONTENDERS), help="some of them, separated by commas")
    arguments = parser.parse_args(asked)
    if unknown := set(arguments.servers.split(",")) - CONTENDERS.keys():
        parser.error(f"no such server: {', '.join(sorted(unknown))}; there are {', '.join(CONTENDERS)}")
    if not any(arguments.only in name for name in SCENARIOS):
        parser.error(f"no scenario has {arguments.only} in its name; there are {', '.join(SCENARIOS)}")
    return arguments


def _contender(name: str, folder: Path, *, quick: bool) -> Contender:
    if name == "ours":
        return Rowhouse(folder, PEOPLE_QUICK if quick else PEOPLE)
    return CONTENDERS[name](folder)


async def _play_all(contender: Contender, scenarios: dict[str, Play], scale: Scale) -> dict[str, Any]:
    results = {}
    for name, play in scenarios.items():
        begun = time.monotonic()
        results[name] = await play_one(contender, play, scale)
        said = results[name].get("failed", "done")
        print(f"{contender.name}: {name}: {said} ({time.monotonic() - begun:.0f} s)", flush=True)
    return results


async def play_one(contender: Contender, play: Play, scale: Scale) -> dict[str, Any]:
    """Play a scenario in a fresh process; a server that fails has failed that one, and the others go on."""
    figures: dict[str, Any] = {"load_average": load_average()}
    try:
        await asyncio.to_thread(contender.start)
        async with asyncio.timeout(SCENARIO_SECONDS_MAX):
            figures |= await play(contender, scale)
    except Exception as error:  # noqa: BLE001 # whatever a server does to its client is a result, and the run goes on
        where = [f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)]
        figures |= {"failed": f"{type(error).__name__}: {error}"[:300], "where": where}
    finally:
        await asyncio.to_thread(contender.stop)
        await contender.part()
    return figures


if __name__ == "__main__":
    main()
