"""Giving columns another type over HTTP: preview, conversion, report, undoing."""

from typing import Any

import pytest
from fastapi import FastAPI

from api.settings import Settings
from api.verification import verify_lists
from realtime.verifying import Difference
from tests.integration.api.desk import Desk
from tests.integration.api.people import caller
from tests.integration.api.test_imports import Bringer


async def convert(desk: Desk, column: str, **body: Any) -> dict[str, Any]:
    """Convert a column by name; gives the answer."""
    status, answer = await desk.call("POST", f"/columns/{desk.columns[column]['id']}/conversion", json=body)
    assert status == 200, answer
    assert isinstance(answer, dict)
    return answer


async def fields(desk: Desk) -> list[dict[str, Any]]:
    """The fields of all records, in order."""
    _, page = await desk.call("GET", "/records")
    return [record["fields"] for record in page["items"]]


@pytest.mark.rule("DATA-70", "DATA-71")
async def test_a_preview_tells_what_would_be_lost_and_changes_nothing(desk: Desk) -> None:
    """Counts, samples with reasons, new options and the reading; the list's head does not move."""
    await desk.add({"Address": "12"}, {"Address": "1.250,75 €"}, {"Address": "n/a"})
    _, before = await desk.call("GET", "")
    path = f"/columns/{desk.columns['Address']['id']}/conversion/preview"
    status, seen = await desk.call("POST", path, json={"type": "number"})
    assert (status, seen["rows"], seen["filled"], seen["converted"], seen["lost"]) == (200, 3, 3, 2, 1)
    assert [(loss["value"], loss["reason"]) for loss in seen["samples"]] == [
        ("n/a", "This text is not a number. Address takes a number, such as 12.5.")
    ]
    assert seen["reading"]["decimal"] == "comma"
    status, seen = await desk.call("POST", path, json={"type": "select"})
    assert (seen["new_options"], seen["lost"]) == (["1.250,75 €", "12", "n/a"], 0)
    _, after = await desk.call("GET", "")
    assert after == before


@pytest.mark.rule("DATA-72")
async def test_a_column_gets_another_type_in_its_place(desk: Desk) -> None:
    """Same name, same position, values converted; the old column is gone from view, and what was lost is in the report."""
    await desk.add({"Address": "12"}, {"Address": "=much"}, {"Address": "$1,250"})
    answer = await convert(desk, "Address", type="number", config={"precision": 0})
    assert (answer["filled"], answer["converted"], answer["lost"]) == (3, 2, 1)
    column = answer["column"]
    assert (column["name"], column["type"], column["config"]["precision"], column["required"]) == (
        "Address",
        "number",
        0,
        True,
    )
    assert column["id"] != desk.columns["Address"]["id"]
    _, columns = await desk.call("GET", "/columns")
    assert [one["name"] for one in columns["items"]] == [one["name"] for one in desk.made["columns"]]
    assert columns["items"][0] == column
    assert [record["Address"] for record in await fields(desk)] == [12, None, 1250]
    report = await desk.person("GET", f"/api/lists/{desk.made['id']}/columns/{column['id']}/conversion/report")
    lines = report.text.splitlines()
    assert report.headers["content-type"] == "text/csv; charset=utf-8"
    assert lines[0] == "row,value,reason"
    assert "'=much" in lines[1]
    assert len(lines) == 2


@pytest.mark.rule("DATA-73")
async def test_a_conversion_is_undone_with_every_value(desk: Desk) -> None:
    """The old column stands again with all that it held; what was edited since is told, and a second undo says why not."""
    first, _ = await desk.add({"Address": "12"}, {"Address": "much"})
    column = (await convert(desk, "Address", type="number"))["column"]
    await desk.call("PATCH", f"/records/{first['id']}", json={"fields": {"Address": 13}})
    path = f"/columns/{column['id']}/conversion/undo"
    status, undone = await desk.call("POST", path)
    assert status == 200, undone
    assert undone["column"]["id"] == desk.columns["Address"]["id"]
    assert (undone["edited_since"], undone["samples"]) == (1, [{"row": first["id"], "value": "13"}])
    assert [record["Address"] for record in await fields(desk)] == ["12", "much"]
    assert (await desk.call("POST", path))[0] == 404
    status, problem = await desk.call("POST", f"/columns/{undone['column']['id']}/conversion/undo")
    assert (status, problem["detail"]) == (422, "Address has not been converted from another type.")


