"""The judge: every role on every kind of key, and what each kind asks of values."""

from dataclasses import replace

import pytest

from auth.permissions import Credential
from auth.principals import Principal
from persistence.contract import Json, Source
from realtime.core.draft import Draft
from realtime.core.reasons import Reason
from realtime.core.soundness import ABSENT, Outcome
from realtime.core.writes import SetKey
from tests.judged_list import (
    ADMINS,
    ALL,
    EDITORS,
    NEW_COL,
    NEW_ROW,
    OTHER_LIST,
    THEIRS,
    comment,
    judged_draft,
    signed,
    verdict,
)
from tests.property_list import (
    ADAM,
    AT,
    EDDA,
    EMIL,
    GONE,
    LIST,
    LOCKED,
    MIA,
    NAME,
    NOW,
    OLGA,
    OPEN,
    QUAY,
    RENT,
    SOLD,
    STATE,
    SUM,
    TAGS,
)

LINK: dict[str, Json] = {"name": "Agent", "type": "link", "pos": "a9", "config": {"list": OTHER_LIST}}


@pytest.fixture(scope="module")
def draft() -> Draft:
    """A list with a row, comments and views."""
    return judged_draft()


@pytest.mark.rule("GATE-10")
@pytest.mark.parametrize(
    ("attempts", "allowed"),
    [
        ({"meta/name": "Harbour"}, ADMINS),
        ({"meta/format": 2}, ()),
        ({f"columns/{NAME}:name": "Address"}, ADMINS),
        ({f"columns/{TAGS}:option:option-new01": {"label": "New", "colour": "", "pos": "a5"}}, ADMINS),
        ({"views/view-shared1:name": "Everything"}, EDITORS),
        ({"views/view-new0001:name": "Shared"}, EDITORS),
        ({"views/view-locked1:name": "Locked"}, ADMINS),
        ({"views/view-shared1:locked": True}, ADMINS),
        ({f"r:{NEW_ROW}": "a5"}, EDITORS),
        ({f"r:{QUAY}": "a5"}, EDITORS),
        ({f"r:{QUAY}": ABSENT}, ()),
        ({f"c:{QUAY}:{NAME}": "Quay"}, EDITORS),
        ({f"c:{QUAY}:{NAME}": None}, EDITORS),
        ({f"c:{QUAY}:{NAME}": ABSENT}, EDITORS),
        ({f"c:{QUAY}:{LOCKED}": 5}, ADMINS),
        ({f"e:{QUAY}:{TAGS}:{OPEN}": True}, EDITORS),
        ({f"t:{QUAY}": None}, EDITORS),
        ({f"c:{QUAY}:{SUM}": 5}, ()),
        ({"segments/segment-0001": "a0"}, ()),
        ({"overlays/2": "a0"}, ()),
    ],
)
def test_roles_and_keys(draft: Draft, attempts: dict[str, Outcome], allowed: tuple[Principal, ...]) -> None:
    """Each root and kind of key, for each role."""
    assert tuple(person for person in ALL if not verdict(draft, person, attempts)) == allowed


@pytest.mark.rule("GATE-10")
@pytest.mark.parametrize("person", ALL)
def test_everybody_has_private_views_and_comments(draft: Draft, person: Principal) -> None:
    """As themselves."""
    assert not verdict(draft, person, {"views/view-new0001:owner": person.user_id, "views/view-new0001:name": "Mine"})
    assert not verdict(draft, person, {"comments/comment-new1": comment(person)})


@pytest.mark.rule("GATE-11")
@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (f"c:row-nobody01:{NAME}", Reason.UNKNOWN_ROW),
        ("t:row-nobody01", Reason.UNKNOWN_ROW),
        (f"e:row-nobody01:{TAGS}:{SOLD}", Reason.UNKNOWN_ROW),
        (f"c:{QUAY}:col-unknown1", Reason.UNKNOWN_COLUMN),
        (f"c:{QUAY}:{GONE}", Reason.UNKNOWN_COLUMN),
        (f"c:{QUAY}:{SUM}", Reason.COMPUTED_COLUMN),
        (f"c:{QUAY}:{LOCKED}", Reason.LOCKED_COLUMN),
    ],
)
def test_cells_lie_in_a_row_and_a_column(draft: Draft, key: str, reason: Reason) -> None:
    """Each reason why a place takes nothing, not even a clearing."""
    assert verdict(draft, EDDA, {key: None}) == {key: reason}


@pytest.mark.rule("GATE-11")
def test_a_new_row_takes_cells_at_once(draft: Draft) -> None:
    """A row and its cells come in one update, the cells in any order."""
    assert not verdict(draft, EDDA, {f"c:{NEW_ROW}:{NAME}": "New", f"r:{NEW_ROW}": "a5", f"t:{NEW_ROW}": None})


