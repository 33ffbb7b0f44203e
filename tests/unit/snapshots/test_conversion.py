"""Conversion: what the values of one column are in another, and why some have none."""

from collections.abc import Sequence
from itertools import count

import pytest

from persistence.contract import Json
from snapshots.column_types import ColumnType
from snapshots.conversion import (
    LABEL,
    NO_PERSON,
    NO_ROW,
    OPTIONS_FULL,
    PEOPLE,
    ROWS,
    SEVERAL,
    Conversion,
    Converted,
    Lost,
    Names,
    shown,
)
from snapshots.element_texts import joined, parted
from snapshots.reading import DateOrder, Reading
from snapshots.surveying import Survey, best_reading, converted, losses, with_options
from tests.list_columns import column

ANA, BEN = "user-ana-0000001", "user-ben-0000001"
OAK, ELM, ELM_2 = "row-oak-0000001", "row-elm-0000001", "row-elm-0000002"
NAMES = Names(
    people={ANA: ("ana@example.com", "Ana Lee"), BEN: ("ben@example.com", "Ana Lee")},
    linked={OAK: "Oak, Inc.", ELM: "Elm"},
    targets={OAK: "Oak, Inc.", ELM: "Elm", ELM_2: "Elm", "row-ash-0000001": "Ash"},
)
T = ColumnType


def conversion(
    source: ColumnType, target: ColumnType, reading: Reading | None = None, **config: str | int
) -> Conversion:
    """From a column of one type to one of another; both selects have the options Sold and Open."""
    return Conversion(column(source), column(target, **config), reading or Reading(), NAMES)


@pytest.mark.rule("DATA-70")
@pytest.mark.parametrize(
    ("source", "target", "value", "there"),
    [
        *((T.TEXT, T.NUMBER, "$1,250.50", 1250.5), (T.TEXT, T.PERCENT, "12.5%", 0.125), (T.TEXT, T.NUMBER, " ", None)),
        *((T.TEXT, T.DATE, "2026-03-01", "2026-03-01"), (T.TEXT, T.CHECKBOX, "Yes", True)),
        *((T.TEXT, T.SELECT, " Sold ", "option-sold1"), (T.TEXT, T.LONG_TEXT, "a\nb", "a\nb")),
        (T.TEXT, T.MULTI_SELECT, "Open, Sold,Open", ["option-open1", "option-sold1"]),
        *((T.TEXT, T.LINK, "Oak, Inc.", [OAK]), (T.TEXT, T.LINK, 'Ash, "Oak, Inc."', ["row-ash-0000001", OAK])),
        *((T.TEXT, T.USER, "ANA@example.com", ANA), (T.TEXT, T.USERS, "ben@example.com", [BEN])),
        *((T.NUMBER, T.TEXT, 1250.0, "1250"), (T.NUMBER, T.TEXT, 0.1, "0.1"), (T.PERCENT, T.TEXT, 0.07, "7%")),
        *((T.PERCENT, T.NUMBER, 0.25, 0.25), (T.NUMBER, T.CHECKBOX, 1, True), (T.CHECKBOX, T.NUMBER, False, 0)),
        *((T.CHECKBOX, T.TEXT, True, "true"), (T.DATE, T.DATETIME, "2026-03-01", "2026-03-01T00:00:00Z")),
        *((T.DATETIME, T.DATE, "2026-03-01T10:30:00Z", "2026-03-01"), (T.SELECT, T.TEXT, "option-sold1", "Sold")),
        *((T.SELECT, T.MULTI_SELECT, "option-sold1", ["option-sold1"]), (T.MULTI_SELECT, T.SELECT, [], None)),
        (T.MULTI_SELECT, T.SELECT, ["option-open1"], "option-open1"),
        (T.MULTI_SELECT, T.TEXT, ["option-open1", "option-sold1"], "Open, Sold"),
        *((T.LINK, T.TEXT, [OAK, ELM], '"Oak, Inc.", Elm'), (T.LINK, T.LINK, [ELM], [ELM])),
        *((T.USER, T.TEXT, ANA, "ana@example.com"), (T.USER, T.USERS, ANA, [ANA]), (T.USERS, T.USER, [BEN], BEN)),
        *((T.TEXT, T.PHONE, "(206) 555-0142", "+12065550142"), (T.EMAIL, T.TEXT, "a@example.com", "a@example.com")),
        (
            T.ADDRESS,
            T.TEXT,
            {"line1": "1 Oak", "city": "York", "region": "", "postcode": "1", "country": "US"},
            "1 Oak, York, 1, US",
        ),
    ],
)
def test_a_value_becomes_what_it_means(source: ColumnType, target: ColumnType, value: Json, there: Json) -> None:
    """Numbers, dates, options by label, people by address, rows by name, sets in both directions, and all of it as text."""
    outcome = conversion(source, target).convert(value)
    assert outcome == Converted(there)
    assert isinstance(outcome, Converted)
    assert type(outcome.value) is type(there)


