"""The judge: every role on every kind of key, and what each kind asks of values."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from auth.principals import Principal
from persistence.contract import Json, Source
from realtime.core import keys
from realtime.core.document import ListDocument
from realtime.core.draft import Draft
from realtime.core.judge import Case, judge
from realtime.core.limits import Limits
from realtime.core.reasons import Reason
from realtime.core.soundness import ABSENT, Outcome
from realtime.core.timestamps import write_time
from realtime.core.writes import AddComment, AddRow, SetCell, SetKey
from tests.room_scenes import (
    ADAM,
    AT,
    EDDA,
    EMIL,
    EVERYBODY,
    GONE,
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
    first_batch,
)

ADMINS, EDITORS, ALL = (OLGA, ADAM), (OLGA, ADAM, EDDA), (OLGA, ADAM, EDDA, MIA)
NEW_ROW, NEW_COL = "row-new00001", "col-new00001"
OWN, THEIRS, ANSWER = "comment-mine", "comment-edda", "comment-answ"


@pytest.fixture(scope="module")
def draft() -> Draft:
    """A list with a row, Mia's comment, Edda's comment with an answer by Mia, a shared, a locked and a private view."""
    document = ListDocument(1)
    document.apply([first_batch().updates[0].update])
    made = Draft(document, {}, frozenset(person.user_id for person in EVERYBODY), Limits())
    made.write(OLGA, Source.API, [AddRow(QUAY), SetCell(QUAY, TAGS, [SOLD])], NOW)
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
        ({"segments/segment-0001": "x"}, ()),
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
        *((f"r:{NEW_ROW}", value) for value in (None, 5, "", "zz", "a0 ", "a00")),
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


@pytest.mark.rule("GATE-14")
@pytest.mark.parametrize(("minutes", "allowed"), [(5, True), (-5, True), (5.1, False), (-5.1, False)])
def test_times_are_close_to_the_servers_clock(draft: Draft, minutes: float, *, allowed: bool) -> None:
    """Within five minutes, for the trash and for comments."""
    at = write_time(NOW + timedelta(minutes=minutes))
    assert (not verdict(draft, EDDA, {f"t:{QUAY}": signed(EDDA, at)})) is allowed
    assert (not verdict(draft, EDDA, {"comments/comment-new1": comment(EDDA, at=at)})) is allowed


@pytest.mark.rule("GATE-14")
@pytest.mark.parametrize("at", ["2026-03-01T12:00:00", "now", 5, None, "2026-03-01T13:00:00+01:00", "Z" * 40])
def test_times_are_utc(draft: Draft, at: Json) -> None:
    """ISO 8601 with `Z`."""
    assert verdict(draft, EDDA, {"comments/comment-new1": comment(EDDA, at=at)})


@pytest.mark.rule("GATE-14")
def test_nobody_signs_for_another(draft: Draft) -> None:
    """Neither the trash nor a comment."""
    assert verdict(draft, EDDA, {f"t:{QUAY}": signed(EMIL)}) == {f"t:{QUAY}": Reason.NOT_AUTHOR}
    forged = {"comments/comment-new1": comment(EMIL)}
    assert verdict(draft, EDDA, forged) == {"comments/comment-new1": Reason.NOT_AUTHOR}


@pytest.mark.rule("GATE-15")
@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        (OWN, comment(MIA), ()),
        (OWN, ABSENT, ()),
        (f"{OWN}:body", "Changed.", (MIA,)),
        (f"{OWN}:body", ABSENT, ()),
        (f"{OWN}:body", " ", ()),
        (f"{OWN}:body", "x" * 10_001, ()),
        (f"{THEIRS}:body", "Changed.", (EDDA,)),
        (f"{OWN}:deleted", None, (OLGA, ADAM, MIA)),
        (f"{THEIRS}:deleted", None, (OLGA, ADAM, EDDA)),
        (f"{OWN}:resolved", None, ALL),
        (f"{THEIRS}:resolved", None, EDITORS),
        (f"{ANSWER}:resolved", None, EDITORS),
        ("comment-none:body", "Changed.", ()),
    ],
)
def test_whose_comment_it_is(draft: Draft, key: str, value: Outcome, allowed: tuple[Principal, ...]) -> None:
    """Written once; edited by the author; deleted by author and admins; resolved by editors and who began the thread."""
    assert tuple(person for person in ALL if not verdict(draft, person, {f"comments/{key}": value})) == allowed


@pytest.mark.rule("GATE-15")
@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"row": "row-nobody01"}, Reason.UNKNOWN_ROW),
        ({"column": "col-unknown1"}, Reason.UNKNOWN_COLUMN),
        *(({"parent": parent}, Reason.INVALID_VALUE) for parent in ("comment-none", 5)),
        *(({"body": body}, Reason.INVALID_VALUE) for body in ("", " ", 5, "a\0", "x" * 10_001)),
        *(({"mentions": said}, Reason.INVALID_VALUE) for said in (None, "all", [5], ["short"], [MIA.user_id] * 51)),
        ({"extra": 1}, Reason.INVALID_VALUE),
    ],
)
def test_the_shape_of_a_comment(draft: Draft, parts: dict[str, Json], reason: Reason) -> None:
    """Every part that is wrong."""
    assert verdict(draft, MIA, {"comments/comment-new1": comment(MIA, **parts)}) == {"comments/comment-new1": reason}


@pytest.mark.rule("GATE-15")
def test_an_answer_may_come_with_what_it_answers(draft: Draft) -> None:
    """Two comments in one update; and one on a row that the update makes."""
    answer = comment(EDDA, parent="comment-new1")
    assert not verdict(draft, EDDA, {"comments/comment-new1": comment(EDDA), "comments/comment-new2": answer})
    assert not verdict(draft, EDDA, {"comments/comment-new1": comment(EDDA, row=NEW_ROW), f"r:{NEW_ROW}": "a5"})


@pytest.mark.rule("GATE-16")
def test_a_private_view_is_its_owners(draft: Draft) -> None:
    """Nobody else writes it, whatever their role; nobody takes a view over or gives it away."""
    name = "views/view-private:name"
    assert [p for p in ALL if not verdict(draft, p, {name: "Changed"})] == [MIA]
    assert verdict(draft, OLGA, {name: "Changed"}) == {name: Reason.NOT_AUTHOR}
    for owner in (EMIL.user_id, 5):
        assert verdict(draft, MIA, {"views/view-private:owner": owner}) == {
            "views/view-private:owner": Reason.NOT_AUTHOR
        }
    assert verdict(draft, MIA, {"views/view-shared1:owner": MIA.user_id}) == {"views/view-shared1:owner": Reason.ROLE}


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
        {"meta/primary": "col-unknown1"},
        {"meta/name": ""},
        {"meta/name": "x" * 201},
        {"meta/name": ABSENT},
    ],
)
def test_the_list_stays_readable(draft: Draft, attempts: dict[str, Outcome]) -> None:
    """Names, types and positions that an admin may not write either: a column keeps its type and its own name."""
    assert set(verdict(draft, OLGA, attempts).values()) == {Reason.INVALID_VALUE}


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
