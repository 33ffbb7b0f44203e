"""Updates that no honest client sends: each closes its own connection with 4400, is in no log, and harms nobody."""

from collections.abc import Callable

import pytest

from realtime.core.codec import uint
from tests.e2e.attacks.bounds import BOUNDS, HUGE, MORE_THAN_ENOUGH
from tests.e2e.attacks.contents import CONTENT
from tests.e2e.attacks.forged import FORGED
from tests.e2e.attacks.siege import Siege
from tests.e2e.hostile import HOSTILE, Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.rule("GATE-1", "GATE-2", "GATE-3", "GATE-4", "GATE-5", "GATE-6", "GATE-7", "WIRE-17")
@pytest.mark.parametrize("attack", FORGED)
async def test_what_is_not_the_senders(siege: Siege, attack: str) -> None:
    """Ids, clocks, origins, parents, deletions and keys that are somebody else's, or nobody's."""
    make, flaw = FORGED[attack]
    async with siege.attacker() as attacker:
        frame = make(siege.scene(attacker))
    await siege.refuses([frame], flaw)
    await siege.stands()


@pytest.mark.rule("GATE-1", "GATE-6", "GATE-7", "WIRE-2", "WIRE-4", "WIRE-17")
@pytest.mark.parametrize("attack", CONTENT)
async def test_content_that_lists_do_not_have(siege: Siege, attack: str) -> None:
    """Nested types, subdocuments, texts, formats, values that are no JSON, depth, bytes that are not canonical."""
    make, flaw = CONTENT[attack]
    async with siege.attacker() as attacker:
        frame = make(siege.scene(attacker))
    await siege.refuses([frame], flaw)
    await siege.stands()


@pytest.mark.rule("GATE-1", "GATE-7", "WIRE-3", "WIRE-5", "WIRE-17")
@pytest.mark.parametrize("announced", BOUNDS)
async def test_a_huge_count_or_length(siege: Siege, announced: str) -> None:
    """Each count and each length from 2^28 to 2^60: nothing is allocated for what never follows."""
    for size in MORE_THAN_ENOUGH.get(announced, HUGE):
        async with siege.attacker() as attacker:
            frame = BOUNDS[announced](siege.scene(attacker), uint(size))
            await attacker.send(frame)
            code, sentence = await attacker.until_closed()
        assert code == 4400
        assert sentence.partition(":")[0] in {"malformed", "too_large", "future_delete"}, sentence
    await siege.stands()


@pytest.mark.rule(
    *("GATE-1", "GATE-2", "GATE-3", "GATE-4", "GATE-5", "GATE-6", "GATE-7"),
    *("WIRE-1", "WIRE-2", "WIRE-3", "WIRE-5", "WIRE-10", "WIRE-17"),
)
@pytest.mark.parametrize("attack", HOSTILE, ids=lambda attack: attack.__name__)
async def test_a_hostile_frame(siege: Siege, attack: Callable[[Scene], bytes | str]) -> None:
    """Frames that are bent in one place, made by the client that sends them."""
    head = await siege.head()
    async with siege.attacker() as attacker:
        await attacker.send(attack(siege.scene(attacker)))
        code, sentence = await attacker.until_closed()
    assert (code, sentence.partition(":")[0]) == (4400, HOSTILE[attack]), sentence
    assert await siege.head() == head
    await siege.stands()
