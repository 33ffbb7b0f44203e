"""Lists from templates, through the public door."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI

from api.demo import dealings, people, properties
from api.demo.chance import Chance
from api.demo.sheets import Entry
from snapshots.templates import TEMPLATES
from tests.integration.api.people import Caller, caller

EVERY = [{"template": key} for key in TEMPLATES]


@pytest.fixture
async def ana(live: FastAPI) -> Caller:
    """The owner of an empty workspace."""
    return await caller(live, "ana@example.com").register("Ana")


async def make(person: Caller, body: dict[str, Any], path: str = "templates") -> tuple[int, Any]:
    """Make lists, or one with `path` "lists"."""
    answer = await person("POST", f"/api/workspaces/{person.workspace}/{path}", json=body)
    return answer.status_code, answer.json()


async def lists_of(person: Caller) -> list[dict[str, Any]]:
    """What lists the workspace has."""
    items: list[dict[str, Any]] = (await person("GET", f"/api/workspaces/{person.workspace}/lists")).json()["items"]
    return items


def links_of(made: dict[str, Any]) -> dict[str, str]:
    """The link columns of a list and the lists that they lead into."""
    return {column["name"]: column["config"]["list"] for column in made["columns"] if column["type"] == "link"}


@pytest.mark.rule("DATA-85")
async def test_the_templates_are_described(ana: Caller) -> None:
    """Whoever is signed in reads keys, names, columns, standard names, options and where links lead."""
    page = (await ana("GET", "/api/templates")).json()
    assert page["standard"] == "RESO Data Dictionary 2.0"
    assert [item["key"] for item in page["items"]] == list(TEMPLATES)
    columns = {column["name"]: column for column in page["items"][0]["columns"]}
    assert columns["ListPrice"]["standard"] == "Property.ListPrice"
    assert columns["StandardStatus"]["options"][:2] == ["Active", "Active Under Contract"]
    assert (columns["Owners"]["standard"], columns["Owners"]["links_to"]) == (None, "owners")


@pytest.mark.rule("DATA-86")
async def test_all_templates_at_once_are_linked_to_each_other(ana: Caller) -> None:
    """Every list stands with all its columns, every link leads into the list of its template, in the order asked for."""
    status, body = await make(ana, {"templates": EVERY})
    assert status == 201, body
    assert [made["name"] for made in body["items"]] == [template.name for template in TEMPLATES.values()]
    ids = {template.key: made["id"] for template, made in zip(TEMPLATES.values(), body["items"], strict=True)}
    for template, made in zip(TEMPLATES.values(), body["items"], strict=True):
        assert made["left_out"] == []
        assert [column["name"] for column in made["columns"]] == [column.name for column in template.columns]
        assert made["primary"] == made["columns"][0]["id"]
        wanted = {column.name: ids[column.target] for column in template.columns if column.target}
        assert links_of(made) == wanted
    assert [entry["id"] for entry in await lists_of(ana)] == list(ids.values())


@pytest.mark.rule("DATA-87")
async def test_a_link_without_its_list_is_left_out_and_told(ana: Caller) -> None:
    """One list by its template: links into lists that are not there are missing, and the answer names them."""
    status, made = await make(ana, {"name": "Homes", "template": "properties"}, "lists")
    assert status == 201, made
    assert made["name"] == "Homes"
    assert made["left_out"] == [
        {"column": "Owners", "template": "owners"},
        {"column": "Manager", "template": "managers"},
    ]
    assert links_of(made) == {}
    status, made = await make(
        ana, {"name": "Leases", "template": "leases", "links": {"properties": made["id"]}}, "lists"
    )
    assert status == 201, made
    assert list(links_of(made)) == ["Property"]
    assert made["left_out"] == [{"column": "Unit", "template": "units"}]


@pytest.mark.rule("DATA-87")
async def test_a_list_that_stands_can_be_led_into(ana: Caller) -> None:
    """`links` names the list that takes the place of a template's; a name of one's own is taken."""
    _, homes = await make(ana, {"name": "Homes", "template": "properties"}, "lists")
    choice = {"templates": [{"template": "units", "name": "Flats"}], "links": {"properties": homes["id"]}}
    status, body = await make(ana, choice)
    assert status == 201, body
    assert body["items"][0]["name"] == "Flats"
    assert links_of(body["items"][0]) == {"Property": homes["id"]}


@pytest.mark.rule("DATA-86")
async def test_a_wrong_choice_makes_nothing(ana: Caller) -> None:
    """The answer names the place that is wrong, and no list is made."""
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"templates": []}, "templates"),
        ({"templates": [{"template": "castles"}]}, "templates.0.template"),
        ({"templates": [{"template": "owners"}, {"template": "owners"}]}, "templates"),
        ({"templates": [{"template": "owners", "name": " "}]}, "templates.0.name"),
        ({"templates": [{"template": "units"}], "links": {"properties": "l" * 16}}, "links.properties"),
        ({"templates": EVERY, "links": {"owners": "l" * 16}}, "links.owners"),
        ({"templates": [{"template": "owners", "columns": []}]}, "templates.0.columns"),
    ]
    for body, field in wrong:
        status, problem = await make(ana, body)
        assert (status, problem["errors"][0]["field"]) == (422, field), body
    assert await lists_of(ana) == []


async def test_a_list_has_one_origin(ana: Caller) -> None:
    """Columns or a template, and links for templates alone; else it is refused in words."""
    wrong: list[dict[str, Any]] = [
        {"name": "X", "template": "castles"},
        {"name": "X", "template": "owners", "columns": [{"name": "Name", "type": "text"}]},
        {"name": "X", "links": {"owners": "l" * 16}},
        {"name": "X", "template": "units", "links": {"properties": "l" * 16}},
    ]
    for body in wrong:
        status, problem = await make(ana, body, "lists")
        assert (status, problem["code"]) == (422, "invalid_request"), body
    assert await lists_of(ana) == []


@pytest.mark.rule("DATA-86")
async def test_links_into_a_list_that_is_being_made_are_refused(ana: Caller) -> None:
    """A list of the workspace cannot stand for a template that is chosen itself."""
    _, owners = await make(ana, {"name": "Owners", "template": "owners"}, "lists")
    body = {"templates": [{"template": "owners"}, {"template": "properties"}], "links": {"owners": owners["id"]}}
    status, problem = await make(ana, body)
    assert (status, problem["errors"][0]["field"]) == (422, "links.owners")
    assert [entry["id"] for entry in await lists_of(ana)] == [owners["id"]]


@pytest.mark.rule("API-6", "DATA-87")
async def test_links_do_not_lead_into_foreign_workspaces(ana: Caller, live: FastAPI) -> None:
    """The id of a stranger's list is no list here."""
    eve = await caller(live, "eve@example.com").register("Eve")
    _, hers = await make(eve, {"name": "Properties", "template": "properties"}, "lists")
    status, _ = await make(ana, {"templates": [{"template": "units"}], "links": {"properties": hers["id"]}})
    assert status == 422


