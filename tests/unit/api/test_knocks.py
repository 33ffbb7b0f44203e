"""Who was not let in again and again stays outside for a while, and nobody else does."""

from datetime import UTC, datetime, timedelta

import pytest

from api import knocks as knocks_module
from api.knocks import ADDRESS_FACTOR, Knocks, place_of
from api.settings import Settings

BURST, HERE, THERE = 3, "203.0.113.9", "203.0.113.10"


class Door:
    """The knocks of a node, and a clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.turned_away = 0
        settings = Settings(secret="s" * 40, failed_upgrades_burst_max=BURST, failed_upgrades_per_second_max=0.5)
        self.knocks = Knocks(settings, lambda: self.now, self._count)

    def _count(self) -> None:
        self.turned_away += 1

    def fail(self, times: int, address: str, credential: str | None) -> None:
        """Come in vain so often."""
        for _ in range(times):
            self.knocks.refused(address, credential)


@pytest.mark.rule("ROOM-66")
def test_a_credential_that_is_none_is_turned_away_from_anywhere_until_time_has_passed() -> None:
    """Before its limit it is let through, then from every address it waits as long as it is told."""
    door = Door()
    door.fail(BURST - 1, HERE, "wrong")
    assert door.knocks.wait_seconds(HERE, "wrong") == 0
    door.fail(1, HERE, "wrong")
    assert door.knocks.wait_seconds(THERE, "wrong") == 2
    assert door.turned_away == 1
    assert door.knocks.wait_seconds(HERE, "another") == 0
    door.now += timedelta(seconds=2)
    assert door.knocks.wait_seconds(THERE, "wrong") == 0


@pytest.mark.rule("ROOM-66")
@pytest.mark.parametrize("credential", [None, "fresh {}"])
def test_an_address_may_fail_ten_times_as_often_and_locks_out_nobody_known(credential: str | None) -> None:
    """Strangers wait there, however fresh their credentials; who holds a ticket of this node, and other addresses, get in."""
    door = Door()
    door.knocks.vouch("ticket", "ana")
    for number in range(BURST * ADDRESS_FACTOR):
        assert door.knocks.wait_seconds(HERE, "stranger") == 0
        door.fail(1, HERE, credential and credential.format(number))
    assert door.knocks.wait_seconds(HERE, "stranger") > 0
    assert door.knocks.wait_seconds(HERE, None) > 0
    assert door.knocks.wait_seconds(HERE, "ticket") == 0
    assert door.knocks.wait_seconds(THERE, "stranger") == 0


@pytest.mark.rule("ROOM-66")
def test_a_person_is_blamed_for_themselves_alone() -> None:
    """With any credential that is known to be theirs they wait; the address stays open to everyone else."""
    door = Door()
    for number in range(BURST):
        door.knocks.vouch(f"ticket {number}", "mallory")
        door.knocks.failed(HERE, f"ticket {number}")
    door.knocks.vouch("next ticket", "mallory")
    assert door.knocks.wait_seconds(THERE, "next ticket") > 0
    for _ in range(BURST * ADDRESS_FACTOR):
        door.knocks.failed(HERE, "next ticket")
    assert door.knocks.wait_seconds(HERE, "stranger") == 0


@pytest.mark.rule("ROOM-66")
def test_a_credential_that_has_ended_is_known_no_more() -> None:
    """A spent ticket or an expired token counts against itself and its address."""
    door = Door()
    door.knocks.vouch("ticket", "ana")
    door.fail(BURST, HERE, "ticket")
    assert door.knocks.wait_seconds(HERE, "ticket") > 0
    door.knocks.vouch("next ticket", "ana")
    assert door.knocks.wait_seconds(HERE, "next ticket") == 0


@pytest.mark.rule("ROOM-66")
def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was longest unheard of is forgotten; who keeps knocking is not."""
    monkeypatch.setattr(knocks_module, "ENTRIES_MAX", 10)
    door = Door()
    door.fail(BURST, HERE, "wrong")
    for number in range(100):
        assert door.knocks.wait_seconds(HERE, "wrong") > 0
        door.fail(1, f"198.51.100.{number}", None)
        door.knocks.vouch(f"ticket {number}", "ana")
    assert len(door.knocks._buckets) == len(door.knocks._people) == 10


@pytest.mark.rule("ROOM-66")
@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_network_is_one_place(address: str, place: str) -> None:
    """Whoever has one address of it has all of them."""
    assert place_of(address) == place
