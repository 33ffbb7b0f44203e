"""The keeper of a node makes full states in a process of its own. That process stands still: alone, with its node, and when the node ends."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import asyncpg
import pytest

from tests.e2e.conftest import newcomers
from tests.e2e.frozen import frozen, stopped
from tests.e2e.house import House
from tests.e2e.people import List
from tests.e2e.socket_client import SocketClient
from tests.timing import in_time

NAME = "Name"
EDITS, TAIL_ENTRIES_MAX = 30, 20
WAITING_SECONDS_MAX = 20.0
SERVED_SECONDS_MAX = 1.5
"""Generous: how long an edit takes."""
LONG_SECONDS = 1.0
LOOK_SECONDS = 0.02


def stop_what_condenses_for(node: House) -> int:
    """Wait until a process condenses for a node, and stop it; its process id."""
    until = monotonic() + WAITING_SECONDS_MAX
    while monotonic() < until:
        keeping = _condensing_for(node.pid) if node.running else None
        if keeping is not None:
            os.kill(keeping, signal.SIGSTOP)
            while not stopped(keeping):
                pass
            return keeping
        sleep(LOOK_SECONDS)
    raise AssertionError(f"nothing was condensed: {node.log()}")


def _condensing_for(node: int) -> int | None:
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            command = (place / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == node and b"realtime.condensing" in command:
            return int(place.name)
    return None


@asynccontextmanager
async def node_with_a_frozen_keeper(node: House) -> AsyncIterator[int]:
    """Start a node; the process that its keeper begins at once is stopped before it is done."""
    starting = asyncio.create_task(asyncio.to_thread(node.start))
    try:
        keeping = await asyncio.to_thread(stop_what_condenses_for, node)
        await starting
        yield keeping
    finally:
        await starting
        await asyncio.to_thread(node.stop)


@pytest.mark.rule("OPS-54", "ROOM-54")
@pytest.mark.timeout(120)
async def test_nobody_waits_for_a_keeper_that_stands_still(own_house: House) -> None:
    """People write at its node, and at another one while its node stands still as well; then its state is kept. With its node it ends."""
    node = own_house.neighbour()
    node.settings |= {"ROWHOUSE_STATE_TAIL_ENTRIES_MAX": str(TAIL_ENTRIES_MAX)}
    sql = await asyncpg.connect(own_house.database_url)
    async with newcomers(own_house) as newcomer:
        ana = await newcomer("Ana")
        grid = await ana.make_list("Grid", [{"name": NAME, "type": "text"}])
        await ana.add_rows(grid, [{}])
        async with SocketClient().connected(ana, grid.id) as here:
            await _write(here, grid, EDITS)
            async with node_with_a_frozen_keeper(node) as keeping:
                async with SocketClient().connected(replace(ana, server=node.url), grid.id) as there:
                    await _write(there, grid, 1)
                    with frozen(node):
                        await _write(here, grid, 1)
                        await asyncio.sleep(LONG_SECONDS)  # the time that both stand still
                    await _write(there, grid, 1)
                assert await _kept(sql, grid) is None
                os.kill(keeping, signal.SIGCONT)
                async with asyncio.timeout(WAITING_SECONDS_MAX):
                    while await _kept(sql, grid) is None:
                        pass
            await _write(here, grid, EDITS)
            async with node_with_a_frozen_keeper(node) as keeping:
                await asyncio.to_thread(node.terminate)
                assert not Path(f"/proc/{keeping}").exists()
    await sql.close()
    assert "no state kept" not in node.log()
    assert "Traceback" not in node.log(), node.log()


async def _write(client: SocketClient, grid: List, edits: int) -> None:
    """Edit a cell so many times, each saved in time."""
    loop = asyncio.get_running_loop()
    for number in range(edits):
        begun = loop.time()
        await client.write({grid.cell(0, NAME): f"{begun} {number}"})
        await client.until_saved()
        assert in_time(loop.time() - begun, SERVED_SECONDS_MAX)


async def _kept(sql: asyncpg.Connection, grid: List) -> int | None:
    """The number of the state that is kept of the list."""
    kept: int | None = await sql.fetchval("SELECT seq FROM documents WHERE list_id = $1", grid.id)
    return kept
