"""Passwords: argon2id hashes, and a check that never raises."""

import pytest

from auth.passwords import hash_password, password_matches


@pytest.mark.rule("AUTH-3")
def test_a_password_matches_its_own_hash_only() -> None:
    """The right password matches, another does not, and the hash is argon2id."""
    kept = hash_password("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert password_matches(kept, "correct horse battery")
    assert not password_matches(kept, "correct horse batterz")


@pytest.mark.rule("AUTH-3")
def test_two_hashes_of_one_password_differ() -> None:
    """Each hash has a salt of its own."""
    assert hash_password("correct horse battery") != hash_password("correct horse battery")


@pytest.mark.rule("AUTH-3")
@pytest.mark.parametrize("kept", [None, "no hash at all", "$argon2id$v=19$broken"])
def test_nobody_and_broken_hashes_never_match(kept: str | None) -> None:
    """An unknown account or a damaged hash is a wrong password, not an error."""
    assert not password_matches(kept, "the password of nobody")
