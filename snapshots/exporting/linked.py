"""Names of linked rows: the primary values behind the row ids in link cells, one query for each list that a page links to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import orjson

from snapshots.columns import Column, ListSchema
from snapshots.record import Record

_TARGETS: Final = """
SELECT id, schema::text FROM lists
WHERE id = ANY($1) AND trashed_at IS NULL AND workspace_id = (SELECT workspace_id FROM lists WHERE id = $2)
"""
_NAMES: Final = "SELECT row_id, data ->> $3 FROM records WHERE list_id = $1 AND row_id = ANY($2) AND data ? $3"


@dataclass(frozen=True, slots=True)
class _Target:
    """A list that is linked to: the column that names its rows, and the labels of that column's options."""

    primary: str
    labels: Mapping[str, str]


class LinkedNames:
    """Finds the names of the rows that records of one list link to.

    Rows in the trash keep their names; rows that do not exist, have an empty primary cell or lie in a list of
    another workspace, or in the trash, have none.
    """

    def __init__(
        self, connection: asyncpg.Connection, columns: Mapping[str, str], targets: Mapping[str, _Target]
    ) -> None:
        self._connection = connection
        self._columns = columns
        self._targets = targets

    @classmethod
    async def open(cls, connection: asyncpg.Connection, list_id: str, shown: Iterable[Column]) -> "LinkedNames":
        """Read what the lists that this one links to name their rows by."""
        columns = {column.id: column.target_list for column in shown if column.target_list is not None}
        if not columns:
            return cls(connection, {}, {})
        found = await connection.fetch(_TARGETS, sorted(set(columns.values())), list_id)
        targets = {target: _target(orjson.loads(said)) for target, said in found}
        return cls(connection, columns, {target: named for target, named in targets.items() if named is not None})

    async def of(self, page: Iterable[Record]) -> Mapping[str, Mapping[str, str]]:
        """For each link column the names of the rows that these records link to, by row id."""
        if not self._columns:
            return {}
        wanted: dict[str, set[str]] = {target: set() for target in self._targets}
        for record in page:
            for column, target in self._columns.items():
                linked = record.cells.get(column)
                if target in wanted and isinstance(linked, list):
                    wanted[target].update(row for row in linked if isinstance(row, str))
        names = {target: await self._names(target, rows) for target, rows in wanted.items() if rows}
        return {column: names.get(target, {}) for column, target in self._columns.items()}

    async def _names(self, list_id: str, rows: set[str]) -> dict[str, str]:
        target = self._targets[list_id]
        found = await self._connection.fetch(_NAMES, list_id, list(rows), target.primary)
        return {row: target.labels.get(name, name) for row, name in found if name is not None}


def _target(said: Any) -> _Target | None:
    schema = ListSchema.from_json(said)
    if schema.primary is None:
        return None
    options = schema.columns[schema.primary].options.values()
    return _Target(schema.primary, {option.id: option.label for option in options})
