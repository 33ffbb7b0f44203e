"""What one person may use of a node, over all of their sockets."""

from dataclasses import replace
from datetime import timedelta

import pytest

from realtime.allowances import Allowance, Barred, Crowded
from realtime.core.closing import CloseCode
from realtime.core.limits import Limits
from tests.property_list import NOW

SECOND = timedelta(seconds=1)
LIMITS = replace(
    Limits(),
    frames_per_second_max=10,
    bytes_per_second_max=1_000,
    sync_bytes_max=1 << 20,
    burst_seconds=2,
    work_share_max=0.5,
    work_burst_seconds=1,
    joins_per_second_max=1,
    joins_burst_max=3,
    strikes_per_second_max=0.1,
    strikes_burst_max=2,
    sessions_per_user_max=2,
)


@pytest.fixture
def allowance() -> Allowance:
    """Nothing of it is spent."""
    return Allowance(LIMITS, NOW)


@pytest.mark.rule("ROOM-25")
def test_frames_are_read_more_slowly_beyond_the_limit(allowance: Allowance) -> None:
    """A burst of twenty, then a tenth of a second each; what flows back is counted."""
    assert [allowance.spend(1, 0, 0.0, NOW) for _ in range(20)] == [0.0] * 20
    assert allowance.spend(1, 0, 0.0, NOW) == pytest.approx(0.1)
    assert allowance.spend(1, 0, 0.0, NOW + SECOND) == 0.0


@pytest.mark.rule("ROOM-25")
def test_bytes_count_in_both_directions(allowance: Allowance) -> None:
    """A frame of two bytes that asks for a large answer costs as much as a large frame."""
    assert allowance.spend(2, 1 << 20, 0.0, NOW) == pytest.approx(0.002)
    assert allowance.spend(500, 0, 0.0, NOW) == pytest.approx(0.502)


@pytest.mark.rule("ROOM-25")
def test_work_is_a_share_of_a_core(allowance: Allowance) -> None:
    """A second of work at once, then twice the time that the work took."""
    assert allowance.spend(1, 0, 1.0, NOW) == 0.0
    assert allowance.spend(1, 0, 0.1, NOW) == pytest.approx(0.2)


@pytest.mark.rule("ROOM-25")
def test_connections_are_limited_at_once_and_in_time(allowance: Allowance) -> None:
    """Two at a time; three in a row; places and turns come back."""
    allowance.enter(NOW)
    allowance.enter(NOW)
    with pytest.raises(Crowded):
        allowance.enter(NOW)
    allowance.leave()
    allowance.enter(NOW)
    allowance.leave()
    with pytest.raises(Crowded):
        allowance.enter(NOW)
    allowance.enter(NOW + SECOND)


@pytest.mark.rule("ROOM-27")
def test_being_closed_again_and_again_bars_for_a_while(allowance: Allowance) -> None:
    """Only for what was sent; other closes do not count; ten seconds give one more try."""
    for code in (CloseCode.TRY_AGAIN_LATER, CloseCode.NO_ACCESS, CloseCode.UNSOUND):
        allowance.closed(code, NOW)
    allowance.enter(NOW)
    allowance.closed(CloseCode.TOO_MANY_REFUSALS, NOW)
    with pytest.raises(Barred):
        allowance.enter(NOW + 9 * SECOND)
    allowance.enter(NOW + 10 * SECOND)


@pytest.mark.rule("ROOM-25")
def test_a_whole_allowance_can_be_forgotten(allowance: Allowance) -> None:
    """Once everything has flowed back and no socket is left."""
    assert allowance.whole(NOW)
    allowance.enter(NOW)
    assert not allowance.whole(NOW + 10 * SECOND)
    allowance.leave()
    assert allowance.whole(NOW + 10 * SECOND)
    allowance.closed(CloseCode.UNSOUND, NOW + 10 * SECOND)
    assert not allowance.whole(NOW + 19 * SECOND)
    assert allowance.whole(NOW + 20 * SECOND)