@pytest.mark.rule("DATA-70")
@pytest.mark.parametrize(
    ("source", "target", "value", "reason"),
    [
        (T.TEXT, T.NUMBER, "a lot", "This text is not a number. number takes a number, such as 12.5."),
        (T.TEXT, T.DATE, "01/02/2026", "Day and month could be swapped"),
        *(
            (T.MULTI_SELECT, T.SELECT, ["option-open1", "option-sold1"], SEVERAL),
            (T.USERS, T.USER, [ANA, BEN], SEVERAL),
        ),
        *((T.TEXT, T.SELECT, "Rented", OPTIONS_FULL), (T.TEXT, T.SELECT, "x" * 201, LABEL)),
        *((T.TEXT, T.LINK, "Birch", NO_ROW), (T.TEXT, T.LINK, "Elm", ROWS)),
        *((T.TEXT, T.USER, "Carl", NO_PERSON), (T.TEXT, T.USER, "Ana Lee", PEOPLE)),
        (T.USER, T.USERS, "user-gone-000001", "users takes an array of user ids of members of the workspace."),
        (T.LONG_TEXT, T.TEXT, "x" * 10_001, "text takes a text of at most 10,000 characters."),
        (T.NUMBER, T.RATING, 2.5, "rating takes a whole number within the rating's maximum."),
    ],
)
def test_what_has_no_counterpart_is_said_in_words(
    source: ColumnType, target: ColumnType, value: Json, reason: str
) -> None:
    """Each loss has a sentence that says why, and what the new column takes."""
    outcome = conversion(source, target).convert(value)
    assert isinstance(outcome, Lost)
    assert reason in outcome.reason


@pytest.mark.rule("DATA-70")
def test_a_link_to_one_row_takes_no_two() -> None:
    """A cell with several rows does not convert into a column that takes one; one with a single row does."""
    one = conversion(T.LINK, T.LINK, limit="one")
    assert one.convert([OAK, ELM]) == Lost(SEVERAL)
    assert one.convert([OAK]) == Converted([OAK])


@pytest.mark.rule("DATA-70")
@pytest.mark.parametrize(
    ("values", "target", "reading"),
    [
        (["13/02/2026", "01/02/2026"], T.DATE, Reading(date_order=DateOrder.DAY_FIRST)),
        (["02/13/2026", "01/02/2026"], T.DATE, Reading(date_order=DateOrder.MONTH_FIRST)),
        *((["01/02/2026"], T.DATE, Reading()), (["2026-01-02"], T.DATETIME, Reading())),
        *((["1.234,50", "7"], T.NUMBER, Reading(decimal_comma=True)), (["1,234"], T.CURRENCY, Reading())),
        (["anything"], T.SELECT, Reading()),
    ],
)
def test_the_whole_column_shows_how_it_is_read(values: Sequence[Json], target: ColumnType, reading: Reading) -> None:
    """What the values themselves settle is settled by them; what could be swapped in all of them is left to a person."""
    assert best_reading(column(T.TEXT), column(target), NAMES, values) == reading


@pytest.mark.rule("DATA-71")
def test_options_are_made_for_what_occurs() -> None:
    """New options come after the standing ones, the most frequent first, at most 1,000 in all."""
    ids = count(1)
    texts = ["Sold", "Rented", "Let", "Let", *(f"Kind {number}" for number in range(2_000))]
    full = with_options(conversion(T.TEXT, T.SELECT), texts, lambda: f"option-new{next(ids):04}")
    labels = [option.label for option in full.target.options.values()]
    assert labels[:4] == ["Sold", "Open", "Let", "Kind 0"]
    assert len(labels) == 1_000
    assert [option.position for option in full.target.options.values()] == sorted(
        option.position for option in full.target.options.values()
    )
    assert isinstance(full.convert("Let"), Converted)
    assert full.convert("Rented") == Lost(OPTIONS_FULL, ["Rented"])
    plain = conversion(T.TEXT, T.NUMBER)
    assert with_options(plain, texts, str) is plain


@pytest.mark.rule("DATA-71")
def test_a_survey_counts_what_is_lost_and_shows_some_of_it() -> None:
    """Empty cells are not counted as filled; each loss has its row, its text and its reason; all of them are in the report."""
    values = [*((f"row-{number:07}", "much") for number in range(30)), ("row-empty01", None), ("row-good001", "5")]
    survey = Survey()
    there = dict(converted(conversion(T.TEXT, T.NUMBER), values, survey))
    assert (survey.rows, survey.filled, survey.converted, survey.losses) == (32, 31, 1, 30)
    assert there["row-good001"] == 5
    assert there["row-0000000"] is None
    assert len(survey.samples) == 20
    assert (survey.samples[0].row, survey.samples[0].value) == ("row-0000000", "much")
    assert len(list(losses(conversion(T.TEXT, T.NUMBER), values))) == 30


@pytest.mark.parametrize("elements", [["a", "b, c", ' "x"', "d\ne"], ['""', ",", "é"], []])
def test_joined_elements_are_parted_again(elements: list[str]) -> None:
    """Commas, quotes, blanks and line breaks in elements survive."""
    assert parted(joined(elements)) == elements


def test_a_long_text_is_shown_in_part() -> None:
    """A report shows at most 1,000 characters of a value."""
    assert len(shown("x" * 5_000)) == 1_000
    assert shown("short") == "short"
