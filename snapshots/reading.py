"""How texts are meant where they could mean two things: what a person chose, or a whole column shows."""

from dataclasses import dataclass
from enum import StrEnum


class DateOrder(StrEnum):
    """The order of day, month and year in dates of digits."""

    YEAR_FIRST = "year_first"
    MONTH_FIRST = "month_first"
    DAY_FIRST = "day_first"


@dataclass(frozen=True, slots=True)
class Reading:
    """How the texts of one column are read; the defaults guess nothing.

    `decimal_comma`: 1.234,5 and not 1,234.5. Without a `date_order` a date that could be read two ways is refused,
    as is a year of two digits. `percent_points`: 5 without a sign is 5 %. `separator` parts the elements of a set;
    empty, commas and line ends do. `region` is the country (ISO 3166) of telephone numbers without a country code.
    """

    decimal_comma: bool = False
    date_order: DateOrder | None = None
    percent_points: bool = False
    separator: str = ""
    region: str = "US"
