"""The rows of a view in a real database: the same as plain Python finds, whatever the values, and nothing else whatever is asked."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import Json
from persistence.tables import records
from snapshots.column_types import NUMBER_TYPES, ColumnType
from snapshots.exporting.selecting import rows_statement
from snapshots.filtering import ChoiceRefused, Op, condition
from snapshots.view_rows import View, row_choice
from tests.filtered_list import COLUMNS, HOSTILE, MOMENTS, PEOPLE, STAMPS, cells_of, holds, moment, values_of
from tests.integration.snapshots.conftest import AT, put_row
from tests.list_columns import OPTIONS, column_id

LIST: Final = "properties-1"


async def put(connection: AsyncConnection, rows: Mapping[str, Mapping[ColumnType, Any]]) -> None:
    """Let the list hold these rows and no others; all stand at one position."""
    await connection.execute(delete(records).where(records.c.list_id == LIST))
    made = []
    for row, cells in rows.items():
        stamps = {
            STAMPS[kind]: moment(cell) if kind in MOMENTS else cell for kind, cell in cells.items() if kind in STAMPS
        }
        data = {column_id(kind): cell for kind, cell in cells.items() if kind not in STAMPS and cell is not None}
        people = {"created_by": PEOPLE[0], "updated_by": PEOPLE[0], "created_at": AT, "updated_at": AT}
        fixed = {"list_id": LIST, "row_id": row, "workspace_id": "harbour", "position": "a0", "seq": 1}
        made.append({**fixed, **people, **stamps, "data": data})
    if made:
        await connection.execute(insert(records), made)


def parts_of(kind: ColumnType, value: Any, several: list[Any]) -> list[tuple[Op, dict[str, Json]]]:
    """Every part of a filter that a column of this type can be asked."""
    found = []
    for op in Op:
        said: dict[str, Json] = {"column": column_id(kind), "op": op.value}
        if op in (Op.ANY_OF, Op.NONE_OF):
            said["value"] = several
        elif op not in (Op.IS_EMPTY, Op.IS_NOT_EMPTY):
            said["value"] = value
        try:
            condition(said, COLUMNS)
        except ChoiceRefused as refused:
            if refused.place.endswith(".op"):
                continue
            raise
        found.append((op, said))
    return found


ASKED: Final = [kind for kind in ColumnType if column_id(kind) in COLUMNS.columns]
ROWS: Final = st.lists(st.fixed_dictionaries({kind: cells_of(kind) for kind in ASKED}), min_size=1, max_size=4)
VALUES: Final = st.fixed_dictionaries({kind: st.lists(values_of(kind), min_size=1, max_size=3) for kind in ASKED})
HEALTHY: Final = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.rule("DATA-50")
@settings(max_examples=80, deadline=None, suppress_health_check=HEALTHY)
@given(drawn=ROWS, values=VALUES)
async def test_sql_finds_the_rows_that_python_finds(
    connection: AsyncConnection, drawn: list[dict[ColumnType, Any]], values: dict[ColumnType, list[Any]]
) -> None:
    """Each column type asked everything that it can be asked: empty cells, wildcards, quotes, fractions of a second."""
    rows = {f"row-{index:09}": cells for index, cells in enumerate(drawn)}
    await put(connection, rows)
    parts = [(kind, *part) for kind in ASKED for part in parts_of(kind, values[kind][0], values[kind])]
    assert {kind for kind, _, _ in parts} == set(ASKED)
    asked = [condition(said, COLUMNS).is_(true()) for _, _, said in parts]
    found = await connection.execute(select(records.c.row_id, *asked).where(records.c.list_id == LIST))
    for row, *answers in found.all():
        for (kind, op, said), answer in zip(parts, answers, strict=True):
            assert answer is holds(kind, rows[row][kind], op, said.get("value")), (rows[row][kind], said)


SORTED: Final = (ColumnType.TEXT, ColumnType.NUMBER, ColumnType.DATETIME, ColumnType.SELECT, ColumnType.CREATED_AT)
_KEYS: Final[Mapping[ColumnType, Callable[[Any], Any]]] = {
    ColumnType.TEXT: str.lower,
    ColumnType.NUMBER: float,
    ColumnType.DATETIME: moment,
    ColumnType.SELECT: list(OPTIONS).index,
    ColumnType.CREATED_AT: moment,
}
PLAIN_TEXTS: Final = st.sampled_from(["a", "A", "b", "B", "a b", "Zz"])
ROW: Final = st.fixed_dictionaries(
    {
        kind: {
            ColumnType.TEXT: st.none() | PLAIN_TEXTS,
            ColumnType.SELECT: st.none() | st.sampled_from(list(OPTIONS)),
        }.get(kind, cells_of(kind))
        for kind in SORTED
    }
)
RULES: Final = st.lists(st.tuples(st.sampled_from(SORTED), st.booleans()), max_size=3)
LEAVES: Final = st.sampled_from(SORTED).flatmap(
    lambda kind: st.tuples(st.just(kind), st.sampled_from([Op.IS_EMPTY, Op.IS, Op.IS_NOT]), values_of(kind))
)
TREES: Final = st.recursive(
    LEAVES,
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=5,
).filter(lambda tree: depth(tree) <= 3)


def depth(tree: Any) -> int:
    """How deep groups lie."""
    return 1 + max(map(depth, tree[1])) if tree[0] in ("and", "or") else 0


def said_of(tree: Any) -> dict[str, Json]:
    """A tree as a filter says it."""
    if tree[0] in ("and", "or"):
        return {tree[0]: [said_of(part) for part in tree[1]]}
    kind, op, value = tree
    said: dict[str, Json] = {"column": column_id(kind), "op": op.value}
    return said if op is Op.IS_EMPTY else {**said, "value": value}


def held(tree: Any, row: Mapping[ColumnType, Any]) -> bool:
    """Whether a row is what a tree asks for."""
    if tree[0] in ("and", "or"):
        return (all if tree[0] == "and" else any)(held(part, row) for part in tree[1])
    kind, op, value = tree
    return holds(kind, row[kind], op, value)


@pytest.mark.rule("DATA-50")
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=8), tree=TREES, rules=RULES)
async def test_groups_and_sorts_are_those_of_python(
    connection: AsyncConnection, rows: list[dict[ColumnType, Any]], tree: Any, rules: list[tuple[ColumnType, bool]]
) -> None:
    """Nested groups, and sorts by several columns in both directions with empty cells last and then the list's order."""
    named = {f"row-{index:09}": row for index, row in enumerate(rows)}
    await put(connection, named)
    expected = [row for row, cells in named.items() if held(tree, cells)]
    for kind, descending in reversed(rules):
        filled = [row for row in expected if named[row][kind] is not None]
        key = _KEYS[kind]
        filled.sort(key=lambda row: key(named[row][kind]), reverse=descending)
        expected = [*filled, *(row for row in expected if named[row][kind] is None)]
    sort: Json = [{"column": column_id(kind), "descending": descending} for kind, descending in rules]
    choice = row_choice(View("", filter=said_of(tree), sort=sort), COLUMNS)
    statement = select(records.c.row_id).where(records.c.list_id == LIST, choice.condition)
    ordered = statement.order_by(*choice.order_by, records.c.position, records.c.row_id)
    assert list(await connection.scalars(ordered)) == expected


