"""The scene of the benchmarks: our own server on a folder of its own, its demo, and people who edit the list Properties.

Everything goes through public doors: `rowhouse up` and the REST API.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from api.demo import ACCOUNTS, PASSWORD
from benchmarks.clients import Hand, headers_of
from benchmarks.load import Target
from tests.e2e.house import House
from tests.e2e.people import Person, person

PEOPLE = 50
ROWS_PER_WRITER, ROWS_SHARED = 40, 40
SHARED_ONE_IN = 4
NUMBERS, TEXTS = ("ListPrice", "BedroomsTotal"), ("City", "PrivateRemarks")
NEWEST_GENERATION = ("overlays", "1")
PAGE_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Scene:
    """The list as a target, and one hand for each writer."""

    target: Target
    hands: Sequence[Hand]
    rows: int


@contextmanager
def open_house(rows: int) -> Iterator[House]:
    """Run a server with a demo of that many properties on a throw-away folder, fsync on."""
    with TemporaryDirectory(prefix="rowhouse-bench-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        house = House(path, "--rows", str(rows), ROWHOUSE_LIMITS="{}")
        try:
            house.start()
            yield house
        finally:
            house.stop()


async def make_scene(house: House, people_count: int = PEOPLE) -> Scene:
    """Register people, make them editors of the demo workspace, and share out the list's rows."""
    owner = await owner_of(house.url)
    people = [person(house.url, f"Writer-{number}") for number in range(people_count)]
    try:
        for each in people:
            await each.register()
            await owner.admit(each, "editor")
        lists = (await owner.get(f"/api/workspaces/{owner.workspace}/lists"))["items"]
        properties = next(one for one in lists if one["name"] == "Properties")
        rows = await _row_ids(owner, properties["id"])
        columns = {column["name"]: column["id"] for column in properties["columns"]}
        headers = [headers_of(each.token) for each in people]
        target = Target(f"{house.socket_url}/{properties['id']}", NEWEST_GENERATION, headers)
        return Scene(target, _hands(rows, columns, people_count), len(rows))
    finally:
        for each in (owner, *people):
            await each.http.aclose()


async def owner_of(address: str) -> Person:
    """Sign in as the owner of the demo workspace."""
    owner = person(address, "Owner")
    made = await owner.make("/api/auth/login", {"email": ACCOUNTS[0].email, "password": PASSWORD})
    owner.token = made["access_token"]
    owner.workspace = (await owner.get("/api/me"))["workspaces"][0]["id"]
    return owner


async def _row_ids(reader: Person, list_id: str) -> list[str]:
    """The ids of all rows, in an order that a seed decides: rows of one writer lie all over the list."""
    rows: list[str] = []
    query: dict[str, Any] = {"limit": PAGE_ROWS, "fields": "City"}
    while True:
        page = await reader.get(f"/api/lists/{list_id}/records", params=query)
        rows += [record["id"] for record in page["items"]]
        if page["next_cursor"] is None:
            Random(len(rows)).shuffle(rows)
            return rows
        query["cursor"] = page["next_cursor"]


def _hands(rows: Sequence[str], columns: dict[str, str], writers: int) -> list[Hand]:
    """Three of four edits of a writer go into rows of their own, the fourth into rows that all writers share."""
    shared, rest = rows[:ROWS_SHARED], rows[ROWS_SHARED:]
    numbers, texts = ([columns[name] for name in names] for names in (NUMBERS, TEXTS))

    def hand(own: Sequence[str]) -> Hand:
        def write(random: Random) -> tuple[str, Any]:
            row = random.choice(shared if random.randrange(SHARED_ONE_IN) == 0 else own)
            if random.randrange(2):
                return f"c:{row}:{random.choice(numbers)}", random.randrange(1_000_000)
            return f"c:{row}:{random.choice(texts)}", f"Called back on day {random.randrange(10_000)}"

        return write

    return [hand(rest[n * ROWS_PER_WRITER : (n + 1) * ROWS_PER_WRITER]) for n in range(writers)]
