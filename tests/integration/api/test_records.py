"""Records over the API, through the real rooms, checked by SQL."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tests.integration.api.desk import Desk


@pytest.mark.rule("API-7")
async def test_an_answered_record_is_in_sql_and_in_the_audit(desk: Desk, live: FastAPI) -> None:
    """When the answer is there, row, facts and log entry are committed."""
    (record,) = await desk.add({"Address": "1 Main Street", "Price": 350000})
    async with live.state.services.engine.connect() as connection:
        found = (
            await connection.execute(
                text("SELECT data FROM records WHERE list_id = :list AND row_id = :row"),
                {"list": desk.made["id"], "row": record["id"]},
            )
        ).scalar_one()
        facts = (
            await connection.execute(
                text(
                    "SELECT kind, new, source FROM facts WHERE list_id = :list AND row_id = :row ORDER BY seq, ordinal"
                ),
                {"list": desk.made["id"], "row": record["id"]},
            )
        ).all()
    assert found == {desk.columns["Address"]["id"]: "1 Main Street", desk.columns["Price"]["id"]: 350000}
    assert [tuple(fact) for fact in facts][1:] == [("cell", "1 Main Street", "api"), ("cell", 350000, "api")]


@pytest.mark.rule("API-8")
async def test_options_go_out_as_labels_and_come_in_as_label_or_id(desk: Desk) -> None:
    """A select shows its option's label, takes label or id, and is all ids with field_keys=id."""
    sold = desk.columns["Status"]["options"][1]["id"]
    by_label, by_id = await desk.add(
        {"Address": "1", "Status": "Open", "Tags": ["View", "Pool"]}, {"Address": "2", "Status": sold}
    )
    assert (by_label["fields"]["Status"], by_label["fields"]["Tags"]) == ("Open", ["Pool", "View"])
    assert by_id["fields"]["Status"] == "Sold"
    _, raw = await desk.call("GET", f"/records/{by_id['id']}", params={"field_keys": "id"})
    assert raw["fields"][desk.columns["Status"]["id"]] == sold


async def test_a_record_shows_every_column(desk: Desk) -> None:
    """Empty cells are null, empty sets are empty arrays, and computed stamps are filled in."""
    (record,) = await desk.add({"Address": "1 Main Street"})
    fields = record["fields"]
    assert list(fields) == ["Address", "Price", "Status", "Tags", "Listed", "Made"]
    assert (fields["Price"], fields["Tags"], fields["Made"]) == (None, [], record["created_at"])


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"Address": 7}, "Address", "invalid_value"),
    ({"Address": "x" * 10_001}, "Address", "invalid_value"),
    ({"Address": "a\0b"}, "Address", "invalid_value"),
    ({"Price": "350000"}, "Price", "invalid_value"),
    ({"Price": True}, "Price", "invalid_value"),
    ({"Price": [1]}, "Price", "invalid_value"),
    ({"Price": 2**60}, "Price", "invalid_value"),
    ({"Status": "Unheard of"}, "Status", "invalid_value"),
    ({"Status": ["Open"]}, "Status", "invalid_value"),
    ({"Tags": "Pool"}, "Tags", "invalid_value"),
    ({"Tags": ["Garden"]}, "Tags", "invalid_value"),
    ({"Tags": [1]}, "Tags", "invalid_value"),
    ({"Listed": "2030-02-30"}, "Listed", "invalid_value"),
    ({"Listed": "30/01/2030"}, "Listed", "invalid_value"),
    ({"Made": "2030-01-01T00:00:00Z"}, "Made", "computed_field"),
    ({"Colour": "red"}, "Colour", "unknown_field"),
    ({"address": "in small letters"}, "address", "unknown_field"),
]


@pytest.mark.rule("API-9")
@pytest.mark.parametrize(("fields", "name", "code"), WRONG)
async def test_a_wrong_value_is_named_and_nothing_is_written(
    desk: Desk, fields: dict[str, Any], name: str, code: str
) -> None:
    """The second record is wrong: the answer names record and field, and the first is not there either."""
    body = {"records": [{"fields": {"Address": "1 Main Street"}}, {"fields": {"Address": "2", **fields}}]}
    status, problem = await desk.call("POST", "/records", json=body)
    assert (status, problem["code"]) == (422, code)
    error = problem["errors"][0]
    assert (error["record"], error["field"], error["code"]) == (1, f"records.1.fields.{name}", code)
    assert error["message"]
    assert (await desk.call("GET", "/records"))[1]["items"] == []


