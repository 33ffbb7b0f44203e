"""Folding under people at work: stock Yjs clients, a real server and its PostgreSQL, with a grace of seconds."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from api.verification import verify_lists
from realtime.verifying import Difference
from tests.e2e.conftest import FOLD_EDITS_MIN, Newcomer, Sql, newcomers
from tests.e2e.house import House
from tests.e2e.people import List, Person
from tests.e2e.stock_clients import StockClients
from tests.faults.waiting import until

SECONDS_MAX = 30.0


class Scene:
    """A list of two rows, and SQL."""

    def __init__(self, ana: Person, grid: List, sql: Sql) -> None:
        self.ana, self.list, self.sql = ana, grid, sql

    async def leave(self) -> None:
        """Close what is open to the server."""
        await self.sql.close()
        await self.ana.http.aclose()

    async def edit(self, times: int) -> None:
        """Write into the second row's price so often, over the API."""
        for number in range(times):
            body = {"records": [{"id": self.list.rows[1], "fields": {"Price": number}}]}
            answer = await self.ana("PATCH", f"/api/lists/{self.list.id}/records", json=body)
            assert answer.is_success, answer.text

    async def until_generation(self, *, begun: bool) -> None:
        """Wait until an older generation stands beside the newest, or until it is gone."""
        query = "SELECT generation_at IS NOT NULL FROM lists WHERE id = $1"

        async def holds() -> bool:
            return bool(await self.sql.fetchval(query, self.list.id)) == begun

        await until(holds, SECONDS_MAX)

    async def fields(self) -> list[dict[str, object]]:
        """The records, as the API has them."""
        found = await self.ana.get(f"/api/lists/{self.list.id}/records")
        return [item["fields"] for item in found["items"]]

    async def until_named(self, name: str) -> None:
        """Wait until the first row has this name in SQL."""

        async def holds() -> bool:
            return (await self.fields())[0]["Name"] == name

        await until(holds, SECONDS_MAX)

    async def facts(self) -> int:
        """How many facts the audit has."""
        return int(await self.sql.fetchval("SELECT count(*) FROM facts WHERE list_id = $1", self.list.id))


async def scene_at(newcomer: Newcomer, sql: Sql) -> Scene:
    """A list of two rows on a server."""
    ana = await newcomer("Ana")
    columns = [
        {"name": "Name", "type": "text"},
        {"name": "Price", "type": "number"},
        {"name": "Tags", "type": "multi_select", "options": [{"label": "Garden"}, {"label": "Garage"}]},
    ]
    grid = await ana.make_list("Homes", columns)
    await ana.add_rows(grid, [{"Name": "12 Oak Lane", "Tags": ["Garden"]}, {"Name": "14 Elm Road"}])
    return Scene(ana, grid, sql)


@pytest.fixture
async def scene(quick_house: House) -> AsyncIterator[Scene]:
    """A list on a server that folds within seconds."""
    async with newcomers(quick_house) as newcomer:
        made = await scene_at(newcomer, await asyncpg.connect(quick_house.database_url))
        yield made
        await made.leave()


@pytest.mark.rule("DATA-60", "DATA-61", "DATA-100")
async def test_people_at_work_and_away_while_a_list_is_folded(
    scene: Scene, stock: StockClients, quick_house: House
) -> None:
    """Nobody who is there sees anything; who comes home within the grace keeps what they wrote, who comes later is told and goes on."""
    here, early, late = [await stock.open(scene.ana, scene.list.id, name) for name in ("here", "early", "late")]
    name, other = scene.list.cell(0, "Name"), scene.list.cell(1, "Name")
    await early.go_offline()
    await late.go_offline()
    await early.write({name: "12 Oak Street"})
    await late.write({other: "typed in the old generation"})
    await scene.edit(FOLD_EDITS_MIN)
    await scene.until_generation(begun=True)
    await early.come_online()
    await scene.until_named("12 Oak Street")
    before, facts = await scene.fields(), await scene.facts()
    await scene.until_generation(begun=False)
    assert await scene.fields() == before
    assert await scene.facts() == facts
    fresh = await stock.open(scene.ana, scene.list.id, "fresh")
    segments = await fresh.read(root="segments")
    assert len(segments) == 1
    assert name not in await fresh.read()
    await late.come_online()
    await late.write({other: "typed again"})
    for client in (here, early, late, fresh):
        await client.sees(other, "typed again")
    states = [await client.state() for client in (here, early, late, fresh)]
    assert [state["roots"] for state in states] == [states[0]["roots"]] * len(states)
    assert not any(state["pending"] for state in states)
    assert [row["Name"] for row in await scene.fields()] == ["12 Oak Street", "typed again"]
    found: list[Difference] = []
    assert await verify_lists(quick_house.database_url, [scene.list.id], found.append) == (1, 0), found
    assert "Traceback" not in quick_house.log()


@pytest.mark.rule("DATA-62")
async def test_a_server_killed_while_it_folds(scene: Scene, quick_house: House) -> None:
    """Killed again and again while generations come and go, it loses nothing that was saved, and folds in the end."""
    for round_ in range(2):
        await scene.edit(FOLD_EDITS_MIN + 5)
        await scene.until_generation(begun=True)
        await scene.leave()
        quick_house.kill()
        quick_house.start()
        scene.ana, scene.sql = scene.ana.at(quick_house.url), await asyncpg.connect(quick_house.database_url)
        assert [row.get("Price") for row in await scene.fields()] == [None, FOLD_EDITS_MIN + 4], round_
    await scene.until_generation(begun=False)
    found: list[Difference] = []
    assert await verify_lists(quick_house.database_url, [scene.list.id], found.append) == (1, 0), found
