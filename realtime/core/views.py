"""Views in the list document: whose they are, and who may write, lock, share and delete them.

With an `owner` a view is that person's alone, whoever else asks. It is its owner who shares it; a shared one is never
taken over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth.permissions import Action
from realtime.core import keys
from realtime.core.reasons import Reason
from realtime.core.soundness import ABSENT, Absent, Outcome
from snapshots.view_attributes import check_view_attribute

if TYPE_CHECKING:
    from realtime.core.judge import Case
    from realtime.core.keys import Key


def judge_view(case: Case, key: Key, _path: str, outcome: Outcome) -> Reason | None:
    """Judge what a principal attempts at one key of the `views` root."""
    prefix = f"{keys.VIEWS}/{key.entity}:"
    owner = case.stands(prefix + "owner")
    me = case.principal.user_id
    if owner not in (None, me):
        return Reason.NOT_AUTHOR
    standing = [name for name in keys.VIEW_ATTRIBUTES if not isinstance(case.list.read(prefix + name), Absent)]
    if key.attribute == "owner" and not (outcome is None or isinstance(outcome, Absent)):
        taken_over = owner is None and bool(standing)
        if outcome != me or taken_over:
            return Reason.NOT_AUTHOR
    goes = bool(standing) and all(_goes(case, prefix + name) for name in standing)
    private = (owner == me or not standing) and (case.will_be(prefix + "owner") == me or goes)
    if not case.may(Action.VIEWS_PRIVATE if private else Action.VIEWS_SHARE):
        return Reason.ROLE
    locks = key.attribute == "locked" and outcome not in (None, False, ABSENT)
    if (locks or case.stands(prefix + "locked") is True) and not case.may(Action.LOCKED_VIEWS_EDIT):
        return Reason.ROLE
    assert key.attribute is not None
    return None if isinstance(outcome, Absent) or check_view_attribute(key.attribute, outcome) else Reason.INVALID_VALUE


def _goes(case: Case, path: str) -> bool:
    """Tell whether the update takes a key away and does nothing else to it."""
    attempted = case.outcomes.get(path, ())
    return bool(attempted) and all(isinstance(outcome, Absent) for outcome in attempted)
