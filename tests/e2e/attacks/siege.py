"""A list under attack: who works in it, who attacks it, and what must still hold afterwards."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from pycrdt import Doc, Map
from websockets.exceptions import ConnectionClosed

from realtime.core import codec
from tests.e2e.colleagues import EDIT_SECONDS_MAX, delivery_seconds
from tests.e2e.hostile import Scene
from tests.e2e.house import House
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import StockClient

GROWN_BYTES_MAX = 32 << 20
ROOTS = ("meta", "columns", "views", "comments", "overlays")
UNSOUND = 4400


@dataclass
class Siege:
    """One list of Ana's, whom two clients and a stock one work with, while Ben, an editor, attacks."""

    house: House
    sql: asyncpg.Connection
    ana: Person
    ben: Person
    homes: List
    writer: SocketClient
    reader: SocketClient
    bystander: StockClient
    figures: dict[str, float] = field(default_factory=dict)
    pid: int = 0
    held_bytes: int = 0

    def begin(self) -> None:
        """Note what the server holds before the attack."""
        self.pid, self.held_bytes = self.house.pid, resident_bytes(self.house.pid)

    @property
    def cell(self) -> str:
        """The cell that attacks are aimed at."""
        return self.homes.cell(0, "Note")

    @asynccontextmanager
    async def attacker(self, person: Person | None = None) -> AsyncIterator[SocketClient]:
        """Ben's client, or another's, which knows the list."""
        client = SocketClient()
        async with client.connected(person or self.ben, self.homes.id):
            yield client

    def scene(self, sender: SocketClient) -> Scene:
        """What a hostile frame may be aimed at."""
        return Scene(sender, self.homes, self.writer.doc.client_id, self.known(self.writer.doc.client_id))

    def known(self, client: int) -> int:
        """The next clock of a client, as the writer knows it."""
        return state_vector(self.writer.doc).get(client, 0)

    async def refuses(self, frames: Iterable[bytes | str], flaw: str) -> None:
        """Check that the frames close their connection with 4400 and this flaw, and that nothing is logged."""
        head = await self.head()
        async with self.attacker() as attacker:
            await self.sends(attacker, frames)
            code, sentence = await attacker.until_closed()
        assert (code, sentence.partition(":")[0]) == (UNSOUND, flaw), sentence
        assert await self.head() == head

    async def sends(self, attacker: SocketClient, frames: Iterable[bytes | str]) -> None:
        """Send frames to a server that may close the connection meanwhile."""
        try:
            for frame in frames:
                await attacker.send(frame)
        except ConnectionClosed:
            pass

    async def head(self) -> int:
        """The number of the list's last update."""
        return int(await self.sql.fetchval("SELECT head FROM lists WHERE id = $1", self.homes.id))

    async def stands(self) -> None:
        """Check everything that must hold after an attack, whatever it was."""
        assert self.house.running
        assert self.house.pid == self.pid
        self.figures["delivery_ms"] = 1000 * await delivery_seconds(
            self.writer, self.reader, self.homes.cell(0, "Other")
        )
        await self._agrees()
        grown = resident_bytes(self.pid) - self.held_bytes
        self.figures["grown_mib"] = grown / 2**20
        assert grown <= GROWN_BYTES_MAX, f"the server has grown by {grown >> 20} MiB"
        assert self.figures["delivery_ms"] < 1000 * EDIT_SECONDS_MAX

    async def _agrees(self) -> None:
        """Every replica, the replayed log, the rows and the replayed facts say the same."""
        await self.writer.until_saved()
        replayed: Doc[Any] = Doc()
        log = await self.sql.fetch("SELECT update FROM updates WHERE list_id = $1 ORDER BY seq", self.homes.id)
        for entry in log:
            replayed.apply_update(entry["update"])
        wanted, joiner = shown(replayed), SocketClient()
        async with joiner.connected(self.ana, self.homes.id):
            for client in (joiner, self.writer, self.reader):
                await client.until(lambda client=client: shown(client.doc) == wanted)  # type: ignore[misc]
        assert state_vector(joiner.doc) == state_vector(replayed)
        await self.bystander.clients.call("awaitRoots", name=self.bystander.name, roots=wanted)
        cells = {key: value for key, value in joiner.values.items() if key.startswith("c:") and value is not None}
        assert await self._cells_in_rows() == cells
        assert await self._cells_by_facts() == cells

    async def _cells_in_rows(self) -> dict[str, Any]:
        rows = await self.sql.fetch("SELECT row_id, data FROM records WHERE list_id = $1", self.homes.id)
        return {
            f"c:{row['row_id']}:{column}": value for row in rows for column, value in json.loads(row["data"]).items()
        }

    async def _cells_by_facts(self) -> dict[str, Any]:
        facts = await self.sql.fetch(
            "SELECT row_id, column_id, old, new FROM facts WHERE list_id = $1 AND kind = 'cell' AND reason IS NULL"
            " ORDER BY seq, ordinal",
            self.homes.id,
        )
        cells: dict[str, Any] = {}
        for fact in facts:
            key = f"c:{fact['row_id']}:{fact['column_id']}"
            old, new = (None if fact[side] is None else json.loads(fact[side]) for side in ("old", "new"))
            assert cells.get(key) == old, "a fact's old value is the one before"
            cells[key] = new
        return {key: value for key, value in cells.items() if value is not None}


def shown(doc: Doc[Any]) -> dict[str, Any]:
    """Every root of a document, as JSON."""
    return {root: doc.get(root, type=Map).to_py() for root in ROOTS}


def state_vector(doc: Doc[Any]) -> dict[int, int]:
    """The next clock of every client that a document knows."""
    reader = codec.Reader(doc.get_state())
    return {reader.uint(): reader.uint() for _ in range(reader.uint())}


def resident_bytes(pid: int) -> int:
    """The memory that a process holds (VmRSS)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (kibibytes,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")]
    return int(kibibytes) << 10
