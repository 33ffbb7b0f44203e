"""Members and roles over the API: who may change whom, and who hears of it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from auth.roles import Role
from tests.integration.api.people import Caller, SilentRooms

Newcomer = Callable[[str], Awaitable[Caller]]


async def change(actor: Caller, workspace: str, user: str, role: str) -> tuple[int, str | None]:
    """Change a member's role: the status, and the code of a refusal."""
    answer = await actor("PATCH", f"/api/workspaces/{workspace}/members/{user}", json={"role": role})
    return answer.status_code, answer.json().get("code")


async def remove(actor: Caller, workspace: str, user: str) -> int:
    """Remove a member: the status."""
    return (await actor("DELETE", f"/api/workspaces/{workspace}/members/{user}")).status_code


@pytest.mark.rule("API-4")
async def test_rooms_hear_of_every_change_with_a_growing_version(newcomer: Newcomer, rooms: SilentRooms) -> None:
    """Adding, changing, removing and adding again each move the membership's version on by one."""
    ana, ben = await newcomer("Ana"), await newcomer("Ben")
    await ana.admit(ben, "editor")
    assert await change(ana, ana.workspace, ben.id, "member") == (200, None)
    assert await remove(ana, ana.workspace, ben.id) == 204
    await ana.admit(ben, "admin")
    expected = [(Role.EDITOR, 1), (Role.MEMBER, 2), (None, 3), (Role.ADMIN, 4)]
    assert rooms.heard == [(ana.workspace, ben.id, role, version) for role, version in expected]


@pytest.mark.rule("AUTH-7")
async def test_an_admin_cannot_touch_owners_or_make_one(newcomer: Newcomer) -> None:
    """Promotion to owner, demotion of an owner and removal of an owner are refused to an admin."""
    ana, adam = await newcomer("Ana"), await newcomer("Adam")
    await ana.admit(adam, "admin")
    assert await change(adam, ana.workspace, adam.id, "owner") == (403, "above_own_role")
    assert await change(adam, ana.workspace, ana.id, "member") == (403, "above_own_role")
    assert await remove(adam, ana.workspace, ana.id) == 403


@pytest.mark.rule("AUTH-7")
async def test_members_change_nobody_but_may_leave(newcomer: Newcomer) -> None:
    """A member is refused every change of others and of their own role upwards, and may leave."""
    ana, mia = await newcomer("Ana"), await newcomer("Mia")
    await ana.admit(mia, "member")
    assert await change(mia, ana.workspace, mia.id, "editor") == (403, "forbidden")
    assert await change(mia, ana.workspace, ana.id, "member") == (403, "forbidden")
    assert await remove(mia, ana.workspace, ana.id) == 403
    assert await remove(mia, ana.workspace, mia.id) == 204
    assert (await mia("GET", f"/api/workspaces/{ana.workspace}")).status_code == 404


@pytest.mark.rule("AUTH-8")
async def test_two_owners_cannot_remove_each_other_at_once(newcomer: Newcomer) -> None:
    """Of two crossing removals of the last two owners exactly one succeeds."""
    ana, bo = await newcomer("Ana"), await newcomer("Bo")
    await ana.admit(bo, "owner")
    statuses = await asyncio.gather(remove(ana, ana.workspace, bo.id), remove(bo, ana.workspace, ana.id))
    assert sorted(statuses) in ([204, 404], [204, 409])


@pytest.mark.rule("AUTH-8")
async def test_the_last_owner_cannot_leave(newcomer: Newcomer) -> None:
    """Leaving and stepping down are refused to the last owner."""
    ana = await newcomer("Ana")
    assert await change(ana, ana.workspace, ana.id, "admin") == (409, "last_owner")
    assert await remove(ana, ana.workspace, ana.id) == 409


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "nobody@example.com", "role": "editor"}, 404, "not_found"),
        ({"email": "ana@example.com", "role": "owner"}, 409, "already_member"),
        ({"email": "ben@example.com", "role": "king"}, 422, "invalid_request"),
        ({"email": "ben@example.com", "role": "editor", "user_id": "x"}, 422, "invalid_request"),
        ({"role": "editor"}, 422, "invalid_request"),
    ],
)
async def test_adding_names_what_is_wrong(newcomer: Newcomer, body: dict[str, str], status: int, code: str) -> None:
    """Unknown accounts, present members and wrong bodies each get their own answer."""
    ana = await newcomer("Ana")
    await newcomer("Ben")
    answer = await ana("POST", f"/api/workspaces/{ana.workspace}/members", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.rule("API-4")
async def test_administrative_acts_stand_in_the_audit(newcomer: Newcomer, app: FastAPI) -> None:
    """Creating, renaming and each change of members leaves one event with who, what and old and new."""
    ana, ben = await newcomer("Ana"), await newcomer("Ben")
    await ana.admit(ben, "editor")
    await change(ana, ana.workspace, ben.id, "member")
    await remove(ana, ana.workspace, ben.id)
    await ana("PATCH", f"/api/workspaces/{ana.workspace}", json={"name": "Harbour"})
    async with app.state.services.engine.connect() as connection:
        statement = text("SELECT action, actor, subject, detail FROM events WHERE workspace_id = :id ORDER BY id")
        found = [tuple(row) for row in await connection.execute(statement, {"id": ana.workspace})]
    assert found == [
        ("workspace.created", ana.id, ana.workspace, {}),
        ("member.added", ana.id, ben.id, {"old": None, "new": "editor"}),
        ("member.changed", ana.id, ben.id, {"old": "editor", "new": "member"}),
        ("member.removed", ana.id, ben.id, {"old": "member", "new": None}),
        ("workspace.renamed", ana.id, ana.workspace, {"old": "Ana's workspace", "new": "Harbour"}),
    ]


async def test_a_trashed_workspace_is_gone(newcomer: Newcomer) -> None:
    """After its deletion a workspace is listed and found no more."""
    ana = await newcomer("Ana")
    made = (await ana("POST", "/api/workspaces", json={"name": "Second"})).json()
    assert (await ana("DELETE", f"/api/workspaces/{made['id']}")).status_code == 204
    assert (await ana("GET", f"/api/workspaces/{made['id']}")).status_code == 404
    names = [workspace["name"] for workspace in (await ana("GET", "/api/workspaces")).json()["items"]]
    assert names == ["Ana's workspace"]