@pytest.mark.rule("GATE-12")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        *((f"c:{QUAY}:{NAME}", value) for value in (5, True, [], {}, "a\0b", "x" * 10_001)),
        *((f"c:{QUAY}:{RENT}", value) for value in ("5", True, 2.0**53, [5])),
        *((f"c:{QUAY}:{STATE}", value) for value in ("option-none1", [SOLD], 1)),
        *((f"c:{QUAY}:{TAGS}", value) for value in ([SOLD], None, SOLD)),
        *((f"e:{QUAY}:{TAGS}:{SOLD}", value) for value in (1, None, "true")),
        *((f"e:{QUAY}:{TAGS}:option-none1", True), (f"e:{QUAY}:{NAME}:{SOLD}", True)),
        *((f"r:{NEW_ROW}", value) for value in (None, 5, "", "zz", "a0 ", "a00", "a0" + "1" * 255)),
        *(
            (f"t:{QUAY}", value)
            for value in (True, {"by": EDDA.user_id}, {"by": 5, "at": AT}, {"by": EDDA.user_id, "at": AT, "x": 1})
        ),
    ],
)
def test_values_fit_their_place(draft: Draft, key: str, value: Json) -> None:
    """What the column's type, a position or a signature does not take."""
    assert verdict(draft, EDDA, {key: value}) == {key: Reason.INVALID_VALUE}


@pytest.mark.rule("GATE-12")
def test_what_is_no_longer_valid_can_be_taken_out(draft: Draft) -> None:
    """An option that is gone may leave a set."""
    assert not verdict(draft, EDDA, {f"e:{QUAY}:{TAGS}:option-none1": False})


@pytest.mark.rule("GATE-17")
@pytest.mark.parametrize(
    "attempts",
    [
        {f"columns/{RENT}:name": " "},
        {f"columns/{RENT}:name": "Name"},
        {f"columns/{RENT}:name": ABSENT},
        {f"columns/{RENT}:type": "text"},
        {f"columns/{RENT}:type": ABSENT},
        {f"columns/{NEW_COL}:type": "hologram"},
        {f"columns/{RENT}:pos": "zz"},
        {f"columns/{RENT}:locked": 1},
        {f"columns/{RENT}:option:option-new01": {"label": "New", "colour": "", "pos": "a5"}},
        {f"columns/{NEW_COL}:option:option-new01": {"label": "New", "colour": "", "pos": "a5"}},
        {f"columns/{STATE}:option:option-new01": {"label": " ", "colour": "", "pos": "a5"}},
        {f"columns/{RENT}:config": {"precision": 99}},
        {f"columns/{RENT}:config": {"unknown": {"__proto__": 1}}},
        {"meta/primary": "col-unknown1"},
        {"meta/primary": GONE},
        {"meta/primary": TAGS},
        {"meta/primary": None},
        {"meta/name": ""},
        {"meta/name": "x" * 201},
        {"meta/name": ABSENT},
    ],
)
def test_the_list_stays_readable(draft: Draft, attempts: dict[str, Outcome]) -> None:
    """Names, types and positions that an admin may not write either: a column keeps its type and its own name."""
    assert set(verdict(draft, OLGA, attempts).values()) == {Reason.INVALID_VALUE}


@pytest.mark.rule("GATE-17")
def test_no_name_is_given_twice(draft: Draft) -> None:
    """Not in one update either, and not by bringing a deleted column back."""
    new, other = f"columns/{NEW_COL}:name", "columns/col-other001:name"
    assert verdict(draft, ADAM, {new: "Twice", other: "Twice"}) == {other: Reason.INVALID_VALUE}
    back = f"columns/{GONE}:deleted"
    for outcome in (False, ABSENT):
        assert verdict(draft, ADAM, {back: outcome}) == {}
        assert verdict(draft, ADAM, {back: outcome, new: "Gone"}) == {back: Reason.INVALID_VALUE}
        assert verdict(draft, ADAM, {back: outcome, f"columns/{GONE}:name": "Name"}).keys() == {f"columns/{GONE}:name"}


@pytest.mark.rule("GATE-17")
def test_a_new_select_comes_with_its_options(draft: Draft) -> None:
    """In any order of one update."""
    option = {f"columns/{NEW_COL}:option:option-new01": {"label": "New", "colour": "", "pos": "a5"}}
    column = {f"columns/{NEW_COL}:name": "New", f"columns/{NEW_COL}:type": "select", f"columns/{NEW_COL}:pos": "a9"}
    assert verdict(draft, ADAM, {**option, **column}) == {}


@pytest.mark.rule("GATE-11", "GATE-17")
@pytest.mark.parametrize(
    ("attribute", "reason"), [("deleted", Reason.UNKNOWN_COLUMN), ("required", None), ("config", Reason.INVALID_VALUE)]
)
def test_a_new_column_is_what_it_was_said_to_be_before(attribute: str, reason: Reason | None) -> None:
    """What stands of a column before it has a type counts in the update that gives it one."""
    before = judged_draft()
    value: Json = {"max": 3} if attribute == "config" else True
    before.write(OLGA, Source.API, [SetKey("columns", f"{NEW_COL}:{attribute}", value)], NOW)
    made = {f"columns/{NEW_COL}:name": "New", f"columns/{NEW_COL}:type": "rating", f"c:{QUAY}:{NEW_COL}": 4}
    assert verdict(before, ADAM, made) == ({} if reason is None else {f"c:{QUAY}:{NEW_COL}": reason})


