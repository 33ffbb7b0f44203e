"""The judge: signatures, comments and views belong to people."""

from datetime import timedelta

import pytest

from auth.principals import Principal
from persistence.contract import Json
from realtime.core.draft import Draft
from realtime.core.reasons import Reason
from realtime.core.soundness import ABSENT, Outcome
from realtime.core.timestamps import write_time
from tests.judged_list import ALL, ANSWER, EDITORS, NEW_ROW, OWN, THEIRS, comment, judged_draft, signed, verdict
from tests.property_list import (
    ADAM,
    EDDA,
    EMIL,
    MIA,
    NOW,
    OLGA,
    QUAY,
)


@pytest.fixture(scope="module")
def draft() -> Draft:
    """A list with a row, comments and views."""
    return judged_draft()


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
