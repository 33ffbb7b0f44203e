"""Question: what does a hostile client cost the others in the same list?

Workload: the demo's list of 5,000 properties on the embedded PostgreSQL, fsync on; 100 clients, ten of them (editors) make ten edits a second
each. A member, in a process of its own, sends what is refused as fast as the server reads it, and connects again whenever it is closed: one refused
cell a frame, 1,000 refused cells a frame (what one update may have), or a mebibyte that turns out unsound at its last byte. Every attack
is measured between two runs without one, and compared with their mean.

    python -m benchmarks.flood           # about four minutes
    python -m benchmarks.flood --quick   # the same, five seconds each
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.load import Load, Outcome, drive
from benchmarks.processes import Processes, postmaster_pid
from benchmarks.records import keep
from benchmarks.scene import Scene, make_scene, open_house, owner_of
from tests.e2e.house import House
from tests.e2e.people import person

ROOT = Path(__file__).resolve().parent.parent
ROWS, CELLS_ATTACKED = 5_000, 1_000
LOAD = Load("100 clients, 10 writers", 100, 10, 10, 20)
QUICK_SECONDS = 5.0
MODES = {
    "single": "one refused cell a frame",
    "mass": "1,000 refused cells a frame",
    "unsound": "1 MiB, unsound at its end",
}


@dataclass(frozen=True, slots=True)
class Attacker:
    """A member of the workspace, and the cells that they attack."""

    address: str
    token: str
    cells: list[str]


def main() -> None:
    """Measure every attack, print the table and keep the raw results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flood", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"measure for {QUICK_SECONDS:.0f} s only")
    load = replace(LOAD, seconds=QUICK_SECONDS) if parser.parse_args().quick else LOAD
    print(
        "| attack | p50 ms | p99 ms | most ms | p99 without it | p99 more | server core | what became of it |\n"
        + "|---" * 8
        + "|"
    )
    with open_house(ROWS) as house:
        processes = Processes(house.pid, postmaster_pid(house.folder))
        scene, attackers = uvloop.run(_prepare(house))
        lines = list(_lines(load, scene, attackers, processes))
    keep("flood", __doc__, {"lines": lines})


async def _prepare(house: House) -> tuple[Scene, dict[str, Attacker]]:
    """The scene, and a fresh attacker for each attack: none of them has spent anything."""
    scene = await make_scene(house)
    owner = await owner_of(house.url)
    list_id = scene.target.address.rpartition("/")[2]
    page = await owner.get(f"/api/lists/{list_id}/records", params={"limit": CELLS_ATTACKED, "field_keys": "id"})
    cells = [f"{record['id']}:{column}" for record in page["items"] for column in list(record["fields"])[:2]]
    attackers = {}
    for mode in MODES:
        member = await person(house.url, f"Mallory-{mode}").register()
        await owner.admit(member, "member")
        attackers[mode] = Attacker(scene.target.address, member.token, cells)
        await member.http.aclose()
    await owner.http.aclose()
    return scene, attackers


def _lines(load: Load, scene: Scene, attackers: dict[str, Attacker], processes: Processes) -> Iterator[dict[str, Any]]:
    before = _measure(load, scene, processes)
    for mode, what in MODES.items():
        with _attacking(attackers[mode], mode, load.warm_up_seconds + load.seconds) as met:
            attacked = _measure(load, scene, processes)
        after = _measure(load, scene, processes)
        without = (before.latency.p99 + after.latency.p99) / 2
        yield _line(what, attacked, without, met) | {"before": before.to_json(), "after": after.to_json()}
        before = after


def _measure(load: Load, scene: Scene, processes: Processes) -> Outcome:
    outcome = uvloop.run(drive(load, scene.target, scene.hands, processes))
    assert not outcome.missing, f"{outcome.missing} deliveries are missing"
    assert not outcome.ended, outcome.ended
    return outcome


@contextmanager
def _attacking(attacker: Attacker, mode: str, seconds: float) -> Iterator[dict[str, int]]:
    """Let the attacker begin; what it met is there once it has ended."""
    met: dict[str, int] = {}
    command = [sys.executable, "-m", "benchmarks.attacker", attacker.address, attacker.token, mode, str(seconds)]
    process = subprocess.Popen([*command, *attacker.cells], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield met
    answer, _ = process.communicate(timeout=60)
    assert process.returncode == 0, "the attacker failed"
    met.update(json.loads(answer))


def _line(what: str, attacked: Outcome, without: float, met: dict[str, int]) -> dict[str, Any]:
    latency = attacked.latency
    cells = (
        what,
        *(f"{value:.1f}" for value in (latency.p50, latency.p99, latency.most, without, latency.p99 - without)),
        f"{attacked.server_core:.1%}",
        ", ".join(f"{name}: {count}" for name, count in sorted(met.items())),
    )
    print(f"| {' | '.join(cells)} |", flush=True)
    return {"attack": what, "attacked": attacked.to_json(), "p99_ms_without": without, "met": met}


if __name__ == "__main__":
    main()
