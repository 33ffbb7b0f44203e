"""`rowhouse verify` on the demo: nothing to say after honest traffic, and every planted difference is found."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from api.app import open_services
from api.demo import make_demo
from api.settings import Settings
from api.verification import verify_lists
from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Source
from persistence.pool import create_pool
from persistence.postgres_states import PostgresStates
from persistence.retention import PostgresRetention
from realtime.condensing import condense_apart
from realtime.core.writes import AddRow
from realtime.keeper import Keeper
from realtime.verifying import Difference

SECRET = "planted-secret-value"


@dataclass
class Scene:
    """A database after honest traffic, and the list `Properties` in it."""

    dsn: str
    connection: Any
    list_id: str
    states: PostgresStates
    keeper: Keeper

    async def verify(self, *lists: str) -> list[Difference]:
        """Everything that verifying says."""
        found: list[Difference] = []
        seen, differences = await verify_lists(self.dsn, lists, found.append)
        assert seen > 0
        assert differences == len(found)
        return found

    async def plant(self, statement: str) -> None:
        """Change something behind the server's back, in the chosen list."""
        done = await self.connection.execute(statement.replace("$LIST", f"'{self.list_id}'"))
        assert not done.endswith(" 0"), f"{statement} did nothing"


@pytest.fixture
async def scene(settings: Settings) -> AsyncIterator[Scene]:
    """The demo with rows in bulk, edits through the rooms, and comments."""
    async with open_services(settings, volatile_allowed=True) as services:
        await make_demo(services, rows=60, edits=120)
    assert settings.database_url is not None
    connection = await asyncpg.connect(settings.database_url)
    pool = await create_pool(settings.database_url, volatile_allowed=True)
    try:
        states = PostgresStates(pool)
        keeper = Keeper(states, PostgresRetention(pool, 30), condense_apart)
        list_id = await connection.fetchval("SELECT id FROM lists WHERE name = 'Properties'")
        yield Scene(settings.database_url, connection, list_id, states, keeper)
    finally:
        await pool.close()
        await connection.close()


async def prune(scene: Scene) -> None:
    """Keep a state in the middle of the log, and lose what it holds, as retention does."""
    assert await scene.keeper.keep(scene.list_id)
    await scene.plant("UPDATE documents SET log_from = seq WHERE list_id = $LIST")
    await scene.plant(
        "DELETE FROM updates WHERE list_id = $LIST AND seq < (SELECT max(seq) FROM updates WHERE list_id = $LIST)"
    )


@pytest.mark.rule("OPS-40")
async def test_after_honest_traffic_there_is_nothing_to_say(scene: Scene) -> None:
    """From the whole log, with a state beside it, and with the log pruned up to the state."""
    assert [found.line(values=True) for found in await scene.verify()] == []
    counted = await scene.connection.fetchrow(
        "SELECT (SELECT count(*) FROM comments) AS comments, (SELECT count(*) FROM links) AS links, count(*) AS rows FROM records"
    )
    assert all(counted.values()), f"the scene holds everything that can differ: {counted}"
    assert await scene.keeper.keep(scene.list_id)
    assert await scene.verify() == []
    await scene.connection.execute("DELETE FROM documents")
    await prune(scene)
    assert [found.line(values=True) for found in await scene.verify()] == []


ONE = "(SELECT min(row_id) FROM {0} WHERE list_id = $LIST)"
ROW = ONE.format("records")
PLANTED = {
    "cell": f"UPDATE records SET data = data || jsonb_build_object((SELECT jsonb_object_keys(data) LIMIT 1), '{SECRET}') WHERE list_id = $LIST AND row_id = {ROW}",
    "missing cell": f"UPDATE records SET data = data - (SELECT min(k) FROM jsonb_object_keys(data) k) WHERE list_id = $LIST AND row_id = {ROW}",
    "position": f"UPDATE records SET position = 'zz' WHERE list_id = $LIST AND row_id = {ROW}",
    "trash": f"UPDATE records SET trashed_at = CASE WHEN trashed_at IS NULL THEN now() END WHERE list_id = $LIST AND row_id = {ROW}",
    "row number": f"UPDATE records SET seq = 10000 WHERE list_id = $LIST AND row_id = {ROW}",
    "missing row": f"DELETE FROM records WHERE list_id = $LIST AND row_id = {ROW}",
    "extra row": f'INSERT INTO records SELECT (jsonb_populate_record(r, \'{{"row_id": "row-planted00"}}\')).* FROM records r WHERE list_id = $LIST AND row_id = {ROW}',
    "missing link": f"DELETE FROM links WHERE list_id = $LIST AND row_id = {ONE.format('links')}",
    "extra link": f"INSERT INTO links SELECT list_id, row_id, column_id, 'row-planted00', target_list_id FROM links WHERE list_id = $LIST AND row_id = {ONE.format('links')} LIMIT 1",
    "link of no row": "INSERT INTO links VALUES ($LIST, 'row-planted00', 'column', 'row-target000', 'list')",
    "name": "UPDATE lists SET name = 'Another' WHERE id = $LIST",
    "schema": "UPDATE lists SET schema = schema || '{\"primary\": null}' WHERE id = $LIST",
    "head ahead": "UPDATE lists SET head = head + 1 WHERE id = $LIST",
    "head behind": "UPDATE lists SET head = head - 1 WHERE id = $LIST",
    "log entry": "DELETE FROM updates WHERE list_id = $LIST AND seq = 3",
    "log bytes": "UPDATE updates SET update = '\\xff' WHERE list_id = $LIST AND seq = 3",
    "log exchanged": "UPDATE updates u SET update = o.update FROM updates o WHERE u.list_id = $LIST AND o.list_id = $LIST AND (u.seq, o.seq) IN ((3, 4), (4, 3))",
    "fact": f"UPDATE facts SET new = '\"{SECRET}\"' WHERE list_id = $LIST AND kind = 'cell' AND reason IS NULL",
    "missing fact": "DELETE FROM facts WHERE list_id = $LIST AND seq = 3",
    "extra fact": "INSERT INTO facts SELECT (jsonb_populate_record(f, '{\"ordinal\": 999}')).* FROM facts f WHERE list_id = $LIST AND seq = 3 AND ordinal = 0",
    "chain": "UPDATE lists SET chain = '\\x00' WHERE id = $LIST",
    "anchor": "INSERT INTO anchors VALUES ($LIST, 2, '\\x00')",
    "client id": "INSERT INTO client_ids VALUES ($LIST, 77777, 'ana')",
    "comment": "UPDATE comments SET body = 'planted' WHERE list_id = $LIST",
    "missing comment": "DELETE FROM comments WHERE list_id = $LIST",
    "extra comment": 'INSERT INTO comments SELECT (jsonb_populate_record(c, \'{"comment_id": "comment-planted"}\')).* FROM comments c WHERE list_id = $LIST LIMIT 1',
}
ORPHAN = 'INSERT INTO records SELECT (jsonb_populate_record(r, \'{"list_id": "list-nowhere0"}\')).* FROM records r WHERE list_id = $LIST LIMIT 1'
STATES = {
    "state bytes": "UPDATE documents SET state = '\\x0000' WHERE list_id = $LIST",
    "state of another number": "UPDATE documents SET seq = seq - 1 WHERE list_id = $LIST",
    "state ahead": "UPDATE documents SET seq = 10000 WHERE list_id = $LIST",
    "pruned too far": "UPDATE documents SET log_from = seq + 2 WHERE list_id = $LIST",
}


