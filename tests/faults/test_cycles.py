"""One cycle of every kind of fault, on two nodes with people of one list at both: the long run is `python -m tests.faults`."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.faults.cycles import RECOVERED_SECONDS_MAX, at_work
from tests.faults.strikes import Kind
from tests.timing import in_time

SEED = 20
TEST_SECONDS_MAX = 400


@pytest.mark.rule("LOG-10", "LOG-45", "ROOM-62")
@pytest.mark.timeout(TEST_SECONDS_MAX)
async def test_every_fault_is_survived(
    make_state_folder: Callable[[], Path], record_property: Callable[[str, object], None]
) -> None:
    """Nothing shown or acknowledged is lost or doubled, the audit is exact, everybody converges and is served within seconds."""
    random = Random(SEED)
    async with at_work(make_state_folder(), random, nodes=2, spread=True) as work:
        for kind in random.sample(list(Kind), len(Kind)):
            outcome = await work.cycle(kind, random)
            record_property(kind, round(outcome.recovered_seconds, 2))
            assert in_time(outcome.recovered_seconds, RECOVERED_SECONDS_MAX), outcome
        assert work.promised > 1_000
        assert "Traceback" not in work.whole.logs(), work.whole.logs()
