"""Canaries: words that stand in everything people type and hold, none of which may come out of the server's log.

The server logs at `debug`, and meets all that a log could give away: sign-ins, tokens, tickets, keys, values, remarks, refusals, bad
requests, frames that are no frames, and a database whose errors quote what they were given.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.conftest import running
from tests.e2e.house import House
from tests.e2e.people import List, Person, person
from tests.e2e.socket_client import SocketClient

CANARY = "kanarienvogel"
METRICS_TOKEN = f"{CANARY}-metrics-token"
COLUMNS = [{"name": "Name", "type": "text"}, {"name": "Rent", "type": "number"}, {"name": "Mail", "type": "email"}]
HEADERS = {"X-Custom": CANARY, "User-Agent": CANARY, "Referer": f"http://{CANARY}.test/"}


@pytest.fixture
def chatty(make_state_folder: Callable[[], Path]) -> Iterator[House]:
    """A server that logs everything it can."""
    settings = {"ROWHOUSE_LOG_LEVEL": "debug", "ROWHOUSE_LOG_FORMAT": "json", "ROWHOUSE_METRICS_TOKEN": METRICS_TOKEN}
    yield from running(House(make_state_folder(), "--no-demo", **settings))


def database_log(house: House) -> str:
    """What the embedded PostgreSQL has logged."""
    return "".join(
        path.read_text(errors="replace") for path in house.folder.rglob("*.log") if path.name != "server.log"
    )


async def sign_in_badly(ana: Person) -> None:
    """Wrong passwords, wrong bodies, wrong tokens, wrong places."""
    for body in (
        {"email": ana.email, "password": f"wrong {CANARY}"},
        {"email": f"{CANARY}@example.com", "password": CANARY},
        {"email": CANARY, "password": CANARY, CANARY: CANARY},
        {"email": [CANARY], "password": {"is": CANARY}},
    ):
        assert (await ana("POST", "/api/auth/login", json=body)).status_code in {401, 422}
    assert (await ana("POST", "/api/auth/login", content=f"{{{CANARY}".encode())).status_code == 422
    assert (await ana("GET", f"/api/lists/{CANARY}-{CANARY}?ticket={CANARY}")).status_code == 404
    assert (await ana("GET", f"/api/{CANARY}?q={CANARY}")).status_code == 404
    assert (await ana("GET", f"/{CANARY}?q={CANARY}")).status_code in {200, 404}, (
        "the web client's page, where it is built"
    )
    headers = {"authorization": f"Bearer {CANARY}.{CANARY}.{CANARY}", "X-Request-ID": f"{CANARY} not an id"}
    assert (await ana("GET", "/api/me", headers=HEADERS | headers)).status_code == 401
    await ana("POST", "/api/auth/refresh", headers={"origin": f"http://{CANARY}.test"})
    await ana("GET", "/metrics", headers={"authorization": f"Bearer {METRICS_TOKEN}"})
    await ana("GET", "/api/me", headers={"cookie": f"rowhouse_refresh={CANARY}"})


async def write_and_be_refused(ana: Person, target: List) -> None:
    """Values that are taken and values that are not, by call and by socket, and a remark."""
    records = f"/api/lists/{target.id}/records"
    assert (await ana("POST", records, json={"records": [{"fields": {"Rent": CANARY}}]})).status_code == 422
    assert (await ana("POST", records, json={"records": [{"fields": {f"no {CANARY}": CANARY}}]})).status_code == 422
    assert (await ana("GET", f"{records}?limit={CANARY}")).status_code == 422
    assert (await ana("GET", f"{records}?search={CANARY}")).status_code == 200
    await ana.make(f"/api/lists/{target.id}/comments", {"row": target.rows[0], "body": f"A remark of a {CANARY}"})
    client = SocketClient()
    async with client.connected(ana, target.id):
        await client.write({target.cell(0, "Name"): f"{CANARY} by socket", target.cell(0, "Rent"): CANARY})
        await client.until(lambda: len(client.denied) == 1)
        await client.send_presence(client.doc.client_id, 1, {"user": {"name": CANARY}, "cell": CANARY})
        await client.until_saved()
        await client.send_unread(b"\x00\x02", CANARY.encode())
        assert (await client.until_closed())[0] == 4400


async def open_with_tickets(ana: Person, target: List) -> list[str]:
    """Open the list with a ticket, then with the spent one; returns it."""
    ticket = await ana.ticket(target.id)
    async with SocketClient().connected(ana, target.id, query=f"ticket={ticket}"):
        pass
    for spent in (ticket, CANARY):
        with pytest.raises(InvalidStatus):
            async with SocketClient().connected(ana, target.id, query=f"ticket={spent}"):
                pass
    return [ticket]


async def break_the_database(house: House, ana: Person, target: List) -> None:
    """Let PostgreSQL refuse what the program thought sound, so that its errors quote rows and parameters."""
    sql = await asyncpg.connect(house.database_url)
    try:
        await sql.execute("ALTER TABLE records ADD CONSTRAINT broken_records CHECK (false) NOT VALID")
        await sql.execute("ALTER TABLE users ADD CONSTRAINT broken_users CHECK (false) NOT VALID")
        client = SocketClient()
        async with client.connected(ana, target.id):
            await client.write({target.cell(0, "Name"): f"{CANARY} that no table takes"})
            assert (await client.until_closed())[0] == 1011
        body = {"email": f"{CANARY}2@example.com", "password": f"a long enough {CANARY}", "name": CANARY}
        answer = await ana("POST", "/api/auth/register", json=body)
        assert answer.status_code == 500
        assert answer.headers["x-request-id"]
        assert CANARY not in answer.text
        await sql.execute("ALTER TABLE records DROP CONSTRAINT broken_records")
        await sql.execute("ALTER TABLE users DROP CONSTRAINT broken_users")
    finally:
        await sql.close()


@pytest.mark.rule("OPS-2", "OPS-3", "OPS-4")
@pytest.mark.timeout(180)
async def test_no_canary_comes_out(chatty: House) -> None:
    """Of all that was typed and held, nothing stands in the server's output; what happened does, with its place in the source."""
    async with httpx.AsyncClient(base_url=chatty.url, timeout=30, headers=HEADERS) as client:
        ana = Person(client, chatty.url, CANARY, f"{CANARY}@example.com")
        made = await ana.make(
            "/api/auth/register", {"email": ana.email, "password": f"a long enough {CANARY}", "name": CANARY}
        )
        ana.token = made["access_token"]
        ana.workspace = (await ana.get("/api/me"))["workspaces"][0]["id"]
        target = await ana.make_list(f"List of a {CANARY}", [*COLUMNS, {"name": CANARY, "type": "text"}])
        await ana.add_rows(target, [{"Name": f"{CANARY} 1", "Mail": f"{CANARY}@example.com", CANARY: CANARY}] * 3)
        key = await ana.make("/api/keys", {"workspace_id": ana.workspace, "name": CANARY})
        robot = {"authorization": f"Bearer {key['key']}"}
        assert (await ana("GET", f"/api/lists/{target.id}/records", headers=robot)).status_code == 200
        secrets = [ana.token, key["key"], *client.cookies.values(), *await open_with_tickets(ana, target)]
        await sign_in_badly(ana)
        await write_and_be_refused(ana, target)
        await break_the_database(chatty, ana, target)
    chatty.stop()
    log = chatty.log()
    require_story(log, target)
    assert len(secrets) >= 4
    for secret in (CANARY, *secrets):
        assert secret not in log
        assert secret not in database_log(chatty)


