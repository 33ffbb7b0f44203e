"""Duels whose honest clients are stock yjs in Node, and whose teammate is one, too."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from random import Random
from typing import Any

from tests.oracle.duel import Duel, Step, require
from tests.oracle.expectation import Person
from tests.oracle.knowledge import Knowledge
from tests.oracle.plain import plain
from tests.oracle.reading import read
from tests.oracle.replicas import Edit, Replica
from tests.oracle.roots import differences
from tests.oracle.updates import Author
from tests.oracle.world import CLIENTS
from tests.yjs_replicas import Node


class Stock:
    """The yjs side of duels, one after another, in one Node process."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def duel(self, seed: int) -> Counter[str]:
        """One document; raises `Disagreement`."""
        duel = Duel(seed, self._replica)
        self._node.ask("begin", _text(duel.world.state))
        known = Knowledge(duel.world.state)
        for step in duel.run():
            if step.emitted is not None:
                self._settle(step, step.emitted, known, duel.tally)
        duel.see_all()
        require(not any(self._node.ask("agree")), "an author sees something else", (seed, self._node.ask("agree")))
        shown = {path: plain(_value(path, value)) for path, value in self._node.ask("shown").items()}
        wrong = differences(duel.oracle.roots, shown)
        require(not wrong, "the teammate in yjs sees something else", (seed, wrong))
        return duel.tally

    def _settle(self, step: Step, emitted: bytes, known: Knowledge, tally: Counter[str]) -> None:
        made = step.honest or _is_new(step.payload, known)
        tally["author compared"] += made
        answer = self._node.ask("settle", _text(step.payload) if made else None, _text(emitted))
        require(answer is None, "who made the update sees something else", (answer, step))
        known.add(emitted)

    def _replica(self, random: Random, person: Person, author: Author, state: bytes) -> Replica:
        return _YjsReplica(self._node, random, person, author, state)


class _YjsReplica(Replica):
    """One person's client in yjs."""

    def __init__(self, node: Node, random: Random, person: Person, author: Author, state: bytes) -> None:
        super().__init__(random, person, author, state)
        self._node, self._client = node, CLIENTS[person.id][1]
        self._state: bytes | None = state

    def _ask(self, *command: Any) -> Any:
        if self._state is not None:
            self._node.ask("author", self._client, _text(self._state))
            self._state = None
        return self._node.ask(command[0], self._client, *command[1:])

    def see(self) -> None:
        """Take in what the server has shown so far."""
        self._ask("see", [_text(update) for update in self.backlog])
        self.backlog.clear()

    def send(self, edits: list[Edit], vector: bytes | None) -> bytes:
        """Make edits; the update of a single one, or what a server with this state vector lacks (`None`: everything)."""
        return b64decode(self._ask("upload", edits, None if vector is None else _text(vector)))


def _is_new(payload: bytes, known: Knowledge) -> bool:
    """Tell whether nothing in it is known: what a bent update says of known clocks no client can have."""
    return all(items[0].clock >= known.known(client) for client, items in read(payload).blocks.items())


def _text(source: bytes) -> str:
    return b64encode(source).decode()


def _value(path: str, value: Any) -> Any:
    return b64decode(value) if path.startswith("segments/") else value
