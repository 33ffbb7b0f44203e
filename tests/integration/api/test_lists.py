"""Lists, columns, links and comments over the API, through the real rooms."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from tests.integration.api.desk import Desk
from tests.integration.api.people import caller


@pytest.mark.rule("API-11")
async def test_a_name_that_occurs_twice_is_refused(desk: Desk) -> None:
    """Adding or renaming to a present name is refused, also when two callers add it at the same moment."""
    assert (await desk.call("POST", "/columns", json={"name": "Price", "type": "number"}))[0] == 409
    address = desk.columns["Address"]["id"]
    assert (await desk.call("PATCH", f"/columns/{address}", json={"name": "Price"}))[0] == 409
    assert (await desk.call("PATCH", f"/columns/{address}", json={"name": "Address"}))[0] == 200
    body = {"name": "Due", "type": "date"}
    answers = await asyncio.gather(*(desk.call("POST", "/columns", json=body) for _ in range(8)))
    assert sorted(status for status, _ in answers) == [201] + [409] * 7


async def test_columns_change_and_go(desk: Desk) -> None:
    """Names, flags and options change; kept options keep their ids; a deleted column is gone from the fields."""
    (record,) = await desk.add({"Address": "1", "Status": "Sold"})
    status = desk.columns["Status"]
    body = {"name": "State", "locked": True, "options": [{"label": "Sold", "colour": "red"}, {"label": "New"}]}
    _, changed = await desk.call("PATCH", f"/columns/{status['id']}", json=body)
    assert (changed["name"], changed["locked"]) == ("State", True)
    assert [option["label"] for option in changed["options"]] == ["Sold", "New"]
    assert changed["options"][0]["id"] == status["options"][1]["id"]
    assert (await desk.call("GET", f"/records/{record['id']}"))[1]["fields"]["State"] == "Sold"
    assert (await desk.call("DELETE", f"/columns/{status['id']}"))[0] == 204
    assert "State" not in (await desk.call("GET", f"/records/{record['id']}"))[1]["fields"]
    assert (await desk.call("PATCH", f"/columns/{status['id']}", json={"name": "Back"}))[0] == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "X", "type": "colour"}, "type"),
        ({"name": "", "type": "text"}, "name"),
        ({"name": "X", "type": "text", "options": [{"label": "a"}]}, "options"),
        ({"name": "X", "type": "select", "options": [{"label": "a"}, {"label": "a"}]}, "options"),
        ({"name": "X", "type": "currency", "config": {"currency": "dollars"}}, "config"),
        ({"name": "X", "type": "link"}, "config"),
        ({"name": "X", "type": "text", "position": "a0"}, "position"),
    ],
)
async def test_a_wrong_column_is_refused(desk: Desk, body: dict[str, Any], field: str) -> None:
    """Types, options and configuration are checked, and the answer names the field."""
    status, problem = await desk.call("POST", "/columns", json=body)
    assert status in {409, 422}
    assert problem["errors"][0]["field"] == field


@pytest.mark.rule("API-6")
async def test_a_link_cannot_point_into_a_foreign_workspace(desk: Desk, live: FastAPI) -> None:
    """The id of a stranger's list is no list here."""
    eve = await caller(live, "eve@example.com").register("Eve")
    foreign = (await eve("POST", f"/api/workspaces/{eve.workspace}/lists", json={"name": "Hers"})).json()["id"]
    body = {"name": "Hers", "type": "link", "config": {"list": foreign}}
    assert (await desk.call("POST", "/columns", json=body))[0] == 422


async def test_links_are_arrays_of_record_ids(desk: Desk) -> None:
    """A link column takes and gives record ids, and the links stand in their own table."""
    body = {"name": "Next to", "type": "link", "config": {"list": desk.made["id"]}}
    assert (await desk.call("POST", "/columns", json=body))[0] == 201
    first, second = await desk.add({"Address": "1"}, {"Address": "2"})
    change = {"fields": {"Next to": [second["id"]]}}
    _, changed = await desk.call("PATCH", f"/records/{first['id']}", json=change)
    assert changed["fields"]["Next to"] == [second["id"]]


