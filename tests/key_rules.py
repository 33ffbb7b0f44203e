"""What each kind of key of a list document needs, stated by hand: the expectations of every test of the gate's rights.

A *shape* is a root with what follows an id in it: `columns/:name`, `comments/`, `overlays/c`. The shapes are counted from
the document's own names (`shapes`), so that a new one without a rule here fails the build.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from auth.permissions import Action
from auth.principals import Principal
from persistence.contract import FactKind, Json
from realtime.core import keys
from realtime.core.keys import Key
from tests.judged_list import NEW_COL, NEW_ROW, comment, signed
from tests.property_list import GONE, LOCKED, NAME, QUAY, RENT, SUM, TAGS

SERVER_ALONE = "the server alone"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SAMPLE = "sample-id-0001"


@dataclass(frozen=True, slots=True)
class KeyRule:
    """What writing at keys of one shape needs.

    `action` is asked of the table, `SERVER_ALONE` where nobody may. `own` names whose the touched thing is: `True` the
    writer's, `False` somebody else's, `None` where that makes no difference.
    """

    shape: str
    what: str
    action: Action | str
    path: str
    value: Any
    own: bool | None = None
    with_values: tuple[tuple[str, Any], ...] = ()
    """What is written beside it so that it stands on its own."""


_NEW_VIEW = "views/view-mine0001"
_VIEW_VALUES: dict[str, Json] = {
    "name": "Changed",
    "kind": "grid",
    "filter": {"column": NAME},
    "sort": [{"column": NAME}],
    "group": NAME,
    "hidden": [RENT],
    "widths": {NAME: 200},
    "frozen": 1,
}


def _view(attribute: str, value: Json) -> Iterable[KeyRule]:
    shape = f"views/:{attribute}"
    yield KeyRule(shape, "a shared view", Action.VIEWS_SHARE, f"views/view-shared1:{attribute}", value)
    yield KeyRule(shape, "a locked view", Action.LOCKED_VIEWS_EDIT, f"views/view-locked1:{attribute}", value)
    mine = ((f"{_NEW_VIEW}:owner", _owner),)
    path = f"{_NEW_VIEW}:{attribute}"
    yield KeyRule(shape, "a view of one's own", Action.VIEWS_PRIVATE, path, value, own=True, with_values=mine)


def _owner(person: Principal) -> Json:
    return person.user_id


def _comment(person: Principal) -> Json:
    return comment(person)


def _own_comment(name: str) -> tuple[tuple[str, Any], ...]:
    return ((f"comments/{name}", _comment),)


_MINE, _EMILS = "comment-new1", "comment-emil"

RULES: tuple[KeyRule, ...] = (
    KeyRule("meta/format", "the format", SERVER_ALONE, "meta/format", 2),
    KeyRule("meta/name", "the list's name", Action.LISTS_MANAGE, "meta/name", "Harbour"),
    KeyRule("meta/description", "its description", Action.LISTS_MANAGE, "meta/description", "All of them"),
    KeyRule("meta/icon", "its icon", Action.LISTS_MANAGE, "meta/icon", "house"),
    KeyRule("meta/primary", "the column that names rows", Action.LISTS_MANAGE, "meta/primary", RENT),
    KeyRule("columns/:name", "a column", Action.COLUMNS_MANAGE, f"columns/{RENT}:name", "Price"),
    KeyRule(
        "columns/:type",
        "a new column",
        Action.COLUMNS_MANAGE,
        f"columns/{NEW_COL}:type",
        "number",
        with_values=((f"columns/{NEW_COL}:name", "New"),),
    ),
    KeyRule("columns/:pos", "its place", Action.COLUMNS_MANAGE, f"columns/{RENT}:pos", "a9"),
    KeyRule("columns/:config", "its configuration", Action.COLUMNS_MANAGE, f"columns/{RENT}:config", {"precision": 1}),
    KeyRule("columns/:required", "a flag", Action.COLUMNS_MANAGE, f"columns/{RENT}:required", True),
    KeyRule("columns/:locked", "locking a column", Action.COLUMNS_MANAGE, f"columns/{RENT}:locked", True),
    KeyRule("columns/:deleted", "deleting a column", Action.COLUMNS_MANAGE, f"columns/{RENT}:deleted", True),
    KeyRule(
        "columns/:option:",
        "an option",
        Action.COLUMNS_MANAGE,
        f"columns/{TAGS}:option:option-new01",
        {"label": "New", "colour": "", "pos": "a5"},
    ),
    *(rule for attribute, value in _VIEW_VALUES.items() for rule in _view(attribute, value)),
    KeyRule("views/:locked", "locking a view", Action.LOCKED_VIEWS_EDIT, "views/view-shared1:locked", True),
    KeyRule("views/:owner", "a view of one's own", Action.VIEWS_PRIVATE, f"{_NEW_VIEW}:owner", _owner, own=True),
    KeyRule("views/:owner", "taking over a shared view", SERVER_ALONE, "views/view-shared1:owner", _owner),
    KeyRule("comments/", "a comment", Action.COMMENTS_WRITE, f"comments/{_MINE}", _comment, own=True),
    KeyRule(
        "comments/:body",
        "the text of one's own comment",
        Action.COMMENTS_EDIT,
        f"comments/{_MINE}:body",
        "Changed.",
        own=True,
        with_values=_own_comment(_MINE),
    ),
    KeyRule(
        "comments/:body",
        "the text of somebody else's",
        Action.COMMENTS_EDIT,
        f"comments/{_EMILS}:body",
        "Forged.",
        own=False,
    ),
    KeyRule(
        "comments/:resolved",
        "a thread of one's own",
        Action.COMMENTS_RESOLVE,
        f"comments/{_MINE}:resolved",
        signed,
        own=True,
        with_values=_own_comment(_MINE),
    ),
    KeyRule(
        "comments/:resolved",
        "somebody else's thread",
        Action.COMMENTS_RESOLVE,
        f"comments/{_EMILS}:resolved",
        signed,
        own=False,
    ),
    KeyRule(
        "comments/:deleted",
        "one's own comment",
        Action.COMMENTS_DELETE,
        f"comments/{_MINE}:deleted",
        signed,
        own=True,
        with_values=_own_comment(_MINE),
    ),
    KeyRule(
        "comments/:deleted",
        "somebody else's comment",
        Action.COMMENTS_DELETE,
        f"comments/{_EMILS}:deleted",
        signed,
        own=False,
    ),
    KeyRule("segments/", "imported rows", SERVER_ALONE, "segments/segment-0001", "x"),
    KeyRule("overlays/", "a generation", SERVER_ALONE, "overlays/2", "x"),
    KeyRule("overlays/r", "a new row", Action.ROWS_EDIT, f"r:{NEW_ROW}", "a7"),
    KeyRule("overlays/r", "moving a row", Action.ROWS_EDIT, f"r:{QUAY}", "a8"),
    KeyRule("overlays/c", "a cell", Action.ROWS_EDIT, f"c:{QUAY}:{NAME}", "Quay Street"),
    KeyRule("overlays/c", "a cell of a locked column", Action.LOCKED_COLUMNS_EDIT, f"c:{QUAY}:{LOCKED}", 5),
    KeyRule("overlays/c", "a cell of a computed column", SERVER_ALONE, f"c:{QUAY}:{SUM}", 5),
    KeyRule("overlays/c", "a cell of a deleted column", SERVER_ALONE, f"c:{QUAY}:{GONE}", "x"),
    KeyRule("overlays/e", "an element of a cell", Action.ROWS_EDIT, f"e:{QUAY}:{TAGS}:option-open1", True),
    KeyRule("overlays/t", "the trash", Action.ROWS_EDIT, f"t:{QUAY}", signed),
)


def shapes() -> set[str]:
    """Every shape of key that a list document can have, by its own names."""
    found = {f"{keys.META}/{name}" for name in keys.META_NAMES}
    found |= {f"{keys.COLUMNS}/:{name}" for name in (*keys.COLUMN_ATTRIBUTES, "option:")}
    found |= {f"{keys.VIEWS}/:{name}" for name in keys.VIEW_ATTRIBUTES}
    found |= {f"{keys.COMMENTS}/", *(f"{keys.COMMENTS}/:{name}" for name in keys.COMMENT_ATTRIBUTES)}
    found |= {f"{keys.SEGMENTS}/", f"{keys.OVERLAYS}/"}
    for letter in LETTERS:
        paths = (f"{keys.OVERLAYS}/1/{':'.join([letter, *[SAMPLE] * ids])}" for ids in range(5))
        if any(keys.parse(path) for path in paths):
            found.add(f"{keys.OVERLAYS}/{letter}")
    return found


def path_of(rule: KeyRule) -> str:
    """The whole path; what names no root lies in generation 1."""
    return rule.path if "/" in rule.path else f"{keys.OVERLAYS}/1/{rule.path}"


def key_of(rule: KeyRule) -> Key:
    """What the rule's path speaks about."""
    key = keys.parse(path_of(rule))
    assert key is not None, rule
    return key


def kinds() -> set[FactKind]:
    """The kinds of facts that the rules are about."""
    return {key_of(rule).kind for rule in RULES}


def value_for(value: Any, person: Principal) -> Any:
    """A value that may depend on who writes it."""
    return value(person) if callable(value) else value
