"""Question: how long until a teammate sees an edit, and what does it cost the server?

Workload: the demo's list of 5,000 properties with 23 columns on the embedded PostgreSQL, fsync on. 10 and 100 clients are
connected, 1 and 10 of them (people with the role editor) change cells of their own and of rows that all share. The times are
from the writer's send to each other client's receipt, after check, commit, audit and row; then the same with more and more
edits a second until p99 passes 250 ms. The time of one `fdatasync` of the same disk stands beside every line.

    python -m benchmarks.live            # all of it, about three minutes
    python -m benchmarks.live --quick    # the same lines, each a few seconds
"""

import argparse
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import uvloop

from benchmarks.disk import Disk
from benchmarks.load import Load, Outcome, drive
from benchmarks.percentiles import Spread
from benchmarks.processes import Processes, postmaster_pid
from benchmarks.records import keep, load_average
from benchmarks.scene import Scene, make_scene, open_house

ROWS = 5_000
DISK_WRITES = 200
LOADS = (
    Load("10 clients, 1 idle writer", 10, 1, 1, 20),
    Load("10 clients, 1 writer", 10, 1, 10, 10),
    Load("10 clients, 10 writers", 10, 10, 10, 10),
    Load("100 clients, 1 idle writer", 100, 1, 1, 20),
    Load("100 clients, 1 writer", 100, 1, 10, 10),
    Load("100 clients, 10 writers", 100, 10, 10, 20),
)
CLIMB = (500, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000)
CLIMB_CLIENTS, CLIMB_WRITERS, CLIMB_SECONDS = 100, 50, 5
CLIMB_P99_MS_MAX = 250.0
QUICK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Line:
    """One load with what the disk took right before it, and the machine's load average."""

    outcome: Outcome
    disk: Spread
    load_average: float

    def to_json(self) -> dict[str, Any]:
        """Everything about the load, and what stands beside it."""
        return self.outcome.to_json() | {"fdatasync_ms": asdict(self.disk), "load_average": self.load_average}


def main() -> None:
    """Run every load, print the table and keep the raw results."""
    arguments = _arguments()
    with open_house(arguments.rows) as house:
        disk = Disk(house.folder)
        processes = Processes(house.pid, postmaster_pid(house.folder))
        scene = uvloop.run(make_scene(house))
        lines = list(_lines(arguments, scene, processes, disk))
        complaints = "\n".join(line for line in house.log().splitlines() if '"level":"info"' not in line)
    keep("live", __doc__, {"rows": scene.rows, "server_log": complaints, "loads": [line.to_json() for line in lines]})
    if complaints:
        print(f"The server said:\n{complaints[-2_000:]}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"measure every load for {QUICK_SECONDS:.0f} s only")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the list")
    parser.add_argument("--no-climb", action="store_true", help="leave out the search for the most edits a second")
    parser.add_argument("--only", default="", help="run only the loads whose name contains this")
    return parser.parse_args()


def _lines(arguments: argparse.Namespace, scene: Scene, processes: Processes, disk: Disk) -> Iterator[Line]:
    print(HEAD)
    for load in LOADS:
        if arguments.only in load.name:
            shorter = replace(load, seconds=QUICK_SECONDS, warm_up_seconds=1) if arguments.quick else load
            yield _line(shorter, scene, processes, disk)
    for rate in () if arguments.no_climb else CLIMB:
        name, pace = f"climb: {rate} edits/s", rate / CLIMB_WRITERS
        load = Load(name, CLIMB_CLIENTS, CLIMB_WRITERS, pace, CLIMB_SECONDS, warm_up_seconds=2)
        line = _line(load, scene, processes, disk)
        yield line
        if line.outcome.latency.p99 > CLIMB_P99_MS_MAX or line.outcome.missing or line.outcome.ended:
            return


def _line(load: Load, scene: Scene, processes: Processes, disk: Disk) -> Line:
    synced = disk.spread(DISK_WRITES)
    outcome = uvloop.run(drive(load, scene.target, scene.hands, processes))
    line = Line(outcome, synced, load_average())
    print(row_of(line), flush=True)
    return line


HEAD = (
    "| load | edits/s | p50 ms | p99 ms | most ms | sent late p99 ms | fdatasync p50 / p99 ms | server core | PostgreSQL core | driver core"
    " | server us per edit | per delivery | missing |\n" + "|---" * 13 + "|"
)


def row_of(line: Line) -> str:
    """A line of the table."""
    outcome, latency = line.outcome, line.outcome.latency
    costs = outcome.to_json()
    cells = (
        outcome.load.name,
        f"{outcome.edits / outcome.usage.passed:.0f}",
        *(f"{value:.1f}" for value in (latency.p50, latency.p99, latency.most, outcome.late.p99)),
        f"{line.disk.p50:.2f} / {line.disk.p99:.2f}",
        *(f"{core:.1%}" for core in (outcome.server_core, outcome.database_core, outcome.driver_core)),
        f"{costs['server_us_per_edit']:.0f}",
        f"{costs['server_us_per_delivery']:.1f}",
        f"{outcome.missing}" + (f", {outcome.denied} denied" if outcome.denied else ""),
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
