"""The judge: signatures, comments and views belong to people."""

from datetime import timedelta

import pytest

from auth.principals import Principal
from persistence.contract import Json, Source
from realtime.core.comments import THREAD_DEPTH_MAX
from realtime.core.draft import Draft
from realtime.core.reasons import Reason
from realtime.core.soundness import ABSENT, Outcome
from realtime.core.timestamps import write_time
from realtime.core.writes import DeleteComment
from tests.judged_list import ALL, ANSWER, EDITORS, NEW_ROW, OWN, THEIRS, comment, judged_draft, signed, verdict
from tests.property_list import (
    ADAM,
    EDDA,
    EMIL,
    GONE,
    MIA,
    NOW,
    OLGA,
    PIER,
    QUAY,
)


@pytest.fixture(scope="module")
def draft() -> Draft:
    """A list with a row, comments and views."""
    return judged_draft()


@pytest.mark.rule("GATE-14")
@pytest.mark.parametrize(
    ("away", "allowed"),
    [
        (timedelta(minutes=5), True),
        (timedelta(minutes=5, seconds=1), False),
        (timedelta(hours=-9), True),
        (timedelta(days=-30), True),
        (timedelta(days=-30, seconds=-1), False),
    ],
)
def test_edits_are_of_the_last_thirty_days(draft: Draft, away: timedelta, *, allowed: bool) -> None:
    """For the trash and for comments, which may have been made offline; hardly ahead of the server's clock."""
    at = write_time(NOW + away)
    assert (not verdict(draft, EDDA, {f"t:{QUAY}": signed(EDDA, at)})) is allowed
    assert (not verdict(draft, EDDA, {"comments/comment-new1": comment(EDDA, at=at)})) is allowed


@pytest.mark.rule("GATE-14")
@pytest.mark.parametrize(
    "at",
    [
        *("2026-03-01T12:00:00", "now", 5, None, "2026-03-01T13:00:00+01:00", "Z" * 40),
        *("20260301T120000Z", "2026-W09-7T12:00:00Z", "2026-03-01 12:00:00Z", "2026-03-01T12Z", "2026-03-01T12:00Z"),
        *(
            "2026-03-01T12:00:00,5Z",
            "2026-03-01T12:00:00.1234567Z",
            "2026-03-01T12:00:00+00:00Z",
            "2026-03-01T12:00:00z",
        ),
    ],
)
def test_times_are_utc(draft: Draft, at: Json) -> None:
    """Date, `T`, time to the second, at most six decimals, `Z`: of ISO 8601 no other form, on a comment and in the trash."""
    assert verdict(draft, EDDA, {"comments/comment-new1": comment(EDDA, at=at)})
    assert verdict(draft, EDDA, {f"t:{QUAY}": {"by": EDDA.user_id, "at": at}})


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
        ({"mentions": [MIA.user_id, "user-stranger"]}, Reason.INVALID_VALUE),
        ({"column": GONE}, Reason.UNKNOWN_COLUMN),
        ({"parent": "comment-new1"}, Reason.INVALID_VALUE),
        ({"row": PIER, "parent": OWN}, Reason.INVALID_VALUE),
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
    owner_key = "views/view-shared1:owner"
    assert [verdict(draft, p, {owner_key: p.user_id}) for p in ALL] == [{owner_key: Reason.NOT_AUTHOR}] * len(ALL)


@pytest.mark.rule("GATE-35")
def test_a_thread_has_a_beginning(draft: Draft) -> None:
    """No comment answers itself, not through another one; an answer falls with what it answers, in whichever order they come."""
    first, second, third = (f"comments/comment-new{number}" for number in (1, 2, 3))
    ring = {first: comment(EDDA, parent="comment-new2"), second: comment(EDDA, parent="comment-new1")}
    assert verdict(draft, EDDA, ring).keys() == ring.keys()
    chain: dict[str, Outcome] = {
        third: comment(EDDA, parent="comment-new2"),
        second: comment(EDDA, parent="comment-new1"),
        first: comment(EDDA),
    }
    assert verdict(draft, EDDA, chain) == {}
    assert verdict(draft, EDDA, {**chain, first: comment(EMIL)}).keys() == chain.keys()


