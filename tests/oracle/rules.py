"""Who may bring about what: the oracle's own table, and one short rule for each kind of key.

Written from the tables of roles and roots and from GATE-10 to GATE-18. A question is one outcome that a person attempts
at one place; the answer is the reason for which it is refused, or `None`. What other keys of the same update will be is
asked of `Situation`, which answers for a refused key as if it were not in the update.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from tests.oracle import values
from tests.oracle.keys import Place
from tests.oracle.knowledge import GONE

MEMBER, EDITOR, ADMIN, OWNER = "member", "editor", "admin", "owner"
MAY = {
    "write meta": {ADMIN, OWNER},
    "write columns": {ADMIN, OWNER},
    "write a locked column": {ADMIN, OWNER},
    "write a locked view": {ADMIN, OWNER},
    "write rows": {EDITOR, ADMIN, OWNER},
    "write shared views": {EDITOR, ADMIN, OWNER},
    "write own views": {MEMBER, EDITOR, ADMIN, OWNER},
    "comment": {MEMBER, EDITOR, ADMIN, OWNER},
    "resolve any thread": {EDITOR, ADMIN, OWNER},
    "delete any comment": {ADMIN, OWNER},
}
VIEW_ATTRIBUTES = ("name", "kind", "filter", "sort", "group", "hidden", "widths", "frozen", "locked", "owner")


class Situation(Protocol):
    """The list before and after an update, as one person's update would have it."""

    me: str
    role: str
    now: datetime
    members: frozenset[str]
    lists: frozenset[str]

    def was(self, path: str) -> Any:
        """What stands at a path."""

    def has(self, path: str) -> bool:
        """Tell whether the document has a key, be it `null`."""

    def will_be(self, path: str) -> Any:
        """What will stand at a path; `None` where nothing will, or where the update leaves it open."""

    def intended(self, path: str) -> Any:
        """What would stand at a path if nothing were refused."""

    def row_exists(self, row: str) -> bool:
        """Tell whether a row is there, or comes with the update."""

    def column(self, column: str, *, after: bool) -> dict[str, Any] | None:
        """The attributes of a column that has a known type, before or after the update."""

    def only_goes(self, path: str) -> bool:
        """Tell whether the update takes a key away and does nothing else to it."""

    def takes_name(self, column: str, name: Any) -> bool:
        """Give a column a name, unless another one has it, or has got it earlier in the update."""


def refusal(case: Situation, place: Place, outcome: Any) -> str | None:
    """The reason why this outcome is refused here, or `None`."""
    match place.kind:
        case "meta":
            return _meta(case, place, outcome)
        case "column":
            return _column(case, place, outcome)
        case "view":
            return _view(case, place, outcome)
        case "comment":
            return _comment(case, place, outcome) if place.attribute else _new_comment(case, place, outcome)
        case "row":
            return _row(case, outcome)
        case "trash":
            return _trash(case, place, outcome)
    return _cell(case, place, outcome)


def _may(case: Situation, what: str) -> bool:
    return case.role in MAY[what]


def _valid(good: object) -> str | None:
    return None if good else "invalid_value"


def _meta(case: Situation, place: Place, outcome: Any) -> str | None:
    if place.attribute == "format" or not _may(case, "write meta"):
        return "role"
    match place.attribute:
        case "primary":
            column = case.column(outcome, after=True) if isinstance(outcome, str) else None
            standing = column is not None and column.get("deleted") is not True
            return _valid(standing and column is not None and column["type"] not in values.SETS)
        case "name":
            return _valid(values.name(outcome))
        case attribute:
            most = 64 if attribute == "icon" else 10_000
            return _valid(outcome is None or outcome is GONE or values.text(outcome, most))


def _column(case: Situation, place: Place, outcome: Any) -> str | None:
    if not _may(case, "write columns"):
        return "role"
    good = place.attribute not in ("name", "type") if outcome is GONE else values.attribute(place.attribute, outcome)
    own = f"columns/{place.column}:"
    if good and outcome is not GONE:
        if place.attribute == "type":
            good = case.was(own + "type") in (None, outcome)
        elif place.attribute == "config":
            good = _reachable(case, case.was(own + "config"), outcome)
        elif place.attribute == "name":
            good = case.takes_name(place.column, outcome)
        elif place.attribute.startswith("option:") and outcome is not None:
            good = case.will_be(own + "type") in ("select", "multi_select")
    if good and place.attribute == "deleted" and outcome is not True and case.was(own + "deleted") is True:
        good = case.takes_name(place.column, case.will_be(own + "name"))
    return _valid(good)


def _reachable(case: Situation, before: Any, config: dict[str, Any]) -> bool:
    """A link points into the own workspace, or where it pointed before."""
    target = config.get("list")
    return target is None or target in case.lists or (isinstance(before, dict) and before.get("list") == target)


