"""Typecast: how texts of a REST call are read as a column's values."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence.contract import Json
from snapshots.columns import Column, ColumnType, Option
from snapshots.reading import DateOrder, Reading
from snapshots.typecast import Cast, CastReason, CastRefused, cast_value
from tests.list_columns import column

MEMBERS = frozenset({"user-ana-0000001"})


@pytest.mark.rule("SNAP-7")
@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        *((ColumnType.TEXT, 5, "5"), (ColumnType.TEXT, 5.0, "5"), (ColumnType.TEXT, 0.1, "0.1")),
        *((ColumnType.TEXT, True, "true"), (ColumnType.TEXT, " kept ", " kept "), (ColumnType.TEXT, "  ", None)),
        *((ColumnType.NUMBER, "5", 5), (ColumnType.NUMBER, " -1,234.50 ", -1234.5), (ColumnType.NUMBER, "1e3", 1000)),
        *((ColumnType.NUMBER, ".5", 0.5), (ColumnType.NUMBER, "+7", 7), (ColumnType.NUMBER, 7.5, 7.5)),
        *((ColumnType.CURRENCY, "$420,000", 420_000), (ColumnType.CURRENCY, "-€ 12.50", -12.5)),
        *((ColumnType.CURRENCY, "USD 5", 5), (ColumnType.PERCENT, "12.5 %", 0.125), (ColumnType.PERCENT, "0.25", 0.25)),
        *((ColumnType.RATING, "4", 4), (ColumnType.CHECKBOX, "Yes", True), (ColumnType.CHECKBOX, "0", False)),
        *(
            (ColumnType.CHECKBOX, True, True),
            (ColumnType.CHECKBOX, 1, True),
            (ColumnType.CHECKBOX, "x", True),
            (ColumnType.CHECKBOX, "", None),
        ),
        *((ColumnType.DATE, "2026-3-1", "2026-03-01"), (ColumnType.DATE, "2026/03/01", "2026-03-01")),
        *((ColumnType.DATE, "13/02/2026", "2026-02-13"), (ColumnType.DATE, "2/13/2026", "2026-02-13")),
        *((ColumnType.DATE, "05/05/2026", "2026-05-05"), (ColumnType.DATE, "2026-03-01T23:00:00Z", "2026-03-01")),
        (ColumnType.DATETIME, "2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00Z"),
        (ColumnType.DATETIME, "2026-03-01 12:00:00", "2026-03-01T12:00:00Z"),
        (ColumnType.DATETIME, "2026-03-01", "2026-03-01T00:00:00Z"),
        *((ColumnType.SELECT, "Sold", "option-sold1"), (ColumnType.SELECT, "option-open1", "option-open1")),
        (ColumnType.MULTI_SELECT, "Sold, Open,Sold", ["option-sold1", "option-open1"]),
        (ColumnType.MULTI_SELECT, ["Open", "option-sold1"], ["option-open1", "option-sold1"]),
        *((ColumnType.MULTI_SELECT, "", []), (ColumnType.MULTI_SELECT, None, []), (ColumnType.NUMBER, None, None)),
        *((ColumnType.EMAIL, " ana@example.com ", "ana@example.com"), (ColumnType.URL, "tel:112\n", "tel:112")),
        *(
            (ColumnType.PHONE, "(206) 555-0142", "+12065550142"),
            (ColumnType.PHONE, "+44 20 7946 0958", "+442079460958"),
        ),
        (ColumnType.PHONE, "206-555-0142 ext 3", "206-555-0142 ext 3"),
        (ColumnType.USER, "user-ana-0000001", "user-ana-0000001"),
        (ColumnType.LINK, "row-1-0000000000\nrow-2-0000000000", ["row-1-0000000000", "row-2-0000000000"]),
    ],
)
def test_texts_are_read_as_the_column_means_them(kind: ColumnType, said: Json, value: Json) -> None:
    """Numbers with separators and signs of money, dates in usual orders, labels of options, telephone numbers."""
    outcome = cast_value(column(kind), said, MEMBERS)
    assert outcome == Cast(value)
    assert isinstance(outcome, Cast)
    assert type(outcome.value) is type(value)


@pytest.mark.rule("SNAP-7")
@pytest.mark.parametrize(
    ("kind", "said", "reason"),
    [
        *(
            (ColumnType.NUMBER, word, CastReason.NOT_A_NUMBER)
            for word in ("five", "1,23", "--1", "5 %", "e5", "-", "$")
        ),
        *(
            (ColumnType.NUMBER, said, CastReason.NOT_A_NUMBER)
            for said in ([1], {}, "1" * 65, "\u0665", "0x10", "nan", "1_0")
        ),
        *((ColumnType.NUMBER, said, CastReason.NOT_ALLOWED) for said in ("1e300", "1e999", "9007199254740993", True)),
        *((ColumnType.CHECKBOX, said, CastReason.NOT_A_CHECKBOX) for said in ("maybe", 2, 0.5, [], {})),
        *((ColumnType.DATE, said, CastReason.AMBIGUOUS_DATE) for said in ("03/04/2026", "3.4.2026")),
        *(
            (ColumnType.DATE, said, CastReason.NOT_A_DATE)
            for said in ("2026-02-30", "13/13/2026", "soon", 5, [], "1/2")
        ),
        *((ColumnType.DATETIME, said, CastReason.NOT_A_DATE) for said in ("noon", 0, "0001-01-01T00:00:00+23:00")),
        *((ColumnType.SELECT, said, CastReason.UNKNOWN_OPTION) for said in ("sold", "Rented", 1, [])),
        (ColumnType.MULTI_SELECT, "Sold,Rented", CastReason.UNKNOWN_OPTION),
        *((ColumnType.USER, said, CastReason.NOT_ALLOWED) for said in ("Ana", "user-eve-0000001", 5)),
        *((ColumnType.LINK, said, CastReason.NOT_ALLOWED) for said in ("Oak Lane", [5], {}, 5)),
        *((ColumnType.EMAIL, "ana", CastReason.NOT_ALLOWED), (ColumnType.URL, "javascript:1", CastReason.NOT_ALLOWED)),
        *((ColumnType.PHONE, "call me", CastReason.NOT_ALLOWED), (ColumnType.TEXT, "a\0b", CastReason.NOT_ALLOWED)),
        *((ColumnType.TEXT, [], CastReason.NOT_ALLOWED), (ColumnType.RATING, "6", CastReason.NOT_ALLOWED)),
        *((ColumnType.PHONE, 5, CastReason.NOT_ALLOWED), (ColumnType.DATE, "2026-01-01T99:00", CastReason.NOT_A_DATE)),
        *((ColumnType.FORMULA, "1", CastReason.NOT_WRITABLE), (ColumnType.CREATED_AT, None, CastReason.NOT_WRITABLE)),
    ],
)
def test_what_cannot_be_read_has_one_reason(kind: ColumnType, said: Json, reason: CastReason) -> None:
    """Nothing is guessed: what could mean two things is refused."""
    assert cast_value(column(kind), said, MEMBERS) == CastRefused(reason)


@pytest.mark.rule("SNAP-7")
def test_a_label_that_two_options_share_is_ambiguous() -> None:
    """An id still says which one."""
    options = {name: Option(name, "Sold") for name in ("option-sold1", "option-sold2")}
    select = Column("col-select-00001", "select", ColumnType.SELECT, "a0", options=options)
    assert cast_value(select, "Sold", MEMBERS) == CastRefused(CastReason.AMBIGUOUS_OPTION)
    assert cast_value(select, "option-sold2", MEMBERS) == Cast("option-sold2")


def test_the_region_is_that_of_numbers_without_a_country_code() -> None:
    """The same digits are another number elsewhere."""
    phone = column(ColumnType.PHONE)
    assert cast_value(phone, "020 7946 0958", MEMBERS, Reading(region="GB")) == Cast("+442079460958")


US, EUROPE = Reading(date_order=DateOrder.MONTH_FIRST), Reading(decimal_comma=True, date_order=DateOrder.DAY_FIRST)
SORTED = Reading(date_order=DateOrder.YEAR_FIRST)


@pytest.mark.rule("DATA-1")
@pytest.mark.parametrize(
    ("kind", "said", "reading", "value"),
    [
        *((ColumnType.DATE, "01/02/2026", US, "2026-01-02"), (ColumnType.DATE, "01/02/2026", EUROPE, "2026-02-01")),
        *((ColumnType.DATE, "1/2/26", US, "2026-01-02"), (ColumnType.DATE, "1.2.69", EUROPE, "1969-02-01")),
        *((ColumnType.DATE, "20260102", SORTED, "2026-01-02"), (ColumnType.DATE, "26-01-02", SORTED, "2026-01-02")),
        *((ColumnType.DATE, "2026-01-02", US, "2026-01-02"), (ColumnType.DATE, "05-JAN-26", US, "2026-01-05")),
        *((ColumnType.DATE, "Jan 5, 2026", Reading(), "2026-01-05"), (ColumnType.DATE, "5 May 2026", US, "2026-05-05")),
        (ColumnType.DATE, "1/2/2026 12:00:00 AM", US, "2026-01-02"),
        (ColumnType.DATETIME, "1/2/2026 3:45 PM", US, "2026-01-02T15:45:00Z"),
        (ColumnType.DATETIME, "01.02.2026 15:45:30", EUROPE, "2026-02-01T15:45:30Z"),
        (ColumnType.DATETIME, "1/2/2026 12:10 am +02:00", US, "2026-01-01T22:10:00Z"),
        (ColumnType.CURRENCY, "1.250.000,00 \u20ac", EUROPE, 1_250_000),
        (ColumnType.NUMBER, "1\u202f250,5", EUROPE, 1250.5),
        *((ColumnType.NUMBER, "1'250.5", US, 1250.5), (ColumnType.CURRENCY, "($1,250.50)", US, -1250.5)),
        *((ColumnType.NUMBER, "12-", US, -12), (ColumnType.NUMBER, "1.250", EUROPE, 1250)),
        (ColumnType.PERCENT, "5", Reading(percent_points=True), 0.05),
        (ColumnType.PERCENT, "5,5 %", EUROPE, 0.055),
        (ColumnType.MULTI_SELECT, "Sold; Open", Reading(separator=";"), ["option-sold1", "option-open1"]),
        *((ColumnType.CHECKBOX, "WAHR", EUROPE, True), (ColumnType.CHECKBOX, "non", EUROPE, False)),
    ],
)
def test_a_reading_says_what_could_mean_two_things(kind: ColumnType, said: Json, reading: Reading, value: Json) -> None:
    """The order of dates, the mark of decimals and the separator of sets are chosen, once for a column."""
    assert cast_value(column(kind), said, MEMBERS, reading) == Cast(value)


@pytest.mark.rule("DATA-1")
@pytest.mark.parametrize(
    ("kind", "said", "reading"),
    [
        *((ColumnType.DATE, "13/02/2026", US), (ColumnType.DATE, "02/13/2026", EUROPE)),
        *(
            (ColumnType.DATE, "01/02/2026", SORTED),
            (ColumnType.DATE, "1/2-2026", US),
            (ColumnType.DATE, "5 Foo 2026", US),
        ),
        *((ColumnType.DATETIME, "1/2/2026 13:45 PM", US), (ColumnType.DATETIME, "1/2/2026 25:00", US)),
        *(
            (ColumnType.NUMBER, "1.250.00", EUROPE),
            (ColumnType.NUMBER, "1,250.5", EUROPE),
            (ColumnType.NUMBER, "(5", US),
        ),
        *((ColumnType.NUMBER, "-5-", US), (ColumnType.NUMBER, "$5 EUR", US), (ColumnType.NUMBER, "1,250 000", US)),
    ],
)
def test_what_does_not_fit_the_reading_is_refused(kind: ColumnType, said: Json, reading: Reading) -> None:
    """A value in another format than the column's is a slip in the file."""
    assert isinstance(cast_value(column(kind), said, MEMBERS, reading), CastRefused)


@pytest.mark.rule("SNAP-7")
@given(st.from_regex(r"(\+1[-. ]?)?\(?[2-9][0-9]{2}\)?[-. ]?[2-9][0-9]{2}[-. ]?[0-9]{4}", fullmatch=True))
def test_usual_telephone_numbers_are_what_the_library_makes_of_them(said: str) -> None:
    """The short way that American numbers take gives the same, elsewhere too where they say which country they are of."""
    for region in ("US", "GB") if said.startswith("+") else ("US",):
        parsed = phonenumbers.parse(said, region)
        formatted = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        assert cast_value(column(ColumnType.PHONE), said, MEMBERS, Reading(region=region)) == Cast(formatted)
