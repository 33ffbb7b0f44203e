"""An import with a real server and its real worker, which is killed on the way."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.house import House

ROWS = 12_000
CSV = "Address,Price\r\n" + "".join(f"{number} Long Road,{number}\r\n" for number in range(ROWS))
PASSWORD = "a long enough password"


@pytest.fixture
def worked(make_state_folder: Callable[[], Path]) -> Iterator[House]:
    """A server with a worker beside it."""
    house = House(make_state_folder(), "--no-demo", ROWHOUSE_WORKER="true")
    house.start()
    yield house
    house.stop()


def workers(house: House) -> list[psutil.Process]:
    """The worker processes below the server."""
    below = psutil.Process(house.pid).children(recursive=True)
    return [process for process in below if process.cmdline()[-2:] == ["api.cli", "worker"]]


@pytest.mark.rule("DATA-13", "DATA-17")
async def test_a_killed_worker_is_replaced_and_no_row_comes_twice(worked: House) -> None:
    """SIGKILL in the middle of an import: another worker ends it, every row is there once, and the worker ends with its server."""
    async with httpx.AsyncClient(base_url=worked.url, timeout=60) as http:
        body = {"email": "ana@example.com", "password": PASSWORD, "name": "Ana"}
        token = (await http.post("/api/auth/register", json=body)).json()["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        workspace = (await http.get("/api/me")).json()["workspaces"][0]["id"]
        files = {"file": ("roads.csv", CSV.encode())}
        held = (await http.post(f"/api/workspaces/{workspace}/imports", files=files)).json()
        place = f"/api/imports/{held['id']}"
        assert (await http.post(f"{place}/run", json={"choices": {}})).status_code == 202
        now: dict[str, Any] = held
        killed_at = 0
        async with http.stream("GET", place, headers={"accept": "text/event-stream"}) as events:
            async for line in events.aiter_lines():
                now = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else now
                if now["rows_created"] and not killed_at:
                    killed_at = now["rows_created"]
                    (victim,) = workers(worked)
                    os.kill(victim.pid, signal.SIGKILL)
        assert 0 < killed_at < ROWS
        assert (now["state"], now["error"], now["rows_created"]) == ("done", None, ROWS)
        seen: list[float] = []
        cursor: str | None = None
        while cursor is not None or not seen:
            params = {"limit": "1000"} | ({} if cursor is None else {"cursor": cursor})
            page = (await http.get(f"/api/lists/{now['list_id']}/records", params=params)).json()
            seen += [record["fields"]["Price"] for record in page["items"]]
            cursor = page["next_cursor"]
    assert seen == list(range(ROWS))
    (heir,) = workers(worked)
    worked.stop()
    assert not heir.is_running()
