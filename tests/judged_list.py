"""A list under judgement: a row, comments, views, and the verdict on what somebody attempts there."""

from collections.abc import Mapping

from auth.principals import Principal
from persistence.contract import Json, Source
from realtime.core import keys
from realtime.core.document import ListDocument
from realtime.core.draft import Draft
from realtime.core.judge import Case, judge
from realtime.core.limits import Limits
from realtime.core.owners import Owners
from realtime.core.reasons import Reason
from realtime.core.soundness import Outcome
from realtime.core.writes import AddComment, AddRow, SetCell, SetKey
from tests.property_list import (
    ADAM,
    AT,
    EDDA,
    EVERYBODY,
    LIST,
    MIA,
    NAME,
    NOW,
    OLGA,
    PIER,
    QUAY,
    SOLD,
    TAGS,
    first_batch,
)

ADMINS, EDITORS, ALL = (OLGA, ADAM), (OLGA, ADAM, EDDA), (OLGA, ADAM, EDDA, MIA)
OTHER_LIST = "list-other01"
NEW_ROW, NEW_COL = "row-new00001", "col-new00001"
OWN, THEIRS, ANSWER = "comment-mine", "comment-edda", "comment-answ"


def judged_draft() -> Draft:
    """A list with a row, Mia's comment, Edda's comment with an answer by Mia, a shared, a locked and a private view."""
    document = ListDocument(1)
    document.apply([first_batch().updates[0].update])
    made = Draft(document, Owners({}, 10_000), frozenset(person.user_id for person in EVERYBODY), Limits())
    made.lists = frozenset({LIST, OTHER_LIST})
    made.write(OLGA, Source.API, [AddRow(QUAY), AddRow(PIER), SetCell(QUAY, TAGS, [SOLD])], NOW)
    made.write(MIA, Source.API, [AddComment(OWN, QUAY, None, None, "Mine.")], NOW)
    made.write(EDDA, Source.API, [AddComment(THEIRS, QUAY, NAME, None, "Edda's.")], NOW)
    made.write(MIA, Source.API, [AddComment(ANSWER, QUAY, None, THEIRS, "Mia's answer.")], NOW)
    views = {"view-shared1:name": "All", "view-locked1:name": "Locked", "view-locked1:locked": True}
    made.write(OLGA, Source.API, [SetKey("views", key, value) for key, value in views.items()], NOW)
    private = [SetKey("views", "view-private:owner", MIA.user_id), SetKey("views", "view-private:name", "Mine")]
    made.write(MIA, Source.API, private, NOW)
    return made


def verdict(
    draft: Draft, person: Principal, attempts: Mapping[str, Outcome | tuple[Outcome, ...]]
) -> dict[str, Reason]:
    """The refused paths of attempts by path (`c:row:col` stands for generation 1's)."""
    outcomes = {_path(name): list(value) if isinstance(value, tuple) else [value] for name, value in attempts.items()}
    path_keys = {path: key for path in outcomes if (key := keys.parse(path)) is not None}
    assert path_keys.keys() == outcomes.keys()
    refused = judge(Case(person, NOW, draft, outcomes, draft.schema()), path_keys)
    return {path.removeprefix("overlays/1/"): reason for path, reason in refused.items()}


def _path(name: str) -> str:
    return name if "/" in name else f"overlays/1/{name}"


def signed(person: Principal, at: str = AT) -> Json:
    """`{by, at}` in someone's name."""
    return {"by": person.user_id, "at": at}


def comment(person: Principal, **parts: Json) -> Json:
    """A comment in someone's name."""
    return {"row": QUAY, "author": person.user_id, "at": AT, "body": "Hello.", "mentions": [], **parts}
