"""Bugs to plant into the gate, one at a time: a check that never fails proves nothing.

Each is a small change to what a public part of the gate answers, as a slip of the pen would make it.

    python -m tests.oracle.planted      says for each after how many updates the oracle has found it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from auth import principals
from auth.permissions import Action, Credential
from auth.roles import Role
from realtime.core import comments, draft, judge
from realtime.core.document import ListDocument
from realtime.core.draft import Draft
from realtime.core.reasons import Flaw, Reason, Unsound
from realtime.core.soundness import ABSENT
from tests.oracle.duel import Duel

Plant = Callable[[], Any]
UPDATES_MAX = 6_000


def not_refused(*reasons: Reason) -> Plant:
    """These reasons are never given."""
    honest = draft.judge

    def lax(*asked: Any) -> dict[str, Reason]:
        return {path: reason for path, reason in honest(*asked).items() if reason not in reasons}

    return lambda: mock.patch.object(draft, "judge", lax)


def allowed_too(action: Action, role: Role) -> Plant:
    """One cell too many in the permission table."""
    honest = principals.allows

    def lax(asked: Role, what: Action, *by: Credential, **more: bool) -> bool:
        return (asked is role and what is action) or honest(asked, what, *by, **more)

    return lambda: mock.patch.object(principals, "allows", lax)


def examined(change: Callable[[Any], None]) -> Plant:
    """What soundness has found is changed before it is judged."""
    honest = draft.examine

    def altered(*asked: Any) -> Any:
        attempt = honest(*asked)
        change(attempt)
        return attempt

    return lambda: mock.patch.object(draft, "examine", altered)


def written(change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Plant:
    """What is restored or insisted on is changed before it is written."""
    honest = ListDocument.write

    def altered(self: ListDocument, payload: Any, values: Any, insisted: Any = None) -> None:
        kept = dict(values)
        if payload is not None:
            change(kept, insisted if insisted is not None else {})
        honest(self, payload, kept, insisted)

    return lambda: mock.patch.object(ListDocument, "write", altered)


def received(change: Callable[[Any], None]) -> Plant:
    """What becomes of an update is changed before it is told."""
    honest = Draft.receive

    def altered(self: Draft, *asked: Any) -> Any:
        entry = honest(self, *asked)
        if entry is not None:
            change(entry)
        return entry

    return lambda: mock.patch.object(Draft, "receive", altered)


def ignored(flaw: Flaw) -> Plant:
    """An update with this flaw is passed over as if it said nothing."""
    honest = Draft.receive

    def altered(self: Draft, *asked: Any) -> Any:
        try:
            return honest(self, *asked)
        except Unsound as error:
            if error.flaw is flaw:
                return None
            raise

    return lambda: mock.patch.object(Draft, "receive", altered)


def everybodys_client_ids() -> Any:
    """Nobody owns a client id."""
    return mock.patch.object(Draft, "owns", return_value=True)


def lasting_signatures() -> Any:
    """A time long past will do."""
    return mock.patch.object(judge, "OFFLINE_MAX", judge.OFFLINE_MAX * 100)


def namesakes() -> Any:
    """Two columns may be given one name at once."""
    return mock.patch.object(judge, "_takes_name", return_value=True)


def links_anywhere() -> Any:
    """A link column may point into a list of another workspace."""
    return mock.patch.object(judge, "_known_target", return_value=True)


def endless_comments() -> Any:
    """The text of a comment may be empty."""
    return mock.patch.object(comments, "_is_body", lambda value: isinstance(value, str))


def _forget_deletions(attempt: Any) -> None:
    for path in [path for path, outcomes in attempt.outcomes.items() if outcomes == [ABSENT]]:
        del attempt.outcomes[path], attempt.keys[path]


def _keep_first_outcome(attempt: Any) -> None:
    attempt.outcomes = {path: outcomes[:1] for path, outcomes in attempt.outcomes.items()}


def _drop_one(values: dict[str, Any], _insisted: dict[str, Any]) -> None:
    if len(values) > 1:
        values.popitem()


def _absent_as_null(values: dict[str, Any], _insisted: dict[str, Any]) -> None:
    values.update({path: None for path, value in values.items() if value is ABSENT})


def _reverse_old(entry: Any) -> None:
    entry.facts = [fact._replace(old=None) if fact.kind == "cell" else fact for fact in entry.facts]


PLANTS: dict[str, Plant] = {
    "locked columns are not looked at": not_refused(Reason.LOCKED_COLUMN),
    "computed columns are not looked at": not_refused(Reason.COMPUTED_COLUMN),
    "rows need not exist": not_refused(Reason.UNKNOWN_ROW),
    "columns need not exist": not_refused(Reason.UNKNOWN_COLUMN),
    "values are not checked": not_refused(Reason.INVALID_VALUE),
    "anyone signs for anyone": not_refused(Reason.NOT_AUTHOR),
    "members edit rows": allowed_too(Action.ROWS_EDIT, Role.MEMBER),
    "editors manage columns": allowed_too(Action.COLUMNS_MANAGE, Role.EDITOR),
    "editors delete any comment": allowed_too(Action.COMMENTS_DELETE, Role.EDITOR),
    "members write shared views": allowed_too(Action.VIEWS_SHARE, Role.MEMBER),
    "client ids are everybody's": everybodys_client_ids,
    "signatures never grow old": lasting_signatures,
    "comments may be empty": endless_comments,
    "columns may be namesakes": namesakes,
    "links lead anywhere": links_anywhere,
    "deletions are not judged": examined(_forget_deletions),
    "only the first of concurrent outcomes is judged": examined(_keep_first_outcome),
    "one of several keys is not restored": written(_drop_one),
    "what was not there is restored as null": written(_absent_as_null),
    "a restored value wins over an accepted edit": written(lambda _values, insisted: insisted.clear()),
    "a fact is not told": received(lambda entry: entry.facts.clear()),
    "a fact has no old value": received(_reverse_old),
    "a refusal is not told": received(lambda entry: entry.refusals.clear()),
    "deletions of the future are passed over": ignored(Flaw.FUTURE_DELETE),
    "gaps are passed over": ignored(Flaw.CLOCK_GAP),
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The gate with one bug in it."""
    with PLANTS[name]():
        yield


def updates_until_found(name: str, seed: int) -> int | None:
    """After how many updates the oracle finds a bug; `None` if it does not within its budget."""
    judged = 0
    with planted(name):
        while judged < UPDATES_MAX:
            duel = Duel(seed)
            try:
                for _ in duel.run():
                    judged += 1
            except AssertionError:
                return judged + 1
            seed += 1
    return None


def main() -> None:
    """Say for each bug when it is found."""
    for name in PLANTS:
        print(f"{name:50} {updates_until_found(name, 1)}")


if __name__ == "__main__":
    main()
