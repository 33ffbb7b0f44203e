"""What must become of an update: the oracle itself.

It reads the bytes on its own, lets a fresh document take the update in, and compares every root before and after. Every
change that a person may make stands, every other is back to its old value. Three things it has to say expressly:

- what is attempted but loses to a concurrent value is judged all the same, though no root shows it;
- an accepted edit does not lose to a value that the server restored over somebody's refused one (GATE-21);
- where an update builds on a key that a concurrent deletion took (a new row, a new comment, who owns a view), only the
  document can tell: the gate must give up on the update, and nothing of it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tests.oracle.keys import Place, place_of
from tests.oracle.knowledge import GONE, Attempts, Id, Knowledge
from tests.oracle.plain import same
from tests.oracle.roots import Reader, Roots, Seen, differences
from tests.oracle.rules import MAY, refusal
from tests.oracle.writing import written_anew

Change = tuple[Any, Any]
Subject = tuple[str, str, str, str, str]


class Person(NamedTuple):
    """Who sends an update."""

    id: str
    role: str


@dataclass
class Expectation:
    """What must become of one update."""

    flaws: set[str] = field(default_factory=set)
    """Any of these may be named; nothing of the update stands. Empty: it is sound."""
    idle: bool = False
    lost: bool = False
    refused: dict[str, set[str]] = field(default_factory=dict)
    """path -> the reasons that may be named; `""` speaks of the whole update."""
    facts: dict[Subject, Change] = field(default_factory=dict)
    roots: Roots = field(default_factory=dict)
    rewritten: set[str] = field(default_factory=set)
    """The accepted paths that are written again over a restored value."""
    ends: dict[int, int] = field(default_factory=dict)
    secrets: set[bytes] = field(default_factory=set)
    """Texts of refused values, which nobody may be shown."""
    before: dict[Subject, Any] = field(default_factory=dict)
    outcomes: dict[str, list[Any]] = field(default_factory=dict)


class Oracle:
    """The oracle of one document: what it holds, its history, whose client ids are whose, and what was restored."""

    def __init__(
        self,
        state: bytes,
        owners: Mapping[int, str],
        members: frozenset[str],
        lists: frozenset[str],
        now: datetime,
    ) -> None:
        self.state = state
        self.owners = dict(owners)
        self.members = members
        self.lists = lists
        self.now = now
        self.knowledge = Knowledge(state)
        self.roots = Reader(state).roots()
        self.restored: set[str] = set()

    def expect(self, person: Person, payload: bytes) -> Expectation:
        """What must become of an update of this person's."""
        attempts = self.knowledge.examine(payload, self.owners, person.id)
        if attempts.flaws:
            return Expectation(flaws=attempts.flaws)
        if attempts.idle:
            return Expectation(idle=True)
        taken = self._taken(payload, attempts)
        seen = Seen(self.roots)
        case = Case(self, person, attempts.outcomes, seen)
        refused = {path: reasons for path in attempts.outcomes if (reasons := case.reasons(path))}
        expected = Expectation(refused=refused, ends=attempts.ends, outcomes=attempts.outcomes)
        self._settle(expected, taken)
        self._tell(expected, seen)
        expected.secrets = _secrets(attempts, refused, self.state)
        expected.lost = (
            any(
                _founds(path)
                and outcomes
                and GONE not in outcomes
                and path not in refused
                and path not in expected.roots
                for path, outcomes in attempts.outcomes.items()
            )
            and len(attempts.outcomes) > 1
        )
        if attempts.stale:
            refused[""] = {"stale_generation"}
        if not attempts.outcomes and person.role not in MAY["write rows"]:
            refused.setdefault("", set()).add("role")
        return expected

    def _taken(self, payload: bytes, attempts: Attempts) -> Roots:
        """Every root of a fresh document that took the update in as it is."""
        update = written_anew(attempts) if attempts.anew else payload
        taken = Reader(self.state, update).roots()
        for path in differences(self.roots, taken):
            outcomes = attempts.outcomes.get(path, [])
            assert any(same(taken.get(path, GONE), outcome) for outcome in outcomes), (
                f"{path} became what none attempts"
            )
        return taken

    def _settle(self, expected: Expectation, taken: Roots) -> None:
        """The roots as they must be: refused keys as before, accepted ones as taken, or as attempted (GATE-21)."""
        expected.roots = dict(taken)
        for path, outcomes in expected.outcomes.items():
            value = taken.get(path, GONE)
            if path in expected.refused:
                value = self.roots.get(path, GONE)
            elif path in self.restored and len(outcomes) == 1 and not same(value, outcomes[0]):
                value = outcomes[0]
                expected.rewritten.add(path)
            if value is GONE:
                expected.roots.pop(path, None)
            else:
                expected.roots[path] = value

    def _tell(self, expected: Expectation, seen: Seen) -> None:
        """The facts: what people see change."""
        after = Seen(expected.roots)
        for path in expected.outcomes:
            place = place_of(path)
            assert place is not None
            old, new = seen.subject(path), after.subject(path)
            expected.before[place.subject] = old
            if not same(old, new):
                expected.facts[place.subject] = (old, new)

    def accept(self, person: Person, expected: Expectation, emitted: bytes, state: bytes) -> None:
        """Take note of what the server did with an update."""
        self.state = state
        self.knowledge.add(emitted)
        self.owners |= dict.fromkeys(expected.ends, person.id)
        self.roots = expected.roots
        written = expected.rewritten | expected.refused.keys()
        self.restored -= expected.outcomes.keys()
        self.restored |= written & expected.outcomes.keys()


