"""Upsert: which rows of a file are records that the list has already, and what would change in them.

A row changes the record that has the same values in the key columns; one that no record has makes a record. A cell that is empty, or was
not taken, changes nothing. Rows are taken in the order of the file: a later row with the same key changes what an earlier one made.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from api.importing.lookups import AMBIGUOUS, RowIndex, cells_of, key_of, rows_of
from api.importing.naming import ROW_HEAD
from api.services import Services
from persistence.contract import Json
from persistence.imports import Problem
from snapshots.columns import Column
from snapshots.values import normalise

_NO_KEY: Final = "A key column is empty in this row, so it cannot be told which record it is."
_TWO: Final = "Two records of the list have this key."
_GONE: Final = "The record with this key went away meanwhile."


@dataclass(frozen=True, slots=True)
class Change:
    """A record that changes: which, by which row of the file, and the old and new value of each cell that differs."""

    row: str
    number: int
    cells: Mapping[str, tuple[Json, Json]]


@dataclass(slots=True)
class Group:
    """Rows that can be written together: new ones, changes of others, and how many say nothing new."""

    create: list[list[Json]] = field(default_factory=list)
    change: list[Change] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Problem] = field(default_factory=list)


class Matcher:
    """Finds the records of a list by key columns, which are some of `columns`, the targets in order.

    `dry`: nothing is written, so records that the file would make are not there.
    """

    def __init__(
        self,
        services: Services,
        list_id: str,
        columns: Sequence[Column],
        keys: Sequence[int],
        rows: RowIndex,
        *,
        dry: bool,
    ) -> None:
        self._services = services
        self._list_id = list_id
        self._columns = columns
        self._keys = keys
        self._rows = rows
        self._dry = dry

    @classmethod
    async def open(
        cls,
        services: Services,
        list_id: str,
        columns: Sequence[Column],
        keys: Sequence[int],
        rows: RowIndex,
        *,
        dry: bool = False,
    ) -> Self:
        """Read the keys of all records into `rows`. `keys` are places in `columns`."""
        named = [columns[place] for place in keys]
        async with services.reading() as connection:
            async for page in rows_of(connection, list_id, named):
                found = ((key_of(named, values), row) for row, values in page)
                rows.add((key, row) for key, row in found if key is not None)
        return cls(services, list_id, columns, keys, rows, dry=dry)

    async def groups(self, rows: Sequence[list[Json]], numbers: Sequence[int]) -> AsyncIterator[Group]:
        """Sort rows into groups; whoever takes one has written it before asking for the next."""
        keyed = [(self._key(row), row, number) for row, number in zip(rows, numbers, strict=True)]
        known = self._rows.find(key for key, _, _ in keyed if key is not None)
        group, matched, fresh = Group(), list[tuple[str, list[Json], int]](), dict[str, str]()
        touched: set[str] = set()
        for key, row, number in keyed:
            if key is None or known.get(key) == AMBIGUOUS:
                group.refused.append(Problem(number, "", key or "", _NO_KEY if key is None else _TWO))
                continue
            if key in touched:
                yield await self._compared(group, matched)
                group, matched, touched = Group(), [], set()
            touched.add(key)
            if key in known:
                matched.append((known[key], row, number))
            else:
                known[key] = fresh[key] = str(row[0])
                group.create.append(row)
        self._rows.add(fresh.items())
        yield await self._compared(group, matched)

    def _key(self, row: Sequence[Json]) -> str | None:
        return key_of([self._columns[place] for place in self._keys], [row[place + ROW_HEAD] for place in self._keys])

    async def _compared(self, group: Group, matched: Sequence[tuple[str, list[Json], int]]) -> Group:
        if not matched:
            return group
        async with self._services.reading() as connection:
            held = await cells_of(connection, self._list_id, [row for row, _, _ in matched])
        for row_id, row, number in matched:
            if row_id not in held and self._dry:
                group.change.append(Change(row_id, number, {}))
                continue
            if row_id not in held:
                group.refused.append(Problem(number, "", "", _GONE))
                continue
            cells = dict(self._differing(held[row_id], row))
            if cells:
                group.change.append(Change(row_id, number, cells))
            else:
                group.unchanged += 1
        return group

    def _differing(self, held: Mapping[str, Json], row: Sequence[Json]) -> list[tuple[str, tuple[Json, Json]]]:
        differing: list[tuple[str, tuple[Json, Json]]] = []
        for column, new in zip(self._columns, row[ROW_HEAD:], strict=True):
            old = held.get(column.id)
            if new is None or new == []:
                continue
            if column.set_valued:
                same = isinstance(new, list) and isinstance(old, list) and _same_set(old, new)
            else:
                same = normalise(column, new) == old
            if not same:
                differing.append((column.id, (old, new)))
        return differing


def _same_set(one: list[Json], other: list[Json]) -> bool:
    return sorted(map(str, one)) == sorted(map(str, other))
