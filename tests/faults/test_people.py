"""What people and programs meet while the database or their node is away, and how they go on when it is back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.e2e.people import List, Person, person
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import stock_clients
from tests.faults.installation import Installation, installation
from tests.faults.proxy import Proxy


@dataclass
class Scene:
    """One node behind an address that stays when the node is started again."""

    whole: Installation
    address: Proxy
    ana: Person
    homes: List

    async def start_again(self) -> None:
        """Start the node again; the address leads to it."""
        (node,) = self.whole.nodes
        await asyncio.to_thread(node.start)
        self.address.upstream = int(node.url.rpartition(":")[2])


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """Ana and her list with three rows."""
    async with installation(folder, 1) as whole:
        address = Proxy(int(whole.nodes[0].url.rpartition(":")[2]))
        await address.start()
        ana = await person(f"http://127.0.0.1:{address.port}", "Ana").register()
        homes = await ana.make_list("Homes", [{"name": "Note", "type": "text"}])
        await ana.add_rows(homes, [{}] * 3)
        yield Scene(whole, address, ana, homes)
        await ana.http.aclose()
        await address.stop()


@pytest.mark.rule("ROOM-63", "ROOM-64")
async def test_people_and_programs_go_on_by_themselves(make_state_folder: Callable[[], Path]) -> None:
    """The database goes and comes back, then the node is killed: nobody loads anything again, and nothing is lost."""
    async with scene(make_state_folder()) as here, stock_clients() as stock:
        client = SocketClient()
        cells = [here.homes.cell(row, "Note") for row in range(3)]
        async with client.connected(here.ana, here.homes.id):
            ben = await stock.open(here.ana, here.homes.id, "Ben")
            await _without_a_database(here, client, cells)
            await ben.sees(cells[0], "written meanwhile")
            newcomer = await stock.open(here.ana, here.homes.id, "newcomer")
            await newcomer.sees(cells[0], "written meanwhile")
            assert not [event for event in stock.events if event["event"] == "close"], "every socket has stayed open"

            await asyncio.to_thread(here.whole.nodes[0].kill)
            await client.until_closed()
        await ben.closed()
        await ben.write({cells[1]: "written offline"})
        await here.start_again()
        await newcomer.sees(cells[1], "written offline")
        async with SocketClient().connected(here.ana, here.homes.id) as fresh:
            assert [fresh.values.get(cell) for cell in cells[:2]] == ["written meanwhile", "written offline"]


async def _without_a_database(here: Scene, client: SocketClient, cells: list[str]) -> None:
    """Programs are told to come back later; an edit waits, is not said to be saved, and is when the database is back."""
    here.whole.to_database.refuse()
    number = await client.write({cells[0]: "written meanwhile"})
    for method, path, body in (
        ("GET", f"/api/lists/{here.homes.id}/records", None),
        ("POST", f"/api/lists/{here.homes.id}/records", {"records": [{"fields": {"Note": "no"}}]}),
        ("GET", "/readyz", None),
    ):
        answer = await here.ana(method, path, json=body)
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE, answer.text
        assert answer.headers["retry-after"]
    assert client.saved < number
    assert client.closed is None
    here.whole.to_database.heal()
    await client.until_saved()
