"""How the load driver counts: edits, whatever messages they travel in."""

from random import Random
from typing import Any

from pycrdt import Doc, Map

from benchmarks.clients import Ledger, Reader, Writer
from benchmarks.load import latencies
from benchmarks.percentiles import Spread
from realtime.core.messages import update_message

NOW = 100.0
PLACE = ("overlays", "1")


def first_sync() -> bytes:
    """The update of a document that holds the map which writers write into."""
    document = Doc[Any](client_id=1)
    document.get(PLACE[0], type=Map)[PLACE[1]] = Map()
    return document.get_update()


def writer(ledger: Ledger, client: int) -> Writer:
    """A writer without a connection who has the document, and always writes the same cell."""
    made = Writer(ledger, client, PLACE, lambda random: ("cell", random.random()), Random(client))
    made.take(b"\x00\x01" + update_message(first_sync())[2:], NOW)
    return made


def reader(ledger: Ledger) -> Reader:
    """A reader without a connection who has the document."""
    made = Reader(ledger)
    made.take(b"\x00\x01" + update_message(first_sync())[2:], NOW)
    return made


def merged(updates: list[bytes]) -> bytes:
    """The message in which a server shows all of them at once."""
    document = Doc[Any](client_id=2)
    document.apply_update(first_sync())
    seen = document.get_state()
    for update in updates:
        document.apply_update(update)
    return update_message(document.get_update(seen))


def test_edits_in_one_message_count_one_by_one() -> None:
    """Three edits of one cell that arrive in one message are three deliveries, though two values are gone by then."""
    ledger = Ledger()
    author, other = writer(ledger, 5_000), reader(ledger)
    updates = [author.write() for _ in range(3)]
    other.take(merged(updates), NOW)
    times, repeated = latencies([author, other], ledger, begun=0.0)
    assert (len(times), repeated, other.edits) == (3, 0, 3)


def test_the_author_of_an_edit_is_no_receiver_of_it() -> None:
    """A message that joins two people's edits brings each of them the other's only."""
    ledger = Ledger()
    ana, ben = writer(ledger, 5_000), writer(ledger, 6_000)
    message = merged([ana.write(), ben.write(), ben.write()])
    ana.take(message, NOW)
    ben.take(message, NOW)
    assert (ana.edits, ben.edits) == (2, 1)
    assert len(latencies([ana, ben], ledger, begun=0.0)[0]) == 3


def test_the_document_is_no_delivery_however_it_comes() -> None:
    """Updates before the SyncStep2 are the document that was there: they are weighed, not counted, and a writer builds on them."""
    ledger = Ledger()
    late = Writer(ledger, 5_000, PLACE, lambda random: ("cell", random.random()), Random(1))
    state, end = update_message(first_sync()), b"\x00\x01\x02\x00\x00"
    late.take(state, NOW)
    assert not late.synced
    late.take(end, NOW)
    assert (late.synced, late.sync_bytes, late.edits) == (True, len(state) + len(end), 0)
    other = reader(ledger)
    other.take(update_message(late.write()), NOW)
    assert other.edits == 1


def test_an_edit_that_comes_twice_is_one_delivery() -> None:
    """What was shown before counts as repeated, not as delivered again."""
    ledger = Ledger()
    author, other = writer(ledger, 5_000), reader(ledger)
    first, second = author.write(), author.write()
    other.take(merged([first]), NOW)
    other.take(merged([first, second]), NOW + 1)
    times, repeated = latencies([author, other], ledger, begun=0.0)
    assert (len(times), repeated) == (2, 1)


def test_edits_of_the_warm_up_do_not_count() -> None:
    """Only what was sent since the measurement began is timed."""
    ledger = Ledger()
    author, other = writer(ledger, 5_000), reader(ledger)
    other.take(merged([author.write()]), NOW)
    assert latencies([author, other], ledger, begun=max(ledger.sent.values()) + 1) == ([], 0)


def test_a_spread_is_taken_by_rank() -> None:
    """Of 1 to 100 the median is 51, p99 is 100; nothing at all has a spread of zeros."""
    assert Spread.of(range(100, 0, -1)) == Spread(100, 51, 96, 100, 100)
    assert Spread.of([]).p99 == 0
