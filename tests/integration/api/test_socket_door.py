"""Who may open a list's socket: tickets, tokens, origins, strangers; judged before the upgrade."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from api.errors import Problem
from api.socket import _admit, list_socket
from auth import tokens
from auth.errors import AuthRefused
from auth.roles import Role
from tests.integration.api.desk import Desk
from tests.integration.api.people import caller

HOST = "rowhouse.test"


async def knock(app: FastAPI, list_id: str, **visit: Any) -> str:
    """Come to the door of a list: the role one gets in with, or the code of the refusal."""
    headers: dict[str, str] = {"host": HOST} | visit.get("headers", {})
    offered: Sequence[str] = visit.get("subprotocols", ())
    scope = {
        "type": "websocket",
        "path": f"/ws/lists/{list_id}",
        "query_string": visit.get("query", "").encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "subprotocols": list(offered),
        "app": app,
    }

    async def nothing(*_: Any) -> Any:
        raise AssertionError("nothing is read or sent before the upgrade")

    try:
        visitor = await _admit(WebSocket(scope, nothing, nothing), list_id, app.state.services)
    except Problem as problem:
        return str(problem.code)
    except AuthRefused as refused:
        return str(refused.reason)
    return str(visitor.principal.role)


async def ticket(desk: Desk) -> str:
    """Get a ticket for the desk's list."""
    status, made = await desk.call("POST", "/ticket")
    assert (status, made["expires_in"]) == (200, 30)
    assert made["url"].endswith(f"/ws/lists/{desk.made['id']}")
    return str(made["ticket"])


@pytest.mark.rule("AUTH-11")
async def test_a_ticket_opens_one_socket_once(desk: Desk, live: FastAPI) -> None:
    """The first use gets in, the second does not."""
    query = f"ticket={await ticket(desk)}"
    assert await knock(live, desk.made["id"], query=query) == Role.OWNER
    assert await knock(live, desk.made["id"], query=query) == "invalid_ticket"


@pytest.mark.rule("AUTH-11")
async def test_a_ticket_is_for_one_list(desk: Desk, live: FastAPI) -> None:
    """At another list's door it is refused, and spent."""
    path = f"/api/workspaces/{desk.person.workspace}/lists"
    other = (await desk.person("POST", path, json={"name": "Other"})).json()["id"]
    query = f"ticket={await ticket(desk)}"
    assert await knock(live, other, query=query) == "invalid_ticket"
    assert await knock(live, desk.made["id"], query=query) == "invalid_ticket"


@pytest.mark.rule("AUTH-11")
@pytest.mark.parametrize("odd", ["", "x", "x" * 43, "x" * 5_000, "%00", "é", "' or true --"])
async def test_what_is_no_ticket_is_refused(desk: Desk, live: FastAPI, odd: str) -> None:
    """Any other text in its place is refused, also beside a valid token."""
    headers = {"authorization": f"Bearer {desk.person.token}"}
    assert await knock(live, desk.made["id"], query=f"ticket={odd}", headers=headers) == "invalid_ticket"


@pytest.mark.rule("AUTH-11")
async def test_a_ticket_ends_after_thirty_seconds(desk: Desk, live: FastAPI) -> None:
    """A ticket that was not used in time opens nothing."""
    query = f"ticket={await ticket(desk)}"
    services = live.state.services
    later = services.clock() + timedelta(seconds=31)
    live.state.services = replace(services, clock=lambda: later)
    assert await knock(live, desk.made["id"], query=query) == "invalid_ticket"


async def test_a_token_opens_by_header_or_subprotocol(desk: Desk, live: FastAPI) -> None:
    """Programs send the header, stock providers the sub-protocols."""
    token = desk.person.token
    assert await knock(live, desk.made["id"], headers={"authorization": f"Bearer {token}"}) == Role.OWNER
    assert await knock(live, desk.made["id"], subprotocols=("rowhouse", f"bearer.{token}")) == Role.OWNER


