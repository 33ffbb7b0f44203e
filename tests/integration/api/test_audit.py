"""The audit of a workspace: every changing call leaves its trace, and owners and admins read it page by page."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from persistence.events import Act
from snapshots.audit import AuditQuery, audit_statement
from tests.integration.api.desk import Desk
from tests.integration.api.people import Caller, caller
from tests.integration.api.test_access import IMPORT, LIST, ROUTES, WORKSPACE, Scene, request, scene

__all__ = ["scene"]

# What each changing call leaves: an event, facts of these kinds, or nothing, with the reason why.
UNSEEN_FILE = "an uploaded file is in no list yet"
TRACES: dict[tuple[str, str], Act | frozenset[str] | str] = {
    ("POST", "/api/auth/register"): Act.WORKSPACE_CREATED,
    ("POST", "/api/auth/login"): "a sign-in concerns an account, not a workspace",
    ("POST", "/api/auth/refresh"): "a sign-in concerns an account, not a workspace",
    ("POST", "/api/auth/logout"): "a sign-in concerns an account, not a workspace",
    ("POST", "/api/keys"): Act.KEY_CREATED,
    ("DELETE", "/api/keys/{key_id}"): Act.KEY_REVOKED,
    ("POST", "/api/workspaces"): Act.WORKSPACE_CREATED,
    ("PATCH", WORKSPACE): Act.WORKSPACE_RENAMED,
    ("DELETE", WORKSPACE): Act.WORKSPACE_TRASHED,
    ("POST", f"{WORKSPACE}/members"): Act.MEMBER_ADDED,
    ("PATCH", f"{WORKSPACE}/members/{{user_id}}"): Act.MEMBER_CHANGED,
    ("DELETE", f"{WORKSPACE}/members/{{user_id}}"): Act.MEMBER_REMOVED,
    ("POST", f"{WORKSPACE}/lists"): frozenset({"meta", "column"}),
    ("POST", f"{WORKSPACE}/templates"): frozenset({"meta", "column"}),
    ("PATCH", LIST): frozenset({"meta"}),
    ("DELETE", LIST): Act.LIST_TRASHED,
    ("POST", f"{LIST}/restore"): Act.LIST_RESTORED,
    ("POST", f"{LIST}/columns"): frozenset({"column"}),
    ("PATCH", f"{LIST}/columns/{{column_id}}"): frozenset({"column"}),
    ("DELETE", f"{LIST}/columns/{{column_id}}"): frozenset({"column"}),
    ("POST", f"{LIST}/columns/{{column_id}}/conversion"): frozenset({"column"}),
    ("POST", f"{LIST}/columns/{{column_id}}/conversion/preview"): "a preview changes nothing",
    ("POST", f"{LIST}/columns/{{column_id}}/conversion/undo"): frozenset({"column"}),
    ("POST", f"{LIST}/records"): frozenset({"row", "cell"}),
    ("PATCH", f"{LIST}/records"): frozenset({"cell"}),
    ("DELETE", f"{LIST}/records"): frozenset({"trash"}),
    ("PATCH", f"{LIST}/records/{{row_id}}"): frozenset({"cell"}),
    ("DELETE", f"{LIST}/records/{{row_id}}"): frozenset({"trash"}),
    ("POST", f"{LIST}/records/{{row_id}}/restore"): frozenset({"trash"}),
    ("POST", f"{LIST}/comments"): frozenset({"comment"}),
    ("PATCH", f"{LIST}/comments/{{comment_id}}"): frozenset({"comment"}),
    ("DELETE", f"{LIST}/comments/{{comment_id}}"): frozenset({"comment"}),
    ("POST", f"{LIST}/imports"): UNSEEN_FILE,
    ("POST", f"{WORKSPACE}/imports"): UNSEEN_FILE,
    ("POST", f"{IMPORT}/preview"): "looking into a file changes nothing",
    ("POST", f"{IMPORT}/run"): "the job that it begins writes the facts, with the source import",
    ("POST", f"{IMPORT}/cancel"): "an import that ends early leaves its person's list as it is",
    (
        "POST",
        f"{LIST}/ticket",
    ): "a ticket changes nothing that anybody sees; what is done through its socket has its own facts",
}


async def traces(app: FastAPI) -> tuple[int, int]:
    """The number of the newest event, and how many facts there are."""
    async with app.state.services.engine.connect() as connection:
        newest = await connection.scalar(text("SELECT coalesce(max(id), 0) FROM events"))
        return int(newest), int(await connection.scalar(text("SELECT count(*) FROM facts")))


async def since(app: FastAPI, before: tuple[int, int]) -> tuple[list[str], set[str]]:
    """The acts and the kinds of facts since then."""
    async with app.state.services.engine.connect() as connection:
        acts = await connection.scalars(text("SELECT action FROM events WHERE id > :id ORDER BY id"), {"id": before[0]})
        kinds = await connection.scalars(
            text(
                "SELECT kind FROM facts ORDER BY at DESC, seq DESC, ordinal DESC LIMIT (SELECT count(*) FROM facts) - :n"
            ),
            {"n": before[1]},
        )
        return list(acts), set(kinds)


@pytest.mark.rule("API-25")
def test_every_changing_call_has_a_trace_or_a_reason() -> None:
    """A new one needs a row."""
    assert set(TRACES) == {(method, path) for method, path in ROUTES if method != "GET"}


@pytest.mark.rule("API-25")
async def test_every_changing_call_leaves_its_trace(scene: Scene, live: FastAPI) -> None:
    """One event or its facts with the act, and no more than that; a call that leaves none leaves none."""
    for (method, path), trace in sorted(TRACES.items(), key=_widest_last):
        if path.startswith("/api/auth") or isinstance(trace, str):
            continue
        address, rest = await prepared(scene, method, path)
        before = await traces(live)
        answer = await scene.owner(method, address, **rest)
        assert answer.is_success, (method, path, answer.text)
        acts, kinds = await since(live, before)
        assert (acts, kinds) == (([trace], set()) if isinstance(trace, Act) else ([], set(trace))), (method, path)


async def prepared(scene: Scene, method: str, path: str) -> tuple[str, dict[str, Any]]:
    """A call that changes something: what is to be restored is deleted first, a role becomes another one."""
    if path.startswith("/api/keys"):
        body = {"workspace_id": scene.owner.workspace, "name": "Robot"}
        if method == "POST":
            return path, {"json": body}
        return path.format(key_id=(await scene.owner("POST", "/api/keys", json=body)).json()["id"]), {}
    address, rest = await request(scene, scene.owner, method, path)
    if path == "/api/workspaces":
        rest["json"] = {"name": "Second"}
    if path.endswith("/restore"):
        assert (await scene.owner("DELETE", address.removesuffix("/restore"))).is_success
    if (method, path.rpartition("/")[2]) == ("PATCH", "{user_id}"):
        rest["json"] = {"role": "editor"}
    if (method, path) == ("DELETE", f"{LIST}/columns/{{column_id}}"):
        return address, {}
    return address, rest


def _widest_last(entry: tuple[tuple[str, str], Any]) -> tuple[bool, bool, int]:
    (method, path), _ = entry
    return (method == "DELETE" or path == f"{LIST}/restore", not path.startswith(LIST), -path.count("/"))


@pytest.fixture
async def mia(desk: Desk, live: FastAPI) -> Desk:
    """Mia at Ana's list, where she is a member."""
    person = await caller(live, "mia@example.com").register("Mia")
    await desk.person.admit(person, "member")
    return Desk(person, desk.made)


