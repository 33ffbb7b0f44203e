"""Where records are put over the API: next to others, in the order that SQL has."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Source
from realtime.core.reasons import Reason, WritesRefused
from realtime.core.writes import AddRow, MoveRow, Write
from snapshots.placing import POSITION_TAKEN_MAX
from tests.integration.api.desk import Desk

PLACES = Path(__file__).resolve().parents[2] / "vectors" / "places.json"

WRONG = [
    ({"after": "nosuchrecord01"}, "after", "unknown_record"),
    ({"before": "?"}, "before", "unknown_record"),
    ({"after": "trashed"}, "after", "unknown_record"),
    ({"after": "itself"}, "after", "invalid_request"),
    ({"after": "other", "before": "other"}, "before", "invalid_request"),
]


async def stand(desk: Desk, *addresses: str) -> dict[str, str]:
    """Make records at the end of the list; their ids by address."""
    made = await desk.add(*({"Address": address} for address in addresses))
    return {record["fields"]["Address"]: record["id"] for record in made}


async def order(desk: Desk) -> str:
    """The addresses of the list in its order."""
    status, page = await desk.call("GET", "/records")
    assert status == 200
    return " ".join(record["fields"]["Address"] for record in page["items"])


async def write(desk: Desk, live: FastAPI, *writes: Write) -> None:
    """Write straight into the list's room."""
    whoever = Principal((await desk.person("GET", "/api/me")).json()["id"], "Whoever", Role.OWNER, 1)
    await live.state.services.rooms.write(desk.made["id"], whoever, writes, source=Source.API)


async def put(desk: Desk, method: str, path: str, body: dict[str, Any]) -> Any:
    """Make or change records; what was answered."""
    status, answer = await desk.call(method, path, json=body)
    assert status in (200, 201), answer
    return answer


@pytest.mark.rule("DATA-98")
async def test_new_records_are_made_next_to_another(desk: Desk) -> None:
    """Behind a record or before it, together and in the order given."""
    ids = await stand(desk, "a", "b", "c")
    new = [{"fields": {"Address": "x"}}, {"fields": {"Address": "y"}}]
    await put(desk, "POST", "/records", {"records": new, "after": ids["a"]})
    assert await order(desk) == "a x y b c"
    await put(desk, "POST", "/records", {"records": new[:1], "before": ids["a"]})
    await put(desk, "POST", "/records", {"records": new[1:], "after": ids["c"]})
    assert await order(desk) == "x a x y b c y"


@pytest.mark.rule("DATA-98")
async def test_records_are_moved_next_to_another(desk: Desk) -> None:
    """One with its fields, or several together in the order given; to where they stand already, too."""
    ids = await stand(desk, "a", "b", "c", "d", "e")
    answer = await put(desk, "PATCH", f"/records/{ids['e']}", {"before": ids["a"], "fields": {"Address": "first"}})
    assert answer["fields"]["Address"] == "first"
    assert await order(desk) == "first a b c d"
    await put(desk, "PATCH", "/records", {"records": [{"id": ids["d"]}, {"id": ids["a"]}], "after": ids["b"]})
    assert await order(desk) == "first b d a c"
    await put(desk, "PATCH", f"/records/{ids['d']}", {"after": ids["b"]})
    assert await order(desk) == "first b d a c"


@pytest.mark.rule("DATA-96", "DATA-98")
async def test_there_is_room_between_records_of_one_position(desk: Desk, live: FastAPI) -> None:
    """Three people have put records at the same place: one is moved between them, and they keep their order."""
    ids = await stand(desk, "a", "z")
    twins = sorted([*(await stand(desk, "t1", "t2", "t3")).items()], key=lambda twin: twin[1])
    await write(desk, live, *(MoveRow(row, "a0V") for _, row in twins))
    first, second, third = (name for name, _ in twins)
    assert await order(desk) == f"a {first} {second} {third} z"
    await put(desk, "PATCH", f"/records/{ids['z']}", {"after": dict(twins)[first]})
    assert await order(desk) == f"a {first} z {second} {third}"