@pytest.mark.rule("GATE-35")
def test_a_thread_is_not_too_deep_to_find_who_began_it(draft: Draft) -> None:
    """Answers to answers end somewhere: below that nobody could resolve what somebody else began."""
    ids = [f"comment-deep{number:02}" for number in range(THREAD_DEPTH_MAX + 1)]
    parents = [THEIRS, *ids]
    attempts: dict[str, Outcome] = {
        f"comments/{name}": comment(MIA, parent=parent) for name, parent in zip(ids, parents, strict=False)
    }
    assert verdict(draft, MIA, attempts).keys() == {f"comments/{ids[-1]}"}


@pytest.mark.rule("GATE-35")
def test_what_an_admin_deleted_stays_deleted() -> None:
    """The author takes back their own deletion, and not an admin's: neither at once nor by signing it first."""
    draft = judged_draft()
    key = f"comments/{OWN}:deleted"
    draft.write(MIA, Source.API, [DeleteComment(OWN)], NOW)
    assert verdict(draft, MIA, {key: None}) == {}
    draft.write(ADAM, Source.API, [DeleteComment(OWN)], NOW)
    for outcome in (None, ABSENT, signed(MIA)):
        assert verdict(draft, MIA, {key: outcome}) == {key: Reason.NOT_AUTHOR}
    assert verdict(draft, OLGA, {key: None}) == {}


@pytest.mark.rule("GATE-16")
def test_an_owner_shares_and_deletes_their_view(draft: Draft) -> None:
    """Everybody takes away a view of their own, whole; sharing it needs the right to share."""
    gone: dict[str, Outcome] = {"views/view-private:owner": ABSENT, "views/view-private:name": ABSENT}
    assert verdict(draft, MIA, gone) == {}
    assert verdict(draft, EMIL, gone).keys() == gone.keys()
    assert verdict(draft, MIA, {"views/view-private:owner": None}) == {"views/view-private:owner": Reason.ROLE}
    half = {"views/view-private:owner": ABSENT}
    assert verdict(draft, MIA, half) == {"views/view-private:owner": Reason.ROLE}


@pytest.mark.rule("GATE-16")
def test_only_locking_needs_the_right_to_lock(draft: Draft) -> None:
    """An editor deletes a view that was never locked, with its empty lock."""
    assert verdict(draft, EDDA, {"views/view-shared1:locked": ABSENT}) == {}
    assert verdict(draft, EDDA, {"views/view-shared1:locked": True}) == {"views/view-shared1:locked": Reason.ROLE}
    assert verdict(draft, EDDA, {"views/view-locked1:locked": False}) == {"views/view-locked1:locked": Reason.ROLE}


@pytest.mark.rule("GATE-15", "GATE-18")
@pytest.mark.parametrize("forged", ["nonsense", {"parent": "comment-new1"}])
def test_what_stands_can_be_answered_whatever_is_attempted_on_it(draft: Draft, forged: Json) -> None:
    """Overwriting a comment is refused and takes nothing away from an answer that comes with it."""
    answer, over = "comments/comment-new1", f"comments/{THEIRS}"
    below: dict[str, Outcome] = {answer: comment(EDDA, parent=ANSWER), over: forged}
    assert verdict(draft, EDDA, below) == {over: Reason.NOT_AUTHOR}
    for attempts in (
        {answer: comment(EDDA, parent=THEIRS), over: forged},
        {over: forged, answer: comment(EDDA, parent=THEIRS)},
    ):
        assert verdict(draft, EDDA, attempts) == {over: Reason.NOT_AUTHOR}


@pytest.mark.rule("GATE-18")
def test_an_answer_of_two_minds_waits_for_every_question(draft: Draft) -> None:
    """Two clients of one person write the same answer to two questions; whichever comes last, a refused question takes it along."""
    old, standing = comment(MIA, at=write_time(NOW - timedelta(days=31))), comment(MIA)
    minds = (comment(MIA, parent="comment-olds"), comment(MIA, parent=THEIRS))
    for outcomes in (minds, minds[::-1]):
        attempts: dict[str, Outcome | tuple[Outcome, ...]] = {"comments/comment-answer": outcomes}
        attempts |= {"comments/comment-olds": old, "comments/comment-good": standing}
        assert verdict(draft, MIA, attempts).keys() == {"comments/comment-answer", "comments/comment-olds"}
