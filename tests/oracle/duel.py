"""The gate against the oracle: one document after another, one update after another, and everything compared.

A `Duel` is one random document under the hands of five people, honest and not. `Disagreement` names what differs, with
the seed and the number of the update: `python -m tests.oracle.runs --updates 100 --seed N` shows it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from auth.principals import Principal
from auth.roles import Role
from realtime.core.document import ListDocument
from realtime.core.draft import Draft
from realtime.core.limits import Limits
from realtime.core.outcome import Diverged
from realtime.core.owners import Owners
from realtime.core.reasons import Unsound
from tests.oracle.expectation import Expectation, Oracle, Person
from tests.oracle.knowledge import GONE, Knowledge
from tests.oracle.plain import same
from tests.oracle.replicas import Replica
from tests.oracle.roots import Reader, differences
from tests.oracle.updates import Author
from tests.oracle.world import LISTS, MEMBERS, NOW, PEOPLE, SERVER, World, make_world

CASES_PER_DOCUMENT = 100
LOOK_AGAIN_EVERY = 25
NOT_A_KEY = ""
AWAY = PEOPLE[3]
"""Who was offline while a generation was folded away."""
SENDERS = (*PEOPLE, *PEOPLE[1:4], *PEOPLE[1:4])
"""Who sends: mostly people who may do something."""


class Disagreement(AssertionError):
    """Gate and oracle say different things of one update."""


@dataclass(frozen=True, slots=True)
class Step:
    """One update that was judged: what its client sent, and what the server's document emitted, if it took it."""

    person: Person
    payload: bytes
    emitted: bytes | None
    outcome: str
    honest: bool


class Duel:
    """One document: the gate's draft, the oracle, a teammate who sees only what was emitted, and honest replicas."""

    def __init__(self, seed: int, replica: Callable[[Random, Person, Author, bytes], Replica] = Replica) -> None:
        self.seed = seed
        self._new_replica = replica
        self._random = Random(seed)
        self.world: World = make_world(self._random)
        self.oracle = Oracle(self.world.state, self.world.owners, MEMBERS, LISTS, NOW)
        self.teammate = Reader(self.world.state)
        self.draft = self._open(self.world.owners)
        self.oracle.state = self.draft.document.difference()
        self._authors = {person: Author(self.world, person, self.oracle.knowledge) for person in PEOPLE}
        self._replicas = {person: self._replica(person) for person in PEOPLE}
        self._replicas[AWAY] = replica(self._random, AWAY, self._authors[AWAY], self.world.unfolded)
        self._replicas[AWAY].backlog.append(self.oracle.state)
        self.tally: Counter[str] = Counter()
        self.number = 0

    def _open(self, owners: dict[int, str]) -> Draft:
        document = ListDocument(SERVER)
        document.apply([self.oracle.state])
        draft = Draft(document, Owners(owners, 10**6), MEMBERS, Limits())
        draft.lists = LISTS
        return draft

    def _replica(self, person: Person) -> Replica:
        return self._new_replica(self._random, person, self._authors[person], self.oracle.state)

    def run(self, cases: int = CASES_PER_DOCUMENT) -> Iterator[Step]:
        """Judge that many updates; raises `Disagreement`."""
        for self.number in range(1, cases + 1):
            try:
                yield self.step()
                if self.number % LOOK_AGAIN_EVERY == 0:
                    self.look_again()
            except BaseException as error:  # a panic of the native library is no Exception; the seed is what is needed
                error.add_note(f"seed {self.seed}, update {self.number}")
                raise

    def step(self) -> Step:
        """One update of somebody, judged by both."""
        random = self._random
        person = random.choice(SENDERS)
        author, roll = self._authors[person], random.random()
        honest = roll > 0.5
        if honest:
            payload = self._replicas[person].upload(self.teammate.doc.get_state())
        elif roll < 0.06:
            payload = author.undo_history()
        else:
            payload = author.bent() if roll < 0.16 else author.update()
        emitted, outcome = self.judge(person, payload)
        if honest and (outcome == "lost" or outcome.startswith("unsound")):
            require(outcome == "lost", "an honest client is called unsound", outcome)
            self._replicas[person] = self._replica(person)
        return Step(person, payload, emitted, outcome, honest)

    def judge(self, person: Person, payload: bytes) -> tuple[bytes | None, str]:
        """Let both judge an update, and compare; returns what was emitted, and what became of it."""
        expected = self.oracle.expect(person, payload)
        principal = Principal(person.id, person.id, Role(person.role), 1)
        entry: Any = None
        emitted, outcome = None, "idle"
        try:
            entry = self.draft.receive(principal, payload, NOW)
        except Unsound as error:
            require(error.flaw in expected.flaws, "the gate calls it unsound", (error, expected.flaws))
            require(self.draft.document.difference() == self.oracle.state, "an unsound update left a trace")
            outcome = f"unsound: {error.flaw.value}"
        except Diverged as error:
            require(expected.lost and "lost to a deletion" in str(error), "the gate gives up on it", error)
            self.draft, outcome = self._open(self.oracle.owners), "lost"
            self.oracle.state = self.draft.document.difference()
            self.oracle.restored.clear()
        else:
            require(not expected.flaws, "the gate takes what is unsound", expected.flaws)
            require(not expected.lost, "the gate takes what builds on a key that is gone")
            require((entry is None) == expected.idle, "one of both finds nothing new in it")
        if entry is not None:
            emitted = self._compare(person, expected, entry)
            outcome = "partly refused" if entry.refusals and entry.facts else "refused" if entry.refusals else "taken"
            self.tally.update(f"reason: {refusal.reason.value}" for refusal in entry.refusals)
            self.tally["written again"] += bool(expected.rewritten)
        self.tally[outcome] += 1
        return emitted, outcome

    def _compare(self, person: Person, expected: Expectation, entry: Any) -> bytes:
        compare_refusals(expected, entry)
        compare_facts(expected, entry)
        emitted = entry.emitted
        assert emitted is not None, "what is not idle emits something"
        leaked = [secret for secret in expected.secrets if secret in emitted]
        require(not leaked, "a refused value has been emitted", leaked)
        self.teammate.doc.apply_update(emitted)
        shown = self.teammate.roots()
        wrong = {
            path: (expected.roots.get(path, GONE), shown.get(path, GONE)) for path in differences(expected.roots, shown)
        }
        require(not wrong, "the teammate sees something else (expected, seen)", wrong)
        require(entry.claims == expected.ends.keys(), "claims", entry.claims)
        self.oracle.accept(person, expected, emitted, self.draft.document.difference())
        known = {client: self.oracle.knowledge.known(client) for client in expected.ends}
        require(known == expected.ends, "the clocks did not advance to those of the update", (known, expected.ends))
        for replica in self._replicas.values():
            replica.backlog.append(emitted)
        return emitted

    def see_all(self) -> None:
        """Every replica takes in what it has been shown."""
        for replica in self._replicas.values():
            replica.see()

    def look_again(self) -> None:
        """The draft's own document, built anew, is what the teammate has; history read anew is the history kept."""
        again = Reader(self.draft.document.difference())
        require(not differences(self.oracle.roots, again.roots()), "the draft holds something else")
        require(Knowledge(self.oracle.state).clients == self.oracle.knowledge.clients, "the history reads differently")
        reopened = self._open(self.oracle.owners)
        require(reopened.schema() == self.draft.schema(), "the columns read differently")
        require(set(reopened.document.rows()) == set(self.draft.document.rows()), "the rows read differently")


