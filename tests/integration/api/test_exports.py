"""Exports through the API: what is in the file, what it is called, who gets it, and what the audit says of it."""

import csv
import io
import json
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
from fastapi import FastAPI
from pyarrow import parquet

from auth.roles import Role
from snapshots.importing.opening import open_table
from tests.integration.api.desk import Desk
from tests.integration.api.people import Caller, caller
from tests.integration.api.test_imports import Bringer

TYPES = (
    *("text", "long_text", "number", "percent", "rating", "duration", "checkbox", "date", "datetime", "email", "phone"),
    *("url", "user", "users", "address", "created_at", "updated_at", "created_by", "updated_by"),
)
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/jsonl; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
ADDRESS = {"line1": "1 Quay", "city": "Marlow", "region": "", "postcode": "01234", "country": "US"}

VALUES: dict[str, Any] = {
    "text": "12 Oak Lane",
    "long_text": "Two\nlines",
    "number": -12.5,
    "percent": 0.07,
    "rating": 4,
    "duration": 90,
    "checkbox": True,
    "date": "2026-03-01",
    "datetime": "2026-03-01T12:30:00Z",
    "email": "zoe@example.com",
    "phone": "+12125550123",
    "url": "https://example.com/a",
    "address": ADDRESS,
    "select": "Open",
    "multi_select": ["Open", "Sold"],
    "currency": 1250000,
}


class House:
    """A list with a column of every type that takes values, linked to a list of owners."""

    def __init__(self, person: Caller, made: dict[str, Any], body: dict[str, Any]) -> None:
        self.person = person
        self.id = str(made["id"])
        self.columns = made["columns"]
        self.body = body

    async def export(self, kind: str, by: Caller | None = None) -> Any:
        """Ask for the list."""
        return await (by or self.person)("GET", f"/api/lists/{self.id}/export", params={"format": kind})


@pytest.fixture
async def house(live: FastAPI) -> House:
    """Ana's list with two records: one with a value of every type, one with a text that looks like a formula."""
    ana = await caller(live, "ana@example.com").register("Ana")
    lists = f"/api/workspaces/{ana.workspace}/lists"
    owners = (await ana("POST", lists, json={"name": "Owners"})).json()
    records = {"records": [{"fields": {"Name": "Zoë Harbour"}}]}
    owner = (await ana("POST", f"/api/lists/{owners['id']}/records", json=records)).json()["items"][0]["id"]
    options = [{"label": "Open"}, {"label": "Sold"}]
    columns: list[dict[str, Any]] = [{"name": kind, "type": kind} for kind in TYPES]
    columns += [{"name": kind, "type": kind, "options": options} for kind in ("select", "multi_select")]
    columns += [
        {"name": "currency", "type": "currency", "config": {"currency": "USD"}},
        {"name": "link", "type": "link", "config": {"list": owners["id"]}},
    ]
    body = {"name": "Homes / all", "columns": columns}
    answer = await ana("POST", lists, json=body)
    assert answer.status_code == 201, answer.text
    house = House(ana, answer.json(), body)
    full = VALUES | {"user": ana.id, "users": [ana.id], "link": [owner]}
    rows = {"records": [{"fields": full}, {"fields": {"text": "=2+2"}}]}
    made = await ana("POST", f"/api/lists/{house.id}/records", json=rows)
    assert made.status_code == 201, made.text
    return house


def read(kind: str, content: bytes) -> list[dict[str, Any]]:
    """The rows of a file, as a program of each kind reads them."""
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if kind == "xlsx":
        with NamedTemporaryFile(suffix=".xlsx") as file:
            file.write(content)
            file.flush()
            table = open_table(Path(file.name))
            return [dict(zip(table.columns, row, strict=False)) for _, row in table.rows()]
    if kind == "json":
        return [json.loads(line) for line in content.splitlines()]
    rows = parquet.read_table(io.BytesIO(content)).to_pylist()
    return list(rows)


@pytest.mark.rule("DATA-56")
@pytest.mark.parametrize("kind", MEDIA_TYPES)
async def test_a_file_holds_every_column_of_the_list(house: House, kind: str) -> None:
    """In each format: rows in order, without the trash; options, people and linked rows by what they are called."""
    gone = {"records": [{"fields": {"text": "trashed"}}]}
    made = (await house.person("POST", f"/api/lists/{house.id}/records", json=gone)).json()["items"][0]
    assert (await house.person("DELETE", f"/api/lists/{house.id}/records/{made['id']}")).is_success
    answer = await house.export(kind)
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPES[kind])
    full, formula = read(kind, answer.content)
    assert list(full) == [column["name"] for column in house.columns]
    assert (full["text"], float(full["number"])) == ("12 Oak Lane", -12.5)
    assert (full["select"], full["user"], full["created_by"]) == ("Open", "ana@example.com", "ana@example.com")
    flat = kind in {"csv", "xlsx"}
    chosen = full["multi_select"].split(", ") if flat else full["multi_select"]
    assert sorted(chosen) == ["Open", "Sold"]
    assert full["link"] == ("Zoë Harbour" if flat else ["Zoë Harbour"])
    assert formula["text"] == ("'=2+2" if kind == "csv" else "=2+2")


