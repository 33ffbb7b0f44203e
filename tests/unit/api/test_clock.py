"""The server's time goes forward, whatever the machine's clock does."""

from datetime import UTC, datetime, timedelta

import pytest

from api.clock import SteadyClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Machine:
    """A machine whose clock can be set."""

    def __init__(self) -> None:
        self.wall = NOON
        self.seconds = 100.0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.seconds)

    def run(self, seconds: float) -> datetime:
        """Let time pass; returns what the server's clock says then."""
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds
        return self.clock()


@pytest.mark.rule("ROOM-65")
def test_it_is_the_machines_time() -> None:
    """As long as nobody sets the machine's clock."""
    machine = Machine()
    assert [machine.run(5), machine.run(0), machine.run(3600)] == [machine.wall - timedelta(hours=1)] * 2 + [
        machine.wall
    ]


@pytest.mark.rule("ROOM-65")
def test_a_clock_set_forward_is_followed_at_once() -> None:
    """After a machine has slept what was due meanwhile is due."""
    machine = Machine()
    machine.wall += timedelta(hours=8)
    assert machine.run(1) == machine.wall


@pytest.mark.rule("ROOM-65")
def test_a_clock_set_back_is_waited_for_at_half_pace() -> None:
    """What is due in ten seconds comes due in twenty, not in an hour, until both agree; it never goes back."""
    machine = Machine()
    machine.run(10)
    before = machine.clock()
    machine.wall -= timedelta(hours=1)
    assert machine.run(20) == before + timedelta(seconds=10)
    assert machine.run(7200) == machine.wall
    assert machine.run(1) == machine.wall


@pytest.mark.rule("ROOM-65")
def test_a_frozen_clock_does_not_stop_time() -> None:
    """The wall clock stands still: time passes at half its pace."""
    machine = Machine()
    machine.seconds += 30
    assert machine.clock() == NOON + timedelta(seconds=15)
