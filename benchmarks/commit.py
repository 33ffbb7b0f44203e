"""Question: what does one commit cost, in time and in the Python process, and how does it grow with its edits?

Workload: one list of 5,000 rows with 12 filled columns on the embedded PostgreSQL, fsync on. Each commit holds 1, 10 or
50 edits by ten people, each edit with its own update, its audit fact (old and new value) and its row patch.
Commits follow each other without a pause. The time of one `fdatasync` of the same disk stands beside them.

    python benchmarks/commit.py
"""

import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import uvloop

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
COMMITS, WARM_UP = 1_000, 50
PEOPLE, ROWS, COLUMNS = ([secrets.token_urlsafe(12) for _ in range(count)] for count in (10, 5_000, 12))
LIST, WORKSPACE = "list", "workspace"


def main() -> None:
    """Run the workload and print one line per size of commit."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR"), prefix="rowhouse-bench-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        print(f"fdatasync of 8 KiB: median {median_sync_ms(path):.2f} ms; load {os.getloadavg()[0]:.2f}")
        with EmbeddedPostgres(path / "state") as server:
            uvloop.run(measure(server.dsn))


def median_sync_ms(folder: Path) -> float:
    """The time that this disk takes to make one small write durable."""
    times = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(200):
            file.write(bytes(8192))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1e3


async def measure(dsn: str) -> None:
    """Make the list, then commit to it."""
    await upgrade(dsn)
    pool = await create_pool(dsn)
    try:
        store = PostgresListStore(pool)
        await furnish(pool, store)
        head = 1
        for edits in EDITS:
            head = await run(store, head, edits)
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


async def run(store: PostgresListStore, head: int, edits: int) -> int:
    """Commit `COMMITS` times and print the figures; the new head."""
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
    p99 = statistics.quantiles(times, n=100)[98]
    print(
        f"{edits:3} edits: median {statistics.median(times):.2f} ms, p99 {p99:.2f} ms,"
        f" Python {cpu / COMMITS * 1e6:.0f} us a commit, {cpu / COMMITS / edits * 1e6:.1f} us an edit"
    )
    return head


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
