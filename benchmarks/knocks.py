"""Question: what does somebody cost who knocks at the door of a list again and again and is never let in?

Workload: 2,000 requests for a socket, each on a connection of its own, one after another, to a server on the embedded PostgreSQL: of a person
whose connections were closed for what they sent (ROOM-27), with a token that is none, and with a ticket that is none. What counts is processor time,
of the server's process and of PostgreSQL, so that a busy machine does not matter much.

    python -m benchmarks.knocks
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from benchmarks.processes import Processes, postmaster_pid
from benchmarks.records import keep
from realtime.core.limits import Limits
from tests.e2e.conftest import running
from tests.e2e.house import House
from tests.e2e.people import List, Person, person
from tests.e2e.socket_client import SocketClient

KNOCKS = 2_000
UNSOUND = b"\x2a\x00"
UPGRADE = (
    "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
)

Request = Callable[[int], bytes]


def main() -> None:
    """Measure each way of knocking, print the table and keep the raw results."""
    with TemporaryDirectory(prefix="rowhouse-bench-") as folder:
        Path(folder).chmod(0o755)
        house = House(Path(folder), "--no-demo", ROWHOUSE_LIMITS="{}", ROWHOUSE_FAILED_UPGRADES_BURST_MAX="20")
        for server in running(house):
            lines = asyncio.run(_measure(server))
    keep("knocks", __doc__, {"lines": lines})


async def _measure(house: House) -> list[dict[str, object]]:
    print("| who knocks | server s | PostgreSQL s | answers |\n|---|---|---|---|")
    owner, barred = await person(house.url, "Ana").register(), await person(house.url, "Mallory").register()
    await owner.admit(barred, "editor")
    homes = await owner.make_list("Homes", [{"name": "Name", "type": "text"}])
    await _bar(barred, homes)
    door = f"/ws/lists/{homes.id}"
    requests: dict[str, Request] = {
        "somebody barred": lambda _: _upgrade(house, door, f"Authorization: Bearer {barred.token}\r\n"),
        "a token that is none": lambda n: _upgrade(house, door, f"Authorization: Bearer {_forged(owner, n)}\r\n"),
        "a ticket that is none": lambda n: _upgrade(house, f"{door}?ticket={n:043d}", ""),
    }
    processes = Processes(house.pid, postmaster_pid(house.folder))
    lines = []
    for who, request in requests.items():
        before, answers = processes.usage(), Counter[str]()
        for number in range(KNOCKS):
            answers[await _knock(house, request(number))] += 1
        used = processes.usage() - before
        told = ", ".join(f"{answer}: {count}" for answer, count in sorted(answers.items()))
        print(f"| {who} | {used.server:.2f} | {used.database:.2f} | {told} |", flush=True)
        lines.append({"who": who, "used": asdict(used), "answers": dict(answers)})
    for someone in (owner, barred):
        await someone.http.aclose()
    return lines


async def _bar(someone: Person, homes: List) -> None:
    for _ in range(int(Limits().strikes_burst_max)):
        client = SocketClient()
        async with client.connected(someone, homes.id):
            await client.send(UNSOUND)
            await client.until_closed()


def _forged(owner: Person, number: int) -> str:
    """Another token each time, whose signature is none."""
    return f"{owner.token[:-12]}{number:012d}"


def _upgrade(house: House, target: str, more: str) -> bytes:
    return UPGRADE.format(target=target, host=urlsplit(house.url).netloc, more=more).encode()


async def _knock(house: House, request: bytes) -> str:
    """Ask for a socket; the status, or the code that the socket is closed with."""
    address = urlsplit(house.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status = head.split(b" ", 2)[1].decode()
        if status != "101":
            return status
        frame = await reader.readexactly(4)  # the server closes at once
        return str(int.from_bytes(frame[2:4]))
    finally:
        writer.close()


if __name__ == "__main__":
    main()
