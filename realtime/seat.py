"""A seat: what one socket has in a room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter, thread_time
from typing import Final

from auth.grants import Grant
from realtime.allowances import Allowance
from realtime.core import events
from realtime.core.closing import CloseCode
from realtime.measures import Measures
from realtime.outbox import Outbox
from realtime.runner import Runner

TURN_SECONDS: Final = 0.005
GIVE_WAY_SECONDS: Final = 0.001
"""Who keeps the process for longer than a turn lets all others go first: frames that wait in one socket are not read one right after another."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a socket comes: its person's hue, whether it asks for control messages, and the epoch of its copy, if it says."""

    hue: int
    control: bool
    copy: int | None = None


@dataclass(slots=True)
class Seat:
    """A socket's place in a room, what its person may still use, and the grant that it rests on (`None`: none that ends)."""

    runner: Runner
    session: str
    outbox: Outbox
    allowance: Allowance
    clock: Callable[[], datetime]
    measures: Measures
    grant: Grant | None = None

    def receive(self, frame: bytes) -> float:
        """A frame has arrived; returns how many seconds to wait before the next one is read.

        What is written back at once counts as bytes too: two bytes may ask for a whole document. Nobody is charged for the
        time that the process stood still.
        """
        begun, worked_before, written = perf_counter(), thread_time(), self.outbox.written_bytes
        self.runner.handle(events.Received(self.session, frame))
        answered, worked = self.outbox.written_bytes - written, thread_time() - worked_before
        self.measures.gated(perf_counter() - begun)
        owed = self.allowance.spend(len(frame), answered, worked, self.clock())
        return max(owed, GIVE_WAY_SECONDS) if worked > TURN_SECONDS else owed

    def count(self, frame: bytes) -> float:
        """A frame has arrived that is not for the room; it counts, and the answer is as for `receive`."""
        return self.allowance.spend(len(frame), 0, 0.0, self.clock())

    def dismiss(self, code: CloseCode, sentence: str) -> None:
        """Close the socket: from now on nothing is sent to it and nothing is taken from it."""
        self.runner.handle(events.Dismissed(self.session, code, sentence))

    def renew(self, grant: Grant, expires_at: datetime | None) -> None:
        """Let the socket rest on another grant of the same person."""
        self.grant = grant
        self.runner.handle(events.Renewed(self.session, expires_at))

    def leave(self) -> None:
        """The socket is gone."""
        self.runner.detach(self.session)
        self.allowance.leave()