@pytest.mark.rule("OPS-40", "OPS-42")
async def test_every_planted_difference_is_found(scene: Scene) -> None:
    """Each kind on its own, on one line of its list, without its values; then it is taken back and nothing is left to say."""
    assert await scene.keeper.keep(scene.list_id)
    for name, statement in (PLANTED | STATES).items():
        copied = await snapshot_of(scene)
        await scene.plant(statement)
        found = await scene.verify(scene.list_id)
        assert found, f"nobody noticed: {name}"
        lines = [one.line() for one in found]
        assert not any(SECRET in line or "\n" in line for line in lines)
        assert all(line.startswith(scene.list_id) for line in lines), lines
        await put_back(scene, copied)
    assert await scene.verify() == []
    await scene.plant(ORPHAN)
    assert [one.list_id for one in await scene.verify()] == ["list-nowhere0"]


TABLES = ("lists", "documents", "updates", "facts", "records", "links", "comments", "client_ids", "anchors")


async def snapshot_of(scene: Scene) -> dict[str, list[Any]]:
    """Everything of the list."""
    return {
        table: await scene.connection.fetch(f"SELECT * FROM {table} WHERE {key(table)} = $1", scene.list_id)
        for table in TABLES
    }


def key(table: str) -> str:
    """The column that names the list."""
    return "id" if table == "lists" else "list_id"


async def put_back(scene: Scene, copied: dict[str, list[Any]]) -> None:
    """Put everything back as it was."""
    async with scene.connection.transaction():
        for table, rows in copied.items():
            await scene.connection.execute(f"DELETE FROM {table} WHERE {key(table)} = $1", scene.list_id)
            if rows:
                await scene.connection.copy_records_to_table(table, records=rows, columns=list(rows[0].keys()))


@pytest.mark.rule("OPS-40")
async def test_differences_name_their_place(scene: Scene) -> None:
    """A cell by list, row and column; a number of the log or the audit by it. One list can be verified alone."""
    await scene.plant(PLANTED["cell"])
    (found,) = await scene.verify(scene.list_id)
    assert found.row is not None
    assert found.column is not None
    assert found.line() == f"{scene.list_id}, row {found.row}, column {found.column}: records.data"
    assert SECRET in found.line(values=True)
    other = await scene.connection.fetchval("SELECT id FROM lists WHERE name = 'Owners'")
    assert await scene.verify(other) == []
    assert [one.what for one in await scene.verify("nowhere")] == ["there is no such list"]


@pytest.mark.rule("OPS-41")
async def test_edits_go_on_while_a_list_is_verified(scene: Scene, settings: Settings) -> None:
    """Verified again and again beside a room that is written to, nothing is found, and nothing waits."""
    async with open_services(settings, volatile_allowed=True) as services:
        member = await scene.connection.fetchrow(
            "SELECT user_id, version FROM members WHERE role = 'owner' ORDER BY user_id LIMIT 1"
        )
        ana = Principal(member["user_id"], "Ana", Role.OWNER, member["version"])

        async def write() -> None:
            for number in range(40):
                await services.rooms.write(scene.list_id, ana, [AddRow(f"row-live{number:06}")], source=Source.API)

        writing = asyncio.create_task(write())
        rounds = 0
        while not writing.done():
            assert await scene.verify(scene.list_id) == []
            rounds += 1
        await writing
        assert rounds > 0
    assert await scene.verify() == []
