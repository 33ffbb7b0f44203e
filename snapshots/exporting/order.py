"""What the process that makes an export is asked for, and what it answers: both as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from persistence.contract import Json
from snapshots.columns import Column, ListSchema
from snapshots.exporting.formats import Format


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with `$1`, `$2` ... and their values; it gives the columns of `records` that a `Record` has, in its order."""

    text: str
    values: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Order:
    """One export: the rows of `statement`, with the `columns` of the list in this order, into the open file `target`.

    `schema` is what stood in `lists.schema` when the order was made: the process says so if it is another one by now. `people` are
    the e-mail addresses of those who may stand in cells, by user id. `parent` is the process that waits for it.
    """

    database_url: str
    list_id: str
    schema: Json
    columns: Sequence[str]
    statement: Statement
    people: Mapping[str, str]
    format: Format
    target: int
    parent: int

    def shown(self) -> list[Column]:
        """The columns that are exported, in order."""
        schema = ListSchema.from_json(self.schema if isinstance(self.schema, dict) else {})
        return [schema.columns[name] for name in self.columns]

    def to_json(self) -> bytes:
        """As it is told to the process."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, said: bytes) -> Order:
        """As the process hears it."""
        order: dict[str, Any] = orjson.loads(said)
        statement, kind = Statement(**order.pop("statement")), Format(order.pop("format"))
        return cls(**order, statement=statement, format=kind)


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it: how many rows the file has, or why there is none.

    `changed`: the list has other columns by now; `refused`: the format cannot hold it, as a sentence.
    """

    rows: int = 0
    changed: bool = False
    refused: str | None = None

    def to_json(self) -> bytes:
        """As the process tells it."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, said: bytes) -> Made:
        """As it is heard."""
        return cls(**orjson.loads(said))
