"""Sockets that rest on an API key: as much as the key is worth, and no more."""

import pytest

from tests.e2e.conftest import Newcomer
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import StockClients


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner of the workspace."""
    return await newcomer("Ana")


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list with one row."""
    made = await ana.make_list("Homes", [{"name": "Price", "type": "number"}])
    await ana.add_rows(made, [{"Price": 100}])
    return made


@pytest.mark.rule("AUTH-15", "GATE-8")
async def test_a_read_only_key_reads_along(ana: Person, homes: List) -> None:
    """What it writes is refused and restored, though its owner may write; what others write arrives."""
    cell, owner, client, robot = homes.cell(0, "Price"), SocketClient(), SocketClient(), ana.at(ana.server)
    robot.token = (await ana.make("/api/keys", {"workspace_id": ana.workspace, "name": "Robot", "read_only": True}))[
        "key"
    ]
    async with robot.http, owner.connected(ana, homes.id), client.connected(robot, homes.id):
        await client.write({cell: 999})
        await client.until(lambda: bool(client.denied))
        await client.until_saved()
        assert client.denied[0]["refused"] == [{"key": cell, "reason": "role"}]
        assert client.values[cell] == 100
        await owner.write({cell: 101})
        await client.until(lambda: client.values[cell] == 101)


@pytest.mark.rule("AUTH-15", "ROOM-8")
async def test_a_key_follows_its_owners_role(ana: Person, homes: List, newcomer: Newcomer) -> None:
    """An editor's key edits; when they become a member, their key may not even comment any more."""
    ben = await newcomer("Ben")
    await ana.admit(ben, "editor")
    cell, client, robot = homes.cell(0, "Price"), SocketClient(), ben.at(ben.server)
    robot.token = (await ben.make("/api/keys", {"workspace_id": ana.workspace, "name": "Robot"}))["key"]
    async with robot.http, client.connected(robot, homes.id):
        await client.write({cell: 101})
        await client.until_saved()
        assert (
            await ana("PATCH", f"/api/workspaces/{ana.workspace}/members/{ben.id}", json={"role": "member"})
        ).is_success
        await client.until(lambda: {"type": "role", "role": "member"} in client.control)
        await client.write({"comment-id-0001": {"row": homes.rows[0], "author": ben.id}}, client.comments)
        await client.until(lambda: bool(client.denied))
        assert client.denied[0]["refused"] == [{"key": "comments/comment-id-0001", "reason": "role"}]


@pytest.mark.rule("AUTH-16")
async def test_a_stock_provider_opens_by_key(ana: Person, homes: List, stock: StockClients) -> None:
    """A key is a credential like any other to a provider that knows nothing of it."""
    robot = ana.at(ana.server)
    robot.token = (await ana.make("/api/keys", {"workspace_id": ana.workspace, "name": "Robot"}))["key"]
    async with robot.http:
        client = await stock.open(robot, homes.id)
        await client.write({homes.cell(0, "Price"): 102})
        await client.sees(homes.cell(0, "Price"), 102)
    owner = SocketClient()
    async with owner.connected(ana, homes.id):
        await owner.until(lambda: owner.values[homes.cell(0, "Price")] == 102)
