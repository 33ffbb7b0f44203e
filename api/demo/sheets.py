"""Sheets: a list of the demo before it is stored, made of a template, its rows packed as the list document holds them.

Packed rows are what many rows cost least in: a sheet of a million needs about a hundred megabytes for its segments.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fractional_indexing import generate_key_between

from persistence.contract import Json
from snapshots.columns import Column
from snapshots.segments import decode_segment, encode_segment, split_rows
from snapshots.templates import Template, columns_of

NewId = Callable[[], str]
Entry = Mapping[str, Json]
"""A row to be: values by column name, options by their labels. What is not named is empty."""

_HEAD: Final = 2
"""What stands before the values of a row: its id and its position."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One list with the ids of its rows, in order, and its segments by id."""

    key: str
    id: str
    name: str
    columns: Sequence[Column]
    row_ids: Sequence[str]
    segments: Mapping[str, bytes]

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    def rows(self) -> Iterator[Sequence[Json]]:
        """The rows as `[row id, position, value, ...]`, values in the order of the columns; one segment is unpacked at a time."""
        for segment in self.segments.values():
            yield from decode_segment(segment).rows


def make_sheet(template: Template, lists: Mapping[str, str], entries: Iterable[Entry], new_id: NewId) -> Sheet:
    """Give columns, options and rows their ids and positions; `lists` maps the keys of all templates to list ids."""
    columns = columns_of(template, lists, new_id)
    row_ids: list[str] = []

    def rows() -> Iterator[list[Json]]:
        for row in _rows(columns, entries, new_id):
            row_ids.append(str(row[0]))
            yield row

    segments = split_rows([column.id for column in columns], rows())
    packed = {new_id(): encode_segment(segment) for segment in segments}
    return Sheet(template.key, lists[template.key], template.name, columns, row_ids, packed)


def _rows(columns: Sequence[Column], entries: Iterable[Entry], new_id: NewId) -> Iterator[list[Json]]:
    places = {column.name: place for place, column in enumerate(columns, _HEAD)}
    choices = {
        column.name: {option.label: option.id for option in column.options.values()}
        for column in columns
        if column.options
    }
    empty: list[Json] = [[] if column.set_valued else None for column in columns]
    position: str | None = None
    for entry in entries:
        position = generate_key_between(position, None)
        row: list[Json] = [new_id(), position, *empty]
        for name, value in entry.items():
            row[places[name]] = _option_ids(value, choices[name]) if name in choices else value
        yield row


def _option_ids(labels: Json, ids: Mapping[str, str]) -> Json:
    if isinstance(labels, list):
        return [ids[str(label)] for label in labels]
    return None if labels is None else ids[str(labels)]
