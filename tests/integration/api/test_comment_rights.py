"""The conditional cells of the permission table over HTTP: whose comment, whose thread, by every role."""

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from auth.permissions import Action, allows
from auth.roles import Role
from tests.integration.api.people import Caller
from tests.integration.api.test_access import Scene, scene

__all__ = ["scene"]

# method, body, action: what can be done to a comment
DEEDS = (
    ("PATCH", {"body": "Changed."}, Action.COMMENTS_EDIT),
    ("PATCH", {"resolved": True}, Action.COMMENTS_RESOLVE),
    ("DELETE", None, Action.COMMENTS_DELETE),
)


async def remark(scene: Scene, author: Caller, parent: str | None = None, row: str | None = None) -> tuple[str, str]:
    """A comment by someone: its id and its row."""
    body = {"row": row or next(scene.rows), "body": "A remark"} | ({"parent": parent} if parent else {})
    made = (await author("POST", f"/api/lists/{scene.list_id}/comments", json=body)).json()
    return made["id"], made["row"]


@pytest.mark.rule("API-30", "API-12")
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("own", [True, False], ids=["own", "theirs"])
async def test_each_role_does_to_comments_what_the_table_allows(
    scene: Scene, live: FastAPI, role: Role, *, own: bool
) -> None:
    """Their own and a guest's: changed, resolved, deleted as the gate judges it; a refused call changes nothing and is noted."""
    person = scene.people[role]
    for method, body, action in DEEDS:
        comment, _ = await remark(scene, person if own else scene.guest)
        before = await row_of(live, comment)
        rest = {} if body is None else {"json": body}
        answer = await person(method, f"/api/lists/{scene.list_id}/comments/{comment}", **rest)
        may = allows(role, action, own=own)
        assert answer.status_code == ((204 if body is None else 200) if may else 403), (role, action, answer.text)
        assert (await row_of(live, comment) != before) is may
        if not may:
            assert await last_incident(live) == (person.id, "call.refused", scene.list_id)


@pytest.mark.rule("API-30")
async def test_a_thread_belongs_to_who_began_it(scene: Scene) -> None:
    """A member resolves what answers their own thread, and not their own answer in another's."""
    member = scene.people[Role.MEMBER]
    began, row = await remark(scene, member)
    answer, _ = await remark(scene, scene.guest, began, row)
    theirs, row = await remark(scene, scene.guest)
    mine, _ = await remark(scene, member, theirs, row)
    for comment, status in ((began, 200), (answer, 200), (theirs, 403), (mine, 403)):
        address = f"/api/lists/{scene.list_id}/comments/{comment}"
        assert (await member("PATCH", address, json={"resolved": True})).status_code == status


async def row_of(app: FastAPI, comment: str) -> tuple[object, ...]:
    """A comment as the table has it."""
    async with app.state.services.engine.connect() as connection:
        found = await connection.execute(text("SELECT * FROM comments WHERE comment_id = :id"), {"id": comment})
        return tuple(found.one())


async def last_incident(app: FastAPI) -> tuple[object, ...]:
    """(actor, act, subject) of the newest event."""
    await app.state.services.incidents.settle()
    async with app.state.services.engine.connect() as connection:
        found = await connection.execute(text("SELECT actor, action, subject FROM events ORDER BY id DESC LIMIT 1"))
        return tuple(found.one())
