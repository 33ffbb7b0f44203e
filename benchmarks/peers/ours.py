"""Our own server: `rowhouse up` with the embedded PostgreSQL, fsync on, and people with accounts who edit through the public doors.

A person's limits would stop the driver, which plays hundreds of people with fifty accounts: they are loosened for it. Checks, audit and
rows are those of every installation.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.demo.sheets import make_sheet
from api.demo.storing import store_sheet
from benchmarks.clients import PLAIN, headers_of
from benchmarks.load import Target
from benchmarks.peers.contender import ROWS, Contender, Place, hands_of, new_id
from benchmarks.peers.visitor import until_open
from benchmarks.processes import Processes, postmaster_pid
from persistence.pool import create_pool
from persistence.postgres import PostgresListStore
from realtime.core import codec
from realtime.core.update import Content, Id, decode
from snapshots.columns import ColumnType
from snapshots.templates import Template, TemplateColumn
from tests.e2e.house import House
from tests.e2e.people import Person, person

PEOPLE = 50
LIMITS = {
    "frames_per_second_max": 1e6,
    "bytes_per_second_max": 1e9,
    "work_share_max": 1.0,
    "joins_per_second_max": 1e6,
    "joins_burst_max": 1e6,
    "sessions_per_list_max": 1_000,
    "sessions_per_node_max": 4_000,
    "sessions_per_user_max": 200,
    "presence_ids_per_user_max": 200,
    "presence_bytes_per_second_max": 1e9,
    "presence_burst_bytes_max": 1e9,
    "client_ids_per_user_max": 1_000_000,
}
COLUMNS = [{"name": name, "type": "text"} for name in ("Name", "City", "Notes")]
REQUEST_ROWS = 1_000
TOKENS_FRESH_SECONDS = 480.0
OPEN_SECONDS_MAX = 60.0
PLACE = ("overlays", "1")


class Rowhouse(Contender):
    """Our server."""

    name = "Rowhouse"
    durability = "PostgreSQL, fsync before anyone sees the edit; checked, audited, in SQL"
    two_nodes = True

    def __init__(self, folder: Path, people: int = PEOPLE) -> None:
        super().__init__(folder)
        folder.chmod(0o755)
        self._count = people
        self._people: list[Person] = []
        self._signed_in = 0.0
        self._house: House | None = None
        self._neighbour: House | None = None
        self._settings: dict[str, str] = {}

    def start(self, redis_port: int | None = None) -> None:
        """Start it on its folder."""
        self._settings = {"ROWHOUSE_LIMITS": json.dumps(LIMITS)}
        if redis_port is not None:
            self._settings["REDIS_URL"] = f"redis://127.0.0.1:{redis_port}/0"
        self._house = House(self.folder, "--no-demo", **self._settings)
        self._house.start()

    def stop(self) -> None:
        """End both nodes in order."""
        for house in (self._neighbour, self._house):
            if house is not None:
                house.stop()
        self._neighbour = self._house = None

    def kill(self) -> None:
        """End the server at once; its PostgreSQL goes with it."""
        self.house.kill()

    @property
    def house(self) -> House:
        """The first node."""
        assert self._house is not None, "it runs"
        return self._house

    def processes(self) -> Processes:
        """Python, and PostgreSQL apart."""
        return Processes(self.house.pid, postmaster_pid(self.folder))

    def again(self, target: Target) -> Target:
        """The same list at the newest port."""
        return replace(target, address=f"{self.house.socket_url}/{target.address.rpartition('/')[2]}")

    def second_node(self, place: Place) -> str:
        """Another node on the same database."""
        self._neighbour = House(self.folder, served=self.house.database_url, **self._settings)
        self._neighbour.start()
        return f"{self._neighbour.socket_url}/{place.target.address.rpartition('/')[2]}"

    async def part(self) -> None:
        """Close what the driver still has open, the people's calls as well."""
        await super().part()
        await asyncio.gather(*(each.http.aclose() for each in self._people))

    async def make_list(self, rows: int = ROWS) -> Place:
        """Make the list and its rows by the API."""
        owner = await self._owner()
        homes = await owner.make_list("Homes", COLUMNS)
        for start in range(0, rows, REQUEST_ROWS):
            records = [{"Name": f"{number} Oak Lane"} for number in range(start, min(rows, start + REQUEST_ROWS))]
            await owner.add_rows(homes, records)
        target = await self._target(homes.id)
        self.keepers.append(await self.visit(target))
        return Place(target, hands_of(homes.rows, [homes.columns["City"], homes.columns["Notes"]]))

    async def make_big_list(self, rows: Sequence[Sequence[Any]]) -> Target:
        """Store the list in bulk, its rows in segments, as the demo's lists are."""
        owner = await self._owner()
        kinds = [ColumnType.NUMBER if isinstance(value, int) else ColumnType.TEXT for value in rows[0]]
        columns = [TemplateColumn(f"Column {number}", kind, "A value.") for number, kind in enumerate(kinds)]
        entries = ({column.name: value for column, value in zip(columns, row, strict=True)} for row in rows)
        template = Template("big", "Big", "The list of the comparison.", columns)
        sheet = make_sheet(template, {template.key: new_id()}, entries, new_id)
        pool = await create_pool(self.house.database_url)
        try:
            store = PostgresListStore(pool)
            await store_sheet(store, owner.workspace, sheet, actor=owner.id, now=datetime.now(UTC))
        finally:
            await pool.close()
        return await self._target(sheet.id)

    async def make_small_lists(self, count: int) -> Sequence[Target]:
        """Make so many lists by the API."""
        owner = await self._owner()
        return [await self._target((await owner.make_list("Small", COLUMNS)).id) for _ in range(count)]

    async def fresh(self, target: Target) -> Target:
        """The same list, with access tokens that are good for a while."""
        if time.monotonic() - self._signed_in > TOKENS_FRESH_SECONDS:
            await self._owner()
        return replace(target, headers=[headers_of(each.token) for each in self._people])

    async def _owner(self) -> Person:
        """The owner of the workspace; makes everybody's account at first, and signs them in again when it is time."""
        if not self._people:
            self._people = [person(self.house.url, f"Person-{number}") for number in range(self._count)]
            for each in self._people:
                await each.register()
            for each in self._people[1:]:
                await self._people[0].admit(each, "editor")
            self._signed_in = time.monotonic()
        here = [each.at(self.house.url) for each in self._people]
        await asyncio.gather(*(each.http.aclose() for each in self._people))
        self._people = here
        if time.monotonic() - self._signed_in > TOKENS_FRESH_SECONDS:
            for each in here:
                await each.sign_in()
            self._signed_in = time.monotonic()
        return here[0]

    async def _target(self, list_id: str) -> Target:
        headers = [headers_of(each.token) for each in self._people]
        address = f"{self.house.socket_url}/{list_id}"
        target = Target(address, PLACE, headers, PLAIN)
        reader = await self.visit(target, keeps=True)
        await until_open(reader, 0, OPEN_SECONDS_MAX)
        reader.leave()
        return Target(address, PLACE, headers, PLAIN, generation_id(reader.updates))


def generation_id(messages: Sequence[bytes]) -> Id:
    """The id of the nested map that clients write into."""
    for message in messages:
        reader = codec.Reader(message)
        reader.uint(), reader.uint()
        for _, _, structs in decode(reader.buffer()).blocks:
            for struct in structs:
                if struct.content is Content.MAP and (struct.parent, struct.sub) == PLACE:
                    return struct.client, struct.clock
    raise AssertionError("the list has no overlays")
