"""Question: what does it cost to keep 2,000 open sockets of 500 people to the rights that are committed?

Workload: ten workspaces of 50 people with four lists each; every person has four sockets, which rest on a sign-in of a week
(700 refresh tokens each, the earlier ones spent) or, one in five, on an API key. Rounds of the watch follow each other,
first while nothing happens, then while one role changes before each. The rooms, the hub and the statement are the server's own; the
sockets take what they are sent and keep nothing. PostgreSQL's time is that of `EXPLAIN (ANALYZE)`, without the way there and back.

    python -m benchmarks.watch
"""

import asyncio
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import orjson
import uvloop

from auth.grants import Grant, GrantKind
from auth.principals import Principal
from auth.roles import Role
from benchmarks.percentiles import Spread
from benchmarks.records import keep, load_average
from persistence.contract import NewList
from persistence.embedded import EmbeddedPostgres
from persistence.migrate import upgrade
from persistence.pool import create_pool
from persistence.postgres import PostgresListStore
from persistence.rights import DIFFERENCES, PostgresRights, arguments
from realtime.core.limits import Limits
from realtime.core.new_list import new_list
from realtime.hub import Arrival, Hub
from realtime.watch import INTERVAL_SECONDS, Watch
from snapshots.columns import Column, ColumnType

WORKSPACES, PEOPLE_EACH, LISTS_EACH, SOCKETS_EACH = 10, 50, 4, 4
TOKENS_EACH, KEY_EVERY = 700, 5
ROUNDS, WARM_UP, PLANS = 200, 10, 50


class Sink:
    """A socket that takes everything."""

    def write(self, framed: bytes) -> None:
        """Take a frame."""

    def held_bytes(self) -> int:
        """Nothing is held."""
        return 0

    def close(self, code: int, sentence: str) -> None:
        """It is closed when the server ends."""

    def watch(self, bytes_max: int, tell_full: Callable[[], None], tell_drained: Callable[[], None]) -> None:
        """It is never full."""


def main() -> None:
    """Run the workload and print its figures."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR"), prefix="rowhouse-bench-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        print(f"load {load_average():.2f}")
        with EmbeddedPostgres(path / "state") as server:
            figures = uvloop.run(measure(server.dsn))
    keep("watch", __doc__, {"rounds": ROUNDS, "figures": figures})


async def measure(dsn: str) -> dict[str, object]:
    """Furnish the database, seat everybody, and measure both kinds of round."""
    await upgrade(dsn)
    pool = await create_pool(dsn)
    hub = Hub(PostgresListStore(pool), Limits(), clock=now, new_id=new_id, new_batch_id=uuid4)
    try:
        places = [await furnish(pool) for _ in range(WORKSPACES)]
        await pool.execute("ANALYZE")
        for place in places:
            await place.sit(hub)
        watch = Watch(hub, PostgresRights(pool), now)
        worked = await explain(pool, hub)
        print(f"PostgreSQL: median {worked.p50:.2f} ms, p99 {worked.p99:.2f} ms a round")
        figures: dict[str, object] = {"postgresql_ms": asdict(worked)}
        figures["nothing happens"] = await rounds(watch, pool, places, happens=False)
        figures["one role changes"] = await rounds(watch, pool, places, happens=True)
        assert len(hub.beliefs().memberships) == WORKSPACES * PEOPLE_EACH, "everybody is still there"
        return figures
    finally:
        await hub.close()
        await pool.close()


class Place:
    """A workspace with its people, what they rest on, and its lists."""

    def __init__(self) -> None:
        self.id = new_id()
        self.people = [new_id() for _ in range(PEOPLE_EACH)]
        self.grants = {
            person: Grant(GrantKind.KEY if number % KEY_EVERY == 0 else GrantKind.SIGN_IN, new_id())
            for number, person in enumerate(self.people)
        }
        self.lists = [new_id() for _ in range(LISTS_EACH)]

    async def sit(self, hub: Hub) -> None:
        """Everybody opens their sockets, one in each list."""
        for person in self.people:
            principal = Principal(person, person, Role.EDITOR, 1)
            for list_id in self.lists[:SOCKETS_EACH]:
                await hub.join(list_id, principal, Arrival(200, control=True), Sink(), grant=self.grants[person])


async def furnish(pool: asyncpg.Pool) -> Place:
    """Make a workspace."""
    place = Place()
    begun, end = now() - timedelta(days=7), now() + timedelta(days=23)
    await pool.execute("INSERT INTO workspaces (id, name) VALUES ($1, 'Bench')", place.id)
    for person in place.people:
        await pool.execute("INSERT INTO users (id, email, name, hue) VALUES ($1, $1, $1, 0)", person)
        await pool.execute(
            "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'editor')", place.id, person
        )
        grant = place.grants[person]
        if grant.kind is GrantKind.KEY:
            await pool.execute(
                """INSERT INTO api_keys (id, workspace_id, user_id, name, hash, read_only, created_at)
                VALUES ($1, $2, $3, 'Bench', $4, false, now())""",
                *(grant.id, place.id, person, grant.id.encode()),
            )
            continue
        tokens = [(new_id(), person, grant.id, secrets.token_bytes(32), end, begun) for _ in range(TOKENS_EACH)]
        columns = ["id", "user_id", "family", "token_hash", "expires_at", "rotated_at"]
        await pool.copy_records_to_table("sessions", records=tokens, columns=columns)
    store = PostgresListStore(pool)
    for list_id in place.lists:
        column = Column(new_id(), "Name", ColumnType.TEXT, "a0")
        batch = new_list(list_id, "Bench", [column], {}, actor=place.people[0], now=now(), batch_id=uuid4())
        await store.create_list(NewList(list_id, place.id, "Bench", place.people[0], now()), batch)
    return place


async def explain(pool: asyncpg.Pool, hub: Hub) -> Spread:
    """How long PostgreSQL works on the statement, in milliseconds."""
    asked, times = arguments(hub.beliefs(), now()), []
    async with pool.acquire() as connection:
        for _ in range(PLANS):
            plan = await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {DIFFERENCES}", *asked)
            times.append(float(orjson.loads(plan)[0]["Execution Time"]))
    return Spread.of(times)


async def rounds(watch: Watch, pool: asyncpg.Pool, places: list[Place], *, happens: bool) -> dict[str, object]:
    """Time rounds, and the Python process's own time in them."""
    times, cpu = [], 0.0
    for number in range(WARM_UP + ROUNDS):
        if happens:
            place = places[number % len(places)]
            person = place.people[number % PEOPLE_EACH]
            await pool.execute(
                """UPDATE members SET version = version + 1,
                    role = CASE role WHEN 'editor' THEN 'member' ELSE 'editor' END
                WHERE workspace_id = $1 AND user_id = $2""",
                *(place.id, person),
            )
        worked, begun = time.process_time(), time.perf_counter()
        await watch.look()
        if number >= WARM_UP:
            times.append((time.perf_counter() - begun) * 1e3)
            cpu += time.process_time() - worked
        await asyncio.sleep(0)
    spread, each_ms = Spread.of(times), cpu / ROUNDS * 1e3
    share = each_ms / 1e3 / INTERVAL_SECONDS * 100
    print(
        f"{'one role changes' if happens else 'nothing happens'}: median {spread.p50:.2f} ms, p99 {spread.p99:.2f} ms,"
        f" Python {each_ms:.2f} ms a round: {share:.2f} % of a core"
    )
    return {"round_ms": asdict(spread), "python_ms_per_round": each_ms, "python_share_of_a_core_percent": share}


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh id."""
    return secrets.token_urlsafe(12)


if __name__ == "__main__":
    main()
