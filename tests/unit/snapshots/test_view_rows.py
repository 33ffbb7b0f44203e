"""What a saved view says of rows: the grammar of filter, sort and hidden columns, and what is refused with which words."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql

from persistence.contract import Json
from snapshots.column_types import ColumnType
from snapshots.columns import Column, ListSchema
from snapshots.filtering import FILTER_DEPTH_MAX, FILTER_PARTS_MAX, FILTER_VALUES_MAX, ChoiceRefused, Op
from snapshots.view_attributes import check_view_attribute
from snapshots.view_rows import SORT_COLUMNS_MAX, RowChoice, View, row_choice
from tests.list_columns import SCHEMA, column, column_id
from tests.properties.test_snapshots import WILD_JSON

TEXT, NUMBER, SELECT, TAGS = map(
    column_id, (ColumnType.TEXT, ColumnType.NUMBER, ColumnType.SELECT, ColumnType.MULTI_SELECT)
)
LINK, DATE, SUM = map(column_id, (ColumnType.LINK, ColumnType.DATE, ColumnType.FORMULA))
GONE, UNKNOWN = "col-gone----", "col-unknown-"
LIST = ListSchema(
    TEXT,
    {
        **SCHEMA.columns,
        SUM: column(ColumnType.FORMULA),
        GONE: Column(GONE, "Gone", ColumnType.TEXT, deleted=True),
    },
)
IS_SOLD: dict[str, Json] = {"column": TEXT, "op": "is", "value": "Sold"}


def sql(clause: ColumnElement[Any]) -> str:
    """A clause as PostgreSQL would be told it."""
    return str(clause.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]  # SQLAlchemy's own


def filtered(said: Json) -> str:
    """The condition of a filter."""
    return sql(row_choice(View("", filter=said), LIST).condition)


def nested(depth: int) -> Json:
    """A part in so many groups."""
    said: Json = IS_SOLD
    for _ in range(depth):
        said = {"or": [said]}
    return said


@pytest.mark.rule("DATA-50")
@pytest.mark.parametrize("said", [None, {}, {"and": []}, {"or": [{"and": []}]}])
def test_a_filter_that_asks_nothing_lets_every_row_through(said: Json) -> None:
    """So do groups without parts."""
    assert filtered(said) == "true"


@pytest.mark.rule("DATA-50")
@pytest.mark.parametrize("name", [GONE, UNKNOWN])
def test_a_part_whose_column_is_gone_is_passed_over(name: str) -> None:
    """Deleted or never there: the other parts of its group stand; sort and hidden columns pass over it too."""
    gone: Json = {"column": name, "op": "contains", "value": 5}
    assert filtered(gone) == "true"
    assert filtered({"or": [gone]}) == "true"
    assert filtered({"or": [gone, IS_SOLD]}) == filtered(IS_SOLD)
    choice = row_choice(View("", sort=[name, {"column": NUMBER}], hidden=[name]), LIST)
    assert len(choice.order_by) == 1
    assert list(choice.columns) == list(LIST.standing())


@pytest.mark.rule("DATA-50")
@pytest.mark.parametrize(
    ("said", "place", "words"),
    [
        ([IS_SOLD], "filter", "is an object"),
        ("Sold", "filter", "is an object"),
        ({"and": [True]}, "filter.and.0", "is an object"),
        ({"and": [IS_SOLD], "or": []}, "filter", "and nothing else"),
        ({"and": [IS_SOLD], "not": []}, "filter", "and nothing else"),
        ({"or": IS_SOLD}, "filter", "A group of a filter"),
        (nested(FILTER_DEPTH_MAX + 1), "filter.or.0.or.0.or.0", "at most 3 deep"),
        ({"and": [IS_SOLD] * FILTER_PARTS_MAX}, "filter.and.99", "at most 100 parts"),
        ({"not": [IS_SOLD]}, "filter", "column, op and value"),
        ({**IS_SOLD, "case": True}, "filter", "column, op and value"),
        ({"column": "x", "op": "is", "value": "Sold"}, "filter.column", "by id"),
        ({"column": "x' OR true --", "op": "is", "value": "Sold"}, "filter.column", "by id"),
        ({"column": TEXT, "value": "Sold"}, "filter.op", "one of: is, is_not, contains"),
        ({"column": UNKNOWN, "op": "like", "value": "Sold"}, "filter.op", "one of: is, is_not, contains"),
        ({"column": TEXT, "op": "<", "value": "Sold"}, "filter.op", "text can be asked: is, is_not, contains"),
        ({"column": TAGS, "op": "is", "value": "option-sold1"}, "filter.op", "multi_select can be asked: contains"),
        ({"column": SUM, "op": "is", "value": 5}, "filter.column", "formula is not computed yet"),
        (
            {"and": [{"column": NUMBER, "op": "is", "value": "5"}]},
            "filter.and.0.value",
            "number is compared with a number",
        ),
        ({"column": NUMBER, "op": ">"}, "filter.value", "such as 12.5"),
        ({"column": NUMBER, "op": ">", "value": True}, "filter.value", "such as 12.5"),
        ({"column": DATE, "op": "is", "value": "2026-02-30"}, "filter.value", "YYYY-MM-DD"),
        ({"column": DATE, "op": "<", "value": None}, "filter.value", "YYYY-MM-DD"),
        ({"column": TEXT, "op": "contains", "value": ""}, "filter.value", "1 to 1,000 characters"),
        ({"column": TEXT, "op": "is", "value": "a\0"}, "filter.value", "1 to 1,000 characters"),
        ({"column": TEXT, "op": "is_empty", "value": "x"}, "filter.value", "takes no value"),
        ({"column": SELECT, "op": "any_of", "value": "option-sold1"}, "filter.value", "an array of 1 to 1,000 values"),
        ({"column": SELECT, "op": "any_of", "value": []}, "filter.value", "an array of 1 to 1,000 values"),
        ({"column": SELECT, "op": "none_of", "value": ["option-sold1", 5]}, "filter.value", "each an option's id"),
        (
            {"column": NUMBER, "op": "any_of", "value": [1] * (FILTER_VALUES_MAX + 1)},
            "filter.value",
            "1 to 1,000 values",
        ),
    ],
)
def test_a_filter_that_is_not_understood_is_refused_in_words(said: Json, place: str, words: str) -> None:
    """With the place and what would be right; never passed over, since it would show more rows."""
    with pytest.raises(ChoiceRefused) as refused:
        filtered(said)
    assert refused.value.place == place
    assert words in refused.value.sentence


@pytest.mark.rule("DATA-50")
def test_what_a_view_can_hold_is_as_deep_as_a_filter_may_be() -> None:
    """The gate takes groups to the depth that is read, and no deeper."""
    leaf: Json = {"column": SELECT, "op": "any_of", "value": ["option-sold1"]}
    for depth, held in ((FILTER_DEPTH_MAX, True), (FILTER_DEPTH_MAX + 1, False)):
        said = leaf
        for _ in range(depth):
            said = {"and": [said]}
        assert check_view_attribute("filter", said) is held
    assert filtered(nested(FILTER_DEPTH_MAX)) == filtered(IS_SOLD)


@pytest.mark.rule("DATA-50")
@pytest.mark.parametrize(
    ("view", "place", "words"),
    [
        (View("", sort={"column": NUMBER}), "sort", "an array"),
        (View("", sort=[NUMBER] * (SORT_COLUMNS_MAX + 1)), "sort", "at most 10"),
        (View("", sort=[NUMBER, 5]), "sort.1", "by id"),
        (View("", sort=["x; --"]), "sort.0", "by id"),
        (View("", sort=[{"column": NUMBER, "descending": "yes"}]), "sort.0", "by id"),
        (View("", sort=[{"column": NUMBER, "nulls": "first"}]), "sort.0", "by id"),
        (View("", sort=[{}]), "sort.0", "by id"),
        (View("", sort=[LINK]), "sort.0", "link has no order"),
        (View("", hidden=TEXT), "hidden", "array of columns"),
        (View("", hidden=[{"column": TEXT}]), "hidden", "array of columns"),
        (View("", hidden={TEXT: 1}), "hidden", "array of columns"),
        (View("", hidden=[column.id for column in LIST.standing()]), "hidden", "hides every column"),
    ],
)
def test_order_and_columns_that_are_not_understood_are_refused_in_words(view: View, place: str, words: str) -> None:
    """A sort by what has no order, and hidden columns in a shape that nobody knows."""
    with pytest.raises(ChoiceRefused) as refused:
        row_choice(view, LIST)
    assert refused.value.place == place
    assert words in refused.value.sentence


@pytest.mark.rule("DATA-50")
@pytest.mark.parametrize("hidden", [[NUMBER, DATE], {NUMBER: True, DATE: True, TEXT: False}])
def test_hidden_columns_are_left_out_in_both_shapes(hidden: Json) -> None:
    """The others stay in the list's order."""
    shown = row_choice(View("", hidden=hidden), LIST).columns
    assert [column.id for column in shown] == [one.id for one in LIST.standing() if one.id not in (NUMBER, DATE)]


