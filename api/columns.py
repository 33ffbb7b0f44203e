"""Columns as callers describe them, and what that means for a list's schema."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Final, Self

from fractional_indexing import generate_n_keys_between
from pydantic import Field, JsonValue

from api.errors import Code
from api.schemas import Answer, Name, Request
from api.writing import Place, WritePlan
from persistence.contract import Json
from realtime.core.writes import SetKey
from snapshots.columns import Column, ColumnType, ListSchema, Option, check_column_attribute

COLUMNS_MAX: Final = 500
OPTIONS_MAX: Final = 1_000

Label = Name
Colour = Annotated[str, Field(max_length=32, pattern=r"^[A-Za-z0-9#_-]*$")]


class OptionBody(Request):
    """A choice of a select column. With the id of a present option it changes that one."""

    id: str | None = None
    label: Label
    colour: Colour = ""


class ColumnBody(Request):
    """A new column."""

    name: Name
    type: ColumnType
    config: dict[str, JsonValue] = Field(default_factory=dict)
    options: list[OptionBody] = Field(default_factory=list, max_length=OPTIONS_MAX)
    required: bool = False
    locked: bool = False


class ColumnChange(Request):
    """What changes in a column; `options` is the whole new list of choices."""

    name: Name | None = None
    config: dict[str, JsonValue] | None = None
    options: list[OptionBody] | None = Field(default=None, max_length=OPTIONS_MAX)
    required: bool | None = None
    locked: bool | None = None


class OptionAnswer(Answer):
    """A choice of a select column."""

    id: str
    label: str
    colour: str


class ColumnAnswer(Answer):
    """A column of a list."""

    id: str
    name: str
    type: ColumnType
    config: dict[str, JsonValue]
    required: bool
    locked: bool
    options: list[OptionAnswer]

    @classmethod
    def of(cls, column: Column) -> Self:
        """Make the answer of a column."""
        return cls(
            id=column.id,
            name=column.name,
            type=column.type,
            config=dict(column.config),
            required=column.required,
            locked=column.locked,
            options=[OptionAnswer(id=o.id, label=o.label, colour=o.colour) for o in column.options.values()],
        )


def build_column(body: ColumnBody, position: str, random_id: Callable[[], str]) -> Column:
    """Make a column of its description."""
    return Column(
        id=random_id(),
        name=body.name,
        type=body.type,
        position=position,
        config=dict(body.config),
        required=body.required,
        locked=body.locked,
        options=build_options(body.options, {}, random_id),
    )


def build_options(
    bodies: Sequence[OptionBody], present: dict[str, Option], random_id: Callable[[], str]
) -> dict[str, Option]:
    """Make the choices in the order given; a present option keeps its id, found by id or else by label."""
    by_label = {option.label: option.id for option in present.values()}
    positions = generate_n_keys_between(None, None, len(bodies))
    options: dict[str, Option] = {}
    for body, position in zip(bodies, positions, strict=True):
        known = body.id if body.id in present else by_label.get(body.label) if body.id is None else None
        option = Option(known or random_id(), body.label, body.colour, position)
        options[option.id] = option
    return options


def check_column(plan: WritePlan, column: Column, place: str, lists: Sequence[str]) -> None:
    """Note what is wrong with a column that is about to be written; `lists` are those that a link may point into."""
    if not check_column_attribute("config", dict(column.config)):
        plan.refuse(Place(f"{place}config"), Code.INVALID_VALUE, "The configuration does not fit the column type.")
    if column.type is ColumnType.LINK and (column.target_list is None or column.target_list not in lists):
        sentence = "A link column needs `config.list`: the id of a list in this workspace."
        plan.refuse(Place(f"{place}config"), Code.INVALID_VALUE, sentence)
    if column.options and column.type not in {ColumnType.SELECT, ColumnType.MULTI_SELECT}:
        plan.refuse(Place(f"{place}options"), Code.INVALID_VALUE, "Only select columns have options.")
    if len({option.label for option in column.options.values()}) < len(column.options):
        plan.refuse(Place(f"{place}options"), Code.DUPLICATE_NAME, "Two options have the same label.")


def check_name(plan: WritePlan, name: str, others: Iterable[Column], place: str) -> None:
    """Note that another column has this name."""
    if any(column.name == name for column in others):
        plan.refuse(Place(f"{place}name"), Code.DUPLICATE_NAME, f"The list has a column named {name!r} already.")


def next_position(schema: ListSchema) -> str:
    """Give the position behind every column."""
    last = max((column.position for column in schema.columns.values() if column.position), default=None)
    return str(generate_n_keys_between(last, None, 1)[0])


def put_column(plan: WritePlan, column: Column, before: Column | None = None, place: str = "") -> None:
    """Write the keys by which a column differs from what it was."""
    old = before.entries() if before else {}
    new = column.entries()
    for key in sorted(old.keys() | new.keys()):
        value: Json = new.get(key, _GONE.get(key.partition(":")[2]))
        if key not in old or old[key] != value:
            plan.add(SetKey("columns", key, value), Place(f"{place}{key.partition(':')[2].partition(':')[0]}"))


_GONE: Final[dict[str, Json]] = {"required": False, "locked": False, "deleted": False, "config": {}}
"""What stands for an attribute that a column no longer says; an option that is gone is `None`."""
