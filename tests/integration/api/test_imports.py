"""Imports from the upload to the rows, on the real application, with the job run where the test wants it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from api.importing.job import run_import
from persistence.jobs import PutBack
from snapshots.importing.blocks import BLOCK_ROWS_MAX
from tests.integration.api.desk import Desk
from tests.integration.api.people import Caller, caller

CSV = (
    "Address,Price,Status,Tags,Listed\r\n"
    '1 Main St,"$1,250,000",Open,Pool,2026-01-02\r\n'
    "2 Main St,n/a,Sold,Pool; View,2026-01-03\r\n"
    "=1+1,5,Withdrawn,,nope\r\n"
    "4 Main St,$6,Open,View,2026-01-05\r\n"
    "5 Main St,$7,Open,Pool,2026-01-06\r\n"
    "6 Main St,$8,Sold,Pool,2026-01-07\r\n"
)
LONG = "Address,Price\r\n" + "".join(f"{number} Long Road,{number}\r\n" for number in range(2_500))


class Bringer:
    """Somebody who brings files."""

    def __init__(self, app: FastAPI, person: Caller) -> None:
        self.app = app
        self.person = person

    async def bring(self, place: str, text: str | bytes, name: str = "listings.csv") -> str:
        """Bring a file; the import's id."""
        content = text if isinstance(text, bytes) else text.encode()
        answer = await self.person("POST", f"/api/{place}/imports", files={"file": (name, content)})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def ask(self, call: str, import_id: str, status: int, **choices: Any) -> Any:
        """Call below the import's address with choices."""
        answer = await self.person("POST", f"/api/imports/{import_id}/{call}", json={"choices": choices})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def work(self, import_id: str, ending: Callable[[], bool] = lambda: False) -> dict[str, Any]:
        """Do the job as a worker does; the import after it."""
        await run_import(self.app.state.services, import_id, ending)
        return await self.state(import_id)

    async def state(self, import_id: str) -> dict[str, Any]:
        """Read the import."""
        answer = await self.person("GET", f"/api/imports/{import_id}")
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def run(self, place: str, text: str, **choices: Any) -> dict[str, Any]:
        """Bring a file and import it."""
        import_id = await self.bring(place, text)
        await self.ask("run", import_id, 202, **choices)
        return await self.work(import_id)

    async def records(self, list_id: str) -> list[dict[str, Any]]:
        """The fields of a list's first records, in order."""
        answer = await self.person("GET", f"/api/lists/{list_id}/records", params={"limit": 1000})
        return [record["fields"] for record in answer.json()["items"]]


@pytest.fixture
def bringer(live: FastAPI, desk: Desk) -> Bringer:
    """Ana, who brings files for her list."""
    return Bringer(live, desk.person)


@pytest.mark.rule("DATA-10", "API-43")
async def test_a_file_becomes_a_list_as_its_preview_says(bringer: Bringer) -> None:
    """Columns, options and rows are made as proposed; what was not taken is counted and stands in a report that no spreadsheet runs."""
    import_id = await bringer.bring(f"workspaces/{bringer.person.workspace}", CSV)
    preview = await bringer.ask("preview", import_id, 200)
    assert [(column["heading"], column["problems"]) for column in preview["columns"]] == [
        ("Address", 0),
        ("Price", 1),
        ("Status", 0),
        ("Tags", 0),
        ("Listed", 1),
    ]
    assert (preview["rows_sampled"], preview["rows_total"], preview["rows"][1][1]) == (6, 6, "n/a")
    await bringer.ask("run", import_id, 202, **preview["choices"])
    ended = await bringer.work(import_id)
    assert (ended["state"], ended["error"], ended["rows_created"], ended["values_refused"]) == ("done", None, 6, 2)
    rows = await bringer.records(ended["list_id"])
    assert [row["Address"] for row in rows][:3] == ["1 Main St", "2 Main St", "=1+1"]
    assert (rows[0]["Price"], rows[1]["Price"], rows[0]["Listed"]) == (1_250_000, None, "2026-01-02")
    report = (await bringer.person("GET", f"/api/imports/{import_id}/report")).text.splitlines()
    assert report[0] == "\ufeffrow,column,value,reason"
    assert [line.split(",")[:3] for line in report[1:]] == [["3", "Price", "n/a"], ["4", "Listed", "nope"]]


@pytest.mark.rule("API-43")
async def test_a_report_holds_no_formula(bringer: Bringer, desk: Desk) -> None:
    """A refused text that begins like a formula is escaped."""
    ended = await bringer.run(f"lists/{desk.made['id']}", "Address,Price\r\nHere,=1+1\r\n")
    report = (await bringer.person("GET", f"/api/imports/{ended['id']}/report")).text
    assert report.splitlines()[1].startswith("2,Price,'=1+1,")


