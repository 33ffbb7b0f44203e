"""Edits that come home late: made offline by stock Yjs clients, judged by the rights and columns of their return."""

from collections.abc import AsyncIterator

import pytest

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.house import House
from tests.e2e.stage import Stage, staged
from tests.e2e.stock_clients import StockClients

SECRET = "typed far from home"


@pytest.fixture
async def stage(newcomer: Newcomer, stock: StockClients, sql: Sql, house: House) -> AsyncIterator[Stage]:
    """A list with three people at it."""
    async with staged(newcomer, stock, sql, house) as made:
        yield made


@pytest.mark.rule("GATE-2", "GATE-40")
async def test_one_tab_brings_the_edits_of_two_home(stage: Stage) -> None:
    """Two tabs of one browser are edited offline; one of them uploads both: each key is judged, all replicas agree."""
    ana, tab, other = await stage.enter("Ana"), await stage.enter("Ben", "tab"), await stage.enter("Ben", "other")
    await stage.change_column("Note", locked=True)
    for client in (tab, other):
        await client.sees(f"{stage.homes.columns['Note']}:locked", value=True, root="columns")
        await client.go_offline()
    name, price = stage.key(0, "Name"), stage.key(0, "Price")
    await tab.write({name: "1 Quay", stage.key(0, "Note"): SECRET})
    await other.write({price: 5, stage.key(1, "Note"): f"{SECRET}, too"})
    await tab.share(other)
    await other.share(tab)
    await tab.come_online()
    await ana.sees(price, 5)
    await ana.sees(name, "1 Quay")
    await tab.sees(stage.key(0, "Note"), None)
    await tab.sees(stage.key(1, "Note"), None)
    await other.come_online()
    await other.sees(stage.key(1, "Note"), None)
    assert sorted((one.row, one.reason) for one in await stage.refused()) == sorted(
        (row, "locked_column") for row in stage.homes.rows[:2]
    )
    await other.write({price: 6})
    await tab.write({name: "2 Quay"})
    await ana.sees(price, 6)
    await ana.sees(name, "2 Quay")
    await stage.settle(SECRET)


@pytest.mark.rule("GATE-41")
async def test_an_editor_who_became_a_member_meanwhile(stage: Stage) -> None:
    """All that was edited offline in two tabs is refused and put back, and later edits are judged alike."""
    ana, tab, other = await stage.enter("Ana"), await stage.enter("Ben", "tab"), await stage.enter("Ben", "other")
    for client in (tab, other):
        await client.go_offline()
    name, price, note = (stage.key(0, column) for column in ("Name", "Price", "Note"))
    row = "row-of-ben-0000001"
    await tab.write({name: SECRET})
    await tab.write({name: f"{SECRET}, again", note: SECRET})
    await other.write({price: 5, f"r:{row}": "a5", f"c:{row}:{stage.homes.columns['Name']}": SECRET})
    await tab.share(other)
    await stage.give_role("Ben", "member")
    await other.come_online()
    await other.sees(name, "12 Oak Lane")
    await other.sees(price, 100)
    assert f"r:{row}" not in await other.read()
    await tab.come_online()
    await tab.sees(name, "12 Oak Lane")
    await tab.sees(note, None)
    refused = await stage.refused()
    assert {one.reason for one in refused} == {"role"}
    assert {one.actor for one in refused} == {stage.people["Ben"].id}
    assert [
        one.new for one in refused if one.column == stage.homes.columns["Name"] and one.row == stage.homes.rows[0]
    ] == [f"{SECRET}, again"]
    assert await ana.seen(name) in ([], ["12 Oak Lane"])
    await tab.write({name: SECRET})
    await tab.sees(name, "12 Oak Lane")
    await stage.settle(SECRET)


@pytest.mark.rule("GATE-41")
async def test_a_member_who_became_an_editor_meanwhile(stage: Stage) -> None:
    """All that was edited offline is taken."""
    ana, mia = await stage.enter("Ana"), await stage.enter("Mia")
    await mia.go_offline()
    name, price = stage.key(0, "Name"), stage.key(0, "Price")
    await mia.write({name: "Mia's Lane"})
    await mia.write({price: 7})
    await stage.give_role("Mia", "editor")
    await mia.come_online()
    await ana.sees(name, "Mia's Lane")
    await ana.sees(price, 7)
    assert await stage.refused() == []
    await stage.settle()


@pytest.mark.rule("GATE-41")
async def test_columns_changed_meanwhile(stage: Stage) -> None:
    """One column was locked, one deleted, one lost an option: those cells go back, the others are taken."""
    ana, ben = await stage.enter("Ana"), await stage.enter("Ben")
    await ben.go_offline()
    sold = stage.options["Sold"]
    edit = {
        stage.key(0, "Name"): "1 Quay",
        stage.key(0, "Note"): SECRET,
        stage.key(0, "Price"): 5,
        stage.key(0, "Status"): sold,
        stage.homes.element(0, "Tags", stage.options["Garage"]): True,
    }
    await ben.write(edit)
    await stage.change_column("Note", locked=True)
    await stage.delete_column("Price")
    await stage.change_column("Status", options=[{"id": stage.options["Active"], "label": "Active"}])
    await ben.come_online()
    await ana.sees(stage.key(0, "Name"), "1 Quay")
    await ben.sees(stage.key(0, "Note"), None)
    await ben.sees(stage.key(0, "Price"), 100)
    await ben.sees(stage.key(0, "Status"), None)
    await ana.sees(stage.homes.element(0, "Tags", stage.options["Garage"]), value=True)
    assert {(one.column, one.new, one.reason) for one in await stage.refused()} == {
        (stage.homes.columns["Note"], SECRET, "locked_column"),
        (stage.homes.columns["Price"], 5, "unknown_column"),
        (stage.homes.columns["Status"], sold, "invalid_value"),
    }
    await ben.write({stage.key(1, "Name"): "2 Quay"})
    await ana.sees(stage.key(1, "Name"), "2 Quay")
    await stage.settle(SECRET)


@pytest.mark.rule("GATE-41", "GATE-42")
async def test_a_row_trashed_meanwhile(stage: Stage) -> None:
    """An edit of a row that lies in the trash by now is kept with the row, and shows when it is restored."""
    ana, ben = await stage.enter("Ana"), await stage.enter("Ben")
    await ben.go_offline()
    await ben.write({stage.key(0, "Name"): "1 Quay"})
    await stage.trash_row(0)
    await ben.come_online()
    await ana.sees(stage.key(0, "Name"), "1 Quay")
    assert await stage.refused() == []
    await stage.settle()
    await stage.ask("POST", f"/api/lists/{stage.homes.id}/records/{stage.homes.rows[0]}/restore")
    record = await stage.people["Ana"].get(f"/api/lists/{stage.homes.id}/records/{stage.homes.rows[0]}")
    assert record["fields"]["Name"] == "1 Quay"
