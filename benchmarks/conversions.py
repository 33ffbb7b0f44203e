"""Question: what does it cost to give a column of a large list another type, or to add one, while somebody edits the list?

Workload: lists of 10,000 and 100,000 rows with ten columns of texts (`--rows` for others), made in bulk, on the embedded PostgreSQL, fsync on; all of it
through the REST API of a server of its own. First columns are added: how long it takes, how much is written to PostgreSQL's log, and how many
rows of `records` are written anew. Then a column of texts becomes numbers, one choices, one dates, each after a preview, and is undone, while
somebody else edits a cell of another column every 50 ms. An edit's time is that from the call to its answer: durable and shown.

    python -m benchmarks conversions
    python -m benchmarks conversions --rows 1000000
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import asyncpg
import httpx
import psutil
from fractional_indexing import generate_n_keys_between

from api.demo.chance import Chance
from api.demo.sheets import Sheet
from api.demo.storing import store_sheet
from benchmarks.large_list import SEED, STATUSES, new_id
from benchmarks.percentiles import Spread
from benchmarks.processes import Processes, postmaster_pid
from benchmarks.records import keep, load_average
from persistence.contract import Json
from persistence.pool import create_pool
from persistence.postgres import PostgresListStore
from snapshots.columns import Column, ColumnType
from snapshots.segments import encode_segment, split_rows
from tests.e2e.conftest import running
from tests.e2e.house import House
from tests.e2e.people import Person, person

ROWS: Final = (10_000, 100_000)
TYPES: Final = {"Rent": "number", "Status": "select", "Listed on": "date"}
NOTES: Final = "Notes 0"
COLUMNS: Final = (*TYPES, *(f"Notes {n}" for n in range(7)))
BAD_ONE_IN: Final = 100
ADDED: Final = 10
EDIT_SECONDS, EDITS_ALONE = 0.05, 100
CALL_SECONDS_MAX: Final = 900.0


def main() -> None:
    """Measure lists of every size, print what came of it and keep the raw results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="sizes of the lists")
    sizes = parser.parse_args().rows
    with TemporaryDirectory(prefix="rowhouse-bench-") as folder:
        Path(folder).chmod(0o755)
        for house in running(House(Path(folder), "--no-demo", ROWHOUSE_LIMITS="{}")):
            figures = [asyncio.run(measure(house, rows)) for rows in sizes]
    keep("conversions", __doc__, {"lists": figures})


@dataclass(frozen=True, slots=True)
class Place:
    """A list of a server, its owner, one who edits it, and the way to its rows in SQL."""

    house: House
    owner: Person
    editor: Person
    sheet: Sheet
    sql: asyncpg.Connection

    @property
    def path(self) -> str:
        """The address of the list."""
        return f"/api/lists/{self.sheet.id}"

    async def edits(self, task: asyncio.Task[Any] | None = None) -> Spread:
        """Edit as long as a task runs, or a hundred times; in milliseconds."""
        row, times = self.sheet.row_ids[0], list[float]()
        while len(times) < EDITS_ALONE if task is None else not task.done():
            begun = time.perf_counter()
            answer = await self.editor(
                "PATCH", f"{self.path}/records/{row}", json={"fields": {NOTES: f"{len(times)} {begun}"}}
            )
            passed = time.perf_counter() - begun
            assert answer.is_success, answer.text
            times.append(passed * 1e3)
            await asyncio.sleep(max(0.0, EDIT_SECONDS - passed))
        return Spread.of(times)


async def measure(house: House, rows: int) -> dict[str, Any]:
    """One list: columns are added, then columns converted and undone while somebody edits."""
    async with people(house) as (owner, editor):
        sheet = await asyncio.to_thread(sheet_of, rows)
        async with await create_pool(house.database_url) as pool:
            await store_sheet(PostgresListStore(pool), owner.workspace, sheet, actor=owner.id, now=datetime.now(UTC))
        sql = await asyncpg.connect(house.database_url)
        try:
            place = Place(house, owner, editor, sheet, sql)
            print(f"\n{rows:,} rows; load {load_average():.2f}")
            added = await add_columns(place)
            alone = await place.edits()
            print(f"edits alone: {told(alone)}")
            converted = [await convert(place, name, kind) for name, kind in TYPES.items()]
        finally:
            await sql.close()
    return {"rows": rows, "added": added, "edits_alone_ms": asdict(alone), "converted": converted}


@asynccontextmanager
async def people(house: House) -> AsyncIterator[tuple[Person, Person]]:
    """The owner of a workspace and an editor, whose calls may take long."""
    owner, editor = (person(house.url, name) for name in ("Owner", "Editor"))
    try:
        for each in (owner, editor):
            each.http.timeout = httpx.Timeout(CALL_SECONDS_MAX)
            await each.register()
        await owner.admit(editor, "editor")
        yield owner, editor
    finally:
        for each in (owner, editor):
            await each.http.aclose()


