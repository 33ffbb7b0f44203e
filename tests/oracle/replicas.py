"""Honest clients that lag behind: replicas of pycrdt that write what they like and see what the server shows, late."""

from __future__ import annotations

from random import Random
from typing import Any

from pycrdt import Doc, Map

from tests.oracle.expectation import Person
from tests.oracle.updates import Author
from tests.oracle.world import CLIENTS

Edit = list[tuple[str, Any, bool]]
"""One transaction: path, value, and whether the key is rather deleted if it is there."""


class Replica:
    """One person's client: what it has written and not sent, and what it has been shown and not seen."""

    def __init__(self, random: Random, person: Person, author: Author, state: bytes) -> None:
        self._random = random
        self._author = author
        self._doc: Doc[Map[Any]] = Doc(client_id=CLIENTS[person.id][1])
        self._doc.apply_update(state)
        self.backlog: list[bytes] = []

    def see(self) -> None:
        """Take in what the server has shown so far."""
        for update in self.backlog:
            self._doc.apply_update(update)
        self.backlog.clear()

    def upload(self, server: bytes) -> bytes:
        """Edit, once or offline a few times, and send it: live, or as the answer to a SyncStep1 with this state vector."""
        random = self._random
        if random.random() < 0.6:
            self.see()
        edits = [self._edit() for _ in range(random.choice((1, 1, 1, 1, 3)))]
        vector = random.choice((None, None, server))
        return self.send(edits, vector)

    def _edit(self) -> Edit:
        return [(path, value, self._random.random() < 0.12) for path, value in self._author.assignments().items()]

    def send(self, edits: list[Edit], vector: bytes | None) -> bytes:
        """Make edits; the update of a single one, or what a server with this state vector lacks (`None`: everything)."""
        made: list[bytes] = []
        subscription = self._doc.observe(lambda event: made.append(event.update))
        for edit in edits:
            with self._doc.transaction():
                for path, value, remove in edit:
                    held, key = self._place(path)
                    if held is not None and remove and key in held:
                        del held[key]
                    elif held is not None:
                        held[key] = value
        self._doc.unobserve(subscription)
        return made[0] if vector is None and len(made) == 1 else self._doc.get_update(vector or b"\x00")

    def _place(self, path: str) -> tuple[Map[Any] | None, str]:
        """The map of a path; `None` where its generation is gone."""
        root, _, key = path.partition("/")
        held: Map[Any] = self._doc.get(root, type=Map)
        if root != "overlays":
            return held, key
        generation, _, key = key.partition("/")
        return held.get(generation), key
