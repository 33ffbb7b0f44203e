"""Calls that the permission table refuses, by every role at every route: nothing is changed, and the audit says who tried."""

import itertools
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from auth.permissions import Action, allows
from auth.roles import Role
from persistence.members import put_member
from persistence.tables import metadata
from tests.integration.api.people import Caller
from tests.integration.api.test_access import GUARDED, Scene, request, scene

__all__ = ["scene"]

# What a refused call may add to: the audit itself.
APART = {"events"}


async def everything(app: FastAPI) -> dict[str, list[Any]]:
    """Every row of every table beside the audit's events."""
    async with app.state.services.engine.connect() as connection:
        return {
            name: sorted(map(repr, (await connection.execute(table.select())).all()))
            for name, table in metadata.tables.items()
            if name not in APART
        }


async def incidents(app: FastAPI) -> list[tuple[Any, ...]]:
    """(actor, act, detail) of every event since the first one that is an incident."""
    await app.state.services.incidents.settle()
    async with app.state.services.engine.connect() as connection:
        statement = text("SELECT actor, action, detail FROM events WHERE action = 'call.refused' ORDER BY id")
        return [tuple(row) for row in await connection.execute(statement)]


@pytest.mark.rule("API-5", "API-27")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
async def test_a_refused_call_leaves_an_incident_and_nothing_else(scene: Scene, live: FastAPI, role: Role) -> None:
    """Each route that the role may not call: the tables are as before, and the incident names person and action."""
    person = scene.people[role]
    refused = [(route, action) for route, action in GUARDED if not allows(role, action)]
    assert refused
    for (method, path), action in refused:
        address, rest = await request(scene, person, method, path)
        live.state.services.incidents._noted.clear()  # the person's share of the minute is another test's matter
        before, known = await everything(live), await incidents(live)
        answer = await person(method, address, **rest)
        assert answer.status_code == 403, (method, path, answer.text)
        assert await everything(live) == before, (method, path)
        (actor, act, detail) = (await incidents(live))[len(known) :][0]
        assert (actor, act) == (person.id, "call.refused")
        assert detail.get("action", action) == action or detail["reasons"] == ["role"], (method, path, detail)


@pytest.mark.rule("API-6")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
async def test_who_was_removed_finds_nothing(scene: Scene, live: FastAPI, role: Role) -> None:
    """Every route answers somebody who was removed as it answers a stranger, whatever their role was; the audit is not bothered."""
    person = scene.people[role]
    members = f"/api/workspaces/{scene.owner.workspace}/members"
    calls = [(method, *(await request(scene, person, method, path))) for (method, path), _ in GUARDED]
    assert (await scene.owner("DELETE", f"{members}/{person.id}")).status_code == 204
    before, known = await everything(live), await incidents(live)
    for method, address, rest in calls:
        answers = [await somebody(method, address, **rest) for somebody in (person, scene.stranger)]
        assert [answer.status_code for answer in answers] == [404, 404], (method, address)
        assert answers[0].json() == answers[1].json()
    assert await everything(live) == before
    assert await incidents(live) == known


@pytest.mark.rule("AUTH-7", "AUTH-20")
@pytest.mark.parametrize("role", list(Role))
async def test_members_are_managed_at_or_below_the_own_role(scene: Scene, live: FastAPI, role: Role) -> None:
    """Each role upon every other and upon itself, to every role and out: as the table's cells say, computed by hand."""
    person, rank = scene.people[role], {Role.MEMBER: 0, Role.EDITOR: 1, Role.ADMIN: 2, Role.OWNER: 3}
    for target, wanted in itertools.product(Role, [*Role, None]):
        await _seat_everybody(scene, live)
        other, height = scene.people[target], rank[wanted or Role.MEMBER]
        answer = await _manage(scene, person, other, wanted)
        manages = allows(role, Action.MEMBERS_MANAGE) and max(rank[target], height) <= rank[role]
        owners = Role.OWNER not in (target, wanted) or allows(role, Action.OWNERS_MANAGE)
        lowers = height <= rank[role] and allows(role, Action.MEMBERSHIP_LOWER, own=person is other)
        expected = (manages and owners) or (person is other and lowers)
        assert (answer.is_success, target, wanted) == (expected, target, wanted), answer.text


async def _seat_everybody(scene: Scene, app: FastAPI) -> None:
    """Everybody has their role, and there is a second owner, so that it is never about the last one."""
    async with app.state.services.transaction() as connection:
        for role, person in (*scene.people.items(), (Role.OWNER, scene.guest)):
            await put_member(connection, scene.owner.workspace, person.id, role, app.state.services.clock())


async def _manage(scene: Scene, person: Caller, other: Caller, wanted: Role | None) -> Any:
    address = f"/api/workspaces/{scene.owner.workspace}/members/{other.id}"
    return await person("DELETE", address) if wanted is None else await person("PATCH", address, json={"role": wanted})
