"""One step of an import: a block of rows into the list. A step that was done before, and is done again, changes nothing."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fractional_indexing import generate_key_between

from api.importing.acting import Actor, schema_in
from api.importing.endings import Ended
from api.importing.lookups import cells_of
from api.importing.matching import Change, Group, Matcher
from api.importing.naming import ROW_HEAD, Linked, Naming
from api.importing.reader import ReadBlock
from api.importing.writing import commit
from api.services import Services
from auth.permissions import Action
from auth.principals import Principal
from persistence.contract import Json
from persistence.imports import Import, Problem, Progress
from persistence.lists import ListEntry
from realtime.core.writes import ImportRows, SetCell, SetKey, Write
from snapshots.columns import Column
from snapshots.importing.converting import Target
from snapshots.importing.options import MadeOption

_CELLS_AT_ONCE: Final = 2_000
_LINKED_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Stepper:
    """Writes the blocks of one import. `again`: it was begun before, so some rows may be there; `matcher` is given for an upsert."""

    services: Services
    actor: Actor
    held: Import
    list_id: str
    targets: Sequence[Target]
    naming: Naming
    matcher: Matcher | None
    again: bool

    async def step(self, block: ReadBlock) -> tuple[Progress, list[Problem]]:
        """Write a block; what came of it, and what was not taken. Raises `Ended`, `StoreUnavailable`."""
        entry, principal = await self.actor.at(self.list_id)
        progress = Progress(block.last, rows_read=block.read, rows_refused=len(block.refused))
        await self._make_options(entry, principal, block.made)
        named = self.naming.resolve(block)
        for list_id, linked in named.missing.items():
            await self._make_linked(list_id, list(linked.values()))
        problems = [*block.refused, *block.bad, *named.bad]
        progress.values_refused = len(block.bad) + len(named.bad)
        rows, numbers = block.rows, block.numbers
        if self.again:
            rows, numbers = await self._without_present(rows, numbers, progress)
        async for group in self._groups(rows, numbers):
            self._require(group, numbers, rows)
            await self._write(principal, group)
            progress.rows_created += len(group.create)
            progress.rows_updated += len(group.change)
            progress.rows_unchanged += group.unchanged
            progress.rows_refused += len(group.refused)
            problems += group.refused
        return progress, problems

    async def _groups(self, rows: list[list[Json]], numbers: list[int]) -> AsyncIterator[Group]:
        if self.matcher is None:
            yield Group(create=rows)
            return
        async for group in self.matcher.groups(rows, numbers):
            yield group

    async def _without_present(
        self, rows: list[list[Json]], numbers: list[int], progress: Progress
    ) -> tuple[list[list[Json]], list[int]]:
        """The rows that an earlier attempt has not written."""
        async with self.services.reading() as connection:
            present = await cells_of(connection, self.list_id, [str(row[0]) for row in rows])
        progress.rows_created += len(present)
        left = [(row, number) for row, number in zip(rows, numbers, strict=True) if row[0] not in present]
        return [row for row, _ in left], [number for _, number in left]

    def _require(self, group: Group, numbers: list[int], rows: list[list[Json]]) -> None:
        """Take out new rows that lack a value which their column requires."""
        required = [(at, target.column) for at, target in enumerate(self.targets, ROW_HEAD) if target.column.required]
        if not required:
            return
        by_row = {str(row[0]): number for row, number in zip(rows, numbers, strict=True)}
        kept = []
        for row in group.create:
            lacking = next((column for at, column in required if row[at] in (None, "", [])), None)
            if lacking is None:
                kept.append(row)
            else:
                sentence = f"{lacking.name} is required, and the row has no value for it."
                group.refused.append(Problem(by_row[str(row[0])], "", "", sentence))
        group.create = kept

    async def _write(self, principal: Principal, group: Group) -> None:
        if group.create:
            await self._create(principal, group.create)
        for part in _parts(group.change):
            await commit(self.services, self.list_id, principal, part)

    async def _create(self, principal: Principal, rows: list[list[Json]]) -> None:
        """Make rows; those that are there after all, since a worker that was thought dead has just written them, stay as they are."""
        columns = [target.column.id for target in self.targets]
        try:
            await commit(self.services, self.list_id, principal, [ImportRows(columns, rows)])
        except Ended:
            async with self.services.reading() as connection:
                present = await cells_of(connection, self.list_id, [str(row[0]) for row in rows])
            if not present:
                raise
            left = [row for row in rows if row[0] not in present]
            if left:
                await commit(self.services, self.list_id, principal, [ImportRows(columns, left)])

    async def _make_options(self, entry: ListEntry, principal: Principal, made: Sequence[MadeOption]) -> None:
        if not made:
            return
        columns = schema_in(entry).columns
        last = {column: _last_option(columns[column]) for column in {option.column for option in made} & columns.keys()}
        writes: list[Write] = []
        for option in made:
            if option.column in last and option.id not in columns[option.column].options:
                last[option.column] = position = generate_key_between(last[option.column], None)
                value: Json = {"label": option.label, "colour": "", "pos": position}
                writes.append(SetKey("columns", f"{option.column}:option:{option.id}", value))
        if writes:
            await commit(self.services, self.list_id, principal, writes)

    async def _make_linked(self, list_id: str, linked: Sequence[Linked]) -> None:
        """Make the rows of a linked list that the file names and nobody has made."""
        _entry, principal = await self.actor.at(list_id, Action.ROWS_EDIT)
        primary: Any = self.naming.books[list_id].primary
        async with self.services.reading() as connection:
            present = await cells_of(connection, list_id, [link.row for link in linked])
        rows: list[list[Json]] = [[link.row, None, link.value] for link in linked if link.row not in present]
        for first in range(0, len(rows), _LINKED_AT_ONCE):
            writes = [ImportRows([primary.id], rows[first : first + _LINKED_AT_ONCE])]
            await commit(self.services, list_id, principal, writes)


def _last_option(column: Column) -> str | None:
    return max((option.position for option in column.options.values() if option.position), default=None)


def _parts(changes: Sequence[Change]) -> list[list[Write]]:
    """The changes as writes, so many cells at once; a record's cells stay together."""
    parts: list[list[Write]] = [[]]
    for change in changes:
        if len(parts[-1]) + len(change.cells) > _CELLS_AT_ONCE and parts[-1]:
            parts.append([])
        parts[-1] += [SetCell(change.row, column, new) for column, (_, new) in change.cells.items()]
    return [part for part in parts if part]