@pytest.mark.rule("DATA-56")
@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
async def test_what_is_exported_comes_back_through_an_import(live: FastAPI, house: House, kind: str) -> None:
    """Into another list with the same columns: the same fields of the same records."""
    content = (await house.export(kind)).content
    bringer = Bringer(live, house.person)
    lists = f"/api/workspaces/{house.person.workspace}/lists"
    twin = (await house.person("POST", lists, json=house.body)).json()["id"]
    suffix = {"json": "jsonl"}.get(kind, kind)
    import_id = await bringer.bring(f"lists/{twin}", content, f"homes.{suffix}")
    await bringer.ask("run", import_id, 202)
    ended = await bringer.work(import_id)
    assert (ended["state"], ended["rows_refused"], ended["values_refused"]) == ("done", 0, 0), ended
    stored = [*VALUES, "user", "users", "link"]
    was, now = [
        [{name: record[name] for name in stored} for record in await bringer.records(one)] for one in (house.id, twin)
    ]
    assert now == was


@pytest.mark.rule("API-47")
async def test_a_file_is_called_by_its_list_and_the_day_and_kept_by_nobody(house: House) -> None:
    """A name that every system can write, in ASCII and as it is; neither cached nor guessed at."""
    await house.person("PATCH", f"/api/lists/{house.id}", json={"name": 'Häuser / "alle"'})
    answer = await house.export("json")
    plain, _, exact = answer.headers["content-disposition"].partition("; filename*=")
    assert plain.startswith('attachment; filename="Hauser alle 20')
    assert plain.endswith('.jsonl"')
    assert exact.startswith("UTF-8''H%C3%A4user%20alle%2020")
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.rule("DATA-57")
async def test_every_export_stands_in_the_audit(house: House) -> None:
    """Who, which list, which format, how many rows."""
    await house.export("parquet")
    audit = (await house.person("GET", f"/api/workspaces/{house.person.workspace}/audit")).json()["items"]
    (entry,) = [one for one in audit if one.get("action") == "list.exported"]
    assert (entry["actor"], entry["list"]) == (house.person.id, house.id)
    assert entry["detail"] == {"format": "parquet", "rows": 2}


@pytest.mark.rule("DATA-59")
async def test_members_export_where_the_workspace_lets_them(live: FastAPI, house: House) -> None:
    """Off at first; an admin turns the switch on and off, which stands in the audit; members turn nothing."""
    adam, mia = [await caller(live, f"{name}@example.com").register(name) for name in ("adam", "mia")]
    await house.person.admit(adam, Role.ADMIN)
    await house.person.admit(mia, Role.MEMBER)
    workspace = f"/api/workspaces/{house.person.workspace}"
    assert (await mia("GET", workspace)).json()["members_export"] is False
    assert (await house.export("csv", mia)).status_code == 403
    assert (await mia("PATCH", workspace, json={"members_export": True})).status_code == 403
    body = {"workspace_id": house.person.workspace, "name": "Robot", "read_only": True}
    robot = caller(live, "")
    robot.token = (await mia("POST", "/api/keys", json=body)).json()["key"]
    for on, status in ((True, 200), (False, 403)):
        assert (await adam("PATCH", workspace, json={"members_export": on})).json()["members_export"] is on
        assert (await mia("GET", workspace)).json()["members_export"] is on
        assert [(await house.export("csv", who)).status_code for who in (mia, robot)] == [status, status]
    audit = (await house.person("GET", f"{workspace}/audit")).json()["items"]
    turned = [one["detail"] for one in audit if one.get("action") == "workspace.changed"]
    assert turned == [
        {"setting": "members_export", "old": True, "new": False},
        {"setting": "members_export", "old": False, "new": True},
    ]


@pytest.mark.rule("API-47")
async def test_a_format_that_nobody_writes_is_refused(desk: Desk) -> None:
    """With its place; so is a list that is in the trash."""
    status, said = await desk.call("GET", "/export?format=pdf")
    assert (status, said["errors"][0]["field"]) == (422, "format")
    assert (await desk.call("DELETE", ""))[0] == 204
    assert (await desk.call("GET", "/export?format=csv"))[0] == 404
