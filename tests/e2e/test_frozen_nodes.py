"""A node that stands still (SIGSTOP, a suspended machine) in the middle of what it has asked of the database.

It holds a lock in PostgreSQL for certain: somebody else has the row until its statement waits for it, then it is stopped, and only then
the row is free. The frozen node is the one that started the database.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import asyncpg
import pytest
from websockets.exceptions import ConnectionClosed

from persistence.contract import HOLD_SECONDS
from persistence.engine import IDLE_SECONDS_MAX
from realtime.core.closing import CloseCode
from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.frozen import frozen
from tests.e2e.house import House
from tests.e2e.socket_client import SocketClient
from tests.e2e.two_nodes import NAME, Scene, two_nodes
from tests.timing import in_time

SERVED_SECONDS_MAX = 1.5
"""Generous: how long an edit takes, or an edit of another node to be seen, once nothing is locked any more."""
LONG_SECONDS = 1.0
WAITING_SECONDS_MAX = 20.0
HOLD = "set_config"
"""What only the statement says that locks a list for a hold."""
_LIST = "SELECT FROM lists WHERE id = $1 FOR UPDATE"
_MEMBERS = "SELECT FROM members WHERE user_id = $1 FOR UPDATE"
_WAITING = """
SELECT query FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database() AND pid <> ALL ($1::integer[])
"""
_WE_WAIT = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid = ANY ($1::integer[])"
_NOTHING = b"\x00\x00"
"""The update that changes nothing."""


class Rows:
    """Two connections that take turns in having a row: while one has it, what else asks for it waits behind."""

    def __init__(self, looking: Sql, connections: list[Sql]) -> None:
        self._looking = looking  # in a transaction who waits is seen once and for all
        self._free = connections
        self._pids = [connection.get_server_pid() for connection in connections]
        self._having: Sql | None = None

    async def have(self, statement: str, name: str) -> None:
        """Have a row."""
        self._having = self._free.pop()
        await self._having.execute("BEGIN")
        await self._having.execute(statement, name)

    async def let_go(self) -> None:
        """Whoever waits gets it."""
        assert self._having is not None
        await self._having.execute("COMMIT")
        self._free.append(self._having)

    async def waiting(self) -> str:
        """Come back when somebody waits; what they have asked for."""
        async with asyncio.timeout(WAITING_SECONDS_MAX):
            while (query := await self._looking.fetchval(_WAITING, self._pids)) is None:
                pass
        return str(query)

    async def come_first(self, list_id: str) -> None:
        """Commit to the list that this has, and have it again after whoever waits now."""
        having = self._having
        assert having is not None
        head = await having.fetchval("UPDATE lists SET head = head + 1 WHERE id = $1 RETURNING head", list_id)
        await having.execute(
            """INSERT INTO updates (list_id, seq, actor, source, batch_id, update, at)
            VALUES ($1, $2, 'somebody', 'system', $3, $4, now())""",
            list_id,
            head,
            uuid4(),
            _NOTHING,
        )
        after = asyncio.create_task(self.have(_LIST, list_id))
        await self._until_we_wait()
        await having.execute("COMMIT")
        await after
        self._free.append(having)

    async def _until_we_wait(self) -> None:
        """Come back when our other connection waits for the row."""
        async with asyncio.timeout(WAITING_SECONDS_MAX):
            while not await self._looking.fetchval(_WE_WAIT, self._pids):
                pass


@asynccontextmanager
async def rows(database_url: str) -> AsyncIterator[Rows]:
    """Connect, twice to take turns and once to look on."""
    connections = [await asyncpg.connect(database_url) for _ in range(3)]
    try:
        yield Rows(connections[0], connections[1:])
    finally:
        for connection in connections:
            await connection.close()


async def _commit(scene: Scene, ana: SocketClient, having: Rows) -> None:
    """Ana's edit is at the database, in one statement."""
    await having.have(_LIST, scene.homes.id)
    await ana.write({scene.homes.cell(0, NAME): "Ana's"})
    await having.waiting()


async def _hold(scene: Scene, ana: SocketClient, having: Rows) -> None:
    """Others come first again and again, until Ana's node wants to have the list for itself."""
    await _commit(scene, ana, having)
    while HOLD not in await having.waiting():
        await having.come_first(scene.homes.id)