class Case:
    """One update under judgement (`rules.Situation`): every answer about another key asks whether that is refused."""

    def __init__(self, oracle: Oracle, person: Person, outcomes: Mapping[str, list[Any]], seen: Seen) -> None:
        self.me, self.role = person.id, person.role
        self.now, self.members, self.lists = oracle.now, oracle.members, oracle.lists
        self._roots, self._outcomes, self._seen = oracle.roots, outcomes, seen
        self._answers: dict[str, set[str]] = {}
        self._columns: dict[bool, dict[str, dict[str, Any]]] = {}
        self._names: dict[str, str] = {}
        columns = [path for path in outcomes if path.startswith("columns/")]
        for path in sorted(columns, key=lambda path: not path.endswith((":name", ":type"))):
            self.reasons(path)  # who comes first in an update gets a name

    def reasons(self, path: str) -> set[str]:
        """Why a path of the update is refused; empty if it is not. What leads back to itself leads nowhere."""
        if path not in self._answers:
            place = place_of(path)
            assert place is not None
            self._answers[path] = {"invalid_value"}
            names = dict(self._names)
            answers = [refusal(self, place, outcome) for outcome in self._outcomes[path]]
            self._answers[path] = {reason for reason in answers if reason is not None}
            if self._answers[path]:
                self._names = names  # a refused key is as if it were not there
        return self._answers[path]

    def was(self, path: str) -> Any:
        """What stands at a path."""
        return self._roots.get(path)

    def has(self, path: str) -> bool:
        """Tell whether the document has a key."""
        return path in self._roots

    def will_be(self, path: str) -> Any:
        """What will stand at a path; `None` where nothing will, or where the update leaves it open."""
        return self.was(path) if path in self._outcomes and self.reasons(path) else self.intended(path)

    def intended(self, path: str) -> Any:
        """What would stand at a path if nothing were refused; `None` where the update leaves it open."""
        outcomes = self._outcomes.get(path)
        if not outcomes:
            return self.was(path)
        settled = all(same(outcome, outcomes[0]) for outcome in outcomes)
        return outcomes[0] if settled and outcomes[0] is not GONE else None

    def row_exists(self, row: str) -> bool:
        """Tell whether a row is there, or comes with the update."""
        return self._seen.row_exists(row) or any(
            not self.reasons(path)
            for path in self._outcomes
            if path.endswith(f"/r:{row}") and path.startswith("overlays/")
        )

    def column(self, column: str, *, after: bool) -> dict[str, Any] | None:
        """The attributes of a column with a type."""
        if after not in self._columns:
            self._columns[after] = self._read_columns(after=after)
        return self._columns[after].get(column)

    def _read_columns(self, *, after: bool) -> dict[str, dict[str, Any]]:
        said = {path: value for path, value in self._roots.items() if path.startswith("columns/")}
        if after:
            said |= {path: self.will_be(path) for path in self._outcomes if path.startswith("columns/")}
        columns: dict[str, dict[str, Any]] = {}
        for path, value in said.items():
            column, _, attribute = path[8:].partition(":")
            columns.setdefault(column, {})[attribute] = value
        return {column: held for column, held in columns.items() if held.get("type") is not None}

    def only_goes(self, path: str) -> bool:
        """Tell whether the update takes a key away and does nothing else to it."""
        outcomes = self._outcomes.get(path, [])
        return outcomes != [] and all(outcome is GONE for outcome in outcomes)

    def takes_name(self, column: str, name: Any) -> bool:
        """Give a column a name, unless another one has it, or has got it earlier in the update."""
        if not isinstance(name, str):
            return True
        self.column(column, after=False)
        others = {key: held for key, held in self._columns[False].items() if key != column}
        taken = {held.get("name", key) for key, held in others.items() if held.get("deleted") is not True}
        return name not in taken and self._names.setdefault(name, column) == column


def _founds(path: str) -> bool:
    """Tell whether other keys lean on this one: a row, a comment, who owns a view."""
    place = place_of(path) or Place("")
    return (
        place.kind == "row"
        or (place.kind == "comment" and not place.attribute)
        or (place.kind == "view" and place.attribute == "owner")
    )


SECRET_BYTES_MIN = 8


def _secrets(attempts: Attempts, refused: Mapping[str, set[str]], state: bytes) -> set[bytes]:
    """The texts in refused values that stand nowhere else."""
    shown: set[bytes] = set()
    hidden: set[bytes] = set()
    for path, outcomes in attempts.outcomes.items():
        for outcome in outcomes:
            (hidden if path in refused else shown).update(_texts(outcome))
    paths = "\n".join(attempts.outcomes).encode()
    return {
        text for text in hidden - shown if text not in state and text not in paths and not any(text in t for t in shown)
    }


def _texts(value: Any) -> set[bytes]:
    if isinstance(value, str):
        return {value.encode()} if len(value.encode()) >= SECRET_BYTES_MIN else set()
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return {text for part in parts for text in _texts(part)}


__all__ = ["Expectation", "Id", "Oracle", "Person"]
