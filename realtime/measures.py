"""What the rooms of a node tell whoever measures it: a port, so that nothing here knows what becomes of the figures.

A call costs a microsecond or two, never waits and never fails. It carries no id and nothing that people typed.
"""

from typing import Protocol


class Measures(Protocol):
    """Takes figures of one node."""

    def gated(self, seconds: float) -> None:
        """A frame was decoded, judged and answered in so many seconds."""

    def caught_up(self) -> None:
        """A slow reader has taken everything, and is sent one difference instead of what it had missed."""


class Unmeasured:
    """Takes figures and forgets them."""

    def gated(self, seconds: float) -> None:
        """Forget it."""

    def caught_up(self) -> None:
        """Forget it."""
