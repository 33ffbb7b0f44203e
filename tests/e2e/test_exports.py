"""Exports from a real server, whose writing process is stopped in the middle: it dies, nobody waits, rights end, others come."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.conftest import Newcomer, newcomers
from tests.e2e.house import ROWHOUSE, House
from tests.e2e.people import List, Person
from tests.e2e.stock_clients import StockClients
from tests.faults.waiting import until

ROWS = 200
SECONDS_MAX = 10.0


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner of the list."""
    return await newcomer("Ana")


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list of some rows."""
    made = await ana.make_list("Homes", [{"name": "Name", "type": "text"}])
    await ana.add_rows(made, [{"Name": f"{number} Oak Lane"} for number in range(ROWS)])
    return made


def writers(house: House) -> list[psutil.Process]:
    """The processes that write exports."""
    found = []
    for process in psutil.Process(house.pid).children(recursive=True):
        try:
            if "snapshots.exporting.child" in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


def open_files(house: House) -> list[str]:
    """The files without a name that the server has open in its folder."""
    targets = []
    for link in Path(f"/proc/{house.pid}/fd").iterdir():
        try:
            targets.append(str(link.readlink()))
        except OSError:
            continue
    return [target for target in targets if target.startswith(str(house.folder)) and target.endswith("(deleted)")]


async def export(person: Person, homes: List) -> httpx.Response:
    """Ask for the list as CSV."""
    return await person("GET", f"/api/lists/{homes.id}/export", params={"format": "csv"})


@asynccontextmanager
async def halted(house: House, person: Person, homes: List) -> AsyncIterator[tuple[asyncio.Task[Any], psutil.Process]]:
    """An export under way, and its writing process, which is stopped."""
    others = {process.pid for process in writers(house)}
    asking = asyncio.create_task(export(person, homes))
    writer = None
    while writer is None:
        assert not asking.done(), "the export was made before anybody saw its process"
        writer = next((process for process in writers(house) if process.pid not in others), None)
        await asyncio.sleep(0)
    writer.suspend()
    try:
        yield asking, writer
    finally:
        if writer.is_running():
            writer.send_signal(signal.SIGCONT)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def gone(house: House, writer: psutil.Process) -> None:
    """Wait until neither the process nor its file is there."""

    async def nothing_left() -> bool:
        return not writer.is_running() and not open_files(house)

    await until(nothing_left, SECONDS_MAX)


@pytest.mark.rule("DATA-58")
async def test_a_killed_process_gives_a_problem_and_no_half_file(house: House, ana: Person, homes: List) -> None:
    """SIGKILL: 503 with words, nothing is left, nothing stands in the audit, and the next export works."""
    async with halted(house, ana, homes) as (asking, writer):
        writer.kill()
        answer = await asking
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert "content-disposition" not in answer.headers
    assert int(answer.headers["retry-after"]) > 0
    await gone(house, writer)
    audit = await ana.get(f"/api/workspaces/{ana.workspace}/audit")
    assert "list.exported" not in {entry.get("action") for entry in audit["items"]}
    assert (await export(ana, homes)).status_code == 200


@pytest.mark.rule("DATA-58")
async def test_nothing_is_left_of_an_export_that_nobody_waits_for(house: House, ana: Person, homes: List) -> None:
    """The client closes its connection: the process, though it is stopped, and the file go."""
    async with halted(house, ana, homes) as (asking, writer):
        asking.cancel()
        await gone(house, writer)
    assert (await export(ana, homes)).status_code == 200


@pytest.mark.rule("DATA-59")
async def test_a_person_has_one_export_at_once_and_a_node_two(
    house: House, ana: Person, homes: List, newcomer: Newcomer
) -> None:
    """Further ones are refused with words and a time; those under way end well."""
    ben, cleo = await newcomer("Ben"), await newcomer("Cleo")
    for person in (ben, cleo):
        await ana.admit(person, "editor")
    async with halted(house, ana, homes) as (first, one):
        again = await export(ana, homes)
        async with halted(house, ben, homes) as (second, other):
            full = await export(cleo, homes)
            for process in (one, other):
                process.resume()
            assert [(await asked).status_code for asked in (first, second)] == [200, 200]
    assert (again.status_code, again.json()["code"]) == (429, "rate")
    assert (full.status_code, full.json()["code"]) == (503, "busy")
    assert all(int(refused.headers["retry-after"]) > 0 for refused in (again, full))
    assert (await export(cleo, homes)).status_code == 200


@pytest.mark.rule("API-47")
@pytest.mark.parametrize(("change", "status"), [("member", 403), (None, 404)])
async def test_rights_are_asked_again_when_the_file_is_made(
    house: House, ana: Person, homes: List, newcomer: Newcomer, change: str | None, status: int
) -> None:
    """Who may not export any more, or is no member any more, gets nothing of it."""
    ben = await newcomer("Ben")
    await ana.admit(ben, "editor")
    membership = f"/api/workspaces/{ana.workspace}/members/{ben.id}"
    async with halted(house, ben, homes) as (asking, writer):
        body = {} if change is None else {"json": {"role": change}}
        assert (await ana("DELETE" if change is None else "PATCH", membership, **body)).is_success
        writer.resume()
        answer = await asking
    assert answer.status_code == status
    assert "Oak Lane" not in answer.text
    await gone(house, writer)


@pytest.mark.rule("DATA-58")
async def test_a_node_that_ends_ends_its_exports(own_house: House) -> None:
    """SIGTERM: the call is answered with 503, and the process ends before its server."""
    async with newcomers(own_house) as newcomer:
        ana = await newcomer("Ana")
        homes = await ana.make_list("Homes", [{"name": "Name", "type": "text"}])
        async with halted(own_house, ana, homes) as (asking, writer):
            await asyncio.to_thread(own_house.terminate)
            answer = await asking
            assert (answer.status_code, answer.json()["code"]) == (503, "busy")
            assert not writer.is_running()


async def rowhouse(house: House, *arguments: str) -> tuple[int, bytes, str]:
    """Run `rowhouse export` on the server's database: its status, and what it says."""
    command = [str(ROWHOUSE), "export", *arguments, "--data", str(house.folder)]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, told = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said, told.decode()


