"""Presence: people appear and disappear in each other's clients, as who they are."""

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
async def mia(newcomer: Newcomer, ana: Person) -> Person:
    """A member of Ana's workspace; members are seen, too."""
    member = await newcomer("Mia")
    await ana.admit(member, "member")
    return member


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list without rows."""
    return await ana.make_list("Homes", [{"name": "Name", "type": "text"}])


@pytest.mark.rule("PRES-5", "PRES-6")
async def test_people_appear_and_disappear(ana: Person, mia: Person, homes: List, stock: StockClients) -> None:
    """A cursor appears for the other, moves, and is gone as soon as its client is."""
    one, other = await stock.open(ana, homes.id), await stock.open(mia, homes.id)
    await other.present({"cell": "first"})
    assert (await one.sees_present(other))["cell"] == "first"
    late = await stock.open(ana, homes.id, "late")
    assert (await late.sees_present(other))["cell"] == "first", "newcomers see everyone at once"
    await other.close()
    await one.sees_gone(other)
    await late.sees_gone(other)


@pytest.mark.rule("PRES-6")
async def test_a_dead_socket_disappears(ana: Person, mia: Person, homes: List, stock: StockClients) -> None:
    """Who loses the connection without a goodbye is gone for the others."""
    watcher = await stock.open(ana, homes.id)
    ghost = SocketClient()
    async with ghost.connected(mia, homes.id):
        await ghost.send_presence(ghost.doc.client_id, 1, {"cell": "here"})
        stand_in = type(watcher)(stock, "ghost", ghost.doc.client_id)
        await watcher.sees_present(stand_in)
        ghost.cut()
    await watcher.sees_gone(stand_in)


@pytest.mark.rule("PRES-1")
async def test_nobody_appears_as_somebody_else(ana: Person, mia: Person, homes: List, stock: StockClients) -> None:
    """The server writes who someone is, whatever their client says."""
    one, other = await stock.open(ana, homes.id), await stock.open(mia, homes.id)
    await other.present({"user": {"id": ana.id, "name": "Ana", "hue": 1}, "cell": "x"})
    state = await one.sees_present(other)
    assert state["user"]["id"] == mia.id
    assert state["user"]["name"] == "Mia"