async def test_every_wrong_place_is_named_at_once(desk: Desk) -> None:
    """One answer lists all wrong values of a call."""
    body = {"records": [{"fields": {"Address": 1, "Price": "x"}}, {"fields": {"Address": "ok", "Listed": "soon"}}]}
    _, problem = await desk.call("POST", "/records", json=body)
    places = [error["field"] for error in problem["errors"]]
    assert places == ["records.0.fields.Address", "records.0.fields.Price", "records.1.fields.Listed"]


async def test_typecast_reads_texts(desk: Desk) -> None:
    """With typecast, texts become the columns' values, and what cannot be read is named."""
    (record,) = await desk.add(
        {"Address": 12, "Price": "$350,000", "Listed": "2030/1/31", "Tags": "Pool, View"}, typecast=True
    )
    fields = record["fields"]
    assert (fields["Address"], fields["Price"], fields["Listed"]) == ("12", 350000, "2030-01-31")
    assert fields["Tags"] == ["Pool", "View"]
    body = {"records": [{"fields": {"Address": "1", "Price": "much"}}], "typecast": True}
    status, problem = await desk.call("POST", "/records", json=body)
    assert (status, problem["errors"][0]["field"]) == (422, "records.0.fields.Price")


async def test_a_required_field_is_asked_for(desk: Desk) -> None:
    """A record without its required field is refused, and emptying it as well."""
    status, problem = await desk.call("POST", "/records", json={"records": [{"fields": {"Price": 1}}]})
    assert (status, problem["errors"][0]["field"]) == (422, "records.0.fields.Address")
    (record,) = await desk.add({"Address": "1 Main Street"})
    assert (await desk.call("PATCH", f"/records/{record['id']}", json={"fields": {"Address": None}}))[0] == 422


@pytest.mark.rule("API-10")
async def test_pages_hold_every_record_once(desk: Desk) -> None:
    """Following the cursors gives every record once, in the list's order and in sorted order both ways."""
    prices = [None if number % 7 == 0 else number % 5 for number in range(53)]
    await desk.add(*({"Address": f"{number:02}", "Price": price} for number, price in enumerate(prices)))
    for sort in (None, "Price", "-Price", "Address", "-Address"):
        seen: list[dict[str, Any]] = []
        params: dict[str, Any] = {"limit": 10} | ({"sort": sort} if sort else {})
        while True:
            _, page = await desk.call("GET", "/records", params=params)
            seen += page["items"]
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
        assert len({record["id"] for record in seen}) == len(seen) == 53
        values = [record["fields"]["Price"] for record in seen]
        if sort in {"Price", "-Price"}:
            present = [value for value in values if value is not None]
            assert present == sorted(present, reverse=sort == "-Price")
            assert values[len(present) :] == [None] * (53 - len(present))


@pytest.mark.rule("API-10")
@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"cursor": "WyJ4Il0", "sort": "Price"}, "invalid_cursor"),
        ({"cursor": "é"}, "invalid_cursor"),
        ({"sort": "Colour"}, "unknown_field"),
        ({"sort": "Tags"}, "invalid_request"),
        ({"fields": "Colour"}, "unknown_field"),
        ({"limit": "0"}, "invalid_request"),
        ({"limit": "1001"}, "invalid_request"),
        ({"limit": "ten"}, "invalid_request"),
        ({"search": "x" * 201}, "invalid_request"),
        ({"search": "a\0b"}, "invalid_request"),
        ({"trashed": "perhaps"}, "invalid_request"),
        ({"filter": "Price > 1"}, "invalid_request"),
        ({"field_keys": "number"}, "invalid_request"),
    ],
)
async def test_a_wrong_query_is_refused(desk: Desk, params: dict[str, str], code: str) -> None:
    """Unknown, wrong or not yet known parameters are refused; none is silently ignored."""
    status, problem = await desk.call("GET", "/records", params=params)
    assert (status, problem["code"]) == (422, code)