def compare_refusals(expected: Expectation, entry: Any) -> None:
    """The same keys are refused, for the same reasons, and the attempt is told as it was."""
    said: dict[str, set[str]] = {}
    for refusal in entry.refusals:
        said.setdefault(refusal.path, set()).add(refusal.reason.value)
        if refusal.path != NOT_A_KEY:
            fact, outcomes = refusal.fact, expected.outcomes.get(refusal.path, [])
            assert fact is not None
            told = fact.new is None or any(same(fact.new, outcome) for outcome in outcomes)
            require(told, "the audit tells another attempt", (fact, outcomes))
    require(said.keys() == expected.refused.keys(), "other keys are refused", (said, expected.refused))
    wrong = {path: reasons for path, reasons in said.items() if not reasons <= expected.refused[path]}
    require(not wrong, "another reason is told", (wrong, expected.refused))


def compare_facts(expected: Expectation, entry: Any) -> None:
    """The facts are the visible difference, each once, with the old value and the new."""
    facts: dict[Any, tuple[Any, Any]] = {}
    for fact in entry.facts:
        row = "" if fact.kind == "comment" else fact.row or ""
        subject = (fact.kind.value, row, fact.column or "", fact.entity or "", fact.attribute or "")
        require(subject not in facts, "a fact is told twice", subject)
        facts[subject] = (fact.old, fact.new)
    require(facts.keys() == expected.facts.keys(), "other facts (told, expected)", (facts, expected.facts))
    wrong = {
        subject: (told, expected.facts[subject])
        for subject, told in facts.items()
        if not (same(told[0], expected.facts[subject][0]) and same(told[1], expected.facts[subject][1]))
    }
    require(not wrong, "a fact has other values (told, expected)", wrong)
    changed = bool(set(expected.refused) - {NOT_A_KEY} or expected.rewritten)
    require(entry.altered == changed, "whether the author must be shown it", entry.altered)


def require(holds: object, what: str, detail: object = "") -> None:
    """Raise `Disagreement` unless something holds."""
    if not holds:
        raise Disagreement(f"{what}: {detail}")
