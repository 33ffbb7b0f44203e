"""Whatever a client sends, the gate takes it or says `Unsound`; what it takes means the same to every replica.

`ROWHOUSE_FUZZ_CASES` sets the number of cases (default: a few thousand), `ROWHOUSE_FUZZ_SEED` the first seed.
"""

import os
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from auth.principals import Principal
from persistence.contract import Source
from realtime.core.document import ListDocument
from realtime.core.draft import Diverged, Draft
from realtime.core.entry import Entry
from realtime.core.index import Index
from realtime.core.limits import Limits
from realtime.core.reasons import Unsound
from realtime.core.update import decode
from realtime.core.writes import AddComment, AddRow, SetCell
from tests.hostile_updates import HostileClient
from tests.property_list import ADAM, EDDA, MIA, NAME, NOW, OLGA, PIER, QUAY, RENT, SOLD, TAGS, first_batch
from tests.room_scenes import Peer

CASES = int(os.environ.get("ROWHOUSE_FUZZ_CASES", "4000"))
SEED = int(os.environ.get("ROWHOUSE_FUZZ_SEED", "1"))
CASES_PER_DOCUMENT = 200
CLIENTS = {EDDA: (5001, 5002), MIA: (6001, 2**52 + 5), ADAM: (7001, 7002)}


class Bench:
    """A draft under attack, with a replica that takes in what the draft has emitted, as teammates do."""

    def __init__(self) -> None:
        document = ListDocument(1)
        document.apply([first_batch().updates[0].update])
        self.teammate = Peer(9999)
        self.teammate.apply(first_batch().updates[0].update)
        self.draft = Draft(document, {}, frozenset(person.user_id for person in CLIENTS), Limits())
        self.seen = b""
        rows = [AddRow(QUAY), AddRow(PIER), SetCell(QUAY, NAME, "Quay 1"), SetCell(QUAY, TAGS, [SOLD])]
        comment = AddComment("comment-0001", QUAY, None, None, "First.")
        self.show(self.draft.write(OLGA, Source.API, [*rows, SetCell(PIER, RENT, 900), comment], NOW))

    def show(self, entry: Entry | None) -> None:
        """The teammate sees what was emitted."""
        if entry is not None and entry.emitted is not None:
            self.teammate.apply(entry.emitted)

    def begin_again(self) -> None:
        """A new draft from what has been shown."""
        document = ListDocument(1)
        document.apply([self.teammate.doc.get_update()])
        self.draft = Draft(document, self.draft.owners, self.draft.members, Limits())

    def check(self) -> None:
        """Draft, teammate, a reload and a rebuilt index agree."""
        whole = self.draft.document.difference()
        reload = Peer(9998)
        reload.apply(whole)
        assert reload.values() == self.teammate.values()
        again = ListDocument(1)
        again.apply([whole])
        again.scan()
        assert set(again.rows()) == set(self.draft.document.rows())
        assert again.schema() == self.draft.schema()
        rebuilt = Index()
        rebuilt.add(decode(whole))
        for client in (1, *(client for own in CLIENTS.values() for client in own)):
            known = rebuilt.known(client)
            assert known == self.draft._index.known(client)
            assert rebuilt.living(client, 0, known) == self.draft._index.living(client, 0, known)


def attack(bench: Bench, principal: Principal, payload: bytes, outcomes: Counter[str]) -> None:
    """One case: refused without a trace, or taken and shown."""
    before = bench.draft.document.difference()
    try:
        entry = bench.draft.receive(principal, payload, NOW)
    except Unsound as error:
        outcomes[error.flaw] += 1
        assert bench.draft.document.difference() == before
        return
    except Diverged as error:
        # The one thing that only the document can tell; a room builds its draft anew, as after any doubt.
        if "lost to a deletion" not in str(error):
            raise
        outcomes["lost"] += 1
        bench.begin_again()
        return
    outcomes["idle" if entry is None else "refused" if entry.refusals else "taken"] += 1
    bench.show(entry)


@pytest.mark.rule("GATE-7", "GATE-8", "GATE-9")
@pytest.mark.parametrize("share", range(4))
def test_grammatical_updates_are_taken_whole_or_leave_no_trace(
    share: int, record_property: Callable[[str, object], None]
) -> None:
    """Nearly honest updates of three roles: only `Unsound` escapes, and all replicas agree on what was taken."""
    outcomes: Counter[str] = Counter()
    for number in range(max(1, CASES // 4 // CASES_PER_DOCUMENT)):
        random = Random((SEED + share) * 1_000_003 + number)
        bench = Bench()
        clients = {
            person: HostileClient(
                random, person.user_id, own, tuple(c for o in CLIENTS.values() for c in o if c not in own)
            )
            for person, own in CLIENTS.items()
        }
        for case in range(CASES_PER_DOCUMENT):
            person = random.choice((EDDA, EDDA, MIA, ADAM))
            attack(bench, person, clients[person].update(bench.draft._index), outcomes)
            if case % 40 == 39:
                bench.check()
    record_property("outcomes", dict(outcomes.most_common()))
    assert outcomes["lost"] < sum(outcomes.values()) * 0.01, outcomes
    assert outcomes["taken"] > sum(outcomes.values()) * 0.06, outcomes
    assert outcomes["taken"] + outcomes["refused"] > sum(outcomes.values()) * 0.3, outcomes


@pytest.mark.rule("GATE-6", "GATE-7")
@pytest.mark.parametrize("share", range(2))
def test_bent_bytes_never_reach_the_document(share: int, record_property: Callable[[str, object], None]) -> None:
    """Honest bytes with some flipped, cut or repeated: taken as what they now say, or `Unsound`."""
    outcomes: Counter[str] = Counter()
    for number in range(max(1, CASES // 2 // CASES_PER_DOCUMENT)):
        random = Random((SEED + share) * 2_000_003 + number)
        bench = Bench()
        client = HostileClient(random, EDDA.user_id, CLIENTS[EDDA], CLIENTS[MIA])
        for _ in range(CASES_PER_DOCUMENT):
            attack(bench, EDDA, client.bytes_like(client.update(bench.draft._index)), outcomes)
        bench.check()
    record_property("outcomes", dict(outcomes.most_common()))
    assert outcomes["taken"] + outcomes["refused"] > sum(outcomes.values()) * 0.05, outcomes
