"""`rowhouse import`: files brought on the command line, beside a server."""

import asyncio
import contextlib
import os
import pty
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from tests.e2e.conftest import Newcomer, newcomers
from tests.e2e.house import ROOT, ROWHOUSE, House
from tests.e2e.people import Person
from tests.faults.waiting import until

SECONDS_MAX = 60
ROWS = 20_000
HOMES = "Address,Price,Listed\n1 Main St,100,2026-01-02\n2 Main St,200,2026-01-03\n"
LATER = "Address,Price,Listed\n2 Main St,250,2026-01-03\n3 Main St,300,soon\n"


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """Ana, who has an account on the server."""
    return await newcomer("Ana")


@pytest.fixture
async def sql(database_address: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the server's database."""
    connection = await asyncpg.connect(database_address)
    yield connection
    await connection.close()


def started(
    house: House, person: Person, file: Path, *options: str | Path, terminal: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """The command for a person, on the folder of the server that runs; what it says goes to a terminal, if there is one."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    words = (ROWHOUSE, "import", file, "--as", person.email, "--data", house.folder, *options)
    return subprocess.Popen([*map(str, words)], cwd=ROOT, env=environment, stdout=terminal, stderr=terminal, text=True)


def run(house: House, person: Person, file: Path, *options: str | Path) -> tuple[int, str, str]:
    """Run it to its end: status, output, errors."""
    process = started(house, person, file, *options)
    output, errors = process.communicate(timeout=SECONDS_MAX)
    return process.returncode, output, errors


def all_of(terminal: int) -> bytes:
    """What a terminal shows until nothing can be written to it any more."""
    text = b""
    with contextlib.suppress(OSError):
        while read := os.read(terminal, 65_536):
            text += read
    return text


async def prices(ana: Person, list_id: str) -> dict[str, int]:
    """The price of each address."""
    records = (await ana.get(f"/api/lists/{list_id}/records"))["items"]
    return {record["fields"]["Address"]: record["fields"]["Price"] for record in records}


@pytest.mark.rule("DATA-19")
async def test_a_file_becomes_a_list_and_another_one_changes_it(house: House, ana: Person, tmp_path: Path) -> None:
    """The first makes a list; the second changes a record by its key, makes one, and tells of a value that it could not take."""
    first, later, report = tmp_path / "homes.csv", tmp_path / "later.csv", tmp_path / "report.csv"
    first.write_text(HOMES)
    later.write_text(LATER)
    status, output, errors = run(house, ana, first, "--workspace", ana.workspace, "--name", "Homes")
    assert (status, errors.strip()) == (0, "")
    assert "2 rows read: 2 created, 0 updated" in output
    (made,) = (await ana.get(f"/api/workspaces/{ana.workspace}/lists"))["items"]
    assert made["name"] == "Homes"
    options = ("--list", made["id"], "--upsert", "Address", "--report", report)
    status, output, _ = run(house, ana, later, *options)
    assert status == 3
    assert "1 created, 1 updated, 0 unchanged, 0 refused; 1 values refused" in output
    assert "soon" in report.read_text()
    assert await prices(ana, made["id"]) == {"1 Main St": 100, "2 Main St": 250, "3 Main St": 300}


@pytest.mark.rule("DATA-19")
async def test_what_cannot_be_imported_is_told(house: House, ana: Person, newcomer: Newcomer, tmp_path: Path) -> None:
    """A file that is no table, a column that it lacks, a list of others: status 1 and a sentence, and nothing was made."""
    broken, homes = tmp_path / "broken.xlsx", tmp_path / "homes.csv"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    homes.write_text(HOMES)
    stranger = await newcomer("Stranger")
    theirs = await stranger.make_list("Theirs", [{"name": "Address", "type": "text"}])
    own = await ana.make_list("Own", [{"name": "Address", "type": "text"}])
    for file, options, said in (
        (broken, ("--workspace", ana.workspace), "damaged"),
        (homes, ("--list", own.id, "--upsert", "Street"), "'Street'"),
        (homes, ("--list", theirs.id), "no access"),
        (homes, (), "--list or --workspace"),
    ):
        status, _, errors = run(house, ana, file, *options)
        assert (status, "Traceback" in errors) == (1, False), errors
        assert said in errors
    assert (await ana.get(f"/api/lists/{own.id}/records"))["items"] == []


@pytest.mark.rule("DATA-19")
async def test_ctrl_c_cancels_and_keeps_what_was_done(
    house: House, ana: Person, sql: asyncpg.Connection, tmp_path: Path
) -> None:
    """Interrupted in the middle: the import is cancelled, its rows so far stay, and the command says how many."""
    file = tmp_path / "long.csv"
    file.write_text("Address,Price\n" + "".join(f"{number} Long Road,{number}\n" for number in range(ROWS)))
    process = started(house, ana, file, "--workspace", ana.workspace)

    async def begun() -> bool:
        return bool(await sql.fetchval("SELECT rows_created FROM imports WHERE created_by = $1", ana.id))

    await until(begun, SECONDS_MAX)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=SECONDS_MAX)
    assert (process.returncode, "Traceback" in errors) == (130, False), errors
    state, created = await sql.fetchrow("SELECT state, rows_created FROM imports WHERE created_by = $1", ana.id)
    assert state == "cancelled"
    assert 0 < created < ROWS
    assert f"{created} created" in output


@pytest.mark.rule("DATA-19")
async def test_a_terminal_shows_how_far_it_is(own_house: House, tmp_path: Path) -> None:
    """Beside a server without a worker, the command does the import itself; its terminal shows the rows so far, and what came of it."""
    file = tmp_path / "long.csv"
    file.write_text("Address,Price\n" + "".join(f"{number} Long Road,{number}\n" for number in range(ROWS)))
    shown, written = pty.openpty()
    async with newcomers(own_house) as newcomer:
        ana = await newcomer("Ana")
        process = started(own_house, ana, file, "--workspace", ana.workspace, terminal=written)
    os.close(written)
    try:
        text = await asyncio.wait_for(asyncio.to_thread(all_of, shown), SECONDS_MAX)
        assert process.wait(timeout=SECONDS_MAX) == 0, text
    finally:
        process.kill()
        os.close(shown)
    numbers = {int(number) for number in re.findall(rf"(\d+)/{ROWS}".encode(), text)}
    assert any(0 < number < ROWS for number in numbers), text
    assert f"{ROWS} rows read: {ROWS} created".encode() in text
