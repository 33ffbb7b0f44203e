"""Full states against whole logs: whatever people of every role did, in whatever order, a list opens the same from both.

One seed is one run: `ROWHOUSE_STATE_SEEDS` sets how many (default 25), `ROWHOUSE_FUZZ_SEED` the first.
"""

import os
from random import Random

import pytest

from persistence.memory import MemoryListStore
from persistence.memory_states import MemoryStates
from realtime.core.condense import condense, view
from realtime.core.document import ListDocument
from realtime.core.ledger import Ledger
from realtime.core.limits import Limits
from realtime.core.rebuild import rebuilt_comments, rebuilt_rows
from realtime.core.retelling import Retelling
from realtime.verifying.audit import said
from tests.property_list import EDDA, LIST, NAME, QUAY, finish, opened, update_frame
from tests.room_scenes import Stage
from tests.town import Town

SEEDS = int(os.environ.get("ROWHOUSE_STATE_SEEDS", "25"))
FIRST = int(os.environ.get("ROWHOUSE_FUZZ_SEED", "1"))
STEPS = 80


def lived(seed: int) -> Town:
    """A town after a while."""
    town = Town(seed)
    for _ in range(STEPS):
        town.step()
    town.end()
    return town


def condensed(store: MemoryListStore, random: Random) -> None:
    """Keep states at three random numbers, each made from the one before and the log after it; then lose the log that they hold."""
    kept, states = store.lists[LIST], MemoryStates(store)
    for seq in sorted(random.sample(range(1, kept.head + 1), 3)):
        document = finish(states.read_document(LIST))
        assert document is not None
        updates = [entry.update for entry in document.log if entry.seq <= seq]
        state = condense(document.epoch, document.state, updates)
        assert finish(states.keep_state(LIST, document.epoch, seq, state))
    assert kept.state is not None
    kept.log = [entry for entry in kept.log if entry.seq > kept.state.seq - random.randrange(3)]


def ledger_of(store: MemoryListStore) -> Ledger:
    """The list as a room opens it."""
    return Ledger(opened(store), Limits(), iter(()).__next__)


@pytest.mark.rule("LOG-14", "LOG-15")
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_a_list_opens_the_same_from_its_state_as_from_its_log(seed: int) -> None:
    """Live document, draft, index, owners of client ids and the answer to any client agree; what was pruned is not missed."""
    town = lived(seed)
    whole = ledger_of(town.store)
    vectors = [seat.peer.doc.get_state() for _, seat in town.seats]
    condensed(town.store, Random(seed))
    again = ledger_of(town.store)
    assert opened(town.store).state is not None
    assert view(again.draft.document) == view(whole.draft.document)
    assert again.draft.owners._owners == whole.draft.owners._owners
    assert set(again.draft.document.rows()) == set(whole.draft.document.rows())
    assert again.draft.schema() == whole.draft.schema()
    assert again.live.head == whole.live.head
    for client in (1, *range(5000, 5006)):
        known = whole.draft.index.known(client)
        assert again.draft.index.known(client) == known
        assert again.draft.index.living(client, 0, known) == whole.draft.index.living(client, 0, known)
    for vector in (b"\x00", *vectors):
        shown = [ListDocument(1), ListDocument(1)]
        for document, ledger in zip(shown, (whole, again), strict=True):
            document.apply([message[2:][_prefix(message) :] for message in ledger.live.welcome(vector)])
        assert view(shown[0])["clocks"] == view(shown[1])["clocks"]


def _prefix(message: bytes) -> int:
    """How many bytes say how long the update in a sync message is."""
    return next(place for place, byte in enumerate(message[2:], 1) if byte < 128)


@pytest.mark.rule("OPS-40")
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_the_log_retells_the_audit(seed: int) -> None:
    """Replayed on a document of its own the log tells exactly the visible facts that were written, and rows and comments rebuilt
    from that document are those that were patched.
    """
    store = lived(seed).store
    kept = store.lists[LIST]
    retelling = Retelling(1, None)
    for entry in kept.log:
        told = sorted(map(said, retelling.tell(entry.update)))
        facts = [fact.entry for fact in kept.facts if fact.seq == entry.seq]
        assert told == sorted(said(fact.fact) for fact in facts if fact.reason is None), entry.seq
    schema = retelling.document.schema()
    rows = {row.row: row for row in rebuilt_rows(retelling.document, schema)}
    assert {name: (row.position, row.trashed, row.cells) for name, row in rows.items()} == {
        name: (row.position, row.trashed_at is not None, row.cells) for name, row in kept.rows.items()
    }
    assert rebuilt_comments(retelling.document) == kept.comments


@pytest.mark.rule("LOG-20")
def test_a_client_that_was_away_longer_than_the_log_is_kept_syncs() -> None:
    """It gets what it lacks from the document, and what it wrote meanwhile is taken and has its fact."""
    stage = Stage()
    away = stage.join(EDDA, 7001)
    there = stage.join(EDDA, 7002)
    stage.write(there, {f"r:{QUAY}": "a1", f"c:{QUAY}:{NAME}": "First"})
    stage.settle()
    stage.leave(away)
    offline = away.peer.set({f"c:{QUAY}:{NAME}": "Written offline"})
    for number in range(20):
        stage.write(there, {f"c:{QUAY}:{NAME}": f"Name {number}"})
        stage.settle()
    kept, states = stage.kept, MemoryStates(stage.store)
    state = condense(1, None, [entry.update for entry in kept.log])
    assert finish(states.keep_state(LIST, 1, kept.head, state))
    kept.log.clear()
    later = Stage(stage.store)
    later.rejoin(away)
    later.send(away, update_frame(offline))
    later.settle()
    assert away.closed is None
    newcomer = later.join(EDDA, 7003)
    assert away.peer.values() == newcomer.peer.values()
    assert [fact.entry.fact.new for fact in kept.facts].count("Written offline") == int(
        newcomer.peer.values()[f"1/c:{QUAY}:{NAME}"] == "Written offline"
    )
    assert [entry.seq for entry in kept.log] == [kept.head]
