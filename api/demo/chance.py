"""Chance with a fixed seed: the same people, telephone numbers and dates with every demo."""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from api.demo import words
from persistence.contract import Json

T = TypeVar("T")


class Chance:
    """A seeded source of believable values; `today` is what dates are near to."""

    def __init__(self, seed: int, today: date) -> None:
        self.random = random.Random(seed)  # noqa: S311 - demo content must repeat; ids come from elsewhere
        self.today = today

    def one(self, choices: Sequence[T]) -> T:
        """One of several."""
        return choices[int(self.random.random() * len(choices))]

    def happens(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.random.random() < share

    def sometimes(self, share: float, value: T) -> T | None:
        """The value in this share of the cases, else nothing."""
        return value if self.happens(share) else None

    def between(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        return least + int(self.random.random() * (most - least + 1))

    def person(self) -> str:
        """A first and a family name."""
        return f"{self.one(words.FIRST_NAMES)} {self.one(words.FAMILY_NAMES)}"

    def email(self, name: str) -> str:
        """An address that can never receive anything."""
        return f"{name.lower().replace(' ', '.').rstrip('.')}@example.com"

    def phone(self) -> str:
        """A number of the range that is kept free for stories (555-0100 to 555-0199), as E.164."""
        return f"+1{self.one(words.AREA_CODES)}55501{self.between(0, 99):02}"

    def address(self) -> str:
        """A house number and a street."""
        return f"{self.between(1, 9_999)} {self.one(words.STREET_NAMES)} {self.one(words.STREET_KINDS)}"

    def day(self, earliest: int, latest: int) -> str:
        """A date so many days from today (negative = before)."""
        return (self.today + timedelta(days=self.between(earliest, latest))).isoformat()

    def postal_code(self) -> str:
        """Five digits."""
        return f"{self.between(98_001, 98_199)}"

    def visit(self, earliest: int, latest: int) -> tuple[str, str]:
        """Beginning and end of an appointment in office hours, so many days from today."""
        day = self.today + timedelta(days=self.between(earliest, latest))
        begin = datetime.combine(day, time(self.between(9, 18), self.one((0, 15, 30, 45))))
        end = begin + timedelta(minutes=15 * self.between(1, 4))
        return f"{begin.isoformat()}Z", f"{end.isoformat()}Z"

    def some(self, choices: Sequence[str], most: int) -> list[Json]:
        """Up to `most` different ones of a few, in their own order."""
        chosen = set(self.random.sample(choices, self.between(0, most)))
        return [choice for choice in choices if choice in chosen]

    def several(self, choices: Sequence[str], most: int) -> list[Json]:
        """One to `most` different ones of many."""
        return list(dict.fromkeys(self.one(choices) for _ in range(self.between(1, most))))
