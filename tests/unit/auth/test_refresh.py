"""Refresh tokens: the decision table of rotation, grace and reuse."""

from datetime import UTC, datetime, timedelta

import pytest

from auth.opaque import digest
from auth.refresh import REUSE_GRACE, Refreshing, RefreshToken, judge_refresh

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.mark.rule("AUTH-5")
@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        (RefreshToken(LATER, None, None), Refreshing.ROTATE),
        (RefreshToken(NOW, None, None), Refreshing.REFUSE),
        (RefreshToken(LATER, None, NOW - SECOND), Refreshing.REFUSE),
        (RefreshToken(LATER, NOW, None), Refreshing.ISSUE_SIBLING),
        (RefreshToken(LATER, NOW - REUSE_GRACE, None), Refreshing.ISSUE_SIBLING),
        (RefreshToken(LATER, NOW - REUSE_GRACE - SECOND, None), Refreshing.REVOKE_FAMILY),
        (RefreshToken(LATER, NOW, NOW), Refreshing.REFUSE),
    ],
)
def test_the_decision_table(token: RefreshToken, outcome: Refreshing) -> None:
    """Fresh rotates; spent within the grace gets a sibling, later revokes; ended or revoked is refused."""
    assert judge_refresh(token, NOW) is outcome


@pytest.mark.rule("AUTH-6")
@pytest.mark.parametrize("credential", ["", "short", "x" * 42, "x" * 44, "x" * 42 + "\n", "é" * 43, "x" * 42 + "="])
def test_what_cannot_be_ours_has_no_digest(credential: str) -> None:
    """Only text of exactly our shape is looked up at all."""
    assert digest(credential) is None


@pytest.mark.rule("AUTH-6")
def test_a_digest_is_sha256() -> None:
    """The database holds 32 bytes that do not give the credential back."""
    kept = digest("x" * 43)
    assert kept is not None
    assert len(kept) == 32
