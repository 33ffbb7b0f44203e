"""Question: what does one commit cost, in time and in the Python process, and how does it grow with its edits?

Workload: one list of 5,000 rows with 12 filled columns on the embedded PostgreSQL, fsync on. Each commit holds 1, 10 or
50 edits by ten people, each edit with its own update, its audit fact (old and new value) and its row patch.
Commits follow each other without a pause. The time of one `fdatasync` of the same disk stands beside them.

    python -m benchmarks.commit
"""

import os
import secrets
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import uvloop

from benchmarks.disk import Disk
from benchmarks.percentiles import Spread
from benchmarks.records import keep, load_average
from persistence.contract import (
    AuditEntry,
    Batch,
    BulkRecord,
    Committed,
    Fact,
    FactKind,
    LoggedUpdate,
    NewList,
    RowPatch,
    Source,
)
from persistence.embedded import EmbeddedPostgres
from persistence.migrate import upgrade
from persistence.pool import create_pool
from persistence.postgres import PostgresListStore

EDITS = (1, 10, 50)
DISK_WRITES = 200
COMMITS, WARM_UP = 1_000, 50
PEOPLE, ROWS, COLUMNS = ([secrets.token_urlsafe(12) for _ in range(count)] for count in (10, 5_000, 12))
LIST, WORKSPACE = "list", "workspace"


def main() -> None:
    """Run the workload and print one line per size of commit."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR"), prefix="rowhouse-bench-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        disk = Disk(path).spread(DISK_WRITES)
        print(f"fdatasync of 8 KiB: median {disk.p50:.2f} ms, p99 {disk.p99:.2f} ms; load {load_average():.2f}")
        with EmbeddedPostgres(path / "state") as server:
            figures = uvloop.run(measure(server.dsn))
    keep("commit", __doc__, {"fdatasync_ms": asdict(disk), "commits": COMMITS, "figures": figures})


async def measure(dsn: str) -> list[dict[str, float]]:
    """Make the list, then commit to it; the figures of each size of commit."""
    await upgrade(dsn)
    pool = await create_pool(dsn)
    try:
        store = PostgresListStore(pool)
        await furnish(pool, store)
        head, figures = 1, []
        for edits in EDITS:
            head, measured = await run(store, head, edits)
            figures.append(measured)
        return figures
    finally:
        await pool.close()


async def furnish(pool: asyncpg.Pool, store: PostgresListStore) -> None:
    """A workspace with ten editors and the list with its rows."""
    await pool.execute("INSERT INTO workspaces (id, name) VALUES ($1, 'Bench')", WORKSPACE)
    for person in PEOPLE:
        await pool.execute("INSERT INTO users (id, email, name, hue) VALUES ($1, $1, $1, 0)", person)
        await pool.execute(
            "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'editor')", WORKSPACE, person
        )
    cells = dict.fromkeys(COLUMNS, "value 0")
    records = (BulkRecord(row, f"a{number:05}", cells) for number, row in enumerate(ROWS))
    new = NewList(LIST, WORKSPACE, "Bench", PEOPLE[0], datetime.now(UTC))
    begun = time.perf_counter()
    assert await store.create_list(new, batch(0, PEOPLE[:1]), records) == Committed(1)
    print(f"{len(ROWS)} rows in bulk: {time.perf_counter() - begun:.2f} s")


async def run(store: PostgresListStore, head: int, edits: int) -> tuple[int, dict[str, float]]:
    """Commit `COMMITS` times and print the figures; returns the new head, and them."""
    times, cpu = [], 0.0
    for number in range(WARM_UP + COMMITS):
        each = edits_of(head, edits, number)
        worked, begun = time.process_time(), time.perf_counter()
        result = await store.commit(each)
        if number >= WARM_UP:
            times.append((time.perf_counter() - begun) * 1e3)
            cpu += time.process_time() - worked
        assert isinstance(result, Committed)
        head = result.head
    spread = Spread.of(times)
    each_us = cpu / COMMITS * 1e6
    print(
        f"{edits:3} edits: median {spread.p50:.2f} ms, p99 {spread.p99:.2f} ms,"
        f" Python {each_us:.0f} us a commit, {each_us / edits:.1f} us an edit"
    )
    return head, {"edits": edits, "median_ms": spread.p50, "p99_ms": spread.p99, "python_us_per_commit": each_us}


def edits_of(head: int, edits: int, number: int) -> Batch:
    """A commit in which each edit changes another row."""
    actors = [PEOPLE[(number + place) % len(PEOPLE)] for place in range(edits)]
    cells = [(ROWS[(number * edits + place) % len(ROWS)], COLUMNS[place % len(COLUMNS)]) for place in range(edits)]
    at, old, new = datetime.now(UTC), f"value {number}", f"value {number + 1}"
    places = [(place, *cell, actor) for place, (cell, actor) in enumerate(zip(cells, actors, strict=True))]
    return replace(
        batch(head, actors),
        audit=[
            AuditEntry(place, Fact(FactKind.CELL, row, column, old=old, new=new), actor, Source.SOCKET, at)
            for place, row, column, actor in places
        ],
        rows=[RowPatch(row, place, actor, at, {column: new}) for place, row, column, actor in places],
    )


def batch(head: int, actors: Sequence[str]) -> Batch:
    """One update of 60 bytes by each of the actors."""
    at = datetime.now(UTC)
    updates = [LoggedUpdate(actor, Source.SOCKET, os.urandom(60), at) for actor in actors]
    return Batch(LIST, uuid4(), 1, head, updates, memberships=dict.fromkeys(actors, 1))


if __name__ == "__main__":
    main()
