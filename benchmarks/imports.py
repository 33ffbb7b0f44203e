"""Question: how long does a team wait for its file, what does it take of the machine, and does anybody else notice?

Workload: files that look like a broker's, of 10,000 and 100,000 rows with 20 columns as CSV and of 100,000 as XLSX, brought over HTTP to
`rowhouse up` with its worker and embedded PostgreSQL, fsync on. Each comes once into a new list, and once into a list that a
client has open and a second one edits every 50 ms while a third edits another list. Visible is what that client holds; the rows of its segments are counted
in the end, and those of SQL. An edit's time is that from its frame to the word that it is saved.

    python -m benchmarks imports
    python -m benchmarks imports --rows 1000000 --columns 10 --format csv
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import asyncpg
import uvloop
from pycrdt import Map

from benchmarks.files import write_file
from benchmarks.percentiles import Spread
from benchmarks.records import keep
from benchmarks.watched import Watched
from snapshots.segments import decode_segment
from tests.e2e.conftest import newcomers, running
from tests.e2e.house import House
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.faults.waiting import until

USUAL: Final = ((10_000, 20, "csv"), (100_000, 20, "csv"), (100_000, 20, "xlsx"))
FIRST_ROWS: Final = 50
EDIT_SECONDS: Final = 0.05
ALONE_SECONDS: Final = 5.0
WAIT_SECONDS_MAX: Final = 600.0


@dataclass(slots=True)
class Line:
    """What one file took: seconds, mebibytes, and the milliseconds that edits waited."""

    rows: int
    columns: int
    format: str
    megabytes: float
    upload: float = 0.0
    new_list: float = 0.0
    open_list: float = 0.0
    copied: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    peak: dict[str, float] = field(default_factory=dict)
    alone: list[Spread] = field(default_factory=list)
    beside: list[Spread] = field(default_factory=list)


def main() -> None:
    """Bring every file, print the table and keep the raw results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--format", choices=("csv", "xlsx"), default="csv")
    chosen = parser.parse_args()
    files = USUAL if chosen.rows is None else ((chosen.rows, chosen.columns, chosen.format),)
    with TemporaryDirectory(prefix="rowhouse-bench-") as folder:
        Path(folder).chmod(0o755)
        state = Path(folder, "state")
        state.mkdir(mode=0o755)
        for house in running(House(state, "--no-demo", ROWHOUSE_WORKER="true", ROWHOUSE_LIMITS="{}")):
            lines = uvloop.run(_measure(house, Path(folder), files))
    keep("imports", __doc__, {"lines": [asdict(line) for line in lines]})


async def _measure(house: House, folder: Path, files: Sequence[tuple[int, int, str]]) -> list[Line]:
    print(HEAD)
    lines = []
    async with newcomers(house) as newcomer:
        for number, (rows, columns, kind) in enumerate(files):
            people = [await newcomer(f"{name}{number}") for name in ("Ana", "Ben", "Cat")]
            for other in people[1:]:
                await people[0].admit(other, "editor")
            path, first = folder / f"file.{kind}", folder / f"first.{kind}"
            write_file(path, kind, columns, rows, 1)
            write_file(first, kind, columns, FIRST_ROWS, 2)
            line = Line(rows, columns, kind, round(path.stat().st_size / 1e6, 1))
            await _into_new(house, people[0], path, line)
            await _into_open(house, people, (first, path), line)
            print(row_of(line), flush=True)
            lines.append(line)
    return lines


HEAD: Final = (
    "| file | upload | into a new list | into an open list, visible | COPY of its rows alone | processor: worker, reader, server, PostgreSQL | peak: worker, reader, server"
    " | edits alone, same list / another: p50, p99, most | beside the import |\n" + "|---" * 9 + "|"
)


def row_of(line: Line) -> str:
    """A line of the table."""

    def spreads(both: Sequence[Spread]) -> str:
        return " / ".join(f"{each.p50:.1f}, {each.p99:.1f}, {each.most:.1f} ms" for each in both)

    cells = (
        f"{line.rows:,} x {line.columns} {line.format.upper()}, {line.megabytes} MB",
        *(f"{seconds:.2f} s" for seconds in (line.upload, line.new_list, line.open_list)),
        f"{line.copied:.2f} s, {line.new_list / line.copied:.1f} times less",
        ", ".join(f"{seconds:.2f}" for seconds in line.cpu.values()) + " s",
        ", ".join(f"{size:.0f}" for size in line.peak.values()) + " MiB",
        spreads(line.alone),
        spreads(line.beside),
    )
    return f"| {' | '.join(cells)} |"


async def _into_new(house: House, ana: Person, path: Path, line: Line) -> None:
    """Bring the file into a new list: from the word to run it until the job has ended, its choices left to the server."""
    begun = time.perf_counter()
    import_id = await _upload(ana, f"workspaces/{ana.workspace}", path)
    line.upload = time.perf_counter() - begun
    with Watched(house) as watched:
        begun = time.perf_counter()
        held = await _run(ana, import_id)
        line.new_list = time.perf_counter() - begun
    line.cpu, line.peak = watched.cpu, watched.peak
    await _require_rows(house, held["list_id"], line.rows)
    line.copied = await _copied(house, held["list_id"])


