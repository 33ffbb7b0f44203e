"""What the soak calls growth."""

import pytest

from benchmarks.soak import growth


def test_growth_counts_from_the_end_of_the_warm_up() -> None:
    """What comes in the first tenth of the time is no growth, and one sample that stands out at an end changes nothing."""
    warming = [(float(at), 50 + at) for at in range(10)]
    steady = [(float(at), 100) for at in range(10, 90)]
    grown = [(float(at), 110) for at in range(90, 100)]
    grown[-1] = (99.0, 500)
    assert growth([*warming, *steady, *grown]) == pytest.approx(0.1)


def test_no_growth_of_one_sample() -> None:
    """A single sample has not grown."""
    assert growth([(0.0, 100)]) == 0
