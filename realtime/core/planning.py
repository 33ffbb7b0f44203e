"""From what the server's doors ask (writes) to the keys of the document that say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fractional_indexing import generate_key_between

from auth.principals import Principal
from persistence.contract import Json
from realtime.core import keys
from realtime.core.document import ListDocument
from realtime.core.importing import placed_rows
from realtime.core.keys import Key
from realtime.core.reasons import Reason, RowRefusal
from realtime.core.soundness import Outcome
from realtime.core.swapping import SwapRefused, swapped
from realtime.core.timestamps import write_time
from realtime.core.writes import (
    AddComment,
    AddRow,
    BeginFilling,
    DeleteComment,
    EditComment,
    ImportRows,
    MakeOptions,
    MoveRow,
    ResolveComment,
    SetCell,
    SetKey,
    SwapColumns,
    TrashRow,
    Write,
)
from snapshots.columns import ListSchema
from snapshots.conversion_marks import filling, run_of
from snapshots.text import POSITION_CHARACTERS_MAX


@dataclass(slots=True)
class Plan:
    """The values to set by path, which write each came from, and what cannot be said in keys at all."""

    values: dict[str, Outcome] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)
    impossible: dict[str, Reason] = field(default_factory=dict)
    judged: bool = False
    """Whether planning has judged it already."""
    imports: dict[int, ImportRows] = field(default_factory=dict)
    """The writes that import rows, by number; every row has its position."""

    def put(self, write: int, path: str, value: Outcome) -> None:
        """Set `path`; the last write of a path wins."""
        key = keys.parse(path)
        self.writes[path] = write
        if key is None:
            self.impossible[path] = Reason.INVALID_VALUE
            return
        self.keys[path] = key
        self.values[path] = value

    def refuse(self, write: int, reason: Reason) -> None:
        """Refuse a write for what no key could say."""
        self.writes[f"{write}"] = write
        self.impossible[f"{write}"] = reason

    def by_write(self, refused: Mapping[str, Reason], rows: Sequence[RowRefusal] = ()) -> list[tuple[int, Reason]]:
        """(number of the write, reason) for refused paths, and for rows that were to be imported."""
        of_rows = {row.write: row.reason for row in rows}
        return sorted({**{self.writes[path]: reason for path, reason in refused.items()}, **of_rows}.items())


def plan_writes(
    writes: Sequence[Write], document: ListDocument, schema: ListSchema, principal: Principal, now: datetime
) -> Plan:
    """Turn writes into keys of the newest generation and of the flat roots."""
    planner = _Planner(document, schema, principal, now)
    if len(writes) == 1 and isinstance(writes[0], SwapColumns):
        planner.swap(writes[0], principal)
        return planner.plan
    for number, write in enumerate(writes):
        if isinstance(write, SwapColumns):
            planner.plan.refuse(number, Reason.INVALID_VALUE)
        else:
            planner.add(number, write)
    return planner.plan


class _Planner:
    def __init__(self, document: ListDocument, schema: ListSchema, principal: Principal, now: datetime) -> None:
        self.plan = Plan()
        self._document = document
        self._schema = schema
        self._user = principal.user_id
        self._at = write_time(now)
        self._last = document.last_position
        self._overlay = f"{keys.OVERLAYS}/{document.newest_generation()}/"

    def add(self, number: int, write: Write) -> None:
        match write:
            case AddRow() | MoveRow():
                self._put_row(number, write)
            case SetCell(row, column, value):
                self._set_cell(number, row, column, value)
            case TrashRow(row, trashed):
                self.plan.put(number, self._overlay + keys.trash(row), self._signature() if trashed else None)
            case SetKey(root, key, value):
                self.plan.put(number, f"{root}/{key}", value)
            case AddComment() | EditComment() | ResolveComment() | DeleteComment():
                self._put_comment(number, write)
            case BeginFilling() | MakeOptions():
                self._put_column(number, write)
            case ImportRows():
                placed, self._last = placed_rows(write, self._last)
                self.plan.imports[number] = placed

    def _put_comment(self, number: int, write: AddComment | EditComment | ResolveComment | DeleteComment) -> None:
        path = f"{keys.COMMENTS}/{write.comment}"
        match write:
            case AddComment():
                self.plan.put(number, path, self._comment(write))
            case EditComment(_, body):
                self.plan.put(number, f"{path}:body", body)
            case ResolveComment(_, resolved):
                self.plan.put(number, f"{path}:resolved", self._signature() if resolved else None)
            case DeleteComment():
                self.plan.put(number, f"{path}:deleted", self._signature())

    def _put_column(self, number: int, write: BeginFilling | MakeOptions) -> None:
        """Say which conversion fills a column, unless it stands or was made for something else, or give it options for that one."""
        known = self._schema.columns.get(write.column)
        said: dict[str, Json] = {}
        if known is not None and isinstance(write, MakeOptions):
            said |= write.entries if run_of(known) == write.run else {}
        elif known is not None and isinstance(write, BeginFilling):
            config = filling(known, write.source, write.run)
            said |= {} if config is None else {f"{write.column}:config": config}
        if not said:
            self.plan.refuse(number, Reason.STALE_GENERATION)
        for name, value in said.items():
            self.plan.put(number, f"{keys.COLUMNS}/{name}", value)

    def _put_row(self, number: int, write: AddRow | MoveRow) -> None:
        if isinstance(write, MoveRow):
            stands = self._document.position(write.row)
            if stands is None or write.stood not in (None, stands):
                self.plan.refuse(number, Reason.UNKNOWN_ROW if stands is None else Reason.STALE_GENERATION)
                return
        position = write.position or self._after_all()
        self._last = max(self._last or position, position)
        self.plan.put(number, self._overlay + keys.row_key(write.row), position)

    def swap(self, swap: SwapColumns, principal: Principal) -> None:
        """Plan a swap of columns, which is judged as a whole: key by key, each name would be taken."""
        try:
            said, values = swapped(swap, self._document, self._schema, principal)
        except SwapRefused as refused:
            self.plan.refuse(0, refused.reason)
            return
        self.plan.judged = True
        for path, value in said.items():
            self.plan.put(0, path, value)
        for row, value in values.items():
            if value != self._document.cell(row, swap.new):
                self._set_cell(0, row, swap.new, value)

    def _set_cell(self, number: int, row: str, column: str, value: Json) -> None:
        known = self._schema.columns.get(column)
        if known is None or not known.set_valued:
            self.plan.put(number, self._overlay + keys.cell(row, column), value)
            return
        if not (value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))):
            self.plan.refuse(number, Reason.INVALID_VALUE)
            return
        wanted = {str(item) for item in value or ()}
        present = set(self._document.members(row, column))
        for item in sorted(wanted ^ present):
            self.plan.put(number, self._overlay + keys.element(row, column, item), item in wanted)

    def _after_all(self) -> str:
        """A position behind the last row; the same one, where somebody has given it the last of all."""
        position = generate_key_between(self._last, None)
        return position if self._last is None or len(position) <= POSITION_CHARACTERS_MAX else self._last

    def _signature(self) -> Json:
        return {"by": self._user, "at": self._at}

    def _comment(self, write: AddComment) -> Json:
        body: dict[str, Json] = {"row": write.row, "author": self._user, "at": self._at, "body": write.body}
        body["mentions"] = list(write.mentions)
        if write.column is not None:
            body["column"] = write.column
        if write.parent is not None:
            body["parent"] = write.parent
        return body
