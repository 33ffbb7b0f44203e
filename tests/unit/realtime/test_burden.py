"""The burden of a decision: what its time limit is made of."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from uuid import uuid4

import pytest

from persistence.contract import Committed, Conflict, Source
from realtime.blackbox import ITEM_BYTES, KNOWN_IS_FASTER, Burden, Containment
from realtime.core import codec, events
from realtime.core.limits import Limits
from realtime.core.messages import PresenceEntry, presence_message
from realtime.core.writes import AddRow, SetCell
from realtime.hub import Arrival, Hub
from tests.hub_scenes import Line
from tests.property_list import EDDA, LIST, NAME, NOW, OLGA, QUAY, furnished_store, item, update_frame, update_of

TEXT = "x" * 5_000
EDITS = 20
NEWCOMER = b"\x00\x00" + codec.buffer(b"\x00")


class Notebook:
    """A recorder that keeps how much each decision was said to have to take in."""

    def __init__(self) -> None:
        self.burdens: list[int] = []

    def begin(self, list_id: str, work_bytes: int) -> None:
        """Keep it."""
        self.burdens.append(work_bytes)

    def end(self) -> None:
        """Nothing."""

    @contextmanager
    def opening(self, list_id: str, work_bytes: int) -> Iterator[None]:
        """Nothing."""
        yield


@pytest.mark.rule("ROOM-55")
async def test_who_comes_to_a_large_list_is_given_time_for_all_of_it() -> None:
    """Two bytes ask for a whole document; the limit knows its size, after an edit of it too, and forgets what was overwritten."""
    notebook, ids = Notebook(), count(1)
    hub = Hub(
        furnished_store(),
        Limits(),
        clock=lambda: NOW,
        new_id=lambda: f"id-{next(ids)}",
        new_batch_id=uuid4,
        containment=Containment(notebook),
    )
    await hub.write(LIST, OLGA, [AddRow(QUAY)], source=Source.API)
    for number in range(EDITS):
        await hub.write(LIST, OLGA, [SetCell(QUAY, NAME, f"{number}{TEXT}")], source=Source.API)
    seat = await hub.join(LIST, EDDA, Arrival(200, control=True), Line())
    assert notebook.burdens[-1] <= ITEM_BYTES, "to come in costs nothing yet"
    seat.receive(NEWCOMER)
    assert notebook.burdens[-1] > EDITS * len(TEXT) // KNOWN_IS_FASTER
    seat.receive(NEWCOMER)
    assert len(TEXT) // KNOWN_IS_FASTER < notebook.burdens[-1] < 2 * len(TEXT) // KNOWN_IS_FASTER
    await hub.close()


@pytest.mark.rule("ROOM-55")
@pytest.mark.parametrize(
    ("event", "whole"),
    [
        (events.Received("one", update_frame(update_of(item(5001, 0, "x", f"c:{QUAY}:{NAME}")))), True),
        (events.Received("one", presence_message([PresenceEntry(5001, 1, "{}")])), True),
        (events.Requested("one", OLGA, Source.API, (AddRow(QUAY),)), True),
        (events.Answered(Conflict()), True),
        (events.Fetched([]), True),
        (events.Heard(1, 2), True),
        (events.Drained("one"), True),
        (events.Joined("one", OLGA, 200, control=True), False),
        (events.Left("one"), False),
        (events.Woken(), False),
    ],
)
def test_what_may_go_through_the_document_counts_it(event: events.Event, *, whole: bool) -> None:
    """Frames, requests, what the log brings and slow readers do; who comes or goes and the timer do not."""
    small, large = Burden().of(event, 0), Burden().of(event, len(TEXT))
    assert large - small == (len(TEXT) // KNOWN_IS_FASTER if whole else 0)


@pytest.mark.rule("ROOM-40")
def test_what_is_not_durable_counts_until_it_is() -> None:
    """It may be judged again with any event, until the commit after the one that was under way has been answered."""
    burden, edit = Burden(), events.Received("one", TEXT.encode())
    durable = events.Answered(Committed(2))
    assert burden.of(edit, 0) == len(TEXT) + ITEM_BYTES
    assert burden.of(events.Left("two"), 0) == len(TEXT) + ITEM_BYTES
    assert burden.of(durable, 0) == len(TEXT) + ITEM_BYTES, "it was taken meanwhile, and is at the store only now"
    assert burden.of(durable, 0) == 0
