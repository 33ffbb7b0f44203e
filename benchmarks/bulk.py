"""Question: what does it cost to bring 100,000 rows into a list that somebody is editing at another node?

Workload: one list with 20 filled columns on the embedded PostgreSQL, fsync on, and two nodes without a bus, each a process. At the first
the list is open in a browser, and one cell is edited every 50 ms. At the second a job imports rows, one step after another.
First nobody imports, then the job runs alone, then both. An edit's time is that from asking the room until it is
durable and shown; a decision's the processor time in which a node's loop does nothing else.

    python -m benchmarks bulk
    python -m benchmarks bulk --rows 1000000 --columns 10 --step 1000
"""

import argparse
import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import uvloop

from auth.principals import Principal
from auth.roles import Role
from benchmarks.bulk_rows import LIST, PERSON, columns_of, furnish, new_id, rows_of
from benchmarks.percentiles import Spread
from benchmarks.processes import Processes, postmaster_pid
from benchmarks.records import ROOT, keep, load_average
from benchmarks.watch import Sink
from persistence.contract import Batch, CommitResult, Committed, Source
from persistence.embedded import EmbeddedPostgres
from persistence.migrate import upgrade
from persistence.pool import create_pool
from persistence.postgres import PostgresListStore
from persistence.rights import PostgresRights
from realtime.blackbox import Containment
from realtime.core import codec
from realtime.core.limits import Limits
from realtime.core.writes import AddRow, ImportRows, SetCell
from realtime.hub import Arrival, Hub
from realtime.watch import Watch
from snapshots.importing.blocks import BLOCK_ROWS_MAX

EDITOR = Principal(PERSON, "Editor", Role.EDITOR, 1)
EDIT_SECONDS, EDITS_ALONE = 0.05, 100
EDITED = "row-edited-01"
_MIB = 1 << 20


