"""Comments in the list document: their shape, and who may write, edit, resolve and delete them."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Final

from auth.permissions import Action
from persistence.contract import CommentPatch, Json
from realtime.core import keys
from realtime.core.reasons import Reason
from realtime.core.soundness import Absent, Outcome
from realtime.core.timestamps import parse_time
from snapshots.text import well_formed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from realtime.core.judge import Case
    from realtime.core.keys import Key

BODY_CHARACTERS_MAX: Final = 10_000
MENTIONS_MAX: Final = 50
THREAD_DEPTH_MAX: Final = 64
_REQUIRED: Final = {"row", "author", "at", "body", "mentions"}
_OPTIONAL: Final = {"column", "parent"}


def judge_comment(case: Case, key: Key, path: str, outcome: Outcome) -> Reason | None:
    """Judge what a principal attempts at one key of the `comments` root."""
    if not case.may(Action.COMMENTS_WRITE):
        return Reason.ROLE
    if not key.attribute:
        return _judge_new(case, path, outcome)
    root = case.will_be(f"{keys.COMMENTS}/{key.entity}")
    if not isinstance(root, dict):
        return Reason.INVALID_VALUE
    me = case.principal.user_id
    own = root.get("author") == me
    if key.attribute == "body":
        allowed, fits = case.may(Action.COMMENTS_EDIT, own=own), _is_body(outcome)
    elif key.attribute == "deleted":
        # What an admin has deleted its author cannot bring back.
        mark = case.stands(path)
        own = own and (not isinstance(mark, dict) or mark.get("by") == me)
        allowed, fits = case.may(Action.COMMENTS_DELETE, own=own), _is_mark(case, outcome)
    else:
        own_thread = _thread(case, root)[-1].get("author") == me
        allowed, fits = case.may(Action.COMMENTS_RESOLVE, own=own_thread), _is_mark(case, outcome)
    if not allowed:
        return Reason.NOT_AUTHOR
    return None if fits else Reason.INVALID_VALUE


def _is_mark(case: Case, outcome: Outcome) -> bool:
    return outcome is None or isinstance(outcome, Absent) or case.signed(outcome)


def _judge_new(case: Case, path: str, outcome: Outcome) -> Reason | None:
    if case.stands(path) is not None:
        return Reason.NOT_AUTHOR  # a comment is written once
    if not isinstance(outcome, dict) or not _is_comment(outcome, case.list.members):
        return Reason.INVALID_VALUE
    if outcome["author"] != case.principal.user_id:
        return Reason.NOT_AUTHOR
    if not case.has_row(str(outcome["row"])):
        return Reason.UNKNOWN_ROW
    column = outcome.get("column")
    if column is not None:
        known = case.schema.columns.get(str(column))
        if known is None or known.deleted:
            return Reason.UNKNOWN_COLUMN
    return None if _fits_thread(case, outcome) and case.is_recent(outcome["at"]) else Reason.INVALID_VALUE


def _is_comment(value: dict[str, Json], members: frozenset[str]) -> bool:
    mentions = value.get("mentions")
    ids = (value.get("row"), value.get("column"), value.get("parent"))
    return (
        value.keys() >= _REQUIRED
        and value.keys() <= _REQUIRED | _OPTIONAL
        and isinstance(mentions, list)
        and len(mentions) <= MENTIONS_MAX
        and all(isinstance(person, str) and person in members for person in mentions)
        and all(item is None or (isinstance(item, str) and keys.is_id(item)) for item in ids)
        and _is_body(value["body"])
    )


def _is_body(value: Outcome) -> bool:
    return isinstance(value, str) and bool(value.strip()) and well_formed(value, characters_max=BODY_CHARACTERS_MAX)


def _fits_thread(case: Case, comment: dict[str, Json]) -> bool:
    """Tell whether an answer belongs to a thread: it leads to who began it (a ring does not), all on one row."""
    thread = _thread(case, comment)
    return thread[-1].get("parent") is None and all(said.get("row") == comment["row"] for said in thread)


def _thread(case: Case, comment: dict[str, Json]) -> list[dict[str, Json]]:
    """A comment, what it answers, and so on up to who began the thread, as far as they are there."""
    thread = [comment]
    while len(thread) <= THREAD_DEPTH_MAX and thread[-1].get("parent") is not None:
        above = case.will_be(f"{keys.COMMENTS}/{thread[-1]['parent']}")
        if not isinstance(above, dict):
            break
        thread.append(above)
    return thread


def questions_first(case: Case, paths: Iterable[str]) -> dict[str, int]:
    """The turn of each comment of an update: what is attempted on those that stand, then each new one after all that it may answer.

    Those that answer each other in a ring come last. Linear in the outcomes, of which a comment may have several.
    """
    new = {path for path in paths if case.stands(path) is None}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for path in new:
        said = (outcome for outcome in case.outcomes[path] if isinstance(outcome, dict))
        sorter.add(path, *(new & {f"{keys.COMMENTS}/{comment.get('parent')}" for comment in said}))
    with suppress(CycleError):
        sorter.prepare()
    turns = dict.fromkeys(new, len(new) + 1)
    turn = 0
    while ready := sorter.get_ready():
        turn += 1
        turns.update(dict.fromkeys(ready, turn))
        sorter.done(*ready)
    return turns


def comment_patch(comment: str, visible: Callable[[str], Json]) -> CommentPatch | None:
    """The relational form of a comment; `visible` reads its attribute (`""` = the comment itself)."""
    written = visible("")
    if not isinstance(written, dict):
        return None
    at = parse_time(written["at"])
    assert at is not None, "a judged comment carries its time"
    body, mentions = visible("body"), written["mentions"]
    resolved_by, resolved_at = _signature(visible("resolved"))
    deleted_by, deleted_at = _signature(visible("deleted"))
    column, parent = written.get("column"), written.get("parent")
    return CommentPatch(
        comment=comment,
        row=str(written["row"]),
        column=None if column is None else str(column),
        parent=None if parent is None else str(parent),
        author=str(written["author"]),
        at=at,
        body=body if isinstance(body, str) else str(written["body"]),
        mentions=[str(item) for item in mentions] if isinstance(mentions, list) else [],
        resolved_by=resolved_by,
        resolved_at=resolved_at,
        deleted_by=deleted_by,
        deleted_at=deleted_at,
    )


def _signature(value: Json) -> tuple[str | None, datetime | None]:
    return (str(value["by"]), parse_time(value["at"])) if isinstance(value, dict) else (None, None)