@pytest.mark.rule("API-12")
async def test_a_comment_belongs_to_its_author(desk: Desk, live: FastAPI) -> None:
    """Others may answer and not change it; an owner may delete it; a deleted comment keeps its place, empty."""
    (record,) = await desk.add({"Address": "1"})
    mia = await caller(live, "mia@example.com").register("Mia")
    await desk.person.admit(mia, "member")
    theirs = Desk(mia, desk.made)
    body = {"row": record["id"], "column": desk.columns["Price"]["id"], "body": "Too high?"}
    status, comment = await theirs.call("POST", "/comments", json=body)
    assert (status, comment["author"]) == (201, mia.id)
    status, problem = await desk.call("PATCH", f"/comments/{comment['id']}", json={"body": "Fine."})
    assert (status, problem["code"]) == (403, "forbidden")
    answer = {"row": record["id"], "parent": comment["id"], "body": "We will see."}
    assert (await desk.call("POST", "/comments", json=answer))[0] == 201
    assert (await theirs.call("PATCH", f"/comments/{comment['id']}", json={"body": "High?", "resolved": True}))[
        0
    ] == 200
    assert (await desk.call("DELETE", f"/comments/{comment['id']}"))[0] == 204
    _, page = await desk.call("GET", "/comments", params={"row": record["id"]})
    assert [(one["body"], one["deleted_at"] is not None) for one in page["items"]] == [
        ("", True),
        ("We will see.", False),
    ]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"row": "unknown_record_1"}, 404),
        ({"row": "a\0b"}, 422),
        ({"parent": "unknown_comment1"}, 422),
        ({"column": "unknown_column_1"}, 422),
        ({"body": ""}, 422),
        ({"body": "x" * 10_001}, 422),
        ({"author": "someone_else_123"}, 422),
    ],
)
async def test_a_wrong_comment_is_refused(desk: Desk, change: dict[str, str], status: int) -> None:
    """Comments on nothing, empty ones and those in another's name are refused."""
    (record,) = await desk.add({"Address": "1"})
    body = {"row": record["id"], "body": "A remark"} | change
    found, problem = await desk.call("POST", "/comments", json=body)
    assert found == status, problem


async def test_a_trashed_list_is_gone_until_it_is_restored(desk: Desk) -> None:
    """A deleted list answers 404 everywhere, stands in the trash, and comes back with its records."""
    await desk.add({"Address": "1"})
    assert (await desk.call("DELETE", ""))[0] == 204
    assert (await desk.call("GET", "/records"))[0] == 404
    assert (await desk.call("POST", "/records", json={"records": [{"fields": {"Address": "2"}}]}))[0] == 404
    page = (await desk.person("GET", f"/api/workspaces/{desk.person.workspace}/lists", params={"trashed": True})).json()
    assert [entry["id"] for entry in page["items"]] == [desk.made["id"]]
    assert (await desk.call("POST", "/restore"))[0] == 200
    await desk.add({"Address": "2"})
    assert len((await desk.call("GET", "/records"))[1]["items"]) == 2


async def test_a_list_is_renamed(desk: Desk) -> None:
    """The new name is in the answer and in the list of lists."""
    _, renamed = await desk.call("PATCH", "", json={"name": "Houses", "primary": desk.columns["Price"]["id"]})
    assert (renamed["name"], renamed["primary"]) == ("Houses", desk.columns["Price"]["id"])
    page = (await desk.person("GET", f"/api/workspaces/{desk.person.workspace}/lists")).json()
    assert [entry["name"] for entry in page["items"]] == ["Houses"]


async def test_a_list_without_columns_gets_a_name(desk: Desk) -> None:
    """Without columns a list starts with one text column."""
    answer = await desk.person("POST", f"/api/workspaces/{desk.person.workspace}/lists", json={"name": "Plain"})
    assert [(column["name"], column["type"]) for column in answer.json()["columns"]] == [("Name", "text")]
