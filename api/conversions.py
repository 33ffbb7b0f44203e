"""Conversions as callers describe them, and what comes of one."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, JsonValue, StringConstraints

from api.columns import ColumnAnswer
from api.errors import Code, Problem
from api.schemas import Answer, Request
from api.writing import Place, WritePlan
from snapshots.columns import Column, ColumnType, ListSchema
from snapshots.conversion import SOURCE_TYPES, TARGET_TYPES
from snapshots.conversion_marks import marks_of, unmarked
from snapshots.reading import DateOrder, Reading
from snapshots.surveying import Loss, Survey


class DecimalMark(StrEnum):
    """What stands before the decimals of a number."""

    POINT = "point"
    COMMA = "comma"


class ReadingBody(Request):
    """How texts are meant that could mean two things."""

    date_order: DateOrder | None = None
    decimal: DecimalMark = DecimalMark.POINT
    percent_points: bool = False
    separator: Annotated[str, Field(max_length=8)] = ""
    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "US"

    def reading(self) -> Reading:
        """The same as the conversion takes it."""
        comma = self.decimal is DecimalMark.COMMA
        return Reading(comma, self.date_order, self.percent_points, self.separator, self.region)


class ConversionBody(Request):
    """The type that a column is to have. Without a reading the one is found that its values suit best."""

    type: ColumnType
    config: dict[str, JsonValue] = Field(default_factory=dict)
    reading: ReadingBody | None = None


class ReadingAnswer(Answer):
    """How the texts were read."""

    date_order: DateOrder | None
    decimal: DecimalMark
    percent_points: bool
    separator: str
    region: str

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """Make the answer of a reading."""
        return cls(
            date_order=reading.date_order,
            decimal=DecimalMark.COMMA if reading.decimal_comma else DecimalMark.POINT,
            percent_points=reading.percent_points,
            separator=reading.separator,
            region=reading.region,
        )


class LossAnswer(Answer):
    """A value that does not convert, and why, in words."""

    row: str
    value: str
    reason: str


class PreviewAnswer(Answer):
    """What would come of a conversion: `lost` of the `filled` cells have no value in the new type; up to 20 of them are shown."""

    rows: int
    filled: int
    converted: int
    lost: int
    samples: list[LossAnswer]
    new_options: list[str]
    reading: ReadingAnswer

    @classmethod
    def of(cls, survey: Survey, reading: Reading, new_options: Sequence[str]) -> Self:
        """Make the answer of a survey."""
        return cls(**counts(survey), new_options=list(new_options), reading=ReadingAnswer.of(reading))


class ConvertedAnswer(Answer):
    """The new column, in the place of the old one, and what came of its values."""

    column: ColumnAnswer
    rows: int
    filled: int
    converted: int
    lost: int
    samples: list[LossAnswer]


class LaterEdit(Answer):
    """A row that was edited or imported since the conversion, and what it held in the column then."""

    row: str
    value: str


class UndoneAnswer(Answer):
    """The old column, back in its place. Since the conversion `edited_since` rows were edited in the other one, and `imported_since` more
    were imported with a value in it; up to 20 of both are shown.
    """

    column: ColumnAnswer
    edited_since: int
    imported_since: int
    samples: list[LaterEdit]


def counts(survey: Survey) -> dict[str, object]:
    """A survey as the fields of an answer."""
    return {
        "rows": survey.rows,
        "filled": survey.filled,
        "converted": survey.converted,
        "lost": survey.losses,
        "samples": [loss_answer(loss) for loss in survey.samples],
    }


def loss_answer(loss: Loss) -> LossAnswer:
    """Make the answer of a loss."""
    return LossAnswer(row=loss.row, value=loss.value, reason=loss.reason)


def target_of(body: ConversionBody, source: Column, new_id: str) -> Column:
    """The column that is asked for; from a select to a select the options stay."""
    choices = {ColumnType.SELECT, ColumnType.MULTI_SELECT}
    options = source.options if {source.type, body.type} <= choices else {}
    config = unmarked(body.config)
    return Column(new_id, source.name, body.type, source.position, config, deleted=True, options=options)


def require_convertible(schema: ListSchema, source: Column, target: Column, plan: WritePlan) -> None:
    """Refuse what no conversion leads to, with what can be done instead. Raises `Problem`."""
    if source.type not in SOURCE_TYPES:
        raise Problem(Code.INVALID_REQUEST, f"{source.name} is computed or holds files; its type cannot be changed.")
    if target.type not in TARGET_TYPES:
        sentence = "No values become those of such a column. Add a column of this type instead."
        plan.refuse(Place("type"), Code.INVALID_VALUE, sentence)
    settled = (source.type, unmarked(source.config)) == (target.type, target.config)
    if settled and not marks_of(target.config):
        plan.refuse(Place("type"), Code.INVALID_VALUE, "The column has this type already.")
    if schema.primary == source.id and target.set_valued:
        sentence = "This column names the rows, so a cell holds one value. Let another column name them first."
        plan.refuse(Place("type"), Code.INVALID_VALUE, sentence)
    plan.require_sound()