@pytest.mark.rule("DATA-11")
async def test_an_upsert_changes_what_differs_and_nothing_else(bringer: Bringer, desk: Desk) -> None:
    """By a key column: one record changes, one stays, one is made, one key is empty; the preview says the same before."""
    await desk.add({"Address": "1 Main St", "Price": 5}, {"Address": "2 Main St", "Price": 6, "Listed": "2026-01-01"})
    text = "Address,Price,Listed\r\n1 Main St,7,\r\n2 Main St,6,\r\n3 Main St,8,\r\n,9,\r\n"
    place, upsert = f"lists/{desk.made['id']}", {"on": [0]}
    looked = await bringer.ask("preview", await bringer.bring(place, text), 200, upsert=upsert)
    difference = looked["difference"]
    counts = {name: difference[name] for name in ("exact", "create", "update", "unchanged", "refused")}
    assert counts == {"exact": True, "create": 1, "update": 1, "unchanged": 1, "refused": 1}
    assert [(sample["row"], sample["key"]) for sample in difference["samples"]] == [(2, "1 Main St")]
    ended = await bringer.run(place, text, upsert=upsert)
    said = [ended[f"rows_{name}"] for name in ("created", "updated", "unchanged", "refused", "read")]
    assert (ended["state"], said) == ("done", [1, 1, 1, 1, 4])
    rows = {row["Address"]: (row["Price"], row["Listed"]) for row in await bringer.records(desk.made["id"])}
    assert rows == {"1 Main St": (7, None), "2 Main St": (6, "2026-01-01"), "3 Main St": (8, None)}


@pytest.mark.rule("DATA-12")
async def test_links_and_people_are_found_by_their_names(bringer: Bringer, desk: Desk) -> None:
    """Linked records by their primary value, made where that is asked for; people by e-mail address; strangers stand in the report."""
    columns = [
        {"name": "Owner", "type": "text"},
        {"name": "House", "type": "link", "config": {"list": desk.made["id"]}},
        {"name": "Agent", "type": "user"},
    ]
    place = f"/api/workspaces/{bringer.person.workspace}/lists"
    deeds = (await bringer.person("POST", place, json={"name": "Deeds", "columns": columns})).json()["id"]
    (house,) = await desk.add({"Address": "1 Main St"})
    text = "Owner,House,Agent\r\nAmy,1 Main St,ana@example.com\r\nBob,9 Far Way,who@example.com\r\n"
    refused = await bringer.run(f"lists/{deeds}", text)
    assert (refused["rows_created"], refused["values_refused"]) == (2, 2)
    first, second = await bringer.records(deeds)
    assert (first["House"], first["Agent"], second["House"]) == ([house["id"]], bringer.person.id, [])
    made = await bringer.run(f"lists/{deeds}", text, create_linked=True)
    assert made["values_refused"] == 1
    assert [row["Address"] for row in await bringer.records(desk.made["id"])] == ["1 Main St", "9 Far Way"]


@pytest.mark.rule("DATA-13")
async def test_an_import_that_is_begun_again_makes_no_row_twice(bringer: Bringer, desk: Desk) -> None:
    """It is stopped after a step, loses the note of that step, and still every row of the file comes once."""
    import_id = await bringer.bring(f"lists/{desk.made['id']}", LONG)
    await bringer.ask("run", import_id, 202)
    with pytest.raises(PutBack):
        await bringer.work(import_id, lambda: True)
    assert (await bringer.state(import_id))["rows_created"] == BLOCK_ROWS_MAX
    services = bringer.app.state.services
    forgotten = "UPDATE imports SET last_row = 0, rows_read = 0, rows_created = 0"
    async with services.transaction() as connection:
        await connection.exec_driver_sql(forgotten)
    ended = await bringer.work(import_id)
    assert (ended["state"], ended["rows_created"], ended["rows_read"]) == ("done", 2_500, 2_500)
    async with services.reading() as connection:
        counted = "SELECT count(*), count(DISTINCT data) FROM records"
        assert tuple((await connection.exec_driver_sql(counted)).one()) == (2_500, 2_500)