async def test_search_and_fields(desk: Desk) -> None:
    """A search finds text in any case, its own marks included; only the wanted fields come back."""
    await desk.add(
        {"Address": "1 Main Street"}, {"Address": "100 % Elm"}, {"Address": "2 Side Street", "Status": "Sold"}
    )
    _, page = await desk.call("GET", "/records", params={"search": "STREET", "fields": ["Address"]})
    assert [record["fields"] for record in page["items"]] == [
        {"Address": "1 Main Street"},
        {"Address": "2 Side Street"},
    ]
    for search, count in (("%", 1), ("_", 0), ("sold", 1)):
        assert len((await desk.call("GET", "/records", params={"search": search}))[1]["items"]) == count


async def test_trash_and_restore(desk: Desk) -> None:
    """A trashed record leaves the list, lies in the trash, and comes back as it was."""
    first, second, third = await desk.add({"Address": "1"}, {"Address": "2", "Price": 5}, {"Address": "3"})
    assert (await desk.call("DELETE", f"/records/{second['id']}"))[0] == 204
    assert (await desk.call("DELETE", "/records", params={"id": [first["id"], third["id"]]}))[0] == 204
    assert (await desk.call("GET", "/records"))[1]["items"] == []
    assert len((await desk.call("GET", "/records", params={"trashed": True}))[1]["items"]) == 3
    status, restored = await desk.call("POST", f"/records/{second['id']}/restore")
    assert (status, restored["fields"]["Price"], restored["trashed_at"]) == (200, 5, None)


async def test_changes_are_in_the_history(desk: Desk) -> None:
    """The history tells old and new values by field, newest first, page by page."""
    (record,) = await desk.add({"Address": "1", "Status": "Open"})
    await desk.call("PATCH", f"/records/{record['id']}", json={"fields": {"Status": "Sold", "Price": 7}})
    _, page = await desk.call("GET", f"/records/{record['id']}/history", params={"limit": 2})
    changes = {entry["field"]: (entry["old"], entry["new"]) for entry in page["items"]}
    assert changes == {"Status": ("Open", "Sold"), "Price": (None, 7)}
    _, older = await desk.call("GET", f"/records/{record['id']}/history", params={"cursor": page["next_cursor"]})
    assert {entry["seq"] for entry in older["items"]} == {record_seq(older)}


def record_seq(page: dict[str, Any]) -> int:
    """The number of the update that made the record."""
    return int(page["items"][0]["seq"])


async def test_many_records_change_in_one_commit(desk: Desk) -> None:
    """A thousand records are made and changed by one call each, and each call is one log entry."""
    made = await desk.add(*({"Address": str(number)} for number in range(1_000)))
    head = (await desk.call("GET", ""))[1]["head"]
    body = {"records": [{"id": record["id"], "fields": {"Price": 1}} for record in made]}
    status, changed = await desk.call("PATCH", "/records", json=body)
    assert status == 200
    assert [record["id"] for record in changed["items"]] == [record["id"] for record in made]
    assert (await desk.call("GET", ""))[1]["head"] == head + 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"records": []}, 422, "invalid_request"),
        ({"records": [{"id": "unknown_record_1", "fields": {}}]}, 404, "unknown_record"),
        ({"records": [{"id": "a\0b", "fields": {}}]}, 404, "unknown_record"),
        ({"records": [{"fields": {}}]}, 422, "invalid_request"),
        ({"records": [{"id": "unknown_record_1", "fields": {}, "seq": 1}]}, 422, "invalid_request"),
        ({"records": {"id": 1}}, 422, "invalid_request"),
        ([], 422, "invalid_request"),
    ],
)
async def test_wrong_changes_are_refused(desk: Desk, body: Any, status: int, code: str) -> None:
    """Unknown records and bodies of another shape get their own answer."""
    found, problem = await desk.call("PATCH", "/records", json=body)
    assert (found, problem["code"]) == (status, code)
