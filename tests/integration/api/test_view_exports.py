"""Exports of saved views: the rows, order and columns of the view, whose it is, and what is refused in words."""

import csv
import io
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Source
from realtime.core.writes import SetKey
from tests.integration.api.desk import Desk
from tests.integration.api.people import Caller, caller

VIEW = "view-open-0001"
ROWS: list[dict[str, Any]] = [
    {"Address": "1 Quay", "Price": 300, "Status": "Open", "Listed": "2026-01-10"},
    {"Address": "2 Quay", "Price": 100, "Status": "Sold"},
    {"Address": "3 Quay", "Price": 100, "Status": "Open", "Tags": ["Pool"]},
    {"Address": "4 Pier", "Status": "Open"},
    {"Address": "5 Quay", "Price": 900, "Status": "Open"},
]


async def save(live: FastAPI, desk: Desk, by: Caller, **attributes: Any) -> None:
    """Save a view, as a socket would."""
    principal = Principal(by.id, "Someone", Role.OWNER if by is desk.person else Role.EDITOR, 1)
    keys = [SetKey("views", f"{VIEW}:{name}", value) for name, value in attributes.items()]
    await live.state.services.rooms.write(desk.made["id"], principal, keys, source=Source.SOCKET)


async def export(desk: Desk, by: Caller, view: str = VIEW) -> httpx.Response:
    """Ask for a view as CSV."""
    return await by("GET", f"/api/lists/{desk.made['id']}/export", params={"format": "csv", "view": view})


def rows_of(answer: httpx.Response) -> list[list[str]]:
    """The lines of a CSV."""
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def ids(desk: Desk, *names: str) -> list[str]:
    """The ids of columns."""
    return [str(desk.columns[name]["id"]) for name in names]


def asks(desk: Desk, name: str, op: str, value: Any) -> dict[str, Any]:
    """A part of a filter."""
    return {"column": ids(desk, name)[0], "op": op, "value": value}


@pytest.mark.rule("DATA-50")
async def test_a_view_is_exported_with_its_rows_order_and_columns(live: FastAPI, desk: Desk) -> None:
    """What it filters out is not in the file; the audit says which view it was."""
    await desk.add(*ROWS)
    (opened,) = [option["id"] for option in desk.columns["Status"]["options"] if option["label"] == "Open"]
    below = {"or": [asks(desk, "Price", "<", 500), {"column": ids(desk, "Price")[0], "op": "is_empty"}]}
    said = {"and": [asks(desk, "Status", "is", opened), below]}
    sort = [{"column": ids(desk, "Price")[0], "descending": True}, ids(desk, "Address")[0]]
    await save(live, desk, desk.person, name="Open", filter=said, sort=sort, hidden=ids(desk, "Status", "Made", "Tags"))
    assert rows_of(await export(desk, desk.person)) == [
        ["Address", "Price", "Listed"],
        ["1 Quay", "300", "2026-01-10"],
        ["3 Quay", "100", ""],
        ["4 Pier", "", ""],
    ]
    audit = (await desk.person("GET", f"/api/workspaces/{desk.person.workspace}/audit")).json()["items"]
    exported = [one["detail"] for one in audit if one.get("action") == "list.exported"]
    assert exported == [{"format": "csv", "rows": 3, "view": VIEW}]


@pytest.mark.rule("DATA-50")
async def test_a_view_outlives_its_columns(live: FastAPI, desk: Desk) -> None:
    """A part that names a deleted column is passed over, and the rest stands."""
    await desk.add(*ROWS)
    said = {"and": [asks(desk, "Price", ">", 200), asks(desk, "Address", "contains", "QUAY")]}
    await save(live, desk, desk.person, name="Quays", filter=said, sort=ids(desk, "Price"))
    assert [row[0] for row in rows_of(await export(desk, desk.person))[1:]] == ["1 Quay", "5 Quay"]
    assert (await desk.call("DELETE", f"/columns/{ids(desk, 'Price')[0]}"))[0] == 204
    quays = ["1 Quay", "2 Quay", "3 Quay", "5 Quay"]
    assert [row[0] for row in rows_of(await export(desk, desk.person))[1:]] == quays


@pytest.mark.rule("DATA-50")
@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [
        ("filter", {"not": []}, "A part of a filter"),
        ("filter", {"column": "Price", "op": "is", "value": "much"}, "Price is compared with a number"),
        ("sort", ["Tags"], "Tags has no order"),
    ],
)
async def test_a_view_that_is_not_understood_is_refused_in_words(
    live: FastAPI, desk: Desk, attribute: str, value: Any, words: str
) -> None:
    """422 with the place; nothing is exported, since it might be more than the view shows."""
    await desk.add(*ROWS)
    named = {name: column["id"] for name, column in desk.columns.items()}
    said = [named[name] for name in value] if isinstance(value, list) else dict(value)
    if isinstance(said, dict) and "column" in said:
        said["column"] = named[said["column"]]
    await save(live, desk, desk.person, name="Odd", **{attribute: said})
    answer = await export(desk, desk.person)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert words in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"].startswith(f"view.{attribute}")
    assert "Quay" not in answer.text


@pytest.mark.rule("DATA-49")
async def test_a_private_view_is_there_for_its_owner_alone(live: FastAPI, desk: Desk) -> None:
    """For the list's owner too it is a view that does not exist; once shared it is everybody's."""
    edda = await caller(live, "edda@example.com").register("Edda")
    await desk.person.admit(edda, Role.EDITOR)
    await desk.add(*ROWS)
    await save(live, desk, edda, owner=edda.id, name="Secret plans", filter=asks(desk, "Price", ">", 500))
    assert len(rows_of(await export(desk, edda))) == 2
    foreign = await export(desk, desk.person)
    missing = [
        await export(desk, desk.person, view) for view in ("view-nobody-01", "x", f"{VIEW}:name", "' OR true --")
    ]
    assert [answer.status_code for answer in (foreign, *missing)] == [404] * 5
    assert all(answer.json()["detail"] == foreign.json()["detail"] for answer in missing)
    assert not any(word in foreign.text for word in (edda.id, "Secret", "Edda"))
    await save(live, desk, edda, owner=None)
    assert len(rows_of(await export(desk, desk.person))) == 2


@pytest.mark.rule("DATA-49")
async def test_a_view_of_another_list_is_not_there(live: FastAPI, desk: Desk) -> None:
    """Views belong to their list."""
    await save(live, desk, desk.person, name="All")
    lists = f"/api/workspaces/{desk.person.workspace}/lists"
    other = (await desk.person("POST", lists, json={"name": "Other"})).json()["id"]
    answer = await desk.person("GET", f"/api/lists/{other}/export", params={"view": VIEW})
    assert answer.status_code == 404