class Stopwatch:
    """A recorder that takes the loop's own processor time of each decision, in milliseconds: a busy machine does not count."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self._begun = 0.0

    def begin(self, _list_id: str, _work_bytes: int) -> None:
        """A decision begins."""
        self._begun = time.thread_time()

    def end(self) -> None:
        """It has been made."""
        self.times.append((time.thread_time() - self._begun) * 1e3)

    def opening(self, _list_id: str, _work_bytes: int) -> AbstractContextManager[None]:
        """Openings are not timed here."""
        return nullcontext()


class TimedStore(PostgresListStore):
    """The store, with the time of each commit in milliseconds, and how many were lost."""

    def __init__(self, pool: Any) -> None:
        super().__init__(pool)
        self.times: list[float] = []
        self.lost = 0

    async def commit(self, batch: Batch) -> CommitResult:
        """Commit, and take the time."""
        begun = time.perf_counter()
        result = await super().commit(batch)
        self.times.append((time.perf_counter() - begun) * 1e3)
        self.lost += not isinstance(result, Committed)
        return result


def _hub(store: PostgresListStore, watch: Stopwatch) -> Hub:
    clock = lambda: datetime.now(UTC)  # noqa: E731
    return Hub(store, Limits(), clock=clock, new_id=new_id, new_batch_id=uuid4, containment=Containment(watch))


def main() -> None:
    """Run the workload and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--step", type=int, default=BLOCK_ROWS_MAX, help="rows in one write")
    parser.add_argument("--import-into", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.import_into is not None:
        print(json.dumps(uvloop.run(bring(chosen.import_into, chosen))))
        return
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR"), prefix="rowhouse-bench-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        with EmbeddedPostgres(path / "state") as server:
            figures = uvloop.run(measure(server.dsn, path / "state", chosen))
    keep("bulk", __doc__, {"rows": chosen.rows, "columns": chosen.columns, "step": chosen.step, **figures})


async def bring(dsn: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """The importing node: open the list, then write one step after another."""
    pool = await create_pool(dsn)
    try:
        store, watch = TimedStore(pool), Stopwatch()
        hub = _hub(store, watch)
        await hub.open(LIST)
        columns = [column.id for column in columns_of(chosen.columns)]
        rows = list(rows_of(chosen.columns, chosen.rows, chosen.seed))
        gc.freeze()
        worked, begun = time.process_time(), time.perf_counter()
        for first in range(0, len(rows), chosen.step):
            step = ImportRows(columns, rows[first : first + chosen.step])
            await hub.write(LIST, EDITOR, [step], source=Source.IMPORT)
        passed, cpu = time.perf_counter() - begun, time.process_time() - worked
        await hub.close()
        return {
            "seconds": passed,
            "python_seconds": cpu,
            "commit_ms": asdict(Spread.of(store.times)),
            "lost_races": store.lost,
            "decision_ms": asdict(Spread.of(watch.times)),
        }
    finally:
        await pool.close()


async def measure(dsn: str, state: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Both nodes, alone and together; then a third opens what is there."""
    await upgrade(dsn)
    pool = await create_pool(dsn)
    try:
        await furnish(pool, columns_of(chosen.columns))
        editing = Editing(pool)
        processes = Processes(os.getpid(), postmaster_pid(state))
        await editing.begin()
        gc.freeze()
        alone = await editing.edits(EDITS_ALONE)
        print(f"load {load_average():.2f}; edits with no import: {_told(alone)}")
        before = processes.usage()
        both_task = asyncio.create_task(_import(dsn, chosen, seed=1))
        editing.watch.times.clear()
        beside = await editing.edits_until(both_task)
        both = both_task.result()
        used = processes.usage() - before
        print(f"edits beside the import: {_told(beside)}; decisions there {_told(Spread.of(editing.watch.times))}")
        print(_import_told("beside the edits", both, chosen.rows), f"PostgreSQL {used.database:.2f} s of CPU")
        figures = {"edits_alone_ms": asdict(alone), "edits_beside_ms": asdict(beside), "beside": both}
        figures["editing_node_decision_ms"] = asdict(Spread.of(editing.watch.times))
        await editing.end()
        opened = await open_anew(pool)
        before = processes.usage()
        by_itself = await _import(dsn, chosen, seed=2)
        database = (processes.usage() - before).database
        print(_import_told("by itself", by_itself, chosen.rows), f"PostgreSQL {database:.2f} s of CPU")
        return {**figures, "opened": opened, "by_itself": {**by_itself, "postgres_seconds": database}}
    finally:
        await pool.close()


class Editing:
    """The first node: its hub, its watch, a socket that takes everything, and somebody who edits one row."""

    def __init__(self, pool: Any) -> None:
        self.watch = Stopwatch()
        self._hub = _hub(PostgresListStore(pool), self.watch)
        self._looking = Watch(self._hub, PostgresRights(pool), lambda: datetime.now(UTC))
        self._number = 0

    async def begin(self) -> None:
        """Open the list in a browser, and make the row."""
        seat = await self._hub.join(LIST, EDITOR, Arrival(200, control=True), Sink())
        seat.receive(b"\x00\x00" + codec.buffer(b"\x00"))
        await self._hub.write(LIST, EDITOR, [AddRow(EDITED)], source=Source.API)
        self._looking.start()

    async def end(self) -> None:
        """Close the node."""
        await self._looking.close()
        await self._hub.close()

    async def edits(self, count: int) -> Spread:
        """So many edits."""
        return Spread.of([await self._edit() for _ in range(count)])

    async def edits_until(self, task: asyncio.Task[Any]) -> Spread:
        """Edits as long as a task runs."""
        times = []
        while not task.done():
            times.append(await self._edit())
        return Spread.of(times)

    async def _edit(self) -> float:
        self._number += 1
        begun = time.perf_counter()
        write = SetCell(EDITED, columns_of(1)[0].id, f"{self._number}")
        await self._hub.write(LIST, EDITOR, [write], source=Source.API)
        passed = time.perf_counter() - begun
        await asyncio.sleep(max(0.0, EDIT_SECONDS - passed))
        return passed * 1e3


async def _import(dsn: str, chosen: argparse.Namespace, seed: int) -> dict[str, Any]:
    sizes = ["--rows", str(chosen.rows), "--columns", str(chosen.columns), "--step", str(chosen.step)]
    command = ["-m", "benchmarks.bulk", *sizes, "--import-into", dsn, "--seed", str(seed)]
    child = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    said, _ = await child.communicate()
    assert child.returncode == 0, "the importing node failed"
    figures: dict[str, Any] = json.loads(said)
    return figures


async def open_anew(pool: Any) -> dict[str, float]:
    """A node that comes now opens the list; what it costs in time and in memory."""
    gc.collect()
    hub, held = _hub(PostgresListStore(pool), Stopwatch()), psutil.Process().memory_info().rss
    begun = time.perf_counter()
    await hub.open(LIST)
    seconds = time.perf_counter() - begun
    gc.collect()
    grown = (psutil.Process().memory_info().rss - held) / _MIB
    size = await pool.fetchval("SELECT log_bytes FROM lists WHERE id = $1", LIST) / _MIB
    print(f"opened anew in {seconds:.2f} s: a document of {size:.1f} MiB, {grown:.0f} MiB of memory")
    await hub.close()
    return {"seconds": seconds, "document_mib": size, "memory_mib": grown}


def _told(spread: Spread) -> str:
    return f"median {spread.p50:.1f} ms, p99 {spread.p99:.1f} ms, most {spread.most:.1f} ms of {spread.count}"


def _import_told(when: str, figures: dict[str, Any], rows: int) -> str:
    commits, decisions = Spread(**figures["commit_ms"]), Spread(**figures["decision_ms"])
    return (
        f"{rows} rows {when}: {figures['seconds']:.2f} s, Python {figures['python_seconds']:.2f} s of CPU,"
        f" commits {_told(commits)}, {figures['lost_races']} lost, decisions {_told(decisions)};"
    )


if __name__ == "__main__":
    main()
