"""From the records of a request to writes: each field found, each value read, each wrong place named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field, JsonValue

from api.errors import Code
from api.fields import Fields
from api.schemas import Request
from api.writing import Place, WritePlan
from persistence.contract import Json
from realtime.core.writes import AddRow, SetCell
from snapshots.columns import Column
from snapshots.typecast import CastReason, CastRefused, cast_value
from snapshots.wording import refused

RECORDS_MAX: Final = 1_000


class Placement(Request):
    """Where records are put, together and in the order given: behind a record of the list, or before it."""

    after: str | None = None
    before: str | None = None


class NewRecord(Request):
    """A record to make."""

    fields: dict[str, JsonValue] = Field(default_factory=dict)


class RecordChange(Placement):
    """The fields of one record that change (`null` empties a field), and where it is put, if it is moved."""

    fields: dict[str, JsonValue] = Field(default_factory=dict)


class ChangedRecord(Request):
    """One of several records to change: the fields that do (`null` empties a field)."""

    id: str
    fields: dict[str, JsonValue] = Field(default_factory=dict)


class NewRecords(Placement):
    """Records to make in one commit, at the end unless it is said where; with `typecast`, texts are read as the columns' values."""

    records: Annotated[list[NewRecord], Field(min_length=1, max_length=RECORDS_MAX)]
    typecast: bool = False


class ChangedRecords(Placement):
    """Records to change in one commit, and where they are put, if they are moved."""

    records: Annotated[list[ChangedRecord], Field(min_length=1, max_length=RECORDS_MAX)]
    typecast: bool = False


@dataclass(frozen=True, slots=True)
class Intake:
    """How values of one request are read: the list's fields, its people, and whether texts are cast."""

    fields: Fields
    members: frozenset[str]
    typecast: bool


def plan_new(intake: Intake, records: Sequence[NewRecord], random_id: Callable[[], str]) -> tuple[WritePlan, list[str]]:
    """Plan new records; the plan, and the new ids in the order given."""
    plan, ids = WritePlan(), [random_id() for _ in records]
    for number, (row, record) in enumerate(zip(ids, records, strict=True)):
        plan.add(AddRow(row), Place(f"records.{number}", number))
        _plan_fields(plan, intake, row, record.fields, number, f"records.{number}.fields.")
        for column in intake.fields.schema.standing():
            key = intake.fields.key(column)
            if column.required and not column.computed and key not in record.fields:
                _refuse_missing(plan, column, Place(f"records.{number}.fields.{key}", number))
    return plan, ids


def plan_changes(intake: Intake, records: Sequence[ChangedRecord]) -> WritePlan:
    """Plan changes of records; a record that occurs twice is refused."""
    plan, seen = WritePlan(), set[str]()
    for number, record in enumerate(records):
        place = Place(f"records.{number}.id", number)
        if record.id in seen:
            plan.refuse(place, Code.INVALID_REQUEST, "The record occurs twice in this call.")
        seen.add(record.id)
        _plan_fields(plan, intake, record.id, record.fields, number, f"records.{number}.fields.")
    return plan


def plan_change(intake: Intake, row: str, record: RecordChange) -> WritePlan:
    """Plan the change of one record."""
    plan = WritePlan()
    _plan_fields(plan, intake, row, record.fields, None, "fields.")
    return plan


def _plan_fields(
    plan: WritePlan, intake: Intake, row: str, values: Mapping[str, JsonValue], record: int | None, prefix: str
) -> None:
    for key, value in values.items():
        column = intake.fields.column(key)
        place = Place(prefix + key, record, column)
        if column is None:
            names = ", ".join(intake.fields.key(known) for known in intake.fields.schema.standing())
            plan.refuse(place, Code.UNKNOWN_FIELD, f"The list has no column {key!r}. It has: {names[:500]}.")
        elif column.computed:
            plan.refuse(place, Code.COMPUTED_FIELD, refused(column, CastReason.NOT_WRITABLE))
        elif column.required and value in (None, "", []):
            _refuse_missing(plan, column, place)
        else:
            _plan_value(plan, intake, row, column, value, place)


def _plan_value(plan: WritePlan, intake: Intake, row: str, column: Column, value: Json, place: Place) -> None:
    read = intake.fields.take_value(column, value)
    if intake.typecast:
        cast = cast_value(column, value, intake.members)
        if isinstance(cast, CastRefused):
            plan.refuse(place, Code.INVALID_VALUE, refused(column, cast.reason))
            return
        read = cast.value
    plan.add(SetCell(row, column.id, read), place)


def _refuse_missing(plan: WritePlan, column: Column, place: Place) -> None:
    plan.refuse(place, Code.INVALID_VALUE, f"{column.name} is required.")
