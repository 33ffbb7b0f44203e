"""Presence between stock clients on both sides: y-websocket's own awareness protocol, unchanged.

Where nothing may come from a timer, clients are opened with `renews=False`: a stock client renews its state every
15 seconds, which would hide that something was not shown at once.
"""

import asyncio
from collections.abc import Awaitable

import pytest

from tests.e2e.conftest import Newcomer
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import StockClients

OUTDATED_SECONDS = 31
RENEWAL_SECONDS = 16


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner of the workspace."""
    return await newcomer("Ana")


@pytest.fixture
async def mia(newcomer: Newcomer, ana: Person) -> Person:
    """A member."""
    member = await newcomer("Mia")
    await ana.admit(member, "member")
    return member


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list without rows."""
    return await ana.make_list("Homes", [{"name": "Name", "type": "text"}])


async def meanwhile(expected: Awaitable[object], act: Awaitable[object]) -> None:
    """Wait for what an act brings about, from before it."""
    waiting = asyncio.ensure_future(expected)
    await act
    await waiting


@pytest.mark.rule("PRES-2", "PRES-3", "PRES-10")
async def test_echoes_are_not_sent_on(ana: Person, mia: Person, homes: List, stock: StockClients) -> None:
    """Both clients send back whatever they are shown; everybody is shown each state once."""
    watcher = SocketClient()
    async with watcher.connected(ana, homes.id):
        one, other = await stock.open(ana, homes.id), await stock.open(mia, homes.id)
        for number in range(5):
            await one.present({"cell": f"one {number}"})
            await other.present({"cell": f"other {number}"})
            for client in (one, other):
                await watcher.until(
                    lambda client=client, number=number: (  # type: ignore[misc]
                        watcher.presence.get(client.client, {}).get("cell", "").endswith(f" {number}")
                    )
                )
        assert len(set(watcher.presence_seen)) == len(watcher.presence_seen)
        assert (await one.sees_present(other))["user"]["name"] == "Mia"
        assert (await other.sees_present(one))["user"]["name"] == "Ana"
        assert [event for event in stock.events if event["event"] == "close"] == []


@pytest.mark.rule("PRES-6", "PRES-8")
async def test_who_hides_may_come_back(ana: Person, mia: Person, homes: List, stock: StockClients) -> None:
    """`setLocalState(null)` takes a client off every screen, another state brings it back."""
    one, other = await stock.open(ana, homes.id, renews=False), await stock.open(mia, homes.id, renews=False)
    for number in range(3):
        await other.present({"cell": f"here {number}"})
        assert (await one.sees_present(other))["user"]["id"] == mia.id
        await other.present(None)
        await one.sees_gone(other)


@pytest.mark.rule("PRES-6", "PRES-8")
async def test_who_reconnects_is_shown_at_once(ana: Person, mia: Person, homes: List, stock: StockClients) -> None:
    """The same client id with the same clock, after everybody saw it go: it is back, and nothing had to be renewed."""
    one, other = await stock.open(ana, homes.id, renews=False), await stock.open(mia, homes.id, renews=False)
    await other.present({"cell": "here"})
    await one.sees_present(other)
    for _ in range(3):
        await meanwhile(one.sees_gone(other), other.drop())
        assert (await one.sees_present(other))["cell"] == "here"


@pytest.mark.rule("PRES-6")
@pytest.mark.parametrize("tabs", [False, True], ids=["two browsers", "two tabs of one browser"])
async def test_a_tab_that_dies_is_gone_at_once(
    ana: Person, mia: Person, homes: List, stock: StockClients, *, tabs: bool
) -> None:
    """Though the same person's other tab has sent on everything that the first one showed."""
    one = await stock.open(ana, homes.id, renews=False)
    first = await stock.open(mia, homes.id, "first", tabs=tabs, renews=False)
    second = await stock.open(mia, homes.id, "second", tabs=tabs, renews=False)
    for number in range(5):
        await first.present({"cell": f"first {number}"})
        await second.present({"cell": f"second {number}"})
        await second.sees_present(first)
    await one.sees_present(first)
    await meanwhile(one.sees_gone(first), first.crash())
    assert (await one.sees_present(second))["user"]["id"] == mia.id
    await second.present({"cell": "still here"})
    await second.close()
    await one.sees_gone(second)


@pytest.mark.rule("PRES-6", "PRES-8")
async def test_a_tab_without_a_socket_is_shown_by_another(
    ana: Person, mia: Person, homes: List, stock: StockClients
) -> None:
    """A tab that loses its connection lives on in the other one, which sends on what it says."""
    one = await stock.open(ana, homes.id, renews=False)
    first = await stock.open(mia, homes.id, "first", tabs=True, renews=False)
    await stock.open(mia, homes.id, "second", tabs=True, renews=False)
    await first.present({"cell": "before"})
    await one.sees_present(first)
    await first.drop()
    await first.present({"cell": "after"})
    watcher = SocketClient()
    async with watcher.connected(ana, homes.id):
        await watcher.until(lambda: watcher.presence.get(first.client, {}).get("cell") == "after")
        assert watcher.presence[first.client]["user"]["id"] == mia.id


@pytest.mark.rule("PRES-2", "PRES-3")
async def test_a_colleagues_clock_removes_nobody(ana: Person, mia: Person, homes: List, stock: StockClients) -> None:
    """A client for which 30 seconds have passed forgets the others, and tells; a renewal brings them back to it alone."""
    one, other = await stock.open(ana, homes.id), await stock.open(mia, homes.id)
    late = await stock.open(ana, homes.id, "late")
    await other.present({"cell": "here"})
    for client in (one, late):
        await client.sees_present(other)
    await meanwhile(one.sees_gone(other), one.elapse(OUTDATED_SECONDS))
    newcomer = await stock.open(mia, homes.id, "newcomer")
    assert (await newcomer.sees_present(other))["cell"] == "here"
    await other.elapse(RENEWAL_SECONDS)
    assert (await one.sees_present(other))["cell"] == "here"
    assert (await late.sees_present(other))["cell"] == "here"