@pytest.mark.rule("AUTH-2")
async def test_bad_tokens_and_none_are_refused(desk: Desk, live: FastAPI) -> None:
    """Nothing, nonsense, an expired token and the refresh cookie's path alone open nothing."""
    services = live.state.services
    past = services.clock() - timedelta(minutes=16)
    ended = tokens.issue(services.token_key, user_id=desk.person.id, session_id="s" * 16, now=past)
    list_id = desk.made["id"]
    assert await knock(live, list_id) == "missing_credentials"
    assert await knock(live, list_id, headers={"authorization": "Bearer x.y.z"}) == "invalid_token"
    assert await knock(live, list_id, subprotocols=("rowhouse", "bearer.x")) == "invalid_token"
    assert await knock(live, list_id, headers={"authorization": f"Bearer {ended}"}) == "expired_token"
    assert await knock(live, list_id, headers={"cookie": "rowhouse_refresh=" + "x" * 43}) == "missing_credentials"


@pytest.mark.rule("API-14")
@pytest.mark.parametrize(
    ("origin", "outcome"),
    [
        (f"http://{HOST}", Role.OWNER),
        ("http://evil.test", "foreign_origin"),
        (f"http://{HOST}.evil.test", "foreign_origin"),
        ("null", "foreign_origin"),
    ],
)
async def test_a_foreign_page_opens_nothing(desk: Desk, live: FastAPI, origin: str, outcome: str) -> None:
    """A browser's socket from another site is refused, even with a valid token."""
    headers = {"authorization": f"Bearer {desk.person.token}", "origin": origin}
    assert await knock(live, desk.made["id"], headers=headers) == outcome


@pytest.mark.rule("API-6")
async def test_strangers_and_unknown_lists_are_not_found(desk: Desk, live: FastAPI) -> None:
    """A stranger, an unknown list, an odd id and a trashed list get one answer."""
    eve = await caller(live, "eve@example.com").register("Eve")
    assert await knock(live, desk.made["id"], headers={"authorization": f"Bearer {eve.token}"}) == "not_found"
    own = {"authorization": f"Bearer {desk.person.token}"}
    for odd in ("l" * 16, "x", "a\0bcdefghijk", "../me"):
        assert await knock(live, odd, headers=own) == "not_found"
    await desk.call("DELETE", "")
    assert await knock(live, desk.made["id"], headers=own) == "not_found"


@pytest.mark.rule("AUTH-11")
async def test_a_removed_member_cannot_use_their_ticket(desk: Desk, live: FastAPI) -> None:
    """The membership is read when the ticket is used, not when it was made."""
    mia = await caller(live, "mia@example.com").register("Mia")
    await desk.person.admit(mia, "member")
    query = f"ticket={await ticket(Desk(mia, desk.made))}"
    await desk.person("DELETE", f"/api/workspaces/{desk.person.workspace}/members/{mia.id}")
    assert await knock(live, desk.made["id"], query=query) == "not_found"


@pytest.mark.rule("ROOM-46")
async def test_a_node_that_falls_behind_takes_nobody_in(desk: Desk, live: FastAPI) -> None:
    """Closed with 1013 before a ticket is spent; once it has caught up the same ticket gets in."""
    sent: list[dict[str, Any]] = []
    query = f"ticket={await ticket(desk)}"
    scope = {"type": "websocket", "path": f"/ws/lists/{desk.made['id']}", "query_string": query.encode(), "app": live}

    async def hear() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def say(message: Any) -> None:
        sent.append(message)

    pressure = live.state.services.pressure
    for _ in range(5):
        pressure.feel(60.0)
    await list_socket(WebSocket(scope | {"headers": [(b"host", HOST.encode())]}, hear, say), desk.made["id"])
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]
    assert sent[1]["code"] == 1013
    for _ in range(5):
        pressure.feel(0.0)
    assert await knock(live, desk.made["id"], query=query) == Role.OWNER


@pytest.mark.rule("ROOM-66")
async def test_who_asks_for_tickets_in_vain_waits_and_nobody_else_there_does(desk: Desk, live: FastAPI) -> None:
    """A token that is none, and a person who may not read the list, get 429 after 20 failures; Ana still gets her ticket."""
    ben = await caller(live, "ben@example.com").register("Ben")
    stranger = caller(live, "nobody@example.com")
    stranger.token = "no token"
    for person, status in ((ben, 404), (stranger, 401)):
        answers = [await person("POST", f"/api/lists/{desk.made['id']}/ticket") for _ in range(40)]
        assert [answer.status_code for answer in answers[:20]] == [status] * 20
        assert {answer.headers["retry-after"] for answer in answers if answer.status_code == 429} == {"2"}
    assert await ticket(desk)