async def add_columns(place: Place) -> dict[str, Any]:
    """Add columns, the first while nobody has the list open."""
    before = await stored(place)
    times, logged = [], []
    for number in range(ADDED + 1):
        at = await place.sql.fetchval("SELECT pg_current_wal_lsn()")
        begun = time.perf_counter()
        await place.owner.make(f"{place.path}/columns", {"name": f"Added {number}", "type": "text"})
        times.append((time.perf_counter() - begun) * 1e3)
        logged.append(int(await place.sql.fetchval("SELECT pg_current_wal_lsn() - $1::pg_lsn", at)))
    after = await stored(place)
    rewritten = sum(after[row] != version for row, version in before.items()) + len(after) - len(before)
    cold, warm, written = times[0], Spread.of(times[1:]), Spread.of(logged[1:])
    print(
        f"adding a column: {told(warm)}, the first, which opens the list, {cold:.0f} ms;"
        f" PostgreSQL's log: median {written.p50:.0f} bytes, most {written.most:.0f}; rows rewritten: {rewritten}"
    )
    return {
        "first_ms": cold,
        "ms": asdict(warm),
        "wal_bytes": asdict(written),
        "rows_rewritten": rewritten,
    }


async def stored(place: Place) -> Mapping[str, tuple[str, str]]:
    """Which version of each row stands where in the table."""
    statement = "SELECT row_id, xmin::text, ctid::text FROM records WHERE list_id = $1"
    return {row: (version, at) for row, version, at in await place.sql.fetch(statement, place.sheet.id)}


async def convert(place: Place, name: str, kind: str) -> dict[str, Any]:
    """Preview, convert and undo one column, each beside somebody's edits."""
    column = f"{place.path}/columns/{place.sheet.column(name).id}/conversion"
    print(f"text -> {kind}:")
    looked = await beside(place, "preview", place.owner.make(f"{column}/preview", {"type": kind}))
    done = await beside(place, "conversion", place.owner.make(column, {"type": kind}))
    answer = done.pop("answer")
    back = f"{place.path}/columns/{answer['column']['id']}/conversion/undo"
    undone = await beside(place, "undo", place.owner.make(back, {}))
    counts = {count: answer[count] for count in ("filled", "converted", "lost")}
    assert {count: looked["answer"][count] for count in counts} == counts
    for each in (looked, undone):
        del each["answer"]
    return {"type": kind, **counts, "preview": looked, "conversion": done, "undo": undone}


async def beside(place: Place, what: str, call: Awaitable[Any]) -> dict[str, Any]:
    """Carry a call out while somebody edits; what it took, of processors too."""
    server = psutil.Process(place.house.pid)
    processes = Processes(place.house.pid, postmaster_pid(place.house.folder))
    apart, before = _ended_seconds(server), processes.usage()
    task = asyncio.ensure_future(call)
    edits = await place.edits(task)
    answer = await task
    used = processes.usage() - before
    ended = _ended_seconds(server) - apart
    print(
        f"  {what} {used.passed:.2f} s; processor time: server {used.server:.2f} s, its child {ended:.2f} s,"
        f" PostgreSQL {used.database:.2f} s; edits meanwhile: {told(edits)}"
    )
    return {
        "answer": answer,
        "seconds": used.passed,
        "server_seconds": used.server,
        "child_seconds": ended,
        "postgres_seconds": used.database,
        "edits_ms": asdict(edits),
    }


def _ended_seconds(process: psutil.Process) -> float:
    """The processor time of the children that have ended."""
    times = process.cpu_times()
    return float(times.children_user + times.children_system)


def told(spread: Spread) -> str:
    """A spread of milliseconds in words."""
    return f"median {spread.p50:.1f} ms, p99 {spread.p99:.1f} ms, most {spread.most:.1f} ms of {spread.count}"


def sheet_of(count: int) -> Sheet:
    """The list: three columns that can be converted, but for one value in a hundred, and seven that stay."""
    chance = Chance(SEED, datetime.now(UTC).date())
    positions = generate_n_keys_between(None, None, len(COLUMNS))
    columns = [Column(new_id(), name, ColumnType.TEXT, at) for name, at in zip(COLUMNS, positions, strict=True)]
    rows: list[list[Json]] = [
        [
            new_id(),
            position,
            "on request" if number % BAD_ONE_IN == 0 else f"{chance.between(900, 9_000):,}.50",
            chance.one(STATUSES),
            "not yet" if number % BAD_ONE_IN == 0 else chance.day(-700, 0),
            *(chance.address() for _ in range(len(COLUMNS) - len(TYPES))),
        ]
        for number, position in enumerate(generate_n_keys_between(None, None, count))
    ]
    segments = {new_id(): encode_segment(part) for part in split_rows([column.id for column in columns], rows)}
    name = f"Texts {count}"
    return Sheet(name, new_id(), name, columns, [str(row[0]) for row in rows], segments)


if __name__ == "__main__":
    main()