@pytest.mark.rule("DATA-14")
async def test_a_right_that_is_taken_ends_an_import(bringer: Bringer, desk: Desk, live: FastAPI) -> None:
    """An editor becomes a member after the first step: what is done stays, and it is said why there is no more."""
    emil = Bringer(live, await caller(live, "emil@example.com").register("Emil"))
    await bringer.person.admit(emil.person, "editor")
    import_id = await emil.bring(f"lists/{desk.made['id']}", LONG)
    await emil.ask("run", import_id, 202)
    with pytest.raises(PutBack):
        await emil.work(import_id, lambda: True)
    place = f"/api/workspaces/{bringer.person.workspace}/members/{emil.person.id}"
    assert (await bringer.person("PATCH", place, json={"role": "member"})).is_success
    ended = await emil.work(import_id)
    assert (ended["state"], ended["error"]["code"], ended["rows_created"]) == ("failed", "forbidden", BLOCK_ROWS_MAX)
    assert "role" in ended["error"]["detail"]
    assert len(await bringer.records(desk.made["id"])) == BLOCK_ROWS_MAX


@pytest.mark.rule("DATA-15")
async def test_a_cancelled_import_keeps_what_it_has_done(bringer: Bringer, desk: Desk) -> None:
    """It ends after its step; one that nobody had begun ends at once."""
    import_id = await bringer.bring(f"lists/{desk.made['id']}", LONG)
    await bringer.ask("run", import_id, 202)
    with pytest.raises(PutBack):
        await bringer.work(import_id, lambda: True)
    await bringer.ask("cancel", import_id, 200)
    ended = await bringer.work(import_id)
    assert (ended["state"], ended["rows_created"]) == ("cancelled", 2 * BLOCK_ROWS_MAX)
    waiting = await bringer.bring(f"lists/{desk.made['id']}", LONG)
    assert (await bringer.ask("cancel", waiting, 200))["state"] == "cancelled"


@pytest.mark.rule("API-42")
async def test_a_file_is_its_bringers_alone(bringer: Bringer, desk: Desk, live: FastAPI) -> None:
    """A colleague who may import sees how far it is, and can neither look into the file nor act on it."""
    emil = await caller(live, "emil@example.com").register("Emil")
    await bringer.person.admit(emil, "admin")
    import_id = await bringer.bring(f"lists/{desk.made['id']}", CSV)
    assert (await emil("GET", f"/api/imports/{import_id}")).status_code == 200
    for call in ("preview", "run", "cancel"):
        answer = await emil("POST", f"/api/imports/{import_id}/{call}", json={"choices": {}})
        assert answer.status_code == 404, call
    assert (await emil("GET", f"/api/imports/{import_id}/report")).status_code == 404


@pytest.mark.rule("API-44")
async def test_choices_that_cannot_be_carried_out_are_named(bringer: Bringer, desk: Desk, live: FastAPI) -> None:
    """Unknown and computed columns, doubled targets, columns that an editor may not add: 422 or 403, with words."""
    computed, price = desk.columns["Made"]["id"], desk.columns["Price"]["id"]
    place = f"lists/{desk.made['id']}"
    import_id = await bringer.bring(place, CSV)
    wrong = {
        "unknown_field": [{"source": 1, "target": "nowhere-000001"}],
        "computed_field": [{"source": 1, "target": computed}],
        "invalid_request": [{"source": 0, "target": price}, {"source": 1, "target": price}],
    }
    for code, columns in wrong.items():
        assert (await bringer.ask("run", import_id, 422, columns=columns))["code"] == code
    emil = Bringer(live, await caller(live, "emil@example.com").register("Emil"))
    await bringer.person.admit(emil.person, "editor")
    fresh = [{"source": 1, "target": {"name": "Cost", "type": "number"}}]
    refused = await emil.ask("run", await emil.bring(place, CSV), 403, columns=fresh)
    assert refused["code"] == "forbidden"


@pytest.mark.rule("API-45")
async def test_an_import_tells_of_itself_until_its_end(bringer: Bringer, desk: Desk) -> None:
    """With `Accept: text/event-stream` the last event is the import as it ended."""
    ended = await bringer.run(f"lists/{desk.made['id']}", CSV)
    answer = await bringer.person("GET", f"/api/imports/{ended['id']}", headers={"accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    event, data = answer.text.strip().split("\n")
    assert (event, json.loads(data.removeprefix("data: "))) == ("event: import", ended)


@pytest.mark.rule("DATA-16")
async def test_a_file_that_is_no_table_is_refused_with_words(bringer: Bringer, desk: Desk, tmp_path: Path) -> None:
    """What the reader refuses, or dies of, is a 422 that says what to do; the next file is read as ever."""
    place = f"lists/{desk.made['id']}"
    refused = await bringer.ask("preview", await bringer.bring(place, b"%PDF-1.7", "a.pdf"), 422)
    assert (refused["code"], "PDF" in refused["detail"]) == ("unreadable_file", True)
    looked = await bringer.ask("preview", await bringer.bring(place, CSV), 200)
    assert looked["rows_sampled"] == 6
