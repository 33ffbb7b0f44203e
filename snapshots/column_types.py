"""The types of columns, and the groups that treat their values alike."""

from enum import StrEnum
from typing import Final


class ColumnType(StrEnum):
    """What a column's cells hold (list document, "Values by column type")."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    PERCENT = "percent"
    CURRENCY = "currency"
    RATING = "rating"
    DURATION = "duration"
    CHECKBOX = "checkbox"
    DATE = "date"
    DATETIME = "datetime"
    SELECT = "select"
    MULTI_SELECT = "multi_select"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    USER = "user"
    USERS = "users"
    LINK = "link"
    ADDRESS = "address"
    ATTACHMENT = "attachment"
    LOOKUP = "lookup"
    ROLLUP = "rollup"
    COUNT = "count"
    FORMULA = "formula"
    AUTONUMBER = "autonumber"
    CREATED_AT = "created_at"
    CREATED_BY = "created_by"
    UPDATED_AT = "updated_at"
    UPDATED_BY = "updated_by"


SET_VALUED_TYPES: Final = frozenset({ColumnType.MULTI_SELECT, ColumnType.USERS, ColumnType.LINK, ColumnType.ATTACHMENT})
COMPUTED_TYPES: Final = frozenset(
    {ColumnType.LOOKUP, ColumnType.ROLLUP, ColumnType.COUNT, ColumnType.FORMULA, ColumnType.AUTONUMBER}
    | {ColumnType.CREATED_AT, ColumnType.CREATED_BY, ColumnType.UPDATED_AT, ColumnType.UPDATED_BY}
)
NUMBER_TYPES: Final = frozenset(
    {ColumnType.NUMBER, ColumnType.PERCENT, ColumnType.CURRENCY, ColumnType.RATING, ColumnType.DURATION}
)
TYPES_BY_NAME: Final = {str(kind): kind for kind in ColumnType}
