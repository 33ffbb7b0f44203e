"""Turns: how nodes that write in one list at the same time each get to commit.

Whoever commits without a pause always has the next number first; a node that has just lost must take in what it
missed and judge again before it can try. So it asks for its turn, and who is asked holds its next commit back until
that node has committed, or for `PATIENCE` at most. A node that is waiting for its own turn gives none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

PATIENCE: Final = timedelta(milliseconds=100)


class Turns:
    """Whose turn it is, as far as this node knows."""

    def __init__(self) -> None:
        self.asked = False
        """We have asked for our turn."""
        self.until: datetime | None = None
        """Until then we hold back."""

    def ask(self) -> None:
        """We have lost the race, and ask for our turn."""
        self.asked, self.until = True, None

    def give(self, now: datetime) -> None:
        """Another node asks for its turn."""
        if not self.asked:
            self.until = now + PATIENCE

    def won(self) -> None:
        """We have committed."""
        self.asked = False

    def lost(self) -> None:
        """Another node has committed: whoever asked has had its turn."""
        self.until = None

    def yielding(self, now: datetime) -> bool:
        """Tell whether our next commit is to wait."""
        return self.until is not None and now < self.until
