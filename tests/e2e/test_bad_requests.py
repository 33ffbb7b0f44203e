"""Wrong requests over HTTP: always problem details with the right status, naming the place; never a 500."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Newcomer
from tests.e2e.people import List, Person
from tests.e2e.wrong_bodies import Description

JSON = {"content-type": "application/json"}
OPTIONS = [{"label": "Active"}, {"label": "Sold"}]
TYPES = (
    "text", "long_text", "number", "percent", "currency", "rating", "duration", "checkbox", "date", "datetime",
    "email", "phone", "url", "user", "users", "address", "attachment",
)  # fmt: skip
WRONG_VALUES: dict[str, list[Any]] = {
    "text": [7, True, ["x"], {"x": 1}, "NUL \0"],
    "long_text": [7, True, ["x"], {"x": 1}],
    "number": ["x", True, ["x"], {"x": 1}, 10**400],
    "percent": ["x", True, ["x"], {"x": 1}],
    "currency": ["x", True, ["x"], {"x": 1}],
    "rating": ["x", True, -1, {"x": 1}],
    "duration": ["x", True, ["x"], {"x": 1}],
    "checkbox": ["x", 7, ["x"], {"x": 1}],
    "date": ["2026-02-30", "x", 7, True, ["x"]],
    "datetime": ["2026-02-30T00:00:00Z", "x", 7, True, ["x"]],
    "email": [7, True, ["x"], {"x": 1}],
    "phone": [7, True, ["x"], {"x": 1}],
    "url": ["javascript:alert(1)", 7, True, ["x"]],
    "user": ["nobody", 7, True, ["x"]],
    "users": ["x", 7, True, ["nobody"], [7]],
    "address": ["x", 7, True, ["x"], {"surplus": 1}],
    "attachment": ["x", 7, True, [7], {"x": 1}],
    "select": ["no such option", 7, True, ["x"]],
    "multi_select": ["x", 7, True, ["no such option"], [7]],
    "link": ["x", 7, True, [7], {"x": 1}],
}
BROKEN_BODIES = (b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"name": "\\ud800"}', b'{"name": NaN}', b"null", b"0" * 5000)
STRANGE_IDS = ("x", "no id", "%00", "\u00e4" * 12, "a" * 3000, "'; DROP TABLE users")


@dataclass
class Scene:
    """A list with something of everything, so that every call finds what it works on."""

    owner: Person
    target: List
    ids: dict[str, str]
    description: Description

    def path(self, template: str) -> str:
        """A call's path with the ids of what is there."""
        return template.format_map(self.ids)


@pytest.fixture
async def scene(newcomer: Newcomer) -> Scene:
    """Ana's list with a column of each type, a record, a comment, and Ben as a member."""
    ana, ben = await newcomer("Ana"), await newcomer("Ben")
    await ana.admit(ben, "member")
    target = await ana.make_list("Everything", [{"name": kind, "type": kind} for kind in TYPES])
    choices = [{"name": kind, "type": kind, "options": OPTIONS} for kind in ("select", "multi_select")]
    for column in [*choices, {"name": "link", "type": "link", "config": {"list": target.id}}]:
        target.columns[column["name"]] = (await ana.make(f"/api/lists/{target.id}/columns", column))["id"]
    (row,) = await ana.add_rows(target, [{"text": "here"}])
    comment = await ana.make(f"/api/lists/{target.id}/comments", {"row": row, "body": "x"})
    key = await ana.make("/api/keys", {"workspace_id": ana.workspace, "name": "Robot"})
    brought = await ana("POST", f"/api/lists/{target.id}/imports", files={"file": ("file.csv", b"text\nhere\n")})
    ids = {
        "import_id": brought.json()["id"],
        "workspace_id": ana.workspace,
        "key_id": key["id"],
        "user_id": ben.id,
        "list_id": target.id,
        "column_id": target.columns["text"],
        "row_id": row,
        "comment_id": comment["id"],
    }
    return Scene(ana, target, ids, Description(await ana.get("/api/openapi.json")))


def is_problem(answer: httpx.Response, *statuses: int, sent: Any = None) -> dict[str, Any]:
    """Check that an answer is a refusal in words, with one of these statuses."""
    call = f"{answer.request.method} {answer.request.url} {sent!r}"
    assert answer.status_code in statuses, f"{call}: {answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"] == "application/problem+json", call
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["code"]
    assert len(problem["detail"].split()) > 2, f"{call}: no sentence in {problem['detail']!r}"
    return problem