@pytest.mark.rule("DATA-85")
async def test_every_list_takes_believable_rows(ana: Caller) -> None:
    """Rows as the demo has them, by column names and labels, linked to each other, are taken by the API as they are."""
    _, body = await make(ana, {"templates": EVERY})
    lists = {template.key: made["id"] for template, made in zip(TEMPLATES.values(), body["items"], strict=True)}
    rows: dict[str, list[str]] = {}

    async def add(key: str, entries: Iterable[Entry]) -> None:
        records = {"records": [{"fields": entry} for entry in entries]}
        answer = await ana("POST", f"/api/lists/{lists[key]}/records", json=records)
        assert answer.status_code == 201, answer.text
        rows[key] = [record["id"] for record in answer.json()["items"]]

    chance, users = Chance(1, date(2026, 3, 1)), [ana.id]
    await add("owners", people.owners(chance, 30))
    await add("managers", people.managers(chance, 5, users * 2))
    await add("properties", properties.properties(chance, 60, rows["owners"], rows["managers"], users))
    homes = rows["properties"][:20]
    await add("units", properties.units(chance, homes))
    await add("leads", people.leads(chance, 20, rows["properties"], users))
    await add("leases", dealings.leases(chance, 20, rows["units"], homes))
    await add("showings", dealings.showings(chance, 20, rows["properties"], rows["leads"], users))
    await add("tasks", dealings.tasks(chance, 20, rows["properties"], rows["leads"], users * 2))
    lease = (await ana("GET", f"/api/lists/{lists['leases']}/records?limit=1")).json()["items"][0]["fields"]
    assert lease["Unit"][0] in rows["units"]
    assert lease["Property"] == [homes[rows["units"].index(lease["Unit"][0])]]
    assert lease["LeaseAmountFrequency"] == "Monthly"
