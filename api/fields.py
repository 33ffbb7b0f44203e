"""Fields: how a record's cells look outside, by column name (or id), with labels for the options of selects.

Inside, a cell is a value by column id, and a select holds option ids. Going out, options become their labels;
coming in, an option's id or its exact label is taken. With `field_keys=id` everything is ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from persistence.contract import Json
from snapshots.columns import Column, ColumnType, ListSchema

_SELECTS: Final = frozenset({ColumnType.SELECT, ColumnType.MULTI_SELECT})


class FieldKeys(StrEnum):
    """By what a record's fields are called."""

    NAME = "name"
    ID = "id"


class Stamps(Protocol):
    """When and by whom a record was made and last changed."""

    @property
    def created_at(self) -> datetime:
        """When the record was made."""

    @property
    def created_by(self) -> str:
        """Who made it."""

    @property
    def updated_at(self) -> datetime:
        """When it was changed last."""

    @property
    def updated_by(self) -> str:
        """Who changed it last."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The columns of one list as callers know them."""

    schema: ListSchema
    keys: FieldKeys

    def key(self, column: Column) -> str:
        """Give the key that a column has in `fields`."""
        return column.id if self.keys is FieldKeys.ID else column.name

    def column(self, key: str) -> Column | None:
        """Find the standing column with this key; of two with one name the first in order."""
        return next((column for column in self.schema.standing() if self.key(column) == key), None)

    def show(
        self, cells: Mapping[str, Json], stamps: Stamps, wanted: Sequence[Column] | None = None
    ) -> dict[str, Json]:
        """Give a record's fields; an empty cell is `null`, an empty set `[]`."""
        columns = self.schema.standing() if wanted is None else wanted
        return {self.key(column): self._value(column, cells, stamps) for column in columns}

    def _value(self, column: Column, cells: Mapping[str, Json], stamps: Stamps) -> Json:
        match column.type:
            case ColumnType.CREATED_AT:
                return _time(stamps.created_at)
            case ColumnType.CREATED_BY:
                return stamps.created_by
            case ColumnType.UPDATED_AT:
                return _time(stamps.updated_at)
            case ColumnType.UPDATED_BY:
                return stamps.updated_by
        return self.show_value(column, cells.get(column.id))

    def show_value(self, column: Column, value: Json) -> Json:
        """Give one cell's value as callers see it."""
        if value is None:
            return [] if column.set_valued else None
        if column.type not in _SELECTS or self.keys is FieldKeys.ID:
            return value
        if isinstance(value, list):
            chosen = [option.label for option in column.options.values() if option.id in value]
            return [*chosen, *(said for said in value if said not in column.options)]
        return _label(column, value)

    def take_value(self, column: Column, value: Json) -> Json:
        """Give the value to keep for one that a caller sent; labels of options become their ids.

        What is no option stays as it is, for the list's own check to refuse.
        """
        if column.type is ColumnType.MULTI_SELECT and isinstance(value, list):
            return [_option(column, item) for item in value]
        return _option(column, value) if column.type is ColumnType.SELECT else value


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _label(column: Column, option: Json) -> Json:
    known = column.options.get(option) if isinstance(option, str) else None
    return known.label if known else option


def _option(column: Column, said: Json) -> Json:
    if not isinstance(said, str) or said in column.options:
        return said
    return next((option.id for option in column.options.values() if option.label == said), said)
