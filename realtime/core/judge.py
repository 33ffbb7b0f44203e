"""The judgement of facts: may this principal bring about these outcomes in this list, as it stands?

Every path of a sound update, and every key that the server's own doors write, comes through `judge`. The
role is asked of the one permission table; values are asked of the columns' types. Rules GATE-10 and on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from auth.permissions import Action
from auth.principals import Principal
from persistence.contract import FactKind, Json
from realtime.core import keys
from realtime.core.cells import OfColumn, judge_cell, judge_element
from realtime.core.comments import judge_comment, questions_first
from realtime.core.keys import Key
from realtime.core.reasons import Reason
from realtime.core.soundness import Absent, Outcome
from realtime.core.timestamps import parse_time
from realtime.core.views import judge_view
from snapshots.column_attributes import OPTION
from snapshots.columns import ColumnType, ListSchema, check_column_attribute
from snapshots.text import is_position, well_formed

CLOCK_AHEAD_MAX: Final = timedelta(minutes=5)
OFFLINE_MAX: Final = timedelta(days=30)
NAME_CHARACTERS_MAX: Final = 200
_WHAT_IT_IS: Final = frozenset({"name", "type"})
_WITH_OPTIONS: Final = (ColumnType.SELECT, ColumnType.MULTI_SELECT)
_META_CHARACTERS_MAX: Final = {"name": NAME_CHARACTERS_MAX, "description": 10_000, "icon": 64}


class Standing(Protocol):
    """The list as it stands, as far as a judgement needs it."""

    members: frozenset[str]
    lists: frozenset[str]
    """The lists of the workspace that a link column may point into."""

    def read(self, path: str) -> Outcome:
        """The value at a path."""

    def has_row(self, row: str) -> bool:
        """Tell whether the row exists."""

    def schema(self) -> ListSchema:
        """The columns."""


@dataclass(slots=True)
class Case:
    """One update under judgement: who, when, on what, and everything that it attempts at once."""

    principal: Principal
    now: datetime
    list: Standing
    outcomes: Mapping[str, Sequence[Outcome]]
    schema: ListSchema
    refused: dict[str, Reason] = field(default_factory=dict)
    """The paths that have been judged and refused so far."""
    new_rows: set[str] = field(default_factory=set)
    """The rows that the update makes."""
    new_names: dict[str, str] = field(default_factory=dict)
    """The names that columns get by the update, and which column gets each."""
    of_columns: dict[str, OfColumn] = field(default_factory=dict)
    """What is asked of the cells of each column that the update writes into."""

    def may(self, action: Action, *, own: bool = False) -> bool:
        """Ask the permission table; `own` says that it concerns what is the principal's own."""
        return self.principal.may(action, own=own)

    def will_be(self, path: str) -> Json:
        """What will stand at `path` after the update; `None` for nothing, and where the update leaves it open.

        What was refused does not count: nobody gains a right from what they may not write.
        """
        attempted = self.outcomes.get(path)
        if not attempted or path in self.refused:
            return self.stands(path)
        value = attempted[-1]
        settled = all(outcome == value for outcome in attempted)
        return value if settled and not isinstance(value, Absent) else None

    def has_row(self, row: str | None) -> bool:
        """Tell whether a row exists, or comes with this update."""
        return row is not None and (row in self.new_rows or self.list.has_row(row))

    def stands(self, path: str) -> Json:
        """What stands at `path` before the update."""
        value = self.list.read(path)
        return None if isinstance(value, Absent) else value

    def is_recent(self, at: Json) -> bool:
        """Tell whether a time claimed by a client is one at which an edit that comes now may have been made, perhaps offline."""
        moment = parse_time(at)
        return moment is not None and self.now - OFFLINE_MAX <= moment <= self.now + CLOCK_AHEAD_MAX

    def signed(self, value: Json) -> bool:
        """Tell whether `value` is `{by, at}` in the principal's own name."""
        return (
            isinstance(value, dict)
            and value.keys() == {"by", "at"}
            and value["by"] == self.principal.user_id
            and self.is_recent(value["at"])
        )


def judge(case: Case, path_keys: Mapping[str, Key]) -> dict[str, Reason]:
    """Judge all attempts of one update; returns the refused paths with their reasons."""
    columns = {path: key for path, key in path_keys.items() if key.kind is FactKind.COLUMN}
    if columns:
        _judge_all(case, dict(sorted(columns.items(), key=lambda item: item[1].attribute not in _WHAT_IT_IS)))
        case.schema = _schema_after(case, columns)
        path_keys = {path: key for path, key in path_keys.items() if path not in columns}
    if len(path_keys) > 1:
        path_keys = {**_founding(case, path_keys), **path_keys}
    _judge_all(case, path_keys)
    return case.refused


def _judge_all(case: Case, path_keys: Mapping[str, Key]) -> None:
    for path, key in path_keys.items():
        rule = _RULES[key.kind]
        names = dict(case.new_names) if key.kind is FactKind.COLUMN else case.new_names
        for outcome in case.outcomes[path]:
            reason = rule(case, key, path, outcome)
            if reason is not None:
                case.refused[path] = reason
                case.new_names = names  # a refused key keeps no name from others
                break
        else:
            if key.kind is FactKind.ROW and key.row is not None:
                case.new_rows.add(key.row)


def founds(key: Key) -> bool:
    """Tell whether other keys of the same update are judged by what becomes of this one."""
    kind = key.kind
    return kind is FactKind.ROW or _is_comment(key) or (kind is FactKind.VIEW and key.attribute == "owner")