@pytest.mark.rule("DATA-50")
def test_a_sort_by_several_columns_keeps_their_order_and_directions() -> None:
    """Empty cells come last both ways."""
    said: Json = [NUMBER, {"column": TEXT, "descending": True}, {"column": SELECT, "descending": False}]
    first, second, third = map(sql, row_choice(View("", sort=said), LIST).order_by)
    assert [clause.rsplit(" ", 3)[1:] for clause in (first, second, third)] == [
        ["ASC", "NULLS", "LAST"],
        ["DESC", "NULLS", "LAST"],
        ["ASC", "NULLS", "LAST"],
    ]


def test_a_view_is_read_from_its_attributes() -> None:
    """Those that say nothing of its rows are left out."""
    said: dict[str, Json] = {"name": "Sold", "kind": "grid", "filter": IS_SOLD, "sort": [TEXT], "widths": {TEXT: 5}}
    assert View.of(said) == View("Sold", IS_SOLD, [TEXT])
    assert View.of({"owner": "user-ana-0000001"}) == View("")


LIKELY = st.sampled_from(
    [*LIST.columns, UNKNOWN, *Op, "and", "or", "column", "op", "value", "descending", "2026-01-01"]
)
NEARLY: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | LIKELY | WILD_JSON,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(LIKELY, inner, max_size=3)
        | st.fixed_dictionaries({"column": LIKELY, "op": st.sampled_from(Op)}, optional={"value": inner})
        | st.fixed_dictionaries({"and": st.lists(inner, max_size=3)})
    ),
    max_leaves=10,
)


