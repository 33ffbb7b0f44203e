"""Every kind of edit that is refused, made by stock Yjs clients: it goes back, nobody sees it, the next edit works."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.house import House
from tests.e2e.stage import Refused, Stage, staged
from tests.e2e.stock_clients import StockClient, StockClients

SECRET = "nobody may read this"


@pytest.fixture
async def stage(newcomer: Newcomer, stock: StockClients, sql: Sql, house: House) -> AsyncIterator[Stage]:
    """A list with three people at it."""
    async with staged(newcomer, stock, sql, house) as made:
        yield made


async def goes_on(stage: Stage, client: StockClient, other: StockClient) -> None:
    """The client's next edit, which it may make, arrives: it has not reconnected."""
    key = "comment-" + client.name.lower() + "-0001"
    author = stage.people[client.name].id
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    body = {"row": stage.homes.rows[0], "author": author, "at": at, "body": "and yet", "mentions": []}
    await client.write({key: body}, root="comments")
    await other.sees(key, body, root="comments")
    closes = [event for event in stage.stock.events if event["event"] == "close"]
    assert closes == [], "nobody's connection was closed"


@pytest.mark.rule("GATE-8", "GATE-9", "GATE-44", "LOG-5")
@pytest.mark.parametrize("standing", [True, False], ids=["existing key", "new key"])
async def test_a_refused_value_goes_back(stage: Stage, standing: bool) -> None:  # noqa: FBT001 - a parameter
    """A member sets a cell that has a value, or has none: it goes back to what it was, for the member alone it moved."""
    mia, ben = await stage.enter("Mia"), await stage.enter("Ben")
    column, before = ("Name", "12 Oak Lane") if standing else ("Note", None)
    key = stage.key(0, column)
    await mia.write({key: SECRET})
    await mia.sees(key, before)
    assert await mia.seen(key) == [SECRET, before]
    assert await ben.seen(key) in ([], [before])
    assert await stage.refused() == [stage.refusal("Mia", 0, column, SECRET, "role")]
    await goes_on(stage, mia, ben)
    await stage.settle(SECRET)


@pytest.mark.rule("GATE-8", "GATE-12", "GATE-13")
async def test_a_refused_clear_and_deletions_go_back(stage: Stage) -> None:
    """Clearing a cell, deleting a colleague's key, and taking a row out of the document are put back whole."""
    mia, ben = await stage.enter("Mia"), await stage.enter("Ben")
    name, price, row = stage.key(0, "Name"), stage.key(0, "Price"), f"r:{stage.homes.rows[0]}"
    position = (await ben.read())[row]
    await mia.write({name: None})
    await mia.sees(name, "12 Oak Lane")
    await mia.remove(price)
    await mia.sees(price, 100)
    await ben.remove(row)
    await ben.sees(row, position)
    assert await stage.refused() == [
        stage.refusal("Mia", 0, "Name", None, "role"),
        stage.refusal("Mia", 0, "Price", None, "role"),
        Refused(stage.people["Ben"].id, "row", stage.homes.rows[0], None, None, "role"),
    ]
    await ben.write({price: 5})
    await mia.sees(price, 5)
    await goes_on(stage, mia, ben)
    await stage.settle()


@pytest.mark.rule("GATE-8", "GATE-18")
async def test_what_is_allowed_of_an_edit_stands(stage: Stage) -> None:
    """Of several keys in one transaction each is judged for itself: cells, elements, an option that is none, a locked column."""
    await stage.change_column("Note", locked=True)
    ben, ana = await stage.enter("Ben"), await stage.enter("Ana")
    keys = {name: stage.key(0, name) for name in ("Name", "Price", "Note", "Status")}
    garage = stage.homes.element(0, "Tags", stage.options["Garage"])
    unknown = stage.homes.element(0, "Tags", "opt-unknown-00001")
    edit: dict[str, Any] = {
        keys["Name"]: "1 New Street",
        keys["Price"]: "a secret price",
        keys["Note"]: SECRET,
        keys["Status"]: "opt-unknown-00001",
        garage: True,
        unknown: True,
        f"c:row-unknown-000001:{stage.homes.columns['Name']}": SECRET,
        f"c:{stage.homes.rows[0]}:col-unknown-000001": SECRET,
    }
    await ben.write(edit)
    await ben.sees(keys["Price"], 100)
    await ana.sees(keys["Name"], "1 New Street")
    await ana.sees(garage, value=True)
    held = await ben.read()
    assert {key: held.get(key) for key in edit} == dict.fromkeys(edit) | {
        keys["Name"]: "1 New Street",
        keys["Price"]: 100,
        garage: True,
    }
    reasons = {refused.reason for refused in await stage.refused()}
    assert reasons == {"invalid_value", "locked_column", "unknown_row", "unknown_column"}
    assert len(await stage.refused()) == 6
    assert await ana.seen(keys["Note"]) in ([], [None])
    await stage.settle(SECRET, "a secret price")