@pytest.mark.rule("GATE-17")
def test_a_new_column_takes_cells_at_once(draft: Draft) -> None:
    """An admin adds a column and fills it in one update."""
    column = {f"columns/{NEW_COL}:name": "New", f"columns/{NEW_COL}:type": "number", f"columns/{NEW_COL}:pos": "a9"}
    assert not verdict(draft, ADAM, {f"c:{QUAY}:{NEW_COL}": 5, **column, "meta/primary": NEW_COL})
    assert verdict(draft, ADAM, {f"c:{QUAY}:{NEW_COL}": "x", **column}) == {f"c:{QUAY}:{NEW_COL}": Reason.INVALID_VALUE}


@pytest.mark.rule("GATE-18")
@pytest.mark.parametrize(
    ("person", "refused", "leaning"),
    [
        (MIA, {f"comments/{THEIRS}": comment(MIA)}, {f"comments/{THEIRS}:body": "Forged."}),
        (MIA, {f"comments/{THEIRS}": comment(MIA)}, {f"comments/{THEIRS}:deleted": signed(MIA)}),
        (
            EDDA,
            {f"r:{NEW_ROW}": "zz"},
            {f"c:{NEW_ROW}:{NAME}": "x", "comments/comment-new1": comment(EDDA, row=NEW_ROW)},
        ),
        (EDDA, {f"r:{NEW_ROW}": ("zz", "a5")}, {f"c:{NEW_ROW}:{NAME}": "x"}),
        (MIA, {f"r:{NEW_ROW}": "a5"}, {"comments/comment-new1": comment(MIA, row=NEW_ROW)}),
        (MIA, {"views/view-new0001:owner": (EMIL.user_id, MIA.user_id)}, {"views/view-new0001:name": "Shared"}),
        (OLGA, {f"columns/{RENT}:type": "text"}, {f"c:{QUAY}:{RENT}": "five"}),
        (EDDA, {f"columns/{LOCKED}:locked": False}, {f"c:{QUAY}:{LOCKED}": 5}),
    ],
)
def test_nothing_is_gained_from_what_is_refused(
    draft: Draft, person: Principal, refused: dict[str, Outcome], leaning: dict[str, Outcome]
) -> None:
    """What leans on a refused key of the same update is judged as if it were not there."""
    assert verdict(draft, person, {**leaning, **refused}).keys() == {*refused, *leaning}
    assert verdict(draft, person, {**refused, **leaning}).keys() == {*refused, *leaning}


def test_the_trash_takes_rows_and_gives_them_back(draft: Draft) -> None:
    """Signed, in the own name."""
    assert not verdict(draft, EDDA, {f"t:{QUAY}": signed(EDDA)})


@pytest.mark.rule("ROOM-21")
@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"list": LIST}, None),
        ({"list": OTHER_LIST}, None),
        ({"list": "list-foreign"}, Reason.INVALID_VALUE),
        ({"limit": "one", "list": "list-foreign"}, Reason.INVALID_VALUE),
        ({}, None),
    ],
)
def test_a_link_points_into_a_list_of_the_workspace(draft: Draft, config: Json, reason: Reason | None) -> None:
    """Whether or not the column says in the same update that it is a link: the type may come later."""
    refused = {} if reason is None else {f"columns/{NEW_COL}:config": reason}
    made: dict[str, Outcome | tuple[Outcome, ...]] = {f"columns/{NEW_COL}:config": config}
    assert verdict(draft, OLGA, made) == refused
    assert verdict(draft, OLGA, made | {f"columns/{NEW_COL}:type": "link"}) == refused


@pytest.mark.rule("ROOM-21")
def test_a_link_into_the_trash_may_stay() -> None:
    """What else is configured can be changed when the target has gone; no other column may point there any more."""
    draft = judged_draft()
    made = [SetKey("columns", f"{NEW_COL}:{name}", value) for name, value in LINK.items()]
    draft.write(OLGA, Source.API, made, NOW)
    draft.lists = frozenset({LIST})
    changed: dict[str, Outcome | tuple[Outcome, ...]] = {
        f"columns/{NEW_COL}:config": {"list": OTHER_LIST, "limit": "one"}
    }
    assert verdict(draft, OLGA, changed) == {}
    other = "columns/col-new00002:config"
    assert verdict(draft, OLGA, {other: {"list": OTHER_LIST}}) == {other: Reason.INVALID_VALUE}


@pytest.mark.rule("AUTH-15")
def test_a_read_only_key_writes_nothing(draft: Draft) -> None:
    """Not even an owner's; a member's key does not comment."""
    by_key = replace(OLGA, credential=Credential.READ_ONLY_KEY)
    cell = f"c:{QUAY}:{NAME}"
    assert verdict(draft, by_key, {cell: "Quay"}) == {cell: Reason.ROLE}
    said = "comments/comment-new1"
    members_key = replace(MIA, credential=Credential.KEY)
    assert verdict(draft, MIA, {said: comment(MIA)}) == {}
    assert verdict(draft, members_key, {said: comment(MIA)}) == {said: Reason.ROLE}
