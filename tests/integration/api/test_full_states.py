"""A node keeps full states in the background, opens lists from them, and serves nobody half a list."""

import asyncio
from typing import Any

import asyncpg
import pytest

from api.app import open_services
from api.settings import Settings
from api.verification import verify_lists
from realtime.verifying import Difference
from tests.integration.api.desk import Desk

ROWS = 12


async def sql(settings: Settings) -> Any:
    """A connection of its own to the test's database."""
    assert settings.database_url is not None
    return await asyncpg.connect(settings.database_url)


async def differences(settings: Settings) -> list[str]:
    """What verifying the database says."""
    assert settings.database_url is not None
    found: list[Difference] = []
    await verify_lists(settings.database_url, (), found.append)
    return [difference.line() for difference in found]


@pytest.mark.rule("LOG-14", "LOG-15")
async def test_a_node_keeps_states_by_itself(desk: Desk, settings: Settings) -> None:
    """A node that starts finds the long log and keeps its state; what follows lies after it, and everything agrees."""
    for number in range(ROWS):
        await desk.add({"Address": f"{number} Oak Lane"})
    connection = await sql(settings)
    try:
        eager = settings.model_copy(update={"state_tail_entries_max": ROWS // 2})
        async with open_services(eager, volatile_allowed=True) as node, asyncio.timeout(30):
            while await connection.fetchval("SELECT seq FROM documents") is None:
                await connection.fetchval("SELECT 1")
            opened = await node.store.open_list(desk.made["id"])
        assert opened is not None
        assert (opened.state_seq, len(opened.log)) == (ROWS + 1, 0)
        await desk.add({"Address": "After the state"})
        assert await differences(settings) == []
    finally:
        await connection.close()
    async with open_services(settings, volatile_allowed=True) as node:
        opened = await node.store.open_list(desk.made["id"])
        assert opened is not None
        assert (opened.state_seq, [entry.seq for entry in opened.log]) == (ROWS + 1, [ROWS + 2])


@pytest.mark.rule("LOG-17")
async def test_half_a_list_is_served_to_nobody(desk: Desk, settings: Settings) -> None:
    """With an entry of its log gone a list takes no edit, through any door, and nothing of it is changed."""
    connection = await sql(settings)
    try:
        await connection.execute("UPDATE lists SET head = head + 1")
        before = await connection.fetch("SELECT * FROM lists")
        status, said = await desk.call("POST", "/records", json={"records": [{"fields": {"Address": "Lost"}}]})
        assert (status, said["code"]) == (503, "busy")
        assert await connection.fetch("SELECT * FROM lists") == before
        assert await connection.fetchval("SELECT count(*) FROM records") == 0
        assert await connection.fetchval("SELECT count(*) FROM updates") == 1
    finally:
        await connection.close()
