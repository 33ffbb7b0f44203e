"""What a person chooses about an import: how the file is read, where each of its columns goes, and what may be made on the way."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field

from api.columns import COLUMNS_MAX, ColumnBody
from api.schemas import Name, Request
from snapshots.reading import DateOrder, Reading

KEYS_MAX: Final = 5

Short = Annotated[str, Field(max_length=200)]
Source = Annotated[int, Field(ge=0)]


class ReadingChoice(Request):
    """How the texts of a column are read where they could mean two things. `separator` parts the elements of a set."""

    date_order: DateOrder | None = None
    decimal: Literal["point", "comma"] | None = None
    percent: Literal["points", "fraction"] | None = None
    separator: Annotated[str, Field(max_length=10)] | None = None

    @property
    def reading(self) -> Reading:
        """The same in the terms of the conversion."""
        return Reading(
            decimal_comma=self.decimal == "comma",
            date_order=self.date_order,
            percent_points=self.percent == "points",
            separator=self.separator or "",
        )

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """Say a reading as a choice."""
        return cls(
            date_order=reading.date_order,
            decimal="comma" if reading.decimal_comma else "point",
            percent="points" if reading.percent_points else "fraction",
            separator=reading.separator,
        )


class ColumnChoice(Request):
    """Where the column `source` of the file (from 0) goes: into a column by its id, into a new one, or nowhere (`null`)."""

    source: Source
    target: str | ColumnBody | None = None
    reading: ReadingChoice | None = None


class UpsertChoice(Request):
    """A row of the file changes the record that has the same values in these columns; `on` are sources."""

    on: list[Source] = Field(min_length=1, max_length=KEYS_MAX)


class Choices(Request):
    """All that may be chosen; what is `null` is found out or guessed. `header_row` 0: no row has the names of the columns."""

    sheet: Short | None = None
    encoding: Short | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    header_row: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    list_name: Name | None = None
    columns: list[ColumnChoice] | None = Field(default=None, max_length=COLUMNS_MAX)
    create_options: bool | None = None
    create_linked: bool | None = None
    upsert: UpsertChoice | None = None

    def of_file(self) -> dict[str, str | int | None]:
        """What concerns the file alone, as its reader takes it."""
        return {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "sheet": self.sheet,
            "header_row": self.header_row,
        }