def _founding(case: Case, path_keys: Mapping[str, Key]) -> Mapping[str, Key]:
    """What is judged first: rows before the comments on them, and both before what is said of them."""
    first = {path: key for path, key in path_keys.items() if founds(key)}
    answers = questions_first(case, [path for path, key in first.items() if _is_comment(key)])
    return dict(sorted(first.items(), key=lambda item: (item[1].kind is not FactKind.ROW, answers.get(item[0], 0))))


def _is_comment(key: Key) -> bool:
    return key.kind is FactKind.COMMENT and not key.attribute


def _schema_after(case: Case, columns: Mapping[str, Key]) -> ListSchema:
    """The columns as they will be: an admin may add a column and fill it in one update."""
    names = {path.partition("/")[2]: path for path in columns if path not in case.refused}
    made = {key.column for key in columns.values()} - case.schema.columns.keys()
    # What a column without a type has been given before it was made is not in the schema.
    said = {
        name: case.stands(f"{keys.COLUMNS}/{name}")
        for column in made
        for name in (f"{column}:{attribute}" for attribute in keys.COLUMN_ATTRIBUTES)
    }
    said |= {name: case.will_be(path) for name, path in names.items()}
    return case.schema.changed(said) if names else case.schema


def _judge_meta(case: Case, key: Key, _path: str, outcome: Outcome) -> Reason | None:
    if key.attribute == "format" or not case.may(Action.LISTS_MANAGE):
        return Reason.ROLE
    if key.attribute == "primary":
        column = case.schema.columns.get(outcome) if isinstance(outcome, str) else None
        names_rows = column is not None and not column.deleted and not column.set_valued
        return None if names_rows else Reason.INVALID_VALUE
    limit = _META_CHARACTERS_MAX[key.attribute or ""]
    named = key.attribute == "name"
    if not named and (outcome is None or isinstance(outcome, Absent)):
        return None
    fits = isinstance(outcome, str) and well_formed(outcome, characters_max=limit) and (not named or outcome.strip())
    return None if fits else Reason.INVALID_VALUE


def _judge_column(case: Case, key: Key, path: str, outcome: Outcome) -> Reason | None:
    if not case.may(Action.COLUMNS_MANAGE):
        return Reason.ROLE
    assert key.attribute is not None
    if isinstance(outcome, Absent):
        # A name and a type are what makes a column; taking them back would leave its cells without meaning.
        fits = key.attribute not in _WHAT_IT_IS
    else:
        fits = check_column_attribute(key.attribute, outcome) and _suits(case, key, path, outcome)
    returns = key.attribute == "deleted" and (isinstance(outcome, Absent) or outcome is not True)
    if returns and case.stands(path) is True:
        fits = fits and _takes_name(case, key.column, case.will_be(f"{keys.COLUMNS}/{key.column}:name"))
    return None if fits else Reason.INVALID_VALUE


def _suits(case: Case, key: Key, path: str, outcome: Json) -> bool:
    """Tell whether a value that an attribute may have suits this column and its neighbours."""
    if key.attribute == "type":
        return case.stands(path) in (None, outcome)
    if key.attribute == "name":
        return _takes_name(case, key.column, outcome)
    if key.attribute == "config":
        return _known_target(case, path, outcome)
    if outcome is not None and (key.attribute or "").startswith(OPTION):
        return case.will_be(f"{keys.COLUMNS}/{key.column}:type") in _WITH_OPTIONS
    return True


def _known_target(case: Case, path: str, config: Json) -> bool:
    """Tell whether a configuration names no list, one of this workspace, or the one that it named before.

    The type is not asked: it may come later. A target that has gone into the trash since may stay where it stands.
    """
    before = case.stands(path)
    target = config.get("list") if isinstance(config, dict) else None
    stood = before.get("list") if isinstance(before, dict) else None
    return target is None or target == stood or target in case.list.lists


def _takes_name(case: Case, column: str | None, name: Json) -> bool:
    """Give a column a name, unless another one has it or gets it."""
    if not isinstance(name, str) or column is None:
        return True
    others = (other for other in case.schema.columns.values() if other.id != column and not other.deleted)
    return all(other.name != name for other in others) and case.new_names.setdefault(name, column) == column


def _judge_row(case: Case, _key: Key, _path: str, outcome: Outcome) -> Reason | None:
    if not case.may(Action.ROWS_EDIT) or isinstance(outcome, Absent):
        return Reason.ROLE  # nobody takes a row out of the document: rows leave by the trash
    return None if is_position(outcome) else Reason.INVALID_VALUE


def _judge_trash(case: Case, key: Key, _path: str, outcome: Outcome) -> Reason | None:
    if not case.may(Action.ROWS_EDIT):
        return Reason.ROLE
    if not case.has_row(key.row):
        return Reason.UNKNOWN_ROW
    if outcome is None or isinstance(outcome, Absent) or case.signed(outcome):
        return None
    by = outcome.get("by") if isinstance(outcome, dict) else None
    return Reason.NOT_AUTHOR if isinstance(by, str) and by != case.principal.user_id else Reason.INVALID_VALUE


_RULES: Final[Mapping[FactKind, Callable[[Case, Key, str, Outcome], Reason | None]]] = {
    FactKind.META: _judge_meta,
    FactKind.COLUMN: _judge_column,
    FactKind.VIEW: judge_view,
    FactKind.COMMENT: judge_comment,
    FactKind.ROW: _judge_row,
    FactKind.TRASH: _judge_trash,
    FactKind.CELL: judge_cell,
    FactKind.ELEMENT: judge_element,
    FactKind.SEGMENT: lambda *_: Reason.ROLE,
    FactKind.GENERATION: lambda *_: Reason.ROLE,
}
