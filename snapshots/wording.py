"""What a column takes, and why a value was not taken, in words for people."""

from collections.abc import Mapping
from typing import Final

from snapshots.column_types import ColumnType
from snapshots.columns import Column
from snapshots.typecast import CastReason

_EXPECTED: Final[Mapping[ColumnType, str]] = {
    ColumnType.TEXT: "a text of at most 10,000 characters",
    ColumnType.LONG_TEXT: "a text of at most 100,000 characters",
    ColumnType.NUMBER: "a number, such as 12.5",
    ColumnType.PERCENT: "a number, where 0.25 means 25 %",
    ColumnType.CURRENCY: "a number, such as 350000",
    ColumnType.RATING: "a whole number within the rating's maximum",
    ColumnType.DURATION: "a number of seconds",
    ColumnType.CHECKBOX: "true or false",
    ColumnType.DATE: "a real date as YYYY-MM-DD",
    ColumnType.DATETIME: "a UTC time such as 2030-01-31T09:30:00Z",
    ColumnType.SELECT: "one of the column's options, by label or id",
    ColumnType.MULTI_SELECT: "an array of the column's options, by label or id",
    ColumnType.EMAIL: "an e-mail address",
    ColumnType.PHONE: "a telephone number such as +14155550101",
    ColumnType.URL: "an address that begins with http:, https:, mailto: or tel:",
    ColumnType.USER: "the user id of a member of the workspace",
    ColumnType.USERS: "an array of user ids of members of the workspace",
    ColumnType.LINK: "an array of record ids",
    ColumnType.ADDRESS: "an object with line1, city, region, postcode and country",
    ColumnType.ATTACHMENT: "an array of attachment ids",
}
_REFUSED: Final[Mapping[CastReason, str]] = {
    CastReason.NOT_WRITABLE: "The column is computed and cannot be written.",
    CastReason.NOT_A_NUMBER: "This text is not a number.",
    CastReason.NOT_A_CHECKBOX: "This is neither yes nor no.",
    CastReason.NOT_A_DATE: "This text is not a date.",
    CastReason.AMBIGUOUS_DATE: "Day and month could be swapped; write the date as YYYY-MM-DD.",
    CastReason.UNKNOWN_OPTION: "The column has no such option.",
    CastReason.AMBIGUOUS_OPTION: "Two options have this label; name the option by its id.",
    CastReason.NOT_ALLOWED: "",
}


def expected(column: Column) -> str:
    """Say in words what a column takes."""
    return (
        f"{column.name} takes {_EXPECTED[column.type]}." if column.type in _EXPECTED else f"{column.name} is computed."
    )


def refused(column: Column, reason: CastReason) -> str:
    """Say in words why a text is no value of a column, and what is."""
    if reason is CastReason.NOT_WRITABLE:
        return _REFUSED[reason]
    return f"{_REFUSED[reason]} {expected(column)}".strip()