def _view(case: Situation, place: Place, outcome: Any) -> str | None:
    view = f"views/{place.entity}:"
    owner = case.was(view + "owner")
    if owner not in (None, case.me):
        return "not_author"
    standing = [view + attribute for attribute in VIEW_ATTRIBUTES if case.has(view + attribute)]
    owning = place.attribute == "owner" and outcome is not None and outcome is not GONE
    if owning and (outcome != case.me or (owner is None and standing)):
        return "not_author"
    becomes = case.intended(view + "owner") if place.attribute == "owner" else case.will_be(view + "owner")
    taken_away = standing and all(case.only_goes(path) for path in standing)
    mine = (owner == case.me or not standing) and (becomes == case.me or taken_away)
    if not _may(case, "write own views" if mine else "write shared views"):
        return "role"
    locks = place.attribute == "locked" and outcome is not GONE and outcome not in (None, False)
    if (locks or case.was(view + "locked") is True) and not _may(case, "write a locked view"):
        return "role"
    return _valid(outcome is GONE or values.view_part(place.attribute, outcome))


def _new_comment(case: Situation, place: Place, outcome: Any) -> str | None:
    if not _may(case, "comment"):
        return "role"
    if case.was(f"comments/{place.entity}") is not None:
        return "not_author"
    if outcome is GONE or not _is_comment(case, outcome):
        return "invalid_value"
    if outcome["author"] != case.me:
        return "not_author"
    if not case.row_exists(str(outcome["row"])):
        return "unknown_row"
    column = outcome.get("column")
    if column is not None:
        held = case.column(column, after=True)
        if held is None or held.get("deleted") is True:
            return "unknown_column"
    thread = _thread(case, outcome)
    whole = thread[-1].get("parent") is None and all(said["row"] == outcome["row"] for said in thread)
    return _valid(whole and values.close(outcome["at"], case.now))


def _thread(case: Situation, comment: dict[str, Any]) -> list[dict[str, Any]]:
    """A comment and all above it."""
    above = case.will_be(f"comments/{comment['parent']}") if comment.get("parent") is not None else None
    return [comment, *(_thread(case, above) if isinstance(above, dict) else [])]


def _is_comment(case: Situation, value: Any) -> bool:
    needed = {"row", "author", "at", "body", "mentions"}
    if not isinstance(value, dict) or not needed <= set(value) <= needed | {"column", "parent"}:
        return False
    mentions, ids = value["mentions"], (value["row"], value.get("column"), value.get("parent"))
    return (
        all(part is None or values.an_id(part) for part in ids)
        and isinstance(mentions, list)
        and len(mentions) <= 50
        and all(isinstance(person, str) and person in case.members for person in mentions)
        and values.name(value["body"], 10_000)
    )


def _comment(case: Situation, place: Place, outcome: Any) -> str | None:
    written = case.will_be(f"comments/{place.entity}")
    if not isinstance(written, dict):
        return "invalid_value"
    mine = written["author"] == case.me
    if place.attribute == "body":
        return _valid(values.name(outcome, 10_000)) if mine else "not_author"
    if place.attribute == "deleted":
        mark = case.was(f"comments/{place.entity}:deleted")
        by_admin = isinstance(mark, dict) and mark["by"] != case.me
        allowed = (mine and not by_admin) or _may(case, "delete any comment")
    else:
        first = _thread(case, written)[-1]
        allowed = first["author"] == case.me or _may(case, "resolve any thread")
    return _valid(outcome is None or outcome is GONE or _signed(case, outcome)) if allowed else "not_author"


def _signed(case: Situation, value: Any) -> bool:
    mark = isinstance(value, dict) and set(value) == {"by", "at"}
    return mark and value["by"] == case.me and values.close(value["at"], case.now)


def _row(case: Situation, outcome: Any) -> str | None:
    if outcome is GONE or not _may(case, "write rows"):
        return "role"
    return _valid(values.position(outcome))


def _trash(case: Situation, place: Place, outcome: Any) -> str | None:
    if not _may(case, "write rows"):
        return "role"
    if not case.row_exists(place.row):
        return "unknown_row"
    if outcome is None or outcome is GONE or _signed(case, outcome):
        return None
    foreign = isinstance(outcome, dict) and isinstance(outcome.get("by"), str) and outcome["by"] != case.me
    return "not_author" if foreign else "invalid_value"


def _cell(case: Situation, place: Place, outcome: Any) -> str | None:
    if not _may(case, "write rows"):
        return "role"
    if not case.row_exists(place.row):
        return "unknown_row"
    column = case.column(place.column, after=True)
    if column is None or column.get("deleted") is True:
        return "unknown_column"
    if column["type"] in values.COMPUTED:
        return "computed_column"
    if column.get("locked") is True and not _may(case, "write a locked column"):
        return "locked_column"
    if outcome is GONE:
        return None
    if place.kind == "cell":
        return _valid(values.cell(column, outcome, case.members))
    fits = outcome is False or (outcome is True and values.element(column, place.attribute, case.members))
    return _valid(column["type"] in values.SETS and fits)
