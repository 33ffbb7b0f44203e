"""A member's edit is refused without breaking the member's client, and without anybody seeing it."""

import json
import secrets

import pytest

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import StockClients


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner of the workspace."""
    return await newcomer("Ana")


@pytest.fixture
async def mia(newcomer: Newcomer, ana: Person) -> Person:
    """A member of Ana's workspace: she may read and comment."""
    member = await newcomer("Mia")
    await ana.admit(member, "member")
    return member


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list with one row."""
    made = await ana.make_list("Homes", [{"name": "Name", "type": "text"}, {"name": "Price", "type": "number"}])
    await ana.add_rows(made, [{"Name": "12 Oak Lane", "Price": 100}])
    return made


@pytest.mark.rule("LOG-5", "GATE-8", "ROOM-4")
async def test_a_members_edit_is_refused_and_reverts(
    ana: Person, mia: Person, homes: List, stock: StockClients, sql: Sql
) -> None:
    """The refused value leaves the member's screen, nobody else is shown it, the audit holds it with its reason."""
    member, owner = await stock.open(mia, homes.id), await stock.open(ana, homes.id)
    price = homes.cell(0, "Price")
    await member.write({price: 999})
    await member.sees(price, 100)
    assert await member.seen(price) == [999, 100]

    comment = secrets.token_urlsafe(12)
    at = (await sql.fetchval("SELECT to_json(now() AT TIME ZONE 'UTC')"))[1:20] + "Z"
    body = {"row": homes.rows[0], "author": mia.id, "at": at, "body": "is this the right price?", "mentions": []}
    await member.write({comment: body}, root="comments")
    await owner.sees(comment, body, root="comments")

    assert 999 not in await owner.seen(price), "nobody else is shown a refused value"
    assert (await owner.read())[price] == 100
    refused = await sql.fetch(
        "SELECT actor, column_id, old, new, reason FROM facts WHERE list_id = $1 AND reason IS NOT NULL", homes.id
    )
    assert [
        (row["actor"], row["column_id"], json.loads(row["old"]), json.loads(row["new"]), row["reason"])
        for row in refused
    ] == [(mia.id, homes.columns["Price"], 100, 999, "role")]
    kept = await sql.fetchval("SELECT data FROM records WHERE list_id = $1", homes.id)
    assert json.loads(kept)[homes.columns["Price"]] == 100
    said = await sql.fetchrow("SELECT author, body FROM comments WHERE list_id = $1", homes.id)
    assert (said["author"], said["body"]) == (mia.id, "is this the right price?")


@pytest.mark.rule("LOG-5", "GATE-8", "GATE-9", "WIRE-8")
async def test_a_refused_value_is_not_in_the_log(ana: Person, mia: Person, homes: List, sql: Sql) -> None:
    """Neither the log nor any frame that leaves the server holds the bytes of a refused value."""
    secret = "nobody may read this"
    shown: list[bytes] = []
    owner, member = SocketClient(), SocketClient()
    async with owner.connected(ana, homes.id), member.connected(mia, homes.id):
        owner.on_update = shown.append
        await member.write({homes.cell(0, "Name"): secret})
        await member.until(lambda: bool(member.denied))
        await member.until_saved()
        assert member.denied[0]["refused"] == [{"key": homes.cell(0, "Name"), "reason": "role"}]
        assert member.values[homes.cell(0, "Name")] == "12 Oak Lane"
        await owner.until(lambda: owner.updates_seen > 0)
        assert owner.values[homes.cell(0, "Name")] == "12 Oak Lane"
    log = [row["update"] for row in await sql.fetch("SELECT update FROM updates WHERE list_id = $1", homes.id)]
    assert not any(secret.encode() in update for update in [*log, *shown])


@pytest.mark.rule("GATE-8", "GATE-12")
async def test_what_is_allowed_in_a_mixed_edit_takes_effect(ana: Person, homes: List, sql: Sql) -> None:
    """Of one edit with a good and a bad value the good one stands, and its author is told of the bad one."""
    editor = SocketClient()
    async with editor.connected(ana, homes.id):
        await editor.write({homes.cell(0, "Name"): "1 New Street", homes.cell(0, "Price"): "not a number"})
        await editor.until(lambda: bool(editor.denied))
        await editor.until_saved()
        assert editor.denied[0]["refused"] == [{"key": homes.cell(0, "Price"), "reason": "invalid_value"}]
        assert editor.values[homes.cell(0, "Name")] == "1 New Street"
        assert editor.values[homes.cell(0, "Price")] == 100
    kept = json.loads(await sql.fetchval("SELECT data FROM records WHERE list_id = $1", homes.id))
    assert kept == {homes.columns["Name"]: "1 New Street", homes.columns["Price"]: 100}


@pytest.mark.rule("ROOM-8")
async def test_a_new_role_counts_from_the_next_frame_on(ana: Person, mia: Person, homes: List) -> None:
    """A member who becomes an editor edits without reconnecting; an editor who is removed is closed with 4403."""
    client = SocketClient()
    async with client.connected(mia, homes.id):
        answer = await ana("PATCH", f"/api/workspaces/{ana.workspace}/members/{mia.id}", json={"role": "editor"})
        assert answer.status_code == 200, answer.text
        await client.until(lambda: {"type": "role", "role": "editor"} in client.control)
        await client.write({homes.cell(0, "Price"): 5})
        await client.until_saved()
        assert client.denied == []
        answer = await ana("DELETE", f"/api/workspaces/{ana.workspace}/members/{mia.id}")
        assert answer.status_code == 204, answer.text
        code, sentence = await client.until_closed()
    assert code == 4403
    assert sentence


@pytest.mark.rule("GATE-8")
async def test_an_honest_edit_outlives_refused_ones_beside_it(
    ana: Person, mia: Person, homes: List, stock: StockClients, sql: Sql
) -> None:
    """Ana writes a cell while Mia's refused writes to it are being taken back: Ana's value stands, for everyone."""
    member, owner = await stock.open(mia, homes.id), await stock.open(ana, homes.id)
    price = homes.cell(0, "Price")
    for number in range(20):
        await member.write({price: 1_000 + number})
        await owner.write({price: number})
    await member.sees(price, 19)
    await owner.sees(price, 19)
    kept = json.loads(await sql.fetchval("SELECT data FROM records WHERE list_id = $1", homes.id))
    assert kept[homes.columns["Price"]] == 19
    assert [value for value in await owner.seen(price) if value >= 1_000] == []
