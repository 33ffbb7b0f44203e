"""What honest stock clients send that looks like an attack: they are asked, and not turned away."""

from collections.abc import AsyncIterator

import pytest

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.house import House
from tests.e2e.stage import Stage, staged
from tests.e2e.stock_clients import StockClients


@pytest.fixture
async def stage(newcomer: Newcomer, stock: StockClients, sql: Sql, house: House) -> AsyncIterator[Stage]:
    """A list with three people at it."""
    async with staged(newcomer, stock, sql, house) as made:
        yield made


def turned_away(stage: Stage) -> list[int]:
    """The codes with which the server has closed connections of stock clients."""
    return [event["code"] for event in stage.stock.events if event["event"] == "close" and event["code"] >= 4000]


@pytest.mark.rule("ROOM-48")
async def test_who_comes_home_may_type_at_once(stage: Stage) -> None:
    """The first frame after the own question builds on edits that only the answer to the server's question brings."""
    ana, ben = await stage.enter("Ana"), await stage.enter("Ben")
    name = stage.key(0, "Name")
    await ben.go_offline()
    await ben.write({name: "typed on the train"})
    await ben.come_online(typing={name: "typed at the station"})
    await ana.sees(name, "typed at the station")
    await ben.write({stage.key(0, "Price"): 5})
    await ana.sees(stage.key(0, "Price"), 5)
    assert turned_away(stage) == []
    await stage.settle("no secret")


@pytest.mark.rule("ROOM-48", "ROOM-49")
async def test_two_tabs_of_which_one_has_lost_its_socket(stage: Stage) -> None:
    """They tell each other; the one that is connected builds on what the other has not sent, and brings both."""
    ana = await stage.enter("Ana")
    tab = await stage.enter("Ben", "tab", tabs=True)
    other = await stage.enter("Ben", "other", tabs=True)
    name = stage.key(0, "Name")
    await other.cut()
    await other.write({name: "by the tab without a socket"})
    await tab.sees(name, "by the tab without a socket")
    await tab.write({name: "on top of it"})
    await ana.sees(name, "on top of it")
    await other.write({name: "and again"})
    await tab.sees(name, "and again")
    await tab.write({name: "on top again"})
    await ana.sees(name, "on top again")
    await other.come_online()
    await other.write({name: "back"})
    await ana.sees(name, "back")
    assert turned_away(stage) == []
    await stage.settle("no secret")


@pytest.mark.rule("ROOM-52")
async def test_updates_may_be_merged(stage: Stage) -> None:
    """A client that sends several edits of one key as one merged update is understood by the server and by others."""
    ana, ben = await stage.enter("Ana"), await stage.enter("Ben")
    name = stage.key(0, "Name")
    await ben.merged((name, "one"), (name, "two"), (stage.key(1, "Price"), 7), (name, "three"))
    await ana.sees(name, "three")
    await ana.sees(stage.key(1, "Price"), 7)
    assert turned_away(stage) == []
    await stage.settle("no secret")
