"""A large honest upload under the watchdog, at a node that gives small work little time, and stops in the middle of it."""

import asyncio
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from fractional_indexing import generate_n_keys_between

from realtime.blackbox import BYTES_PER_SECOND_MIN
from tests.e2e.conftest import Sql, newcomers, running
from tests.e2e.frozen import frozen
from tests.e2e.house import House
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.timing import in_time

NAME = "Name"
ROWS = 24_000
SMALL_WORK_SECONDS = 0.5
LOOK_SECONDS = 0.1
PASTED_AT_ONCE = 1_000
COMMITS_MIN = 4
STARTED_SECONDS_MAX = 20.0
NEXT_SECONDS_MAX = 4.0
"""Generous; who is charged for the time that the node stood still is not read for ten seconds or more."""


def working_on(house: House) -> str:
    """The list that the node's event loop is deciding about, as its black box says; empty for none."""
    (marks,) = (house.folder / "black-boxes").glob("*.marks")
    slot = marks.read_bytes()
    return slot[9 : 9 + slot[8]].decode()


@pytest.mark.rule("ROOM-56", "ROOM-40", "ROOM-25")
@pytest.mark.timeout(120)
async def test_an_upload_is_taken_in_though_the_node_stands_still_in_the_middle_of_it(
    house: House, sql: Sql, make_state_folder: Callable[[], Path]
) -> None:
    """It needs more time than small work has, and the node is stopped for longer than the limit: it goes on, and nobody is blamed."""
    node = House(
        make_state_folder(),
        served=house.database_url,
        ROWHOUSE_DOCUMENT_WORK_SECONDS_MAX=str(SMALL_WORK_SECONDS),
    )
    with contextmanager(running)(node):
        async with newcomers(node) as newcomer:
            ana = await newcomer("Ana")
            grid = await ana.make_list("Grid", [{"name": NAME, "type": "text"}])
            client = SocketClient()
            async with client.connected(ana, grid.id):
                pass
            client.make(_new_rows(grid))
            limit = SMALL_WORK_SECONDS + len(client.doc.get_update()) / BYTES_PER_SECOND_MIN
            pid = node.pid
            connected = asyncio.create_task(_bring_home(client, ana, grid))
            await _until_it_works_on(node, grid.id)
            with frozen(node):
                assert working_on(node) == grid.id, "it stands still in the middle of the decision"
                await asyncio.sleep(limit + 1)  # the time that it stands still
            await connected
            assert (node.running, node.pid) == (True, pid)
        assert await sql.fetchval("SELECT count(*) FROM records WHERE list_id = $1", grid.id) == ROWS
        assert await sql.fetchval("SELECT count(*) FROM strikes WHERE list_id = $1", grid.id) == 0


@pytest.mark.rule("ROOM-59")
@pytest.mark.timeout(120)
async def test_a_colleague_is_served_while_a_paste_comes_in(house: House, sql: Sql) -> None:
    """An edit in another list that is sent after the whole of a paste is saved before it; the paste is committed bit by bit."""
    async with newcomers(house) as newcomer:
        ana, ben = await newcomer("Ana"), await newcomer("Ben")
        grids = [await someone.make_list("Grid", [{"name": NAME, "type": "text"}]) for someone in (ana, ben)]
        pasting, editing = SocketClient(), SocketClient()
        async with pasting.connected(ana, grids[0].id), editing.connected(ben, grids[1].id):
            rows = list(_new_rows(grids[0]).items())
            parts = [dict(rows[first : first + PASTED_AT_ONCE]) for first in range(0, len(rows), PASTED_AT_ONCE)]
            updates = [pasting.make(part) for part in parts]
            frames = [await pasting.send_edit(update) for update in updates]
            await editing.write({"r:row-00000000": "a0"})
            await editing.until_saved()
            assert pasting.saved < frames[-1], "the paste is still on its way"
            await pasting.until(lambda: pasting.saved >= frames[-1])
        counted = "SELECT count(DISTINCT batch_id) FROM updates WHERE list_id = $1"
        assert await sql.fetchval(counted, grids[0].id) >= COMMITS_MIN


def _new_rows(grid: List) -> dict[str, str]:
    rows = [f"row-{number:08}" for number in range(ROWS)]
    places = {f"r:{row}": place for row, place in zip(rows, generate_n_keys_between(None, None, n=ROWS), strict=True)}
    return places | {f"c:{row}:{grid.columns[NAME]}": "x" for row in rows}


async def _bring_home(client: SocketClient, someone: Person, grid: List) -> None:
    """Come back with all that was written offline, stay until it is saved, and go on at once."""
    async with client.connected(someone, grid.id):
        await client.until_saved()
        begun = asyncio.get_running_loop().time()
        await client.write({f"c:row-00000000:{grid.columns[NAME]}": "y"})
        await client.until_saved()
        assert in_time(asyncio.get_running_loop().time() - begun, NEXT_SECONDS_MAX)


async def _until_it_works_on(node: House, list_id: str) -> None:
    """Come back when the node has worked on a list for a while: it is the upload."""
    looks = 0
    async with asyncio.timeout(STARTED_SECONDS_MAX):
        while looks < 3:
            looks = looks + 1 if working_on(node) == list_id else 0
            await asyncio.sleep(LOOK_SECONDS)
