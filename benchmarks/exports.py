"""Question: what does it cost to export 100,000 rows of a list in each format, and what do those feel who edit it?

Workload: a list with 20 filled columns on the embedded PostgreSQL, fsync on, in a node without HTTP. First with a tenth of the rows,
then with all of them, each format is exported a few times as the API does it, into a file; the memory of the process that writes it is the
most that Linux has seen (VmHWM). Then one cell is edited every 50 ms, first with no export, then beside each.

    python -m benchmarks exports
    python -m benchmarks exports --rows 1000000 --times 1
"""

import argparse
import asyncio
import os
import re
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import psutil
import uvloop

from api.app import open_services
from api.exporting.making import Asked, make_export, open_file
from api.services import Services
from api.settings import Settings
from auth.principals import Principal
from auth.roles import Role
from benchmarks.bulk_rows import LIST, PERSON, WORKSPACE, columns_of, furnish, rows_of
from benchmarks.percentiles import Spread
from benchmarks.processes import Processes, postmaster_pid
from benchmarks.records import keep, load_average
from persistence.contract import Source
from persistence.embedded import EmbeddedPostgres
from persistence.lists import list_of
from persistence.migrate import upgrade
from persistence.pool import create_pool
from realtime.core.writes import AddRow, SetCell
from snapshots.exporting.formats import Format

EDITOR = Principal(PERSON, "Editor", Role.EDITOR, 1)
EDITED = "row-edited-01"
EDIT_SECONDS, EDITS_ALONE = 0.05, 100
LOOK_SECONDS = 0.02
_PEAK = re.compile(r"VmHWM:\s+([0-9]+) kB")
_RECORD = ("list_id", "row_id", "workspace_id", "data", "position", "seq")
_STAMPS = ("created_at", "created_by", "updated_at", "updated_by")


def main() -> None:
    """Run the workload and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--times", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR"), prefix="rowhouse-bench-") as folder:
        state = Path(folder) / "state"
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(state) as server:
            figures = uvloop.run(measure(server.dsn, state, chosen))
    keep("exports", __doc__, {"rows": chosen.rows, "columns": chosen.columns, **figures})


async def measure(dsn: str, state: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Each format with a tenth of the rows, with all, and beside edits."""
    await upgrade(dsn)
    async with await create_pool(dsn) as pool:
        await furnish(pool, columns_of(chosen.columns))
    settings = Settings(database_url=dsn, state_folder=state, worker=False)
    figures: dict[str, Any] = {}
    async with open_services(settings) as services:
        scene = Scene(services, Processes(os.getpid(), postmaster_pid(state)))
        for rows in (chosen.rows // 10, chosen.rows):
            await fill(dsn, chosen.columns, rows)
            for kind in Format:
                tries = [await scene.export(kind) for _ in range(chosen.times)]
                best = figures[f"{kind} of {rows}"] = min(tries, key=lambda one: one["seconds"])
                print(f"{kind} of {rows} rows: {told(best)}", flush=True)
        await services.rooms.write(LIST, EDITOR, [AddRow(EDITED)], source=Source.API)
        alone = await scene.edits(asyncio.create_task(asyncio.sleep(EDITS_ALONE * EDIT_SECONDS)))
        print(f"load {load_average():.2f}; edits with no export: {spread(alone)}")
        figures["edits_alone_ms"] = asdict(alone)
        for kind in Format:
            beside = await scene.edits(asyncio.create_task(scene.repeated(kind, chosen.times)))
            print(f"edits beside {kind}: {spread(beside)}")
            figures[f"edits_beside_{kind}_ms"] = asdict(beside)
    return figures


async def fill(dsn: str, columns: int, count: int) -> None:
    """Put the rows into the relational snapshot, which is all that an export reads."""
    names, at = [column.id for column in columns_of(columns)], datetime.now(UTC)

    def records() -> Iterator[tuple[Any, ...]]:
        for number, (row, _, *values) in enumerate(rows_of(columns, count, seed=1)):
            data = orjson.dumps(dict(zip(names, values, strict=True))).decode()
            yield (LIST, row, WORKSPACE, data, f"a{number:08}", 1, at, PERSON, at, PERSON)

    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("DELETE FROM records WHERE list_id = $1", LIST)
        await connection.copy_records_to_table("records", records=records(), columns=[*_RECORD, *_STAMPS])
        await connection.execute("VACUUM ANALYZE records")
    finally:
        await connection.close()


class Scene:
    """A node, its list, and what is measured of both."""

    def __init__(self, services: Services, processes: Processes) -> None:
        self._services = services
        self._processes = processes
        self._number = 0

    async def export(self, kind: Format) -> dict[str, float]:
        """Make one file: seconds by the clock and of processors, memory of the process, size."""
        async with self._services.reading() as connection:
            entry = await list_of(connection, LIST, PERSON)
        assert entry is not None
        peak = asyncio.create_task(peak_bytes())
        before, children = self._processes.usage(), _children_seconds()
        with open_file(self._services.settings) as file:
            made = await make_export(self._services, entry, PERSON, Asked(kind), file, _wanted)
            used = self._processes.usage() - before
            size = os.fstat(file.fileno()).st_size
        peak.cancel()
        assert made.rows > 0
        return {
            "rows": made.rows,
            "seconds": used.passed,
            "child_cpu_seconds": _children_seconds() - children,
            "node_cpu_seconds": used.server,
            "postgres_cpu_seconds": used.database,
            "child_peak_bytes": await peak,
            "file_bytes": size,
        }

    async def repeated(self, kind: Format, times: int) -> None:
        """One export after another."""
        for _ in range(times):
            await self.export(kind)

    async def edits(self, task: asyncio.Task[Any]) -> Spread:
        """Edits as long as a task runs, in milliseconds."""
        times = []
        while not task.done():
            self._number += 1
            write = SetCell(EDITED, columns_of(1)[0].id, f"{self._number}")
            begun = time.perf_counter()
            await self._services.rooms.write(LIST, EDITOR, [write], source=Source.API)
            passed = time.perf_counter() - begun
            times.append(passed * 1e3)
            await asyncio.sleep(max(0.0, EDIT_SECONDS - passed))
        await task
        return Spread.of(times)


async def peak_bytes() -> int:
    """The most memory that the writing process has had until this task is cancelled."""
    most, child = 0, None
    with suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            child = child or next(filter(_writes, psutil.Process().children()), None)
            most = max(most, _peak_of(child) if child else 0)
    return most


def _peak_of(process: psutil.Process) -> int:
    with suppress(OSError):
        said = _PEAK.search(Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8"))
        return int(said[1]) * 1024 if said else 0
    return 0


def _writes(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return "snapshots.exporting.child" in process.cmdline()
    return False


async def _wanted() -> bool:
    return False


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def told(figures: dict[str, float]) -> str:
    """One export in words."""
    return (
        f"{figures['seconds']:.2f} s; CPU: process {figures['child_cpu_seconds']:.2f} s,"
        f" node {figures['node_cpu_seconds']:.2f} s, PostgreSQL {figures['postgres_cpu_seconds']:.2f} s;"
        f" {figures['child_peak_bytes'] / 2**20:.0f} MiB of memory, a file of {figures['file_bytes'] / 2**20:.1f} MiB"
    )


def spread(times: Spread) -> str:
    """Times in words."""
    return f"median {times.p50:.1f} ms, p99 {times.p99:.1f} ms, most {times.most:.1f} ms of {times.count}"


if __name__ == "__main__":
    main()