@pytest.mark.rule("DATA-50")
async def test_hostile_texts_find_what_they_say_and_nothing_else(connection: AsyncConnection) -> None:
    """As the value of every question of a text they are texts; as ids and questions they are refused."""
    listed = select(records.c.row_id).where(records.c.list_id == LIST)
    for hostile in HOSTILE:
        texts = {"row-canary-01": f"<{hostile}>", "row-canary-02": "untouched canary"}
        await put(connection, {row: {ColumnType.TEXT: text} for row, text in texts.items()})
        for op, value, expected in (
            ("contains", f"<{hostile}>", "row-canary-01"),
            ("is", f"<{hostile}>", "row-canary-01"),
            ("any_of", [f"<{hostile}>", hostile], "row-canary-01"),
            ("is_not", f"<{hostile}>", "row-canary-02"),
        ):
            part: Json = {"column": column_id(ColumnType.TEXT), "op": op, "value": value}
            assert list(await connection.scalars(listed.where(condition(part, COLUMNS)))) == [expected]
        for view in hostile_views(hostile):
            with pytest.raises(ChoiceRefused):
                row_choice(view, COLUMNS)
        assert len(list(await connection.scalars(listed))) == 2


def hostile_views(hostile: str) -> list[View]:
    """A text where ids, questions, numbers and days belong."""
    wrong: list[tuple[str, str, Json]] = [
        (hostile, "is", "x"),
        (column_id(ColumnType.TEXT), hostile, "x"),
        (column_id(ColumnType.NUMBER), "<", hostile),
        (column_id(ColumnType.SELECT), "is", hostile),
        (column_id(ColumnType.LINK), "any_of", [hostile]),
        (column_id(ColumnType.DATE), "<", hostile),
        (column_id(ColumnType.CREATED_AT), "<", hostile),
    ]
    parts = [View("", filter={"column": name, "op": op, "value": value}) for name, op, value in wrong]
    return [*parts, View("", filter={hostile: []}), View("", sort=[hostile])]


