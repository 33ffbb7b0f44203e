"""Sheets: a list of the demo before it is stored, its columns and its rows as plain values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fractional_indexing import generate_n_keys_between

from persistence.contract import Json
from snapshots.columns import Column, ColumnType, Option

NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Field:
    """A column to be; `options` are (label, hue) of a select column."""

    name: str
    type: ColumnType
    config: Mapping[str, Json] = field(default_factory=dict)
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One list: rows as `[row id, position, value, ...]`, values in the order of the columns."""

    id: str
    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Json]]

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    def row_ids(self) -> list[str]:
        """The ids of the rows, in order."""
        return [str(row[0]) for row in self.rows]


def make_sheet(
    list_id: str, name: str, fields: Sequence[Field], entries: Iterable[Sequence[Json]], new_id: NewId
) -> Sheet:
    """Give columns, options and rows their ids and positions; entries name options by their labels."""
    columns = [
        _column(said, position, new_id)
        for said, position in zip(fields, generate_n_keys_between(None, None, len(fields)), strict=True)
    ]
    choices = {
        index: {option.label: option.id for option in column.options.values()}
        for index, column in enumerate(columns)
        if column.options
    }
    values = [_values(entry, choices) for entry in entries]
    positions = generate_n_keys_between(None, None, len(values))
    rows = [[new_id(), position, *row] for position, row in zip(positions, values, strict=True)]
    return Sheet(list_id, name, columns, rows)


def _column(said: Field, position: str, new_id: NewId) -> Column:
    positions = generate_n_keys_between(None, None, len(said.options))
    options = [Option(new_id(), label, hue, at) for (label, hue), at in zip(said.options, positions, strict=True)]
    return Column(
        new_id(), said.name, said.type, position, said.config, options={option.id: option for option in options}
    )


def _values(entry: Sequence[Json], choices: Mapping[int, Mapping[str, str]]) -> list[Json]:
    values = list(entry)
    for index, ids in choices.items():
        value = values[index]
        if isinstance(value, list):
            values[index] = [ids[str(label)] for label in value]
        elif value is not None:
            values[index] = ids[str(value)]
    return values