@pytest.mark.rule("ROOM-54")
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("begin", "locked_seconds"), [(_commit, 0.0), (_hold, HOLD_SECONDS + 1)])
async def test_people_at_another_node_go_on_while_a_node_stands_still(
    newcomer: Newcomer,
    house: House,
    neighbour: House,
    begin: Callable[[Scene, SocketClient, Rows], Awaitable[None]],
    locked_seconds: float,
    record_property: Callable[[str, object], None],
) -> None:
    """It has a commit under way, or the list locked. What has happened is shown, once; continued, it is at work as before."""
    async with (
        two_nodes(newcomer, neighbour) as scene,
        rows(house.database_url) as having,
        SocketClient().connected(scene.ana, scene.homes.id) as ana,
        SocketClient().connected(scene.ben, scene.homes.id) as ben,
    ):
        await scene.ana.add_rows(scene.homes, [{}])
        pid, cell = house.pid, scene.homes.cell(0, NAME)
        await begin(scene, ana, having)
        with frozen(house):
            await having.let_go()
            seconds = await _saved(ben, scene, "Ben's first")
            record_property("seconds", round(seconds, 2))
            assert in_time(seconds, locked_seconds + SERVED_SECONDS_MAX)
            assert (ben.values[cell] == "Ana's") is (begin is _commit), "a commit has happened, a hold writes nothing"
            await asyncio.sleep(LONG_SECONDS)  # the time that it stands still
            assert in_time(await _saved(ben, scene, "Ben's second"), SERVED_SECONDS_MAX)
            assert ana.saved < ana.frames
        await ana.until_saved()
        for client in (ana, ben):
            await client.until(lambda client=client: client.values.get(_theirs(scene)) == "Ben's second")
            await client.until(lambda client=client: client.values[cell] == "Ana's")
        assert (house.running, house.pid) == (True, pid)
        await _nobody_is_blamed(scene, house)


@pytest.mark.rule("ROOM-54", "LOG-43")
@pytest.mark.timeout(120)
async def test_what_a_call_has_locked_at_a_node_that_stands_still_is_let_go_of(
    newcomer: Newcomer, house: House, neighbour: House
) -> None:
    """Ben's role is being changed there, and nobody can write as Ben meanwhile; then it has not been changed, and the call says so."""
    async with (
        two_nodes(newcomer, neighbour) as scene,
        rows(house.database_url) as having,
        SocketClient().connected(scene.ben, scene.homes.id) as ben,
    ):
        await scene.ana.add_rows(scene.homes, [{}])
        await having.have(_MEMBERS, scene.ben.id)
        call = asyncio.create_task(scene.ana("PATCH", scene.member(scene.ben), json={"role": "member"}))
        await having.waiting()
        with frozen(house):
            await having.let_go()
            assert in_time(await _saved(ben, scene, "Ben's"), IDLE_SECONDS_MAX + SERVED_SECONDS_MAX)
        answer = await call
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        await scene.set_role(scene.ben, "member")
        await _nobody_is_blamed(scene, house)


async def _saved(client: SocketClient, scene: Scene, value: str) -> float:
    """Write a cell; how long it took until that was saved, in seconds."""
    begun = asyncio.get_running_loop().time()
    await client.write({_theirs(scene): value})
    await client.until_saved()
    return asyncio.get_running_loop().time() - begun


def _theirs(scene: Scene) -> str:
    """The key of a cell that only Ben writes."""
    return scene.homes.cell(1, NAME)


async def _nobody_is_blamed(scene: Scene, house: House) -> None:
    """Each value stands in the audit once; no death is counted against the list, and soon people are let in again."""
    connection = await asyncpg.connect(house.database_url)
    try:
        said = await connection.fetch("SELECT new FROM facts WHERE list_id = $1 AND kind = 'cell'", scene.homes.id)
        assert len({row["new"] for row in said}) == len(said)
        for table in ("strikes", "quarantines"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table} WHERE list_id = $1", scene.homes.id) == 0
    finally:
        await connection.close()
    async with asyncio.timeout(WAITING_SECONDS_MAX):
        while not await _lets_in(scene):
            pass


async def _lets_in(scene: Scene) -> bool:
    """A node whose loop was late lets nobody in for a moment (ROOM-46)."""
    client = SocketClient()
    with suppress(ConnectionClosed):
        async with client.connected(scene.ana, scene.homes.id):
            return True
    assert client.closed is not None
    assert client.closed[0] == CloseCode.TRY_AGAIN_LATER
    return False
