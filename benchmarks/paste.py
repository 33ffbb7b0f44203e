"""Question: how long until a paste of 1,000 or 10,000 rows is saved?

Workload: an empty list of 20 columns of texts on `rowhouse up`, fsync on. One client pastes rows as live edits, a hundred rows to an update, all sent at
once; each is judged, audited and flattened as any edit. The time is that from the first frame to the word that the last is saved; the
client's own work on its document is done before.

    python -m benchmarks paste
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil
import uvloop

from benchmarks.records import keep
from tests.e2e.conftest import newcomers, running
from tests.e2e.house import House
from tests.e2e.people import List
from tests.e2e.socket_client import SocketClient

SIZES: Final = (1_000, 10_000)
COLUMNS: Final = 20
ROWS_AT_ONCE: Final = 100
WAIT_SECONDS_MAX: Final = 120.0


@dataclass(frozen=True, slots=True)
class Line:
    """What one paste took, in seconds; `server` is processor time."""

    rows: int
    passed: float
    server: float


def main() -> None:
    """Paste every size into a list of its own, print and keep the figures."""
    with TemporaryDirectory(prefix="rowhouse-bench-") as folder:
        Path(folder).chmod(0o755)
        for house in running(House(Path(folder), "--no-demo", ROWHOUSE_LIMITS="{}")):
            lines = [uvloop.run(_paste(house, rows)) for rows in SIZES]
    keep("paste", __doc__, {"lines": [asdict(line) for line in lines]})


async def _paste(house: House, rows: int) -> Line:
    server = psutil.Process(house.pid)
    async with newcomers(house) as newcomer:
        ana = await newcomer(f"Ana{rows}")
        made = await ana.make_list("Paste", [{"name": f"Column {n}", "type": "text"} for n in range(COLUMNS)])
        client = SocketClient()
        async with client.connected(ana, made.id):
            updates = [_part(client, made, first) for first in range(0, rows, ROWS_AT_ONCE)]
            before, begun = server.cpu_times(), time.perf_counter()
            frames = [await client.send_edit(update) for update in updates]
            await client.until(lambda: client.saved >= frames[-1], WAIT_SECONDS_MAX)
            passed, after = time.perf_counter() - begun, server.cpu_times()
        assert client.denied == [], client.denied[:1]
    line = Line(rows, round(passed, 2), round(after.user + after.system - before.user - before.system, 2))
    print(f"{line.rows:,} x {COLUMNS}: {line.passed} s, {line.server} s of the server's processor", flush=True)
    return line


def _part(client: SocketClient, target: List, first: int) -> bytes:
    """An update with some of the rows."""
    entries: dict[str, str] = {}
    for number in range(first, first + ROWS_AT_ONCE):
        row = f"pasted-row-{number:08}"
        entries[f"r:{row}"] = f"b{number:05}V"
        entries |= {f"c:{row}:{column}": f"{number} Harbour Lane" for column in target.columns.values()}
    return client.make(entries)


if __name__ == "__main__":
    main()
