"""Personal API keys: made once, shown once, never worth more than their owner, gone when revoked."""

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from tests.integration.api.conftest import Newcomer
from tests.integration.api.desk import Desk
from tests.integration.api.people import BASE, Caller, Clock, SilentRooms, caller
from tests.integration.api.test_socket_door import knock


async def make_key(owner: Caller, **body: Any) -> dict[str, Any]:
    """A new key of somebody's, for their own workspace unless said otherwise."""
    answer = await owner("POST", "/api/keys", json={"workspace_id": owner.workspace, "name": "Robot"} | body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def robot_of(app: FastAPI, owner: Caller, made: dict[str, Any]) -> Caller:
    """A program that calls by a key."""
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
    return Caller(http, owner.email, owner.id, made["key"], owner.workspace)


@pytest.mark.rule("API-19")
async def test_a_key_is_shown_once_and_kept_as_a_digest(newcomer: Newcomer, database_url: str) -> None:
    """The answer of its making holds it; neither the list of keys nor the database does."""
    ana = await newcomer("Ana")
    made = await make_key(ana, expires_in_days=30)
    assert made["key"].startswith("rhk_")
    assert len(made["key"]) == 47
    (listed,) = (await ana("GET", "/api/keys")).json()["items"]
    assert listed == {name: value for name, value in made.items() if name != "key"}
    assert (listed["expires_at"], listed["lists"], listed["last_used_at"]) == ("2030-02-01T03:04:05Z", None, None)
    connection = await asyncpg.connect(database_url)
    try:
        kept = str(await connection.fetch("SELECT k::text FROM api_keys k"))
        events = str(await connection.fetch("SELECT e::text FROM events e"))
    finally:
        await connection.close()
    assert made["id"] in kept
    assert made["key"][4:] not in kept + events


@pytest.mark.rule("API-19", "AUTH-16")
async def test_a_key_works_until_it_is_revoked(newcomer: Newcomer, app: FastAPI, rooms: SilentRooms) -> None:
    """Then the program is told so, the rooms hear of it, and the audit holds both acts."""
    ana = await newcomer("Ana")
    made = await make_key(ana)
    robot = robot_of(app, ana, made)
    assert (await robot("GET", f"/api/workspaces/{ana.workspace}")).status_code == 200
    assert (await ana("DELETE", f"/api/keys/{made['id']}")).status_code == 204
    refused = await robot("GET", f"/api/workspaces/{ana.workspace}")
    assert (refused.status_code, refused.json()["code"]) == (401, "revoked_credentials")
    assert [(heard[0].kind, heard[0].id) for heard in rooms.heard] == [("key", made["id"])]
    assert (await ana("DELETE", f"/api/keys/{made['id']}")).status_code == 404
    assert (await ana("GET", "/api/keys")).json()["items"] == []


@pytest.mark.rule("AUTH-16")
async def test_a_key_ends_on_its_day(newcomer: Newcomer, app: FastAPI, clock: Clock) -> None:
    """Not a second earlier; at its end it is told from an unknown one."""
    ana = await newcomer("Ana")
    robot = robot_of(app, ana, await make_key(ana, expires_in_days=1))
    clock.pass_by(days=1, seconds=-1)
    assert (await robot("GET", "/api/me")).status_code == 200
    clock.pass_by(seconds=1)
    refused = await robot("GET", "/api/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "expired_credentials")


@pytest.mark.rule("AUTH-6", "AUTH-16")
@pytest.mark.parametrize("odd", ["rhk_", "rhk_" + "x" * 43, "rhk_" + "x" * 42, "rhk_" + "x" * 5_000, "rhk_a.b.c"])
async def test_what_is_no_key_is_refused(newcomer: Newcomer, app: FastAPI, odd: str) -> None:
    """Any other text gives the one reason."""
    robot = robot_of(app, await newcomer("Ana"), {"key": odd})
    refused = await robot("GET", "/api/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_credentials")


@pytest.mark.rule("API-19")
async def test_the_last_use_is_noted_once_a_minute(newcomer: Newcomer, app: FastAPI, clock: Clock) -> None:
    """A busy program costs one write a minute."""
    ana = await newcomer("Ana")
    robot = robot_of(app, ana, await make_key(ana))
    began, seen = clock.now, []
    for seconds in (0, 30, 29, 1):
        clock.pass_by(seconds=seconds)
        await robot("GET", "/api/me")
        (listed,) = (await ana("GET", "/api/keys")).json()["items"]
        seen.append(listed["last_used_at"])
    first, later = (moment.isoformat().replace("+00:00", "Z") for moment in (began, began + timedelta(minutes=1)))
    assert seen == [first, first, first, later]


@pytest.mark.rule("API-20")
async def test_a_key_makes_neither_keys_nor_workspaces(newcomer: Newcomer, app: FastAPI) -> None:
    """Not even an owner's; nor does it read or revoke keys."""
    ana = await newcomer("Ana")
    made = await make_key(ana)
    robot = robot_of(app, ana, made)
    calls = [
        await robot("GET", "/api/keys"),
        await robot("POST", "/api/keys", json={"workspace_id": ana.workspace, "name": "Another"}),
        await robot("DELETE", f"/api/keys/{made['id']}"),
        await robot("POST", "/api/workspaces", json={"name": "Another"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in calls] == [(403, "forbidden")] * 4


@pytest.mark.rule("API-20", "AUTH-16")
async def test_a_key_acts_in_its_workspace_only(newcomer: Newcomer, app: FastAPI) -> None:
    """Another workspace of its owner is as one that does not exist, also among the owner's workspaces."""
    ana = await newcomer("Ana")
    other = (await ana("POST", "/api/workspaces", json={"name": "Other"})).json()["id"]
    robot = robot_of(app, ana, await make_key(ana))
    assert (await robot("GET", f"/api/workspaces/{other}")).status_code == 404
    assert (await robot("GET", f"/api/workspaces/{other}/lists")).status_code == 404
    assert [w["id"] for w in (await robot("GET", "/api/me")).json()["workspaces"]] == [ana.workspace]
    assert [w["id"] for w in (await robot("GET", "/api/workspaces")).json()["items"]] == [ana.workspace]


@pytest.mark.rule("API-6", "API-20")
async def test_a_key_for_what_one_has_no_access_to_is_not_made(newcomer: Newcomer) -> None:
    """A stranger's workspace is not found; a stranger's list is answered as one that does not exist."""
    ana, eve = await newcomer("Ana"), await newcomer("Eve")
    for workspace in (ana.workspace, "w" * 16, "x", "a\0bcdefghijk"):
        answer = await eve("POST", "/api/keys", json={"workspace_id": workspace, "name": "Robot"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    for lists in (["l" * 16], ["a\0b"]):
        answer = await eve("POST", "/api/keys", json={"workspace_id": eve.workspace, "name": "Robot", "lists": lists})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "lists.0")


@pytest.mark.rule("API-6")
async def test_a_foreign_key_is_not_found(newcomer: Newcomer, app: FastAPI) -> None:
    """Nobody revokes or sees another person's key, not even an owner of its workspace; it goes on working."""
    ana, mia = await newcomer("Ana"), await newcomer("Mia")
    await ana.admit(mia, "member")
    made = await make_key(mia, workspace_id=ana.workspace)
    for odd in (made["id"], "k" * 16, "x", "%00"):
        answer = await ana("DELETE", f"/api/keys/{odd}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await ana("GET", "/api/keys")).json()["items"] == []
    robot = robot_of(app, mia, made)
    assert (await robot("GET", f"/api/workspaces/{ana.workspace}")).status_code == 200


@pytest.mark.rule("AUTH-15", "API-21")
async def test_a_read_only_key_only_reads(desk: Desk, live: FastAPI) -> None:
    """Its owner may do everything; the key reads, and every change is refused, a step down of its owner too."""
    ana = desk.person
    ben = await caller(live, "ben@example.com").register("Ben")
    await ana.admit(ben, "admin")
    robot = robot_of(live, ben, await make_key(ben, workspace_id=ana.workspace, read_only=True))
    (row,) = await desk.add({"Address": "1 Main Street"})
    path = f"/api/lists/{desk.made['id']}"
    reading = [path, f"{path}/columns", f"{path}/records", f"{path}/records/{row['id']}", f"{path}/comments"]
    assert [(await robot("GET", each)).status_code for each in reading] == [200] * 5
    membership = f"/api/workspaces/{ana.workspace}/members/{ben.id}"
    changes = [
        await robot("PATCH", f"{path}/records/{row['id']}", json={"fields": {"Address": "x"}}),
        await robot("POST", f"{path}/comments", json={"row": row["id"], "body": "x"}),
        await robot("POST", f"{path}/columns", json={"name": "x", "type": "text"}),
        await robot("DELETE", path),
        await robot("PATCH", f"/api/workspaces/{ana.workspace}", json={"name": "x"}),
        await robot("PATCH", membership, json={"role": "member"}),
        await robot("DELETE", membership),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in changes] == [(403, "forbidden")] * 7


@pytest.mark.rule("AUTH-15")
async def test_a_key_has_its_owners_role_of_the_moment(desk: Desk, live: FastAPI) -> None:
    """Made by an editor it edits; once they are a member it reads; once they are gone it finds nothing."""
    ben = await caller(live, "ben@example.com").register("Ben")
    await desk.person.admit(ben, "editor")
    robot = robot_of(live, ben, await make_key(ben, workspace_id=desk.person.workspace))
    path, body = f"/api/lists/{desk.made['id']}/records", {"records": [{"fields": {"Address": "1 Main Street"}}]}
    made = await robot("POST", path, json=body)
    assert made.status_code == 201
    row = made.json()["items"][0]
    assert row["created_by"] == ben.id
    membership = f"/api/workspaces/{desk.person.workspace}/members/{ben.id}"
    await desk.person("PATCH", membership, json={"role": "member"})
    assert (await robot("POST", path, json=body)).status_code == 403
    comment = {"row": row["id"], "body": "A remark"}
    assert (await robot("POST", f"/api/lists/{desk.made['id']}/comments", json=comment)).status_code == 403
    assert (await ben("POST", f"/api/lists/{desk.made['id']}/comments", json=comment)).status_code == 201
    assert (await robot("GET", path)).status_code == 200
    await desk.person("DELETE", membership)
    assert (await robot("GET", path)).status_code == 404


@pytest.mark.rule("API-22")
async def test_a_key_may_be_limited_to_lists(desk: Desk, live: FastAPI) -> None:
    """Others are not found and not listed; at large, such a key only reads."""
    ana = desk.person
    at_large = f"/api/workspaces/{ana.workspace}"
    other = (await ana("POST", f"{at_large}/lists", json={"name": "Owners"})).json()["id"]
    own = desk.made["id"]
    robot = robot_of(live, ana, await make_key(ana, lists=[own]))
    assert [item["id"] for item in (await robot("GET", f"{at_large}/lists")).json()["items"]] == [own]
    body = {"records": [{"fields": {"Address": "1 Main Street"}}]}
    assert (await robot("POST", f"/api/lists/{own}/records", json=body)).status_code == 201
    foreign = await robot("GET", f"/api/lists/{other}")
    assert (foreign.status_code, foreign.json()) == (404, (await robot("GET", f"/api/lists/{'l' * 16}")).json())
    assert (await robot("POST", f"/api/lists/{other}/ticket")).status_code == 404
    assert await knock(live, other, headers={"authorization": f"Bearer {robot.token}"}) == "not_found"
    assert (await robot("POST", f"{at_large}/lists", json={"name": "More"})).status_code == 403
    assert (await robot("PATCH", at_large, json={"name": "x"})).status_code == 403
    mia = await caller(live, "mia@example.com").register("Mia")
    answer = await robot("POST", f"{at_large}/members", json={"email": mia.email, "role": "owner"})
    assert answer.status_code == 403


@pytest.mark.rule("AUTH-16", "AUTH-12")
async def test_a_key_opens_sockets_by_every_door(desk: Desk, live: FastAPI) -> None:
    """The header, the sub-protocol, and tickets, which end with the key."""
    made = await make_key(desk.person)
    robot, list_id = robot_of(live, desk.person, made), desk.made["id"]
    assert await knock(live, list_id, headers={"authorization": f"Bearer {robot.token}"}) == "owner"
    assert await knock(live, list_id, subprotocols=["rowhouse", f"bearer.{robot.token}"]) == "owner"
    tickets = [(await robot("POST", f"/api/lists/{list_id}/ticket")).json()["ticket"] for _ in range(2)]
    assert await knock(live, list_id, query=f"ticket={tickets[0]}") == "owner"
    await desk.person("DELETE", f"/api/keys/{made['id']}")
    assert await knock(live, list_id, query=f"ticket={tickets[1]}") == "key_revoked"


@pytest.mark.rule("AUTH-12", "AUTH-11")
async def test_a_ticket_ends_with_its_sign_in(desk: Desk, live: FastAPI) -> None:
    """Who has signed out does not come in by a ticket that they asked for before."""
    made = (await desk.person("POST", f"/api/lists/{desk.made['id']}/ticket")).json()["ticket"]
    await desk.person("POST", "/api/auth/logout")
    assert await knock(live, desk.made["id"], query=f"ticket={made}") == "session_revoked"


@pytest.mark.rule("API-19")
async def test_keys_are_limited_in_number(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than the limit is refused; a revoked one makes room."""
    monkeypatch.setattr("api.routes.keys.KEYS_MAX", 2)
    ana = await newcomer("Ana")
    first, _ = await make_key(ana), await make_key(ana)
    body = {"workspace_id": ana.workspace, "name": "Robot"}
    assert (await ana("POST", "/api/keys", json=body)).json()["code"] == "invalid_request"
    await ana("DELETE", f"/api/keys/{first['id']}")
    assert (await ana("POST", "/api/keys", json=body)).status_code == 201


@pytest.mark.rule("API-19")
async def test_keys_stand_in_the_audit(newcomer: Newcomer, database_url: str) -> None:
    """Who made and who revoked which key, with its limits, and never its secret."""
    ana = await newcomer("Ana")
    made = await make_key(ana, read_only=True)
    await ana("DELETE", f"/api/keys/{made['id']}")
    connection = await asyncpg.connect(database_url)
    try:
        noted = await connection.fetch(
            "SELECT action, actor, workspace_id, detail FROM events WHERE subject = $1 ORDER BY id", made["id"]
        )
    finally:
        await connection.close()
    detail = '{"name": "Robot", "lists": null, "read_only": true}'
    assert [tuple(row) for row in noted] == [
        ("key.created", ana.id, ana.workspace, detail),
        ("key.revoked", ana.id, ana.workspace, detail),
    ]
