"""Cells that name people or rows of other lists: by e-mail address or name, and by the primary value of the linked list."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from api.importing.lookups import AMBIGUOUS, RowIndex, name_of, rows_of
from api.importing.reader import ReadBlock
from api.services import Services
from persistence.contract import Json
from persistence.imports import Problem
from persistence.lists import list_of
from persistence.members import Member, members_of
from snapshots.column_types import ColumnType
from snapshots.columns import Column, ListSchema
from snapshots.importing.converting import NAMED_TYPES, SHOWN_CHARACTERS_MAX, Target
from snapshots.importing.options import made_id
from snapshots.typecast import Cast, cast_value

ROW_HEAD: Final = 2
"""What stands in a row of a block before its values: id and position."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A row that a linked list has to get: its id, and its value in the primary column."""

    row: str
    value: Json


@dataclass(frozen=True, slots=True)
class Book:
    """A linked list: its primary column, and its rows by what they are called."""

    list_id: str
    primary: Column | None
    rows: RowIndex


@dataclass(slots=True)
class Named:
    """What came of the names in a block: which were not taken, and the rows that have to be made first, by list."""

    bad: list[Problem] = field(default_factory=list)
    missing: dict[str, dict[str, Linked]] = field(default_factory=dict)


class Naming:
    """Puts ids in the place of names. `names` are those of the file's columns."""

    def __init__(
        self, targets: Sequence[Target], names: Sequence[str], people: Mapping[str, str], books: Mapping[str, Book]
    ) -> None:
        self._targets = [
            (at, target) for at, target in enumerate(targets, ROW_HEAD) if target.column.type in NAMED_TYPES
        ]
        self._names = names
        self._people = people
        self.books = books
        self._salt: str | None = None

    @classmethod
    async def open(
        cls,
        services: Services,
        workspace_id: str,
        user_id: str,
        targets: Sequence[Target],
        names: Sequence[str],
        *,
        stack: ExitStack,
        folder: Path,
    ) -> Self:
        """Read who and what there is, into files in `folder`, which the stack closes."""
        people: dict[str, str] = {}
        books: dict[str, Book] = {}
        async with services.reading() as connection:
            if any(target.column.type in NAMED_TYPES for target in targets):
                people = _people(await members_of(connection, workspace_id))
            for list_id in sorted({target.column.target_list or "" for target in targets} - {""}):
                entry = await list_of(connection, list_id, user_id)
                schema = ListSchema.from_json(entry.schema if entry and isinstance(entry.schema, dict) else {})
                primary = None if schema.primary is None else schema.columns[schema.primary]
                rows = RowIndex(folder / f"names-{len(books)}")
                stack.callback(rows.close)
                if entry is not None and primary is not None:
                    async for page in rows_of(connection, list_id, [primary]):
                        called = ((name_of(primary, values[0]), row) for row, values in page)
                        rows.add((name, row) for name, row in called if name)
                books[list_id] = Book(list_id, primary, rows)
        return cls(targets, names, people, books)

    def make_missing(self, salt: str) -> None:
        """From now on rows that no list has are made: their ids follow from the salt."""
        self._salt = salt

    def resolve(self, block: ReadBlock) -> Named:
        """Put ids into the rows of a block."""
        named = Named()
        for at, target in self._targets:
            column = target.column
            known = self._known(column, [row[at] for row in block.rows], named)
            for row, number in zip(block.rows, block.numbers, strict=True):
                ids, problem = _ids(column, _texts(row[at]), known)
                row[at] = list[Json](ids) if column.set_valued else next(iter(ids), None)
                if problem is not None:
                    text = ", ".join(problem[0])[:SHOWN_CHARACTERS_MAX]
                    named.bad.append(Problem(number, self._names[target.place], text, problem[1]))
        return named

    def _known(self, column: Column, cells: Sequence[Json], named: Named) -> Mapping[str, str]:
        if column.type is not ColumnType.LINK:
            wanted = {text: text.casefold() for cell in cells for text in _texts(cell)}
            return {text: self._people[key] for text, key in wanted.items() if key in self._people}
        book = self.books[column.target_list or ""]
        texts = {text for cell in cells for text in _texts(cell)}
        known = book.rows.find(texts)
        if self._salt is not None and book.primary is not None:
            for text in sorted(texts - known.keys()):
                read = cast_value(book.primary, text, frozenset())
                if isinstance(read, Cast) and not book.primary.set_valued:
                    known[text] = made_id(self._salt, book.list_id, text)
                    named.missing.setdefault(book.list_id, {})[text] = Linked(known[text], read.value)
            book.rows.add((text, linked.row) for text, linked in named.missing.get(book.list_id, {}).items())
        return known


def _people(members: Sequence[Member]) -> dict[str, str]:
    """Ids by e-mail address and by name; a name that two people have is nobody's."""
    people: dict[str, str] = {}
    for member in members:
        name = member.name.casefold()
        people[name] = AMBIGUOUS if name in people else member.user_id
    return people | {member.email.casefold(): member.user_id for member in members}


def _texts(cell: Json) -> list[str]:
    return [text for text in cell if isinstance(text, str)] if isinstance(cell, list) else []


def _ids(
    column: Column, texts: Sequence[str], known: Mapping[str, str]
) -> tuple[list[str], tuple[list[str], str] | None]:
    """The ids, and the texts that stand for none with the reason."""
    ids = [known[text] for text in texts if known.get(text)]
    strange = [text for text in texts if not known.get(text)]
    if not strange:
        return list(dict.fromkeys(ids)), None
    if column.type is ColumnType.LINK:
        twice = "Two records of the linked list are called so."
        reason = twice if strange[0] in known else "The linked list has no record that is called so."
    else:
        twice = "Two people of the workspace are called so; name them by e-mail address."
        reason = twice if strange[0] in known else "Nobody in the workspace has this e-mail address or name."
    return list(dict.fromkeys(ids)), (strange, reason)
