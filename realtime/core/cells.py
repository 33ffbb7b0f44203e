"""Cells in the list document: who may write into which, and the values that each takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from auth.permissions import Action
from realtime.core.reasons import Reason
from realtime.core.soundness import Absent, Outcome
from snapshots.columns import Column
from snapshots.values import cell_check, check_element

if TYPE_CHECKING:
    from persistence.contract import Json
    from realtime.core.judge import Case
    from realtime.core.keys import Key

OfColumn = tuple[Reason | None, "Callable[[Json], bool] | None"]
"""Why nobody may write into a column, if so; and which values its cells take."""


def judge_cell(case: Case, key: Key, _path: str, outcome: Outcome) -> Reason | None:
    """Judge what a principal attempts at a single-valued cell."""
    reason, fits = _judge_place(case, key)
    if reason is not None or isinstance(outcome, Absent) or fits is None:
        return reason
    return None if fits(outcome) else Reason.INVALID_VALUE


def judge_element(case: Case, key: Key, _path: str, outcome: Outcome) -> Reason | None:
    """Judge what a principal attempts at one element of a set-valued cell."""
    reason, _ = _judge_place(case, key)
    column = case.schema.columns.get(key.column or "")
    if reason is not None or isinstance(outcome, Absent) or column is None:
        return reason
    if not column.set_valued or not isinstance(outcome, bool):
        return Reason.INVALID_VALUE
    # Taking out what is no longer valid (a person who left, a deleted option) must stay possible.
    fits = not outcome or check_element(column, key.attribute or "", case.list.members)
    return None if fits else Reason.INVALID_VALUE


def _judge_place(case: Case, key: Key) -> OfColumn:
    """Tell why nothing may stand in a cell, if so; and which values may."""
    name = key.column or ""
    known = case.of_columns.get(name)
    if known is None:
        known = case.of_columns[name] = _of_column(case, case.schema.columns.get(name))
    return known if known[0] is Reason.ROLE or case.has_row(key.row) else (Reason.UNKNOWN_ROW, None)


def _of_column(case: Case, column: Column | None) -> OfColumn:
    if not case.may(Action.ROWS_EDIT):
        return Reason.ROLE, None
    return judge_column(case, column), None if column is None else cell_check(column, case.list.members)


def judge_column(case: Case, column: Column | None) -> Reason | None:
    """Tell why the principal may not fill cells of a column, if so."""
    if column is None or column.deleted:
        return Reason.UNKNOWN_COLUMN
    if column.computed:
        return Reason.COMPUTED_COLUMN
    if column.locked and not case.may(Action.LOCKED_COLUMNS_EDIT):
        return Reason.LOCKED_COLUMN
    return None