@pytest.mark.rule("DATA-73")
async def test_undoing_tells_of_rows_imported_since(desk: Desk, live: FastAPI) -> None:
    """Those with a value in the column, each once, also where it was edited or is in the trash; earlier ones are not among them."""
    bringer, place = Bringer(live, desk.person), f"lists/{desk.made['id']}"
    await bringer.run(place, "Address,Price\r\n1 Oak,11\r\n")
    column = (await convert(desk, "Price", type="number"))["column"]
    await bringer.run(place, "Address,Price\r\n2 Oak,12\r\n3 Oak,13\r\n4 Oak,\r\n")
    _, page = await desk.call("GET", "/records")
    _, twelve, thirteen, _ = page["items"]
    await desk.call("PATCH", f"/records/{thirteen['id']}", json={"fields": {"Price": 14}})
    await desk.call("DELETE", f"/records/{twelve['id']}")
    status, undone = await desk.call("POST", f"/columns/{column['id']}/conversion/undo")
    assert (status, undone["edited_since"], undone["imported_since"]) == (200, 1, 1)
    assert {sample["row"]: sample["value"] for sample in undone["samples"]} == {
        thirteen["id"]: "14",
        twelve["id"]: "12",
    }


@pytest.mark.rule("DATA-70", "DATA-71")
async def test_texts_become_options_people_and_links(desk: Desk, live: FastAPI) -> None:
    """Options are made as needed, people are found by address, rows by their primary value; links can be expanded at once."""
    ana = desk.person
    await caller(live, "ben@example.com").register("Ben")
    owners = (await ana("POST", f"/api/workspaces/{ana.workspace}/lists", json={"name": "Owners"})).json()
    body = {"records": [{"fields": {"Name": "J. Ito"}}, {"fields": {"Name": "Oak, Inc."}}]}
    made = (await ana("POST", f"/api/lists/{owners['id']}/records", json=body)).json()["items"]
    texts = {
        "Kind": ["House", "Flat", "House"],
        "Agent": ["ana@example.com", "ben@example.com", ""],
        "Owner": ["Oak, Inc.", "J. Ito", "K"],
    }
    for name in texts:
        _, desk.columns[name] = await desk.call("POST", "/columns", json={"name": name, "type": "text"})
    await desk.add(*({"Address": f"{n} Oak", **{name: texts[name][n] for name in texts}} for n in range(3)))
    kind = await convert(desk, "Kind", type="select")
    assert [option["label"] for option in kind["column"]["options"]] == ["House", "Flat"]
    agent = await convert(desk, "Agent", type="user")
    assert (agent["converted"], agent["lost"]) == (1, 1)
    owner = await convert(desk, "Owner", type="link", config={"list": owners["id"]})
    assert (owner["converted"], owner["lost"]) == (2, 1)
    found = await fields(desk)
    assert [record["Kind"] for record in found] == ["House", "Flat", "House"]
    assert [record["Agent"] for record in found] == [ana.id, None, None]
    links = [[link if isinstance(link, str) else link["id"] for link in record["Owner"] or []] for record in found]
    assert links == [[made[1]["id"]], [made[0]["id"]], []]
    desk.columns["Owner"] = owner["column"]
    back = await convert(desk, "Owner", type="text")
    assert back["lost"] == 0
    assert [record["Owner"] for record in await fields(desk)] == ['"Oak, Inc."', "J. Ito", None]


async def differences(settings: Settings) -> list[str]:
    """What verifying the database says."""
    assert settings.database_url is not None
    found: list[Difference] = []
    await verify_lists(settings.database_url, (), found.append)
    return [difference.line() for difference in found]


@pytest.mark.rule("DATA-72", "DATA-73", "DATA-76")
async def test_verifying_finds_nothing_after_a_conversion_nor_after_its_undo(desk: Desk, settings: Settings) -> None:
    """Rows, log, audit and document agree: after texts became numbers and options, edits since, and after both came back."""
    _, desk.columns["Kind"] = await desk.call("POST", "/columns", json={"name": "Kind", "type": "text"})
    first, *_ = await desk.add(*({"Address": text, "Kind": f"Kind {text}"} for text in ("12", "much", "13")))
    made = [
        (await convert(desk, name, type=to))["column"] for name, to in {"Address": "number", "Kind": "select"}.items()
    ]
    await desk.call("PATCH", f"/records/{first['id']}", json={"fields": {"Address": 14}})
    assert await differences(settings) == []
    for column in made:
        assert (await desk.call("POST", f"/columns/{column['id']}/conversion/undo"))[0] == 200
    assert [record["Address"] for record in await fields(desk)] == ["12", "much", "13"]
    assert await differences(settings) == []


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("Made", {"type": "text"}, "its type cannot be changed"),
    ("Price", {"type": "formula"}, "Add a column of this type instead"),
    ("Price", {"type": "currency", "config": {"currency": "USD"}}, "has this type already"),
    ("Address", {"type": "multi_select"}, "This column names the rows"),
    ("Price", {"type": "link"}, "A link column needs"),
    ("Price", {"type": "number", "config": {"precision": 99}}, "The configuration does not fit"),
]


@pytest.mark.rule("DATA-74")
async def test_what_cannot_be_is_refused_in_words(desk: Desk) -> None:
    """Before anything is worked out or written, with what can be done instead."""
    for column, body, words in REFUSED:
        for door in ("conversion", "conversion/preview"):
            status, problem = await desk.call("POST", f"/columns/{desk.columns[column]['id']}/{door}", json=body)
            assert (status, words in str(problem)) == (422, True), problem