@pytest.mark.rule("GATE-8", "GATE-18")
async def test_a_refused_new_row_leaves_nothing_behind(stage: Stage) -> None:
    """A member makes a row with its cells in one edit: row and cells vanish, and the next row of an editor stands."""
    mia, ben = await stage.enter("Mia"), await stage.enter("Ben")
    row, column = "row-of-mia-0000001", stage.homes.columns["Name"]
    await mia.write({f"r:{row}": "a5", f"c:{row}:{column}": SECRET})
    await mia.sees(f"c:{row}:{column}", None)
    assert f"r:{row}" not in await mia.read()
    refused = await stage.refused()
    assert [(one.kind, one.row, one.reason) for one in refused] == [("row", row, "role"), ("cell", row, "role")]
    other = "row-of-ben-0000001"
    await ben.write({f"r:{other}": "a6", f"c:{other}:{column}": "1 Quay"})
    await mia.sees(f"c:{other}:{column}", "1 Quay")
    await stage.settle(SECRET)


@pytest.mark.rule("GATE-8", "GATE-10", "GATE-15", "GATE-16")
async def test_comments_views_columns_and_settings_go_back(stage: Stage) -> None:
    """What is refused in the other roots is put back, too: someone else's comment, a shared view, a column, the name."""
    mia, ben = await stage.enter("Mia"), await stage.enter("Ben")
    await goes_on(stage, ben, mia)
    theirs, price = "comment-ben-0001", stage.homes.columns["Price"]
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    forged = {"row": stage.homes.rows[0], "author": stage.people["Ben"].id, "at": at, "body": SECRET, "mentions": []}
    await mia.write({f"{theirs}:body": SECRET}, root="comments")
    await mia.write({"comment-forged-01": forged}, root="comments")
    await mia.write({"view-of-mia-000001:name": SECRET}, root="views")
    await mia.write({f"{price}:name": SECRET}, root="columns")
    await mia.write({"name": SECRET}, root="meta")
    await mia.sees("name", "Homes", root="meta")
    assert await mia.read("comments") == await ben.read("comments")
    assert await mia.read("views") == {}
    assert (await mia.read("columns"))[f"{price}:name"] == "Price"
    assert [(one.kind, one.reason) for one in await stage.refused()] == [
        ("comment", "not_author"),
        ("comment", "not_author"),
        ("view", "role"),
        ("column", "role"),
        ("meta", "role"),
    ]
    await goes_on(stage, mia, ben)
    await stage.settle(SECRET)


@pytest.mark.rule("GATE-43")
async def test_undo_and_redo_of_refused_edits(stage: Stage) -> None:
    """A member undoes and redoes what was refused, over and over: the old value stands, and the history still works."""
    mia, ben = await stage.enter("Mia"), await stage.enter("Ben")
    name, note = stage.key(0, "Name"), stage.key(0, "Note")
    await mia.track()
    for key in (name, note, name):
        await mia.write({key: SECRET})
        await mia.sees(key, "12 Oak Lane" if key == name else None)
    for step in (mia.undo, mia.undo, mia.redo, mia.undo, mia.redo, mia.redo):
        await step()
    await stage.settle(SECRET)
    assert set(await ben.seen(name)) <= {"12 Oak Lane"}
    held = await mia.read()
    assert (held[name], held.get(note)) == ("12 Oak Lane", None)
    await stage.give_role("Mia", "editor")
    await mia.write({name: "Mia's Lane"})
    await ben.sees(name, "Mia's Lane")
    assert await mia.undo()
    await ben.sees(name, "12 Oak Lane")
    await stage.settle(SECRET)


@pytest.mark.rule("GATE-44")
async def test_a_thousand_refused_edits_in_one(stage: Stage) -> None:
    """A paste of a thousand cells is refused as one edit: each key is told, audited and put back, and the room goes on."""
    mia, ben = await stage.enter("Mia"), await stage.enter("Ben")
    records = [{"Name": f"{number} Oak Lane"} for number in range(500)]
    made = await stage.people["Ana"].add_rows(stage.homes, records)
    first = len(stage.homes.rows) - len(made)
    await mia.sees(stage.key(len(stage.homes.rows) - 1, "Name"), "499 Oak Lane")
    keys = [stage.key(first + row, column) for row in range(500) for column in ("Name", "Note")]
    await mia.write({key: f"{SECRET} {number}" for number, key in enumerate(keys)})
    await mia.sees(keys[-1], None)
    await mia.sees(keys[0], "0 Oak Lane")
    assert len(await stage.refused()) == 1_000
    await ben.write({keys[0]: "0 Elm Lane"})
    await mia.sees(keys[0], "0 Elm Lane")
    await goes_on(stage, mia, ben)
    await stage.settle(SECRET)