@pytest.mark.rule("API-1", "API-2")
async def test_every_wrong_type_in_every_body_is_named(scene: Scene) -> None:
    """For every place of every body in the API's description: a wrong type is a 422 that names the place."""
    tried = 0
    for method, path, operation in scene.description.calls():
        schema = scene.description.body_schema(operation)
        if schema is None:
            continue
        for wrong in scene.description.wrong_bodies(schema):
            answer = await scene.owner(method, scene.path(path), json=wrong.body)
            if wrong.unstorable:
                assert answer.is_client_error, f"{method} {path} {wrong}: {answer.status_code}"
                continue
            places = [error["field"] for error in is_problem(answer, 422, sent=wrong)["errors"]]
            named = any(place == wrong.place or place.startswith(f"{wrong.place}.") for place in places)
            assert named or (wrong.place == "" and places), f"{method} {path} {wrong}: {places}"
            tried += 1
    assert tried > 300


@pytest.mark.rule("API-9")
async def test_every_wrong_value_of_a_column_is_named(scene: Scene) -> None:
    """For every type of column: a value that does not fit is a 422 that names record and field, on both calls."""
    records = f"/api/lists/{scene.target.id}/records"
    for kind, values in WRONG_VALUES.items():
        for value in values:
            made = await scene.owner(
                "POST", records, content=json.dumps({"records": [{}, {"fields": {kind: value}}]}), headers=JSON
            )
            (error,) = is_problem(made, 422, sent=(kind, value))["errors"]
            assert (error["field"], error.get("record")) == (f"records.1.fields.{kind}", 1)
            changed = await scene.owner(
                "PATCH", f"{records}/{scene.ids['row_id']}", headers=JSON, content=json.dumps({"fields": {kind: value}})
            )
            (error,) = is_problem(changed, 422, sent=(kind, value))["errors"]
            assert error["field"] == f"fields.{kind}"
            assert error["message"]
    found = await scene.owner.get(records)
    assert [item["fields"]["text"] for item in found["items"]] == ["here"], "nothing of it was kept"


@pytest.mark.rule("API-1")
async def test_bodies_that_are_no_json_are_refused(scene: Scene) -> None:
    """Empty, broken, endless, badly encoded: a 4xx for every call that takes a body."""
    for method, path, operation in scene.description.calls():
        if scene.description.body_schema(operation) is None:
            continue
        for body in BROKEN_BODIES:
            is_problem(await scene.owner(method, scene.path(path), content=body, headers=JSON), 400, 422)


@pytest.mark.rule("API-13")
async def test_bodies_above_the_limit_are_refused(scene: Scene) -> None:
    """A body above the limit is a 413, whether it states its length or not."""
    path, large = f"/api/lists/{scene.target.id}/records", b" " * (5 << 20)

    async def pieces() -> Any:
        yield large

    is_problem(await scene.owner("POST", path, content=large, headers=JSON), 413)
    is_problem(await scene.owner("POST", path, content=pieces(), headers=JSON), 413)


@pytest.mark.rule("API-1", "API-10")
async def test_wrong_queries_are_named(scene: Scene) -> None:
    """A query parameter of a wrong type, out of range or unknown is a 422 that says which."""
    records = f"/api/lists/{scene.target.id}/records"
    for name, value in [("limit", "x"), ("limit", "0"), ("limit", "-1"), ("limit", "99999999999999999999"),
                        ("trashed", "perhaps"), ("field_keys", "x"), ("sort", "no such column"), ("fields", "nothing"),
                        ("cursor", "x"), ("cursor", "eyJ9"), ("search", "x" * 500), ("surplus", "1")]:  # fmt: skip
        problem = is_problem(await scene.owner("GET", records, params={name: value}), 422)
        told = f"{problem['detail']} {problem['errors']}"
        assert name in told, told


@pytest.mark.rule("API-6")
async def test_strange_ids_are_not_found(scene: Scene) -> None:
    """An id that cannot exist, or does not, is a 404 in every place of every path."""
    for method, path, operation in scene.description.calls():
        schema = scene.description.body_schema(operation)
        body = None if schema is None else scene.description.sample(schema)
        for name in (part[1:-1] for part in path.split("/") if part.startswith("{")):
            for strange in (*STRANGE_IDS, secrets.token_urlsafe(12)):
                replaced = path.format_map(scene.ids | {name: httpx.URL(f"/{strange}").raw_path.decode()[1:]})
                answer = await scene.owner(method, replaced, json=body)
                # A body that does not fit what is not there may be told first.
                assert 400 <= answer.status_code < 500, f"{method} {replaced}: {answer.status_code} {answer.text[:300]}"


@pytest.mark.rule("API-5")
async def test_every_call_needs_credentials(scene: Scene) -> None:
    """Without a token every call but sign-in, health and the description is a 401."""
    stranger = Person(scene.owner.http, scene.owner.server, "Nobody", "nobody@example.com")
    open_paths = {
        "/healthz",
        "/readyz",
        "/api/auth/register",
        "/api/auth/login",
        "/api/auth/refresh",
        "/api/auth/logout",
    }
    stranger.http.cookies.clear()
    for method, path, operation in scene.description.calls():
        if path in open_paths:
            continue
        schema = scene.description.body_schema(operation)
        body = None if schema is None else scene.description.sample(schema)
        is_problem(await stranger(method, scene.path(path), json=body), 401)