@pytest.mark.rule("DATA-50")
@given(said=NEARLY, sort=NEARLY, hidden=NEARLY)
def test_any_json_is_a_choice_of_rows_or_a_refusal(said: Json, sort: Json, hidden: Json) -> None:
    """Nothing else comes of it, and each refusal has a place and a sentence."""
    for view in (View("", filter=said), View("", sort=sort), View("", hidden=hidden)):
        outcome = outcome_of(view)
        if isinstance(outcome, RowChoice):
            compiled(outcome)
        else:
            assert outcome.place.split(".")[0] in ("filter", "sort", "hidden")
            assert outcome.sentence.endswith(".")


def outcome_of(view: View) -> RowChoice | ChoiceRefused:
    """What comes of a view."""
    try:
        return row_choice(view, LIST)
    except ChoiceRefused as refused:
        return refused


def compiled(choice: RowChoice) -> Sequence[str]:
    """The clauses of a choice."""
    assert choice.columns
    return [sql(choice.condition), *map(sql, choice.order_by)]


@pytest.mark.rule("DATA-50")
@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40))
def test_the_text_of_a_statement_does_not_depend_on_what_callers_write(value: str) -> None:
    """Values and column ids are parameters: hostile ones give the statement that plain ones give."""
    named = "col-DROP--TABLE--x"
    hostile = replace(LIST, columns={**LIST.columns, named: replace(LIST.columns[TEXT], id=named)})
    for op in (Op.IS, Op.IS_NOT, Op.CONTAINS):
        said: Json = {"column": named, "op": op.value, "value": value}
        choice = row_choice(View("", filter=said, sort=[named]), hostile)
        plain: Json = {"column": TEXT, "op": op.value, "value": "plain"}
        assert compiled(choice) == compiled(row_choice(View("", filter=plain, sort=[TEXT]), hostile))
