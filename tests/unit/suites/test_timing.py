"""Bounds on seconds, on a machine that is busy and on one that is not."""

import pytest

from tests import timing


@pytest.mark.parametrize(("slower", "taken"), [(1.0, 1.5), (2.0, 2.5)])
def test_a_bound_grows_with_what_the_machine_is_slower(
    monkeypatch: pytest.MonkeyPatch, slower: float, taken: float
) -> None:
    """What is below the bound is in time anyway; above it, the slowness of the machine is allowed for and no more."""
    monkeypatch.setattr(timing, "slowness", lambda: slower)
    assert timing.in_time(0.9, 1.0)
    assert timing.in_time(slower - 0.1, 1.0)
    assert not timing.in_time(taken, 1.0)


def test_no_machine_is_quicker_than_alone() -> None:
    """The slowness is 1 at least."""
    assert timing.slowness() >= 1
