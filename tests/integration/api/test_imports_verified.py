"""Rows in bulk by one node beside edits at another, on a real database: what is stored agrees, and verifying finds nothing."""

import asyncio
from typing import Any

import asyncpg
import orjson
import pytest

from api.app import open_services
from api.demo import make_demo
from api.settings import Settings
from api.verification import verify_lists
from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Source
from realtime.core.writes import ImportRows, SetCell
from realtime.verifying import Difference

ROWS_EACH, STEPS = 50, 6


@pytest.mark.rule("DATA-63", "LOG-46")
async def test_an_import_beside_edits_leaves_nothing_to_find(settings: Settings) -> None:
    """Rows with links, each once as a record and as a fact of its import, and every edit: document, log, audit, chain and rows agree."""
    found: list[Difference] = []
    async with (
        open_services(settings, volatile_allowed=True) as here,
        open_services(settings, volatile_allowed=True) as there,
    ):
        await make_demo(here, rows=30, edits=20)
        assert settings.database_url is not None
        connection = await asyncpg.connect(settings.database_url)
        try:
            scene = await _scene(connection)
            old = await connection.fetchval("SELECT row_id FROM records WHERE list_id = $1 LIMIT 1", scene["list"])

            async def edit() -> None:
                for number in range(30):
                    write = SetCell(old, scene["text"], f"Edited {number}")
                    await here.rooms.write(scene["list"], scene["owner"], [write], source=Source.API)

            editing = asyncio.create_task(edit())
            for step in range(STEPS):
                rows = [
                    [f"row-new-{step:02}{n:04}", None, f"Town {n}", [scene["linked"]], n / 2] for n in range(ROWS_EACH)
                ]
                columns = [scene["text"], scene["link"], scene["amount"]]
                brought = ImportRows(columns, rows)  # type: ignore[arg-type]  # lists of JSON
                await there.rooms.write(scene["list"], scene["owner"], [brought], source=Source.IMPORT)
            await editing
            counted = "SELECT count(*) FROM {} WHERE list_id = $1 AND row_id LIKE 'row-new-%'"
            for table in ("records", "links", "facts"):
                assert await connection.fetchval(counted.format(table), scene["list"]) == ROWS_EACH * STEPS
            sources = await connection.fetch(
                "SELECT DISTINCT kind, source FROM facts WHERE list_id = $1 AND row_id LIKE 'row-new-%'", scene["list"]
            )
            assert [tuple(each) for each in sources] == [("row", "import")]
            assert await verify_lists(settings.database_url, [scene["list"]], found.append) == (1, 0)
            assert found == []
        finally:
            await connection.close()


async def _scene(connection: Any) -> dict[str, Any]:
    """The list `Properties`, a column of three types, a row to link to, and the owner."""
    listed = await connection.fetchrow("SELECT id, schema FROM lists WHERE name = 'Properties'")
    columns = {column["type"]: column for column in reversed(orjson.loads(listed["schema"])["columns"])}
    link = columns["link"]
    linked = await connection.fetchval("SELECT row_id FROM records WHERE list_id = $1 LIMIT 1", link["config"]["list"])
    member = await connection.fetchrow("SELECT user_id, version FROM members WHERE role = 'owner' LIMIT 1")
    return {
        "list": listed["id"],
        "text": columns["text"]["id"],
        "amount": columns["currency"]["id"],
        "link": link["id"],
        "linked": linked,
        "owner": Principal(member["user_id"], "Owner", Role.OWNER, member["version"]),
    }
