"""Whose turn it is: a node makes and sends a few exports at once, and one of each person."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from api.errors import Code, Problem

_AGAIN: Final = {"Retry-After": "10"}


class Turns:
    """The exports of a node that are under way."""

    def __init__(self, at_once_max: int) -> None:
        self._most = at_once_max
        self._people: set[str] = set()

    @contextmanager
    def turn(self, user_id: str) -> Iterator[None]:
        """Take a turn until the block ends. Raises `Problem` where there is none."""
        if user_id in self._people:
            raise Problem(Code.RATE, "An export of yours is under way. Wait until it has ended.", headers=_AGAIN)
        if len(self._people) >= self._most:
            sentence = f"{self._most} exports are under way here, and no more may be. Try again in a moment."
            raise Problem(Code.BUSY, sentence, headers=_AGAIN)
        self._people.add(user_id)
        try:
            yield
        finally:
            self._people.discard(user_id)