def require_story(log: str, target: List) -> None:
    """The log is JSON and tells what happened: calls, sockets, the failed commit with its code and trace."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.splitlines() if line]
    events = {line["event"] for line in lines}
    assert {"call answered", "socket opened", "socket closed", "commit failed"} <= events
    failed = next(line for line in lines if line["event"] == "commit failed")
    assert failed["list_id"] == target.id
    assert "CheckViolationError (sqlstate 23514, table_name records" in failed["exception"]
    assert "constraint_name broken_records)" in failed["exception"]
    assert "persistence/" in failed["exception"]
    denied = [line for line in lines if line.get("route") == "/ws/lists/{list_id}" and line.get("status") == 401]
    assert len(denied) == 2
    bug = next(line for line in lines if "constraint_name broken_users" in line.get("exception", ""))
    answered = [
        line for line in lines if line.get("request_id") == bug["request_id"] and line["event"] == "call answered"
    ]
    assert [(line["route"], line["status"]) for line in answered] == [("/api/auth/register", 500)]
    closes = {line["code"] for line in lines if line["event"] == "socket closed"}
    assert {4400, 1011} <= closes
    opened = [line for line in lines if line["event"] == "socket opened"]
    assert all(line["user_id"] and line["list_id"] == target.id and line["request_id"] for line in opened)


@pytest.mark.rule("API-41")
async def test_a_request_id_is_taken_or_made(house: House) -> None:
    """A sound one comes back, on calls and sockets; anything else is replaced by a fresh one."""
    ana = await person(house.url, "Ana").register()
    given = "0123abcd-from-a-proxy"
    assert (await ana("GET", "/healthz", headers={"X-Request-ID": given})).headers["x-request-id"] == given
    fresh = set()
    for odd in ("short", "x" * 65, "with space", "a;b;c;d;e;f", "<script>alert", ""):
        answer = await ana("GET", "/api/me", headers={"X-Request-ID": odd})
        fresh.add(answer.headers["x-request-id"])
        assert answer.headers["x-request-id"] != odd
    assert len(fresh) == 6
    target = await ana.make_list("Properties", COLUMNS)
    client = SocketClient()
    async with client.connected(ana, target.id):
        assert client._connection is not None
        assert client._connection.response is not None
        assert client._connection.response.headers["x-request-id"]
    await ana.http.aclose()
