"""What all tests with a database share."""

import pytest
from argon2 import PasswordHasher

from auth import passwords

LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def light_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password's hash costs nothing; what it costs in earnest is a matter of `tests/unit/auth`."""
    monkeypatch.setattr(passwords, "_HASHER", LIGHT)