@pytest.mark.rule("OPS-58")
async def test_the_command_writes_what_the_api_does(
    house: House, ana: Person, homes: List, newcomer: Newcomer, tmp_path: Path
) -> None:
    """To a file, which is replaced, and to standard output; with a line in the audit, and not for those who may not."""
    mia, file = await newcomer("Mia"), tmp_path / "homes.csv"
    await ana.admit(mia, "member")
    file.write_text("before", encoding="utf-8")
    wanted = (await export(ana, homes)).content
    refused = await rowhouse(house, homes.id, "--as", mia.email, "--output", str(file))
    assert (refused[0], file.read_text(encoding="utf-8")) == (1, "before")
    assert "may not export" in refused[2]
    assert (await rowhouse(house, homes.id, "--as", ana.email, "--output", str(file)))[0] == 0
    assert (file.read_bytes(), [path.name for path in tmp_path.iterdir()]) == (wanted, ["homes.csv"])
    status, said, _ = await rowhouse(house, homes.id, "--as", ana.email, "--format", "json", "--output", "-")
    assert (status, len(said.splitlines())) == (0, ROWS)
    audit = await ana.get(f"/api/workspaces/{ana.workspace}/audit")
    exported = [entry["detail"] for entry in audit["items"] if entry.get("action") == "list.exported"]
    assert exported == [{"format": kind, "rows": ROWS} for kind in ("json", "csv", "csv")]


@pytest.mark.rule("DATA-49", "DATA-50")
async def test_a_view_is_exported_by_every_node_as_it_was_just_saved(
    ana: Person, homes: List, neighbour: House, stock: StockClients
) -> None:
    """Saved through a socket of one node, and exported by the other one: its filter, order and columns."""
    await ana.make(f"/api/lists/{homes.id}/columns", {"name": "Price", "type": "number"})
    client, other, view = await stock.open(ana, homes.id), await stock.open(ana, homes.id, "other"), "view-few-0001"
    name = homes.columns["Name"]
    few = {"or": [{"column": name, "op": "is", "value": f"{number} Oak Lane"} for number in (7, 20, 100)]}
    sort = [{"column": name, "descending": True}]
    said = {"name": "Few", "filter": few, "sort": sort, "hidden": {name: False}}
    await client.write({f"{view}:{attribute}": value for attribute, value in said.items()}, root="views")
    await other.sees(f"{view}:filter", few, root="views")
    there = ana.at(neighbour.url)
    async with there.http:
        answer = await there("GET", f"/api/lists/{homes.id}/export", params={"view": view})
    assert answer.status_code == 200, answer.text
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines == ["Name,Price", "7 Oak Lane,", "20 Oak Lane,", "100 Oak Lane,"]


@pytest.mark.rule("OPS-58")
async def test_the_command_writes_a_view_by_its_name_or_id(
    house: House, ana: Person, homes: List, newcomer: Newcomer, stock: StockClients
) -> None:
    """As the API does; not somebody else's private one, nor one of several that have the name."""
    ben = await newcomer("Ben")
    await ana.admit(ben, "editor")
    client, name = await stock.open(ana, homes.id), homes.columns["Name"]
    one = {"column": name, "op": "is", "value": "7 Oak Lane"}
    views: dict[str, dict[str, Any]] = {
        "view-seven-001": {"name": "Seven", "filter": one},
        "view-mine-0001": {"name": "Mine", "filter": one, "owner": ana.id},
        "view-twice-001": {"name": "Twice"},
        "view-twice-002": {"name": "Twice"},
    }
    for view, said in views.items():
        await client.write({f"{view}:{attribute}": value for attribute, value in said.items()}, root="views")
    outcomes = {}
    for person, called in ((ana, "Seven"), (ben, "view-seven-001"), (ana, "Mine"), (ben, "Mine"), (ana, "Twice")):
        outcomes[person.name, called] = await rowhouse(
            house, homes.id, "--as", person.email, "--view", called, "--output", "-"
        )
    lines = {who: said.decode("utf-8-sig").splitlines() for who, (_, said, _) in outcomes.items()}
    seven = ["Name", "7 Oak Lane"]
    assert lines == {
        ("Ana", "Seven"): seven,
        ("Ben", "view-seven-001"): seven,
        ("Ana", "Mine"): seven,
        ("Ben", "Mine"): [],
        ("Ana", "Twice"): [],
    }
    assert "There is no such view" in outcomes["Ben", "Mine"][2]
    assert "view-twice-001, view-twice-002" in outcomes["Ana", "Twice"][2]
