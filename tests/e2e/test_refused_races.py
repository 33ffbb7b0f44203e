"""Edits that meet something on their way: a change of columns, a colleague's edit of the same cell, a role."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.house import House
from tests.e2e.stage import Stage, staged
from tests.e2e.stock_clients import StockClient, StockClients

SECRET = "too late by a moment"
ROUNDS = 12


@pytest.fixture
async def stage(newcomer: Newcomer, stock: StockClients, sql: Sql, house: House) -> AsyncIterator[Stage]:
    """A list with three people at it."""
    async with staged(newcomer, stock, sql, house) as made:
        yield made


async def write_on(client: StockClient, key: str, values: range, word: str) -> None:
    """Write one value after another."""
    for number in values:
        await client.write({key: f"{word} {number}"})


@pytest.mark.rule("GATE-42")
async def test_a_column_is_locked_and_opened_while_it_is_edited(stage: Stage) -> None:
    """Each of Ben's values is taken or put back as a whole, and everyone ends with the last one that was taken."""
    ben, ana = await stage.enter("Ben"), await stage.enter("Ana")
    note = stage.key(0, "Note")
    writing = asyncio.create_task(write_on(ben, note, range(60), "note"))
    for number in range(ROUNDS):
        await stage.change_column("Note", locked=number % 2 == 0)
    await writing
    await stage.settle()
    refused = await stage.refused()
    assert {one.reason for one in refused} <= {"locked_column"}
    taken = await stage.sql.fetch(
        "SELECT new #>> '{}' AS new FROM facts WHERE list_id = $1 AND column_id = $2 AND row_id = $3 AND reason IS NULL"
        " ORDER BY seq, ordinal",
        stage.homes.id,
        stage.homes.columns["Note"],
        stage.homes.rows[0],
    )
    values = [row["new"] for row in taken]
    assert values == sorted(values, key=lambda text: int(text.split()[1])), "no value comes back that was taken over"
    assert (await ana.read()).get(note) == (values[-1] if values else None)
    assert not {one.new for one in refused} & set(await ana.seen(note)), "a refused value was shown"
    await stage.change_column("Note", locked=False)
    await ben.write({note: "at last"})
    await ana.sees(note, "at last")
    await stage.settle()


@pytest.mark.rule("GATE-42")
async def test_a_column_is_deleted_while_it_is_edited(stage: Stage) -> None:
    """What comes before the deletion stands in the history, what comes after is put back; rows without the column agree."""
    ben, ana = await stage.enter("Ben"), await stage.enter("Ana")
    note = stage.key(0, "Note")
    writing = asyncio.create_task(write_on(ben, note, range(60), "note"))
    await stage.stock.event(lambda event: event.get("name") == "Ana" and note in event.get("changed", {}))
    await stage.delete_column("Note")
    await writing
    await stage.settle()
    refused = await stage.refused()
    assert {one.reason for one in refused} <= {"unknown_column"}
    assert not {one.new for one in refused} & set(await ana.seen(note))
    await ben.write({stage.key(0, "Name"): "1 Quay"})
    await ana.sees(stage.key(0, "Name"), "1 Quay")
    await stage.settle()


@pytest.mark.rule("GATE-42")
async def test_an_option_is_removed_while_it_is_chosen(stage: Stage) -> None:
    """Choosing an option that has just gone is put back; the cell ends with what was there, for everyone."""
    ben, ana = await stage.enter("Ben"), await stage.enter("Ana")
    status, active, sold = stage.key(0, "Status"), stage.options["Active"], stage.options["Sold"]
    await ben.write({status: active})
    await ana.sees(status, active)
    await asyncio.gather(
        stage.change_column("Status", options=[{"id": active, "label": "Active"}]),
        ben.write({status: sold}),
    )
    await stage.settle()
    refused = [one.new for one in await stage.refused()]
    assert (await ana.read())[status] == (active if refused else sold)
    assert refused in ([], [sold])


@pytest.mark.rule("GATE-42")
async def test_a_row_is_trashed_and_restored_while_it_is_edited(stage: Stage) -> None:
    """Every edit of the row is kept, whether it lay in the trash at that moment or not."""
    ben, ana = await stage.enter("Ben"), await stage.enter("Ana")
    note = stage.key(0, "Note")
    writing = asyncio.create_task(write_on(ben, note, range(40), "note"))
    for _ in range(4):
        await stage.trash_row(0)
        await stage.ask("POST", f"/api/lists/{stage.homes.id}/records/{stage.homes.rows[0]}/restore")
    await writing
    await ana.sees(note, "note 39")
    assert await stage.refused() == []
    await stage.settle()


@pytest.mark.rule("GATE-8", "GATE-21")
async def test_refused_edits_of_two_members_beside_an_honest_one(stage: Stage) -> None:
    """Two people without rights and one with them write one cell at once: only the honest values are ever shown."""
    await stage.give_role("Ben", "member")
    mia, ben, ana = await stage.enter("Mia"), await stage.enter("Ben"), await stage.enter("Ana")
    name = stage.key(0, "Name")
    await asyncio.gather(
        write_on(mia, name, range(20), "mia"),
        write_on(ben, name, range(20), "ben"),
        write_on(ana, name, range(20), "ana"),
    )
    for client in (mia, ben, ana):
        await client.sees(name, "ana 19")
    await stage.settle()
    shown = {str(value).split()[0] for value in await ana.seen(name)}
    assert shown <= {"ana", "12"}
    assert {str(value).split()[0] for value in await ben.seen(name)} <= {"ana", "ben", "12"}
    assert len(await stage.refused()) == 40


@pytest.mark.rule("GATE-41", "ROOM-8")
async def test_a_role_goes_and_comes_while_somebody_edits(stage: Stage) -> None:
    """Ben's role is taken and given back while he types: each value is taken or put back, and he never reconnects."""
    ben, ana = await stage.enter("Ben"), await stage.enter("Ana")
    note = stage.key(0, "Note")
    writing = asyncio.create_task(write_on(ben, note, range(60), "note"))
    for number in range(ROUNDS):
        await stage.give_role("Ben", "member" if number % 2 == 0 else "editor")
    await writing
    await ben.write({note: "at last"})
    await ana.sees(note, "at last")
    assert not {one.new for one in await stage.refused()} & set(await ana.seen(note))
    assert [event for event in stage.stock.events if event["event"] == "close"] == []
    await stage.settle()
