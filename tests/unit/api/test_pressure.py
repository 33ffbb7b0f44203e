"""A node that falls behind takes nobody new in, until it has caught up."""

import asyncio
from math import inf

import pytest

from api.pressure import INTERVAL_SECONDS, Pressure


def felt(*lags: float) -> Pressure:
    """A node with these measurements behind it."""
    pressure = Pressure(0.5, inf, lambda _: None)
    for lag in lags:
        pressure.feel(lag)
    return pressure


@pytest.mark.rule("ROOM-46")
@pytest.mark.parametrize(
    ("lags", "high"),
    [
        ((), False),
        ((0.4,) * 20, False),
        ((1.0,), False),
        ((0.8,) * 4, True),
        ((60.0,), True),
        ((60.0, 0.0, 0.0), False),
        ((*(2.0,) * 20, *(0.0,) * 4), False),
    ],
    ids=["idle", "busy", "one step", "late", "slept", "awake again", "caught up"],
)
def test_what_counts_is_the_mean_of_the_last_seconds(lags: tuple[float, ...], *, high: bool) -> None:
    """One late call is nothing, several are too much, and it is over soon after it is over."""
    assert felt(*lags).high is high


@pytest.mark.rule("ROOM-46")
async def test_the_loop_is_measured() -> None:
    """Somebody holds the loop: the next call of the timer is that late."""
    heard = asyncio.Event()
    lags: list[float] = []

    def note(lag: float) -> None:
        lags.append(lag)
        heard.set()

    pressure = Pressure(0.01, inf, note)
    pressure.start()
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    until = loop.time() + INTERVAL_SECONDS + 0.3
    while loop.time() < until:
        pass
    async with asyncio.timeout(20):
        await heard.wait()
    await pressure.close()
    assert lags[0] >= 0.25
    assert pressure.high


@pytest.mark.rule("ROOM-67")
def test_full_memory_is_felt_until_some_of_it_is_free() -> None:
    """Above its limit a node takes nobody in; it does so again once it holds clearly less."""
    held = [99, 101, 96, 94, 99]
    pressure = Pressure(0.5, 100.0, lambda _: None, lambda: held.pop(0))
    felt_full = []
    while held:
        pressure.weigh()
        felt_full.append((pressure.full, pressure.high))
    assert [full for full, _ in felt_full] == [high for _, high in felt_full] == [False, True, True, False, False]


@pytest.mark.rule("ROOM-67")
async def test_memory_is_looked_at_from_the_start_and_again_and_again() -> None:
    """A node that starts full is full at once, and hears when it is not so any more."""
    held, looked = [101, 10], asyncio.Event()

    def look() -> int:
        if len(held) == 1:
            looked.set()
        return held.pop(0) if len(held) > 1 else held[0]

    pressure = Pressure(60.0, 100.0, lambda _: None, look)
    pressure.start()
    assert pressure.high
    async with asyncio.timeout(20):
        await looked.wait()
    await pressure.close()
    assert not pressure.high