async def audit(person: Caller, **query: Any) -> Any:
    """Read the audit of Ana's workspace."""
    answer = await person("GET", f"/api/workspaces/{person.workspace}/audit", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def noted(app: FastAPI) -> None:
    """Wait until every incident is written."""
    await app.state.services.incidents.settle()


@pytest.mark.rule("API-26")
async def test_the_audit_tells_who_did_what(desk: Desk, mia: Desk, live: FastAPI) -> None:
    """Acts, changes of lists and refused calls, newest first, with the names of people and lists."""
    assert (await mia.call("PATCH", "", json={"name": "Mine"}))[0] == 403
    assert (await desk.call("PATCH", "", json={"name": "Houses"}))[0] == 200
    await noted(live)
    items = (await audit(desk.person))["items"]
    told = [
        (item["kind"], item["action"], item["actor_name"], item["list_name"], item["subject_name"]) for item in items
    ]
    assert ("act", "member.added", "Ana", None, "Mia") in told
    assert ("incident", "call.refused", "Mia", "Houses", None) in told
    change = next(item for item in items if item["kind"] == "change")
    assert (change["action"], change["attribute"], change["old"], change["new"]) == (
        "meta",
        "name",
        "Properties",
        "Houses",
    )
    assert [item["at"] for item in items] == sorted((item["at"] for item in items), reverse=True)
    refused = next(item for item in items if item["kind"] == "incident")
    assert refused["detail"] == {"action": "lists.manage"}


@pytest.mark.rule("API-26")
@pytest.mark.parametrize("query", [{}, {"kind": "act"}, {"kind": "change"}, {"kind": "incident"}, {"kind": "refusal"}])
async def test_pages_repeat_and_skip_nothing(desk: Desk, mia: Desk, live: FastAPI, query: dict[str, str]) -> None:
    """Entry by entry the same as at once, for each kind; a kind is found by its filter."""
    await mia.call("DELETE", "")
    await noted(live)
    whole = (await audit(desk.person, limit=1000, **query))["items"]
    assert {item["kind"] for item in whole} == (
        {query["kind"]} if query.get("kind", "refusal") != "refusal" else set()
    ) or not query
    single, cursor = [], None
    while True:
        page = await audit(desk.person, limit=1, **query, **({"cursor": cursor} if cursor else {}))
        single += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert single == whole


@pytest.mark.rule("API-26")
async def test_filters_ask_for_people_and_lists(desk: Desk, mia: Desk, live: FastAPI) -> None:
    """By actor and by list; a stranger's workspace shows nothing of either."""
    await mia.call("DELETE", "")
    await noted(live)
    assert {item["actor"] for item in (await audit(desk.person, actor=mia.person.id))["items"]} == {mia.person.id}
    of_list = (await audit(desk.person, list=desk.made["id"], limit=1000))["items"]
    assert {item["list"] for item in of_list} == {desk.made["id"]}
    assert {item["kind"] for item in of_list} == {"change", "incident"}
    assert (await audit(mia.person, list=desk.made["id"]))["items"] == []
    assert (await audit(mia.person, actor=desk.person.id))["items"] == []


@pytest.mark.rule("API-26")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "x"}, "invalid_cursor"),
        ({"cursor": "WyJoaXN0b3J5IiwxLDJd"}, "invalid_cursor"),
        ({"limit": 0}, "invalid_request"),
        ({"limit": 1001}, "invalid_request"),
        ({"kind": "all"}, "invalid_request"),
        ({"actor": "a\0b"}, "invalid_request"),
        ({"list": "x"}, "invalid_request"),
        ({"before": "2030-01-01"}, "invalid_request"),
    ],
)
async def test_a_wrong_query_is_refused(desk: Desk, query: dict[str, Any], code: str) -> None:
    """Cursors of another order, limits, unknown kinds, ids and parameters."""
    answer = await desk.person("GET", f"/api/workspaces/{desk.person.workspace}/audit", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.rule("API-27")
async def test_refused_writes_of_a_call_are_noted(desk: Desk, mia: Desk, live: FastAPI) -> None:
    """What the room refuses for want of a right, and a change of members above the own role; what is only wrong is not."""
    (record,) = await desk.add({"Address": "1"})
    _, remark = await desk.call("POST", "/comments", json={"row": record["id"], "body": "Mine."})
    assert (await mia.call("PATCH", f"/comments/{remark['id']}", json={"body": "Forged."}))[0] == 403
    assert (await mia.call("POST", "/comments", json={"row": "unknown_record_1", "body": "x"}))[0] == 404
    members = f"/api/workspaces/{desk.person.workspace}/members/{mia.person.id}"
    assert (await mia.person("PATCH", members, json={"role": "owner"})).status_code == 403
    await noted(live)
    items = (await audit(desk.person, kind="incident"))["items"]
    assert [(item["actor"], item["detail"]) for item in items] == [
        (mia.person.id, {"reasons": ["role"], "member": mia.person.id, "role": "owner"}),
        (mia.person.id, {"reasons": ["not_author"]}),
    ]


@pytest.mark.rule("API-28")
async def test_a_page_is_read_by_indexes(desk: Desk, live: FastAPI) -> None:
    """Neither the facts of edits nor those of other lists are looked at, however many there are."""
    statement = audit_statement(desk.person.workspace, AuditQuery(limit=50))
    dialect = live.state.services.engine.dialect
    query = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    async with live.state.services.engine.begin() as connection:
        await connection.execute(
            text(
                """INSERT INTO facts (list_id, seq, ordinal, kind, row_id, actor, source, at)
                SELECT :list, 1000 + n, 0, 'cell', 'row-' || n, :actor, 'api', now() FROM generate_series(1, 20000) n"""
            ),
            {"list": desk.made["id"], "actor": desk.person.id},
        )
        await connection.execute(text("ANALYZE facts"))
        index = (
            await connection.execute(
                text(
                    """SELECT i.relname, t.relname, pg_relation_size(i.oid)
                    FROM pg_inherits h JOIN pg_index x ON x.indexrelid = h.inhrelid
                        JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
                    WHERE h.inhparent = 'facts_audit_idx'::regclass
                        AND t.oid = (SELECT tableoid FROM facts WHERE list_id = :list LIMIT 1)"""
                ),
                {"list": desk.made["id"]},
            )
        ).one()
        plan = "\n".join(await connection.scalars(text(f"EXPLAIN {query}")))
    name, partition, size = index
    assert f"using {name}" in plan
    assert f"Seq Scan on {partition}" not in plan
    assert size <= 16_384, "20,000 edits of cells have written nothing to the index"
