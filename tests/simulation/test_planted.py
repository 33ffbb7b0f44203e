"""The checker is checked: bugs that are planted on purpose are found within a few seeds."""

from collections.abc import Callable

import pytest

from tests.simulation.planted import BUGS
from tests.simulation.report import play_seeds

SEEDS_MAX = 400
"""How many seeds a planted bug may need."""


@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """With this bug in the product some seed finds a violation."""
    plant(monkeypatch)
    assert any(play_seeds([seed]).failures for seed in range(1, SEEDS_MAX + 1))
