"""What each kind of write that the server's own doors ask for needs, stated by hand."""

import typing
from collections.abc import Callable
from dataclasses import dataclass

from auth.permissions import Action
from auth.principals import Principal
from persistence.contract import Json
from realtime.core.writes import (
    AddComment,
    AddRow,
    BeginFilling,
    ClearKeys,
    DeleteComment,
    DropGenerations,
    EditComment,
    FillColumn,
    ImportRows,
    MakeOptions,
    MoveRow,
    OpenGeneration,
    ReplaceSegments,
    ResolveComment,
    SetCell,
    SetKey,
    SwapColumns,
    TrashRow,
    Write,
)
from snapshots.column_attributes import OPTION
from tests.judged_list import NEW_ROW
from tests.key_rules import SERVER_ALONE
from tests.property_list import GONE, LOCKED, NAME, QUAY, RENT, SOLD

MINE, EMILS = "comment-mine", "comment-emil"
BEING_FILLED: Json = {"converting": {"from": LOCKED, "run": "run-0"}}
"""What the deleted column says of itself in these rules."""


@dataclass(frozen=True, slots=True)
class WriteRule:
    """A write, what it needs, and whether the touched thing is the writer's (`None`: it makes no difference)."""

    action: Action | str
    write: Callable[[Principal], Write]
    own: bool | None = None


def _key(action: Action, root: str, key: str, value: Json) -> WriteRule:
    return WriteRule(action, lambda _person: SetKey(root, key, value))


RULES: tuple[WriteRule, ...] = (
    WriteRule(Action.ROWS_EDIT, lambda _person: AddRow(NEW_ROW)),
    WriteRule(Action.ROWS_EDIT, lambda _person: MoveRow(QUAY, "Zz")),
    WriteRule(Action.IMPORT, lambda _person: ImportRows([NAME], [[NEW_ROW, None, "Quay Street"]])),
    WriteRule(Action.LOCKED_COLUMNS_EDIT, lambda _person: ImportRows([LOCKED], [[NEW_ROW, None, 5]])),
    WriteRule(Action.ROWS_EDIT, lambda _person: SetCell(QUAY, NAME, "Quay Street")),
    WriteRule(Action.LOCKED_COLUMNS_EDIT, lambda _person: SetCell(QUAY, LOCKED, 5)),
    WriteRule(Action.ROWS_EDIT, lambda _person: TrashRow(QUAY, trashed=True)),
    _key(Action.LISTS_MANAGE, "meta", "name", "Harbour"),
    _key(Action.COLUMNS_MANAGE, "columns", f"{RENT}:name", "Price"),
    WriteRule(Action.COLUMNS_MANAGE, lambda _person: BeginFilling(LOCKED, GONE, "run-1")),
    WriteRule(Action.COLUMNS_MANAGE, lambda _person: MakeOptions(GONE, "run-0", {f"{GONE}:{OPTION}{SOLD}": None})),
    WriteRule(Action.COLUMNS_MANAGE, lambda _person: SwapColumns(RENT, GONE, {})),
    _key(Action.VIEWS_SHARE, "views", "view-shared1:name", "Everything"),
    WriteRule(Action.VIEWS_PRIVATE, lambda person: SetKey("views", "view-new0001:owner", person.user_id), own=True),
    WriteRule(Action.COMMENTS_WRITE, lambda _person: AddComment("comment-new1", QUAY, None, None, "Hello."), own=True),
    WriteRule(Action.COMMENTS_EDIT, lambda _person: EditComment(MINE, "Changed."), own=True),
    WriteRule(Action.COMMENTS_EDIT, lambda _person: EditComment(EMILS, "Forged."), own=False),
    WriteRule(Action.COMMENTS_RESOLVE, lambda _person: ResolveComment(MINE, resolved=True), own=True),
    WriteRule(Action.COMMENTS_RESOLVE, lambda _person: ResolveComment(EMILS, resolved=True), own=False),
    WriteRule(Action.COMMENTS_DELETE, lambda _person: DeleteComment(MINE), own=True),
    WriteRule(Action.COMMENTS_DELETE, lambda _person: DeleteComment(EMILS), own=False),
    WriteRule(SERVER_ALONE, lambda _person: FillColumn(GONE, {}, {}, {QUAY: "x"})),
    WriteRule(SERVER_ALONE, lambda _person: OpenGeneration(1)),
    WriteRule(SERVER_ALONE, lambda _person: ReplaceSegments({"segment-0002": b""}, frozenset())),
    WriteRule(SERVER_ALONE, lambda _person: ClearKeys(1, [f"c:{QUAY}:{NAME}"])),
    WriteRule(SERVER_ALONE, lambda _person: DropGenerations(1, frozenset(), {})),
)


def kinds_of_writes() -> set[type[Write]]:
    """Every kind of write that there is."""
    return set(typing.get_args(Write))
