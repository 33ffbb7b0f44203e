"""Who may call what: every route against every role, from a table that must name every route.

The table says which action of `auth.permissions` a route needs; the roles that may follow from there. A route
without an entry fails the build.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import create_app
from api.settings import Settings
from auth.permissions import Action, Credential, allows
from auth.roles import Role
from tests.integration.api.people import Caller, caller

OPEN = "open to everyone"
METRICS = "open to who has the metrics token"
SIGNED_IN = "open to everyone who is signed in"

WORKSPACE = "/api/workspaces/{workspace_id}"
LIST = "/api/lists/{list_id}"
IMPORT = "/api/imports/{import_id}"

ROUTES: dict[tuple[str, str], Action | str] = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/metrics"): METRICS,
    ("POST", "/api/auth/register"): OPEN,
    ("POST", "/api/auth/login"): OPEN,
    ("POST", "/api/auth/refresh"): OPEN,
    ("POST", "/api/auth/logout"): OPEN,
    ("GET", "/api/me"): SIGNED_IN,
    ("GET", "/api/keys"): SIGNED_IN,
    ("POST", "/api/keys"): SIGNED_IN,
    ("DELETE", "/api/keys/{key_id}"): SIGNED_IN,
    ("GET", "/api/workspaces"): SIGNED_IN,
    ("POST", "/api/workspaces"): SIGNED_IN,
    ("GET", WORKSPACE): Action.LISTS_READ,
    ("PATCH", WORKSPACE): Action.WORKSPACE_UPDATE,
    ("DELETE", WORKSPACE): Action.WORKSPACE_DELETE,
    ("GET", f"{WORKSPACE}/members"): Action.LISTS_READ,
    ("POST", f"{WORKSPACE}/members"): Action.MEMBERS_MANAGE,
    ("PATCH", f"{WORKSPACE}/members/{{user_id}}"): Action.MEMBERS_MANAGE,
    ("DELETE", f"{WORKSPACE}/members/{{user_id}}"): Action.MEMBERS_MANAGE,
    ("GET", f"{WORKSPACE}/audit"): Action.AUDIT_READ,
    ("GET", f"{WORKSPACE}/lists"): Action.LISTS_READ,
    ("POST", f"{WORKSPACE}/lists"): Action.LISTS_MANAGE,
    ("GET", "/api/templates"): SIGNED_IN,
    ("POST", f"{WORKSPACE}/templates"): Action.LISTS_MANAGE,
    ("GET", LIST): Action.LISTS_READ,
    ("PATCH", LIST): Action.LISTS_MANAGE,
    ("DELETE", LIST): Action.LISTS_MANAGE,
    ("POST", f"{LIST}/restore"): Action.LISTS_MANAGE,
    ("GET", f"{LIST}/columns"): Action.LISTS_READ,
    ("POST", f"{LIST}/columns"): Action.COLUMNS_MANAGE,
    ("PATCH", f"{LIST}/columns/{{column_id}}"): Action.COLUMNS_MANAGE,
    ("DELETE", f"{LIST}/columns/{{column_id}}"): Action.COLUMNS_MANAGE,
    ("POST", f"{LIST}/columns/{{column_id}}/conversion/preview"): Action.COLUMNS_MANAGE,
    ("POST", f"{LIST}/columns/{{column_id}}/conversion"): Action.COLUMNS_MANAGE,
    ("GET", f"{LIST}/columns/{{column_id}}/conversion/report"): Action.COLUMNS_MANAGE,
    ("POST", f"{LIST}/columns/{{column_id}}/conversion/undo"): Action.COLUMNS_MANAGE,
    ("GET", f"{LIST}/records"): Action.LISTS_READ,
    ("POST", f"{LIST}/records"): Action.ROWS_EDIT,
    ("PATCH", f"{LIST}/records"): Action.ROWS_EDIT,
    ("DELETE", f"{LIST}/records"): Action.ROWS_EDIT,
    ("GET", f"{LIST}/records/{{row_id}}"): Action.LISTS_READ,
    ("PATCH", f"{LIST}/records/{{row_id}}"): Action.ROWS_EDIT,
    ("DELETE", f"{LIST}/records/{{row_id}}"): Action.ROWS_EDIT,
    ("POST", f"{LIST}/records/{{row_id}}/restore"): Action.ROWS_EDIT,
    ("GET", f"{LIST}/records/{{row_id}}/history"): Action.LISTS_READ,
    ("GET", f"{LIST}/export"): Action.EXPORT,
    ("GET", f"{LIST}/comments"): Action.LISTS_READ,
    ("POST", f"{LIST}/comments"): Action.COMMENTS_WRITE,
    ("PATCH", f"{LIST}/comments/{{comment_id}}"): Action.COMMENTS_WRITE,
    ("DELETE", f"{LIST}/comments/{{comment_id}}"): Action.COMMENTS_WRITE,
    ("POST", f"{LIST}/ticket"): Action.LISTS_READ,
    ("POST", f"{LIST}/imports"): Action.IMPORT,
    ("POST", f"{WORKSPACE}/imports"): Action.LISTS_MANAGE,
    ("GET", IMPORT): Action.LISTS_READ,
    ("POST", f"{IMPORT}/preview"): Action.IMPORT,
    ("POST", f"{IMPORT}/run"): Action.IMPORT,
    ("POST", f"{IMPORT}/cancel"): Action.IMPORT,
    ("GET", f"{IMPORT}/report"): Action.IMPORT,
}

FILE = {"file": ("listings.csv", b"Address,Price\n5 Side Street,5\n")}

GUARDED = [(route, action) for route, action in ROUTES.items() if isinstance(action, Action)]


@dataclass
class Scene:
    """A workspace with one person of each role and a guest to act upon, a list, two records, a column, and a comment of each person."""

    owner: Caller
    stranger: Caller
    guest: Caller
    people: dict[Role, Caller]
    list_id: str
    column_id: str
    rows: Iterator[str]
    numbers: Iterator[int] = field(default_factory=itertools.count)


@pytest.fixture
async def scene(live: FastAPI) -> Scene:
    """Make the scene."""
    owner = await caller(live, "owner@example.com").register("Owner")
    people = {Role.OWNER: owner}
    for role in (Role.ADMIN, Role.EDITOR, Role.MEMBER):
        people[role] = await caller(live, f"{role}@example.com").register(role.title())
        await owner.admit(people[role], role)
    body = {"name": "Properties", "columns": [{"name": "Address", "type": "text"}, {"name": "Price", "type": "number"}]}
    made = (await owner("POST", f"/api/workspaces/{owner.workspace}/lists", json=body)).json()
    records = {"records": [{"fields": {"Address": f"{number} Main Street"}} for number in range(40)]}
    rows = (await owner("POST", f"/api/lists/{made['id']}/records", json=records)).json()["items"]
    stranger = await caller(live, "stranger@example.com").register("Stranger")
    guest = await caller(live, "guest@example.com").register("Guest")
    await owner.admit(guest, Role.MEMBER)
    ids = itertools.cycle([row["id"] for row in rows])
    return Scene(owner, stranger, guest, people, made["id"], made["columns"][1]["id"], ids)


async def own_comment(scene: Scene, person: Caller) -> str:
    """A fresh comment of this person, or of the owner where the person may not comment here."""
    author = person if person in scene.people.values() else scene.owner
    body = {"row": next(scene.rows), "body": "A remark"}
    return str((await author("POST", f"/api/lists/{scene.list_id}/comments", json=body)).json()["id"])


def allowed_to(scene: Scene, person: Caller) -> bool:
    """Whether the person may convert columns, so that there must be one to convert."""
    return person in (scene.people[Role.OWNER], scene.people[Role.ADMIN])


async def own_column(scene: Scene, path: str) -> str:
    """A fresh column, converted already where the route needs it."""
    columns = f"/api/lists/{scene.list_id}/columns"
    body = {"name": f"Column {next(scene.numbers)}", "type": "number"}
    made = (await scene.owner("POST", columns, json=body)).json()
    if path.endswith(("/report", "/undo")):
        made = (await scene.owner("POST", f"{columns}/{made['id']}/conversion", json={"type": "text"})).json()["column"]
    return str(made["id"])


async def own_import(scene: Scene, person: Caller) -> str:
    """A fresh import of this person, or of the owner where the person may not import here."""
    brought = None
    for importer in [person, scene.owner] if person in scene.people.values() else [scene.owner]:
        brought = await importer("POST", f"/api/lists/{scene.list_id}/imports", files=FILE)
        if brought.is_success:
            break
    assert brought is not None
    return str(brought.json()["id"])


async def request(scene: Scene, person: Caller, method: str, path: str) -> tuple[str, dict[str, Any]]:
    """A well-formed call of a route: its address and the rest."""
    row = next(scene.rows)
    target = scene.guest.id
    comment = await own_comment(scene, person) if "{comment_id}" in path else ""
    column = await own_column(scene, path) if "/conversion" in path and allowed_to(scene, person) else scene.column_id
    brought = await own_import(scene, person) if "{import_id}" in path else ""
    address = path.format(
        import_id=brought,
        workspace_id=scene.owner.workspace,
        list_id=scene.list_id,
        row_id=row,
        column_id=column,
        user_id=target,
        comment_id=comment,
    )
    name = path.rpartition("}")[2] or path.rpartition("{")[2].rstrip("}")
    bodies: dict[tuple[str, str], dict[str, Any]] = {
        ("PATCH", "workspace_id"): {"name": "Renamed"},
        ("POST", "/members"): {"email": "stranger@example.com", "role": "member"},
        ("PATCH", "user_id"): {"role": "member"},
        ("POST", "/lists"): {"name": "Owners"},
        ("POST", "/templates"): {"templates": [{"template": "owners"}]},
        ("PATCH", "list_id"): {"name": "Renamed"},
        ("POST", "/columns"): {"name": "Due", "type": "date"},
        ("PATCH", "column_id"): {"name": "Cost"},
        ("POST", "/conversion/preview"): {"type": "text"},
        ("POST", "/conversion"): {"type": "text"},
        ("POST", "/records"): {"records": [{"fields": {"Address": "2 Side Street"}}]},
        ("PATCH", "/records"): {"records": [{"id": row, "fields": {"Address": "3 Side Street"}}]},
        ("PATCH", "row_id"): {"fields": {"Address": "4 Side Street"}},
        ("POST", "/comments"): {"row": row, "body": "A remark"},
        ("PATCH", "comment_id"): {"body": "Another remark"},
        ("POST", "/preview"): {},
        ("POST", "/run"): {"choices": {}},
    }
    rest: dict[str, Any] = {"json": bodies[method, name]} if (method, name) in bodies else {}
    if (method, name) == ("POST", "/imports"):
        rest["files"] = FILE
    if (method, name) == ("DELETE", "/records"):
        rest["params"] = {"id": row}
    return address, rest


@pytest.mark.rule("API-5")
def test_every_route_is_in_the_table() -> None:
    """A new route needs a row that says who may call it."""
    app = create_app(Settings(secret="s" * 40))
    found = {
        (method, context.path)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in context.methods or ()
    }
    assert found == set(ROUTES)


@pytest.mark.rule("API-5")
@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_call_exactly_what_the_table_allows(scene: Scene, role: Role) -> None:
    """For every guarded route: a role that the action allows gets through, every other gets 403."""
    person = scene.people[role]
    wrong = []
    for (method, path), action in sorted(GUARDED, key=_destructive):
        address, rest = await request(scene, person, method, path)
        answer = await person(method, address, **rest)
        if allows(role, action) != answer.is_success or (not answer.is_success and answer.status_code != 403):
            wrong.append((method, path, answer.status_code, answer.text))
    assert wrong == []


@pytest.mark.rule("API-21", "AUTH-15")
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("credential", [Credential.KEY, Credential.READ_ONLY_KEY])
async def test_each_key_may_call_exactly_what_the_table_allows(
    scene: Scene, live: FastAPI, role: Role, credential: Credential
) -> None:
    """For every guarded route: what the table gives a key of this role gets through, everything else gets 403."""
    person, robot = scene.people[role], caller(live, "")
    body = {"workspace_id": scene.owner.workspace, "name": "Robot", "read_only": credential is Credential.READ_ONLY_KEY}
    robot.token = (await person("POST", "/api/keys", json=body)).json()["key"]
    wrong = []
    for (method, path), action in sorted(GUARDED, key=_destructive):
        address, rest = await request(scene, person, method, path)
        answer = await robot(method, address, **rest)
        allowed = allows(role, action, credential)
        if allowed != answer.is_success or (not answer.is_success and answer.status_code != 403):
            wrong.append((method, path, answer.status_code, answer.text))
    assert wrong == []


@pytest.mark.rule("API-6")
async def test_a_stranger_finds_nothing(scene: Scene) -> None:
    """Every route answers a stranger with the same 404 as for an id that does not exist."""
    wrong = []
    for (method, path), _action in GUARDED:
        address, rest = await request(scene, scene.stranger, method, path)
        nowhere = address.replace(scene.owner.workspace, "w" * 16).replace(scene.list_id, "l" * 16)
        foreign = await scene.stranger(method, address, **rest)
        missing = await scene.stranger(method, nowhere, **rest)
        if (foreign.status_code, foreign.json()) != (404, missing.json()):
            wrong.append((method, path, foreign.status_code, foreign.text))
    assert wrong == []


@pytest.mark.rule("API-6")
async def test_without_a_token_everything_is_401(scene: Scene, live: FastAPI) -> None:
    """Every route but the open ones asks for credentials first."""
    nobody = caller(live, "")
    for (method, path), action in ROUTES.items():
        if action in {OPEN, METRICS}:
            continue
        address, rest = await request(scene, nobody, method, path) if isinstance(action, Action) else (path, {})
        answer = await nobody(method, address, **rest)
        assert (answer.status_code, answer.json()["code"]) == (401, "missing_credentials"), (method, path)


@pytest.mark.rule("API-6")
@pytest.mark.parametrize("odd", ["%00", "a%00bcdefghij", "..%2f..", "x" * 300, "%ff", "%F0%9F%98%80", "'--"])
async def test_an_odd_id_is_not_found(scene: Scene, odd: str) -> None:
    """Whatever stands in the place of an id, the answer is 404."""
    for path in (f"/api/workspaces/{odd}", f"/api/lists/{odd}", f"/api/lists/{scene.list_id}/records/{odd}"):
        assert (await scene.owner("GET", path)).status_code == 404, path


def _destructive(entry: tuple[tuple[str, str], Action]) -> tuple[bool, bool, bool, int]:
    """Calls that take the ground from under others come last, the widest at the very end."""
    (method, path), _ = entry
    return (method == "DELETE", path.endswith("/restore"), not path.startswith(LIST), -path.count("/"))