@pytest.mark.rule("DATA-50")
async def test_a_choice_of_rows_is_text_and_parameters(database_url: str, connection: AsyncConnection) -> None:
    """Whoever has no SQLAlchemy can run it: every question and every sort of every column, its values told as JSON."""
    row = {ColumnType.CREATED_AT: "2026-01-01T10:00:00Z", ColumnType.NUMBER: 5, ColumnType.TEXT: "50%"}
    await put(connection, {"row-000000001": row})
    await connection.commit()
    parts: list[Json] = []
    samples: dict[ColumnType, Any] = {
        **dict.fromkeys(NUMBER_TYPES, 5),
        **dict.fromkeys(MOMENTS, "2026-01-01T10:00:00.5Z"),
        ColumnType.DATE: "2026-01-01",
        ColumnType.CHECKBOX: True,
    }
    for kind in ASKED:
        value = samples.get(kind, "user-ana-0000001")
        parts += [said for _, said in parts_of(kind, value, [value])]
    plain = await asyncpg.connect(database_url)
    try:
        for first in range(0, len(parts), 50):
            view = View("", filter={"or": parts[first : first + 50]}, sort=[column_id(kind) for kind in SORTED])
            choice = row_choice(view, COLUMNS)
            statement = rows_statement(LIST, [choice.condition], choice.order_by)
            values = json.loads(json.dumps(list(statement.values)))
            assert [found["row_id"] for found in await plain.fetch(statement.text, *values)] == ["row-000000001"]
    finally:
        await plain.close()


@pytest.mark.rule("DATA-50")
async def test_an_empty_text_and_an_empty_set_are_empty_cells(connection: AsyncConnection) -> None:
    """However they came into the snapshot, people see nothing there."""
    text, tags = column_id(ColumnType.TEXT), column_id(ColumnType.MULTI_SELECT)
    await put_row(connection, "row-000000001", "a0", {text: "", tags: []})
    said: Json = {"and": [{"column": text, "op": "is_empty"}, {"column": tags, "op": "is_empty"}]}
    found = await connection.scalars(select(records.c.row_id).where(condition(said, COLUMNS)))
    assert list(found) == ["row-000000001"]


@pytest.mark.rule("SNAP-8")
async def testmoments_sort_by_what_they_mean(connection: AsyncConnection) -> None:
    """A fraction of a second comes after the whole one, and zeros at its end mean nothing."""
    begin = datetime(2026, 1, 1, 9, 59, 59, tzinfo=UTC)
    told = ["10:00:00.50", "10:00:00", "09:59:59.999999", "10:00:00.5", "10:00:00.000001", "10:00:10"]
    rows = {f"row-{index:09}": {ColumnType.DATETIME: f"2026-01-01T{time}Z"} for index, time in enumerate(told)}
    await put(connection, rows)
    choice = row_choice(View("", sort=[column_id(ColumnType.DATETIME)]), COLUMNS)
    statement = select(records.c.data[column_id(ColumnType.DATETIME)].astext).where(records.c.list_id == LIST)
    found = list(await connection.scalars(statement.order_by(*choice.order_by, records.c.row_id)))
    assert found == [f"2026-01-01T{told[index]}Z" for index in (2, 1, 4, 0, 3, 5)]
    assert all(moment(text) - begin < timedelta(minutes=1) for text in found)