@pytest.mark.rule("DATA-95", "DATA-98")
async def test_a_thousand_records_at_one_place_keep_their_order(desk: Desk, live: FastAPI) -> None:
    """A program that puts every record behind the same one gets the order that it asked for, with short positions."""
    ids = await stand(desk, "first", "last")
    for _ in range(8):
        new = [{"fields": {"Address": f"{number}"}} for number in range(125)]
        await put(desk, "POST", "/records", {"records": new, "after": ids["first"]})
    async with live.state.services.engine.connect() as connection:
        said = "SELECT max(length(position)), count(DISTINCT position) FROM records WHERE list_id = :list"
        longest, positions = (await connection.execute(text(said), {"list": desk.made["id"]})).one()
    assert (longest <= POSITION_TAKEN_MAX, positions) == (True, 1_002)
    status, page = await desk.call("GET", "/records", params={"limit": 1_000})
    addresses = [record["fields"]["Address"] for record in page["items"]]
    assert (status, addresses[:2], addresses[126]) == (200, ["first", "0"], "0")
    assert addresses[1:] == [str(number) for _ in range(8) for number in range(125)][:999]


@pytest.mark.rule("DATA-98")
async def test_a_wrong_place_is_named_and_nothing_moves(desk: Desk) -> None:
    """The answer says what is wrong with it, and neither the place nor the fields have changed."""
    ids = await stand(desk, "itself", "other", "trashed")
    await desk.call("DELETE", f"/records/{ids['trashed']}")
    for place, field, code in WRONG:
        said = {side: ids.get(name, name) for side, name in place.items()}
        body = {**said, "fields": {"Address": "changed"}}
        status, problem = await desk.call("PATCH", f"/records/{ids['itself']}", json=body)
        assert 400 <= status < 500
        assert [(each["field"], each["code"]) for each in problem["errors"]] == [(field, code)]
    assert await order(desk) == "itself other"


@pytest.mark.rule("DATA-99")
async def test_records_stand_as_the_clients_and_sql_have_them(desk: Desk, live: FastAPI) -> None:
    """By position, then id, by code unit: equal positions and both cases of letters among them, page by page."""
    places = [(position, row) for position, row in json.loads(PLACES.read_text())["places"]]
    assert places != sorted(places, key=lambda place: (place[0].casefold(), place[1].casefold())), (
        "these tell them apart"
    )
    await write(desk, live, *(AddRow(row, position) for position, row in reversed(places)))
    async with live.state.services.engine.connect() as connection:
        said = "SELECT position, row_id FROM records WHERE list_id = :list ORDER BY position, row_id"
        stored = [tuple(row) for row in (await connection.execute(text(said), {"list": desk.made["id"]})).all()]
    assert stored == places
    paged, cursor = [], {}
    while cursor is not None:
        _, page = await desk.call("GET", "/records", params={"limit": 3, **cursor})
        paged += [record["id"] for record in page["items"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert paged == [row for _, row in places]


@pytest.mark.rule("ROOM-80")
async def test_a_move_from_a_place_that_was_left_changes_nothing(desk: Desk, live: FastAPI) -> None:
    """Nor does one of a row that is not there, or to a position that is too long; what was asked with it is not done either."""
    ids = await stand(desk, "a", "b")
    wrong = [
        (MoveRow(ids["b"], "Zy", stood="a9"), Reason.STALE_GENERATION),
        (MoveRow("row-nowhere1", "Zy"), Reason.UNKNOWN_ROW),
        (MoveRow(ids["b"], "a0" + "1" * 255), Reason.INVALID_VALUE),
    ]
    for move, reason in wrong:
        with pytest.raises(WritesRefused) as refused:
            await write(desk, live, MoveRow(ids["a"], "a7"), move)
        assert refused.value.refusals == [(1, reason)]
    assert await order(desk) == "a b"
    await write(desk, live, MoveRow(ids["b"], "Zy", stood="a1"))
    assert await order(desk) == "b a"