async def _into_open(house: House, people: Sequence[Person], files: Sequence[Path], line: Line) -> None:
    """Bring it into a list that somebody looks at and somebody edits; `visible` is the last update that brought rows."""
    ana, ben, cat = people
    first, path = files
    list_id = (await _run(ana, await _upload(ana, f"workspaces/{ana.workspace}", first)))["list_id"]
    other = await cat.make_list("Elsewhere", [{"name": "Note", "type": "text"}])
    import_id = await _upload(ana, f"lists/{list_id}", path)
    looking = SocketClient()
    rows = _Rows(looking)
    async with (
        looking.connected(ana, list_id),
        _editing(ben, await _some_list(ben, list_id)) as same,
        _editing(cat, other) as elsewhere,
    ):
        await asyncio.sleep(ALONE_SECONDS)
        line.alone = [Spread.of(same), Spread.of(elsewhere)]
        came = time.perf_counter()

        def note(update: bytes) -> None:
            nonlocal came
            came = time.perf_counter() if len(update) > _SMALL_BYTES else came

        looking.on_update = note
        begun, counts = time.perf_counter(), (len(same), len(elsewhere))
        await _run(ana, import_id)
        await looking.until(lambda: rows.count() == line.rows + FIRST_ROWS, WAIT_SECONDS_MAX)
        line.open_list = came - begun
        line.beside = [Spread.of(same[counts[0] :]), Spread.of(elsewhere[counts[1] :])]
    await _require_rows(house, list_id, line.rows + FIRST_ROWS)


_SMALL_BYTES: Final = 1_000
"""An update of an edited cell is smaller, one with the rows of a block is larger."""


class _Rows:
    """Counts the rows of the segments that a client holds, each segment once."""

    def __init__(self, client: SocketClient) -> None:
        self._segments: Map[Any] = client.doc.get("segments", type=Map)
        self._counted: dict[str, int] = {}

    def count(self) -> int:
        """All rows until now."""
        for name in self._segments.keys() - self._counted.keys():
            self._counted[name] = len(decode_segment(bytes(self._segments[name])).rows)
        return sum(self._counted.values())


async def _some_list(person: Person, list_id: str) -> List:
    """The list with a text column that can be edited, and a row."""
    columns = (await person.get(f"/api/lists/{list_id}"))["columns"]
    row = (await person.get(f"/api/lists/{list_id}/records", params={"limit": 1}))["items"][0]["id"]
    return List(list_id, {"Note": next(one["id"] for one in columns if one["type"] == "text")}, [row])


@asynccontextmanager
async def _editing(person: Person, target: List) -> AsyncIterator[list[float]]:
    """Edit a cell again and again; the milliseconds that each edit took until it was saved."""
    if not target.rows:
        await person.add_rows(target, [{"Note": "begun"}])
    times: list[float] = []
    client = SocketClient()
    async with client.connected(person, target.id):

        async def edit() -> None:
            for number in range(1_000_000):
                begun = time.perf_counter()
                frame = await client.send_edit(client.make({target.cell(0, "Note"): f"Called {number} times"}))
                await client.until(lambda: client.saved >= frame)  # noqa: B023 - awaited before the next one
                passed = time.perf_counter() - begun
                times.append(passed * 1e3)
                await asyncio.sleep(max(0.0, EDIT_SECONDS - passed))

        task = asyncio.create_task(edit())
        yield times
        task.cancel()
        await asyncio.wait([task])


async def _upload(person: Person, place: str, path: Path) -> str:
    with path.open("rb") as file:
        answer = await person("POST", f"/api/{place}/imports", files={"file": (path.name, file)}, timeout=120)
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


async def _run(person: Person, import_id: str) -> Any:
    """Run an import to its end."""
    place = f"/api/imports/{import_id}"
    answer = await person("POST", f"{place}/run", json={"choices": {}})
    assert answer.is_success, answer.text

    async def ended() -> bool:
        return (await person.get(place))["state"] not in ("queued", "running")

    await until(ended, WAIT_SECONDS_MAX)
    held = await person.get(place)
    assert (held["state"], held["rows_refused"], held["values_refused"]) == ("done", 0, 0), held
    return held


async def _require_rows(house: House, list_id: str, rows: int) -> None:
    connection = await asyncpg.connect(house.database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM records WHERE list_id = $1", list_id) == rows
    finally:
        await connection.close()


async def _copied(house: House, list_id: str) -> float:
    """The seconds that COPY takes for the same rows, into a table without an index: what no import can be faster than."""
    connection = await asyncpg.connect(house.database_url)
    try:
        rows = await connection.fetch("SELECT list_id, row_id, data, position FROM records WHERE list_id = $1", list_id)
        await connection.execute(
            "CREATE TABLE copied AS SELECT list_id, row_id, data, position FROM records WHERE false"
        )
        begun = time.perf_counter()
        await connection.copy_records_to_table("copied", records=map(tuple, rows))
        passed = time.perf_counter() - begun
        await connection.execute("DROP TABLE copied")
        return passed
    finally:
        await connection.close()


if __name__ == "__main__":
    main()
