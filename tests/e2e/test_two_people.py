"""Two people with stock Yjs clients edit one list: everything survives, everyone converges, SQL agrees."""

import json

import pytest

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.people import List, Person
from tests.e2e.stock_clients import StockClients

COLUMNS = [{"name": "Name", "type": "text"}, {"name": "Price", "type": "number"}, {"name": "Note", "type": "text"}]


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner of the workspace."""
    return await newcomer("Ana")


@pytest.fixture
async def ben(newcomer: Newcomer, ana: Person) -> Person:
    """An editor in Ana's workspace."""
    editor = await newcomer("Ben")
    await ana.admit(editor, "editor")
    return editor


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list with two rows."""
    made = await ana.make_list("Homes", COLUMNS)
    await ana.add_rows(made, [{"Name": "12 Oak Lane", "Price": 100}, {"Name": "7 Elm Court", "Price": 200}])
    return made


@pytest.mark.rule("WEB-4", "SNAP-6", "GATE-9")
async def test_different_cells_of_a_row_both_survive(
    ana: Person, ben: Person, homes: List, stock: StockClients, sql: Sql
) -> None:
    """Two sessions edit different cells of one row at the same moment; both values stand, for both and in SQL."""
    left, right = await stock.open(ana, homes.id), await stock.open(ben, homes.id)
    await left.write({homes.cell(0, "Price"): 425000})
    await right.write({homes.cell(0, "Note"): "key at the agency"})
    for client in (left, right):
        await client.sees(homes.cell(0, "Price"), 425000)
        await client.sees(homes.cell(0, "Note"), "key at the agency")
    kept = await sql.fetchval("SELECT data FROM records WHERE list_id = $1 AND row_id = $2", homes.id, homes.rows[0])
    assert json.loads(kept) == {
        homes.columns["Name"]: "12 Oak Lane",
        homes.columns["Price"]: 425000,
        homes.columns["Note"]: "key at the agency",
    }
    assert (await left.read()) == (await right.read())


@pytest.mark.rule("ROOM-12")
async def test_the_same_cell_converges(ana: Person, ben: Person, homes: List, stock: StockClients, sql: Sql) -> None:
    """Two sessions write one cell over and over; everyone ends with one value, which a newcomer and SQL see, too."""
    left, right = await stock.open(ana, homes.id), await stock.open(ben, homes.id)
    cell = homes.cell(1, "Note")
    for number in range(30):
        await left.write({cell: f"ana {number}"})
        await right.write({cell: f"ben {number}"})
    await left.write({homes.cell(0, "Note"): "ana is done"})
    await right.write({homes.cell(1, "Price"): 1})
    await right.sees(homes.cell(0, "Note"), "ana is done")
    await left.sees(homes.cell(1, "Price"), 1)
    newcomer = await stock.open(ana, homes.id, "newcomer")
    left_values, right_values, fresh_values = await left.read(), await right.read(), await newcomer.read()
    assert left_values == right_values == fresh_values
    assert left_values[cell] in {"ana 29", "ben 29"}
    kept = await sql.fetchval("SELECT data FROM records WHERE list_id = $1 AND row_id = $2", homes.id, homes.rows[1])
    assert json.loads(kept)[homes.columns["Note"]] == left_values[cell]


@pytest.mark.rule("WEB-4", "SNAP-6")
async def test_concurrent_links_both_survive(
    ana: Person, ben: Person, homes: List, stock: StockClients, sql: Sql
) -> None:
    """Two people add a different link to the same cell at the same moment; both links stand."""
    config = {"list": homes.id}
    owners = await ana.make_list(
        "Owners", [{"name": "Name", "type": "text"}, {"name": "Homes", "type": "link", "config": config}]
    )
    await ana.add_rows(owners, [{"Name": "J. Ito"}])
    left, right = await stock.open(ana, owners.id), await stock.open(ben, owners.id)
    first, second = (owners.element(0, "Homes", row) for row in homes.rows)
    await left.write({first: True})
    await right.write({second: True})
    for client in (left, right):
        await client.sees(first, True)
        await client.sees(second, True)
    linked = await sql.fetch("SELECT target_row_id FROM links WHERE list_id = $1", owners.id)
    assert {row["target_row_id"] for row in linked} == set(homes.rows)
    record = await ben.get(f"/api/lists/{owners.id}/records/{owners.rows[0]}")
    assert set(record["fields"]["Homes"]) == set(homes.rows)


@pytest.mark.rule("API-7")
async def test_rest_and_sockets_are_one_write_path(ana: Person, ben: Person, homes: List, stock: StockClients) -> None:
    """What is written over HTTP appears in an open client, and what a client writes is read over HTTP."""
    client = await stock.open(ben, homes.id)
    answer = await ana("PATCH", f"/api/lists/{homes.id}/records/{homes.rows[0]}", json={"fields": {"Price": 7}})
    assert answer.status_code == 200, answer.text
    await client.sees(homes.cell(0, "Price"), 7)
    watching = await stock.open(ana, homes.id)
    await client.write({homes.cell(0, "Price"): 8})
    await watching.sees(homes.cell(0, "Price"), 8)
    record = await ana.get(f"/api/lists/{homes.id}/records/{homes.rows[0]}")
    assert record["fields"]["Price"] == 8


@pytest.mark.rule("LOG-1", "LOG-4", "SNAP-6", "ROOM-13")
async def test_rows_facts_and_log_agree_with_the_document(
    ana: Person, ben: Person, homes: List, stock: StockClients, sql: Sql
) -> None:
    """After honest editing by two people the rows, the replayed facts and the document say the same."""
    left, right = await stock.open(ana, homes.id), await stock.open(ben, homes.id)
    for number in range(20):
        await left.write({homes.cell(number % 2, "Price"): number, homes.cell(0, "Note"): f"ana {number}"})
        await right.write({homes.cell((number + 1) % 2, "Price"): -number, homes.cell(1, "Note"): f"ben {number}"})
    await left.write({homes.cell(0, "Name"): "left is done"})
    await right.write({homes.cell(1, "Name"): "right is done"})
    await right.sees(homes.cell(0, "Name"), "left is done")
    await left.sees(homes.cell(1, "Name"), "right is done")
    document = {key: value for key, value in (await left.read()).items() if key.startswith("c:")}
    assert document == {key: value for key, value in (await right.read()).items() if key.startswith("c:")}
    rows = await sql.fetch("SELECT row_id, data FROM records WHERE list_id = $1", homes.id)
    assert document == {
        f"c:{row['row_id']}:{column}": value for row in rows for column, value in json.loads(row["data"]).items()
    }
    facts = await sql.fetch(
        "SELECT row_id, column_id, old, new, seq FROM facts WHERE list_id = $1 AND kind = 'cell' AND reason IS NULL"
        " ORDER BY seq, ordinal",
        homes.id,
    )
    replayed: dict[str, str | None] = {}
    for fact in facts:
        key = f"c:{fact['row_id']}:{fact['column_id']}"
        assert replayed.get(key) == fact["old"], "each fact's old value is the new value of the one before"
        replayed[key] = fact["new"]
    assert document == {key: json.loads(value) for key, value in replayed.items() if value is not None}
    numbers = [row["seq"] for row in await sql.fetch("SELECT seq FROM updates WHERE list_id = $1 ORDER BY 1", homes.id)]
    head = await sql.fetchval("SELECT head FROM lists WHERE id = $1", homes.id)
    assert numbers == list(range(1, head + 1)), "the log has no gap"
    assert {fact["seq"] for fact in facts} <= set(numbers)
