"""The drill: a backup is older than what people have; it is restored elsewhere, and they come back to it."""

import os
import stat
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.e2e.house import ROOT, ROWHOUSE, House
from tests.e2e.people import List, Person, person
from tests.e2e.socket_client import SocketClient

COLUMNS = [{"name": "Name", "type": "text"}, {"name": "Note", "type": "text"}]


def rowhouse(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the program to its end."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [str(ROWHOUSE), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Closes what a test opened."""
    async with AsyncExitStack() as opened:
        yield opened


@asynccontextmanager
async def started(house: House) -> AsyncIterator[House]:
    """A server that runs for a while."""
    house.start()
    try:
        yield house
    finally:
        house.stop()


async def furnish(house: House, stack: AsyncExitStack) -> tuple[Person, List]:
    """Ana with a list of two rows."""
    ana = person(house.url, "Ana")
    stack.push_async_callback(ana.http.aclose)
    await ana.register()
    homes = await ana.make_list("Homes", COLUMNS)
    await ana.add_rows(homes, [{"Name": "12 Oak Lane"}, {"Name": "7 Elm Court"}])
    return ana, homes


async def back(ana: Person, house: House, stack: AsyncExitStack) -> Person:
    """Ana at the restored server, where her sign-in has ended, signed in anew."""
    there = ana.at(house.url)
    stack.push_async_callback(there.http.aclose)
    assert (await there("GET", "/api/me")).status_code == 401
    await there.sign_in()
    return there


@pytest.mark.rule("OPS-43", "OPS-44", "OPS-45")
async def test_a_client_that_is_ahead_of_a_restored_server_brings_its_edits_back(
    own_house: House, make_state_folder: Callable[[], Path], tmp_path: Path, stack: AsyncExitStack
) -> None:
    """Edits after the backup are lost to the server, not to who made them: back they come, each with one fact, and all agrees."""
    ana, homes = await furnish(own_house, stack)
    file, client = tmp_path / "rowhouse.backup", SocketClient()
    async with client.connected(ana, homes.id):
        await client.write({homes.cell(0, "Note"): "before the backup"})
        await client.until_saved()
        made = rowhouse("backup", file, "--data", own_house.folder)
        assert made.returncode == 0, made.stderr
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        for number in range(5):
            await client.write({homes.cell(1, "Note"): f"after the backup {number}"})
        await client.write({homes.cell(0, "Note"): "after the backup, too"})
        await client.until_saved()
    own_house.kill()
    restored = House(make_state_folder(), "--no-demo")
    said = rowhouse("restore", file, "--data", restored.folder)
    assert said.returncode == 0, said.stderr
    async with started(restored) as house:
        there = await back(ana, house, stack)
        newcomer = SocketClient()
        async with newcomer.connected(there, homes.id):
            assert newcomer.values[homes.cell(0, "Note")] == "before the backup"
            async with client.connected(there, homes.id):
                await client.until_saved()
                await newcomer.until(lambda: newcomer.values.get(homes.cell(1, "Note")) == "after the backup 4")
                assert newcomer.values == client.values
                answer = await there(
                    "PATCH", f"/api/lists/{homes.id}/records/{homes.rows[0]}", json={"fields": {"Name": "New"}}
                )
                assert answer.status_code == 200, answer.text
                await client.until(lambda: client.values[homes.cell(0, "Name")] == "New")
                await newcomer.until(lambda: newcomer.values[homes.cell(0, "Name")] == "New")
        await check(house, homes, there)
        verified = rowhouse("verify", "--data", house.folder)
        assert verified.stdout == ""
        assert (verified.returncode, "0 differences" in verified.stderr) == (0, True)


async def check(house: House, homes: List, ana: Person) -> None:
    """What came back has one fact for each place, by who brought it; the epoch is another."""
    sql = await asyncpg.connect(house.database_url)
    try:
        facts = await sql.fetch(
            "SELECT new, actor FROM facts WHERE list_id = $1 AND new::text LIKE '%after the backup%' ORDER BY new::text",
            homes.id,
        )
        assert [tuple(fact) for fact in facts] == [
            ('"after the backup 4"', ana.id),
            ('"after the backup, too"', ana.id),
        ]
        assert await sql.fetchval("SELECT epoch FROM lists WHERE id = $1", homes.id) == 2
    finally:
        await sql.close()


@pytest.mark.rule("OPS-46")
async def test_what_others_wrote_after_the_backup_is_not_taken_from_a_client(
    own_house: House, make_state_folder: Callable[[], Path], tmp_path: Path, stack: AsyncExitStack
) -> None:
    """Nobody can vouch for it: the client is turned away as a whole, and the restored list stays as it was and can be written."""
    ana, homes = await furnish(own_house, stack)
    file, client = tmp_path / "rowhouse.backup", SocketClient()
    assert rowhouse("backup", file, "--data", own_house.folder).returncode == 0
    async with client.connected(ana, homes.id):
        change = f"/api/lists/{homes.id}/records/{homes.rows[0]}"
        assert (await ana("PATCH", change, json={"fields": {"Note": "by the server"}})).status_code == 200
        await client.until(lambda: client.values.get(homes.cell(0, "Note")) == "by the server")
    own_house.stop()
    restored = House(make_state_folder(), "--no-demo")
    assert rowhouse("restore", file, "--data", restored.folder).returncode == 0
    async with started(restored) as house:
        there = await back(ana, house, stack)
        async with client.connected(there, homes.id):
            assert (await client.until_closed())[0] == 4400
        async with SocketClient().connected(there, homes.id) as fresh:
            assert homes.cell(0, "Note") not in fresh.values
            await fresh.write({homes.cell(0, "Note"): "written anew"})
            await fresh.until_saved()
        assert rowhouse("verify", "--data", house.folder).returncode == 0
