"""A node whose memory is full keeps whom it has, and sends everybody else away before they cost anything."""

from collections.abc import Iterator
from contextlib import AsyncExitStack

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.e2e.attacks.raw_socket import BINARY, announced, raw_socket
from tests.e2e.attacks.siege import resident_bytes
from tests.e2e.conftest import Newcomer, running
from tests.e2e.house import House
from tests.e2e.socket_client import SocketClient
from tests.faults.waiting import until

SPARE_BYTES = 48 << 20
MESSAGES, MESSAGE_BYTES = 30, 4 << 20


@pytest.fixture
def narrow(house: House) -> Iterator[House]:
    """A second node on the shared server's database, which may hold little more than a fresh one does."""
    second = house.neighbour()
    for _ in running(second):
        fresh = resident_bytes(second.pid)
    second.settings["ROWHOUSE_MEMORY_BYTES_MAX"] = str(fresh + SPARE_BYTES)
    yield from running(second)


async def readiness(node: House, wanted: int) -> str:
    """What a node says of itself, once its answer has this status."""
    async with httpx.AsyncClient(base_url=node.url) as http:

        async def told() -> bool:
            return (await http.get("/readyz")).status_code == wanted

        await until(told, 20)
        return str((await http.get("/readyz")).json()["checks"]["node"])


@pytest.mark.rule("ROOM-67", "OPS-1")
async def test_a_node_whose_memory_is_full_takes_nobody_in(newcomer: Newcomer, narrow: House) -> None:
    """Half a hundred megabytes of unfinished messages: 503 and 1013 for whoever comes, even without a name; Ana's edit is saved."""
    owner = await newcomer("Ana")
    homes = await owner.make_list("Homes", [{"name": "Note", "type": "text"}])
    await owner.add_rows(homes, [{"Note": "-"}])
    ana, writer = owner.at(narrow.url), SocketClient()
    async with writer.connected(ana, homes.id), AsyncExitStack() as stack:
        assert await readiness(narrow, 200) == "ok"
        for _ in range(MESSAGES):
            raw = await stack.enter_async_context(raw_socket(ana, homes.id))
            await raw.send(announced(BINARY, MESSAGE_BYTES), b"\x00" * (MESSAGE_BYTES - 1))
        assert await readiness(narrow, 503) == "memory_full"
        for headers in ({"Authorization": f"Bearer {ana.token}"}, {}):
            async with connect(f"{narrow.socket_url}/{homes.id}", additional_headers=headers) as late:
                await late.wait_closed()
                assert late.close_code == 1013
        await writer.write({homes.cell(0, "Note"): "still here"})
        await writer.until_saved()
    await ana.http.aclose()
