"""A connection between a client and a node: two ordered streams that are late, come in bursts, and break off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.clients import Client
    from tests.simulation.rooms import LiveList

BROKEN = 1006


class Connection:
    """One socket. `sent` are the edits that the client has sent on it, in order; `saved` how many it knows durable."""

    def __init__(self, world: World, name: str, client: Client) -> None:
        self.name = name
        self.client = client
        self.room: LiveList | None = None
        self.copy: int | None = None
        """The epoch of the client's copy, where it says so in the address."""
        self.sent: list[bytes] = []
        self.saved = 0
        self.checked = 0
        self.congested_ever = False
        self._world = world
        self._lost = False
        self._slow = False
        self._held: list[bytes] = []
        self._up_at = 0.0
        self._down_at = 0.0
        self._in_flight = 0
        self._unfinished = 0

    @property
    def broken(self) -> bool:
        """Nothing arrives any more, in either direction."""
        return self._lost

    @property
    def quiet(self) -> bool:
        """Nothing is under way, and the reader takes what comes."""
        return not (self._in_flight or self._slow)

    # The client's side

    def up(self, frame: bytes) -> None:
        """The client sends a frame."""
        if self._lost:
            return
        if frame[:1] == b"\x00" and frame[1] in (1, 2):
            self.sent.append(frame)
        self._up_at = self._arrival(self._up_at)
        self._world.at(self._up_at, lambda: self._arrive(frame))

    def _arrive(self, frame: bytes) -> None:
        self._in_flight -= 1
        if self._lost:
            return
        if self.room is not None:
            self.room.receive(self, frame)

    def hang_up(self) -> None:
        """The client ends it; what it sent before arrives."""
        self.client.lost(self, BROKEN)
        self._up_at = self._arrival(self._up_at)
        self._world.at(self._up_at, self._end)

    def _end(self) -> None:
        self._in_flight -= 1
        self._leave()

    # The node's side

    def down(self, frame: bytes) -> None:
        """The node writes a frame."""
        if self._lost:
            return
        if self._slow:
            self._held.append(frame)
            if len(self._held) == 1 and self.room is not None:
                self.congested_ever = True
                self._world.counts["reader.congested"] += 1
                self.room.congested(self)
            return
        self._down_at = self._arrival(self._down_at)
        self._world.at(self._down_at, lambda: self._reach(frame))

    def _reach(self, frame: bytes) -> None:
        self._in_flight -= 1
        if not self._lost:
            self.client.receive(self, frame)

    def close(self, code: int) -> None:
        """The node closes it; what it wrote before arrives first."""
        self.room = None
        self._down_at = self._arrival(self._down_at)
        self._world.at(self._down_at, lambda: self._closed(code))

    def _closed(self, code: int) -> None:
        self._in_flight -= 1
        if not self._lost:
            self._lost = True
            self.client.lost(self, code)

    # What happens to it

    def cut(self, told_after: float) -> None:
        """It breaks: what is under way in both directions is lost, and the node learns of it after so many seconds."""
        if self._lost:
            return
        self._lost = True
        self._world.counts["cut.in_flight"] += bool(self._in_flight)
        self._world.counts["cut.in_frame"] += bool(self._unfinished)
        self._world.after(told_after, self._leave)
        self._world.after(self._world.between(0.0, 0.2), lambda: self.client.lost(self, BROKEN))

    def _leave(self) -> None:
        self._lost = True
        if self.room is not None:
            self.room.left(self)
            self.room = None

    def slow_down(self) -> None:
        """The reader takes nothing any more."""
        self._slow = True

    def drain(self) -> None:
        """The reader has taken all that was written."""
        self._slow = False
        held, self._held = self._held, []
        for frame in held:
            self.down(frame)
        if held and self.room is not None and not self._lost:
            self._world.counts["reader.drained"] += 1
            self.room.drained(self)

    def _begin_frame(self) -> None:
        """The first piece of a frame is there."""
        self._unfinished += not self._lost

    def _end_frame(self) -> None:
        self._unfinished -= self._unfinished > 0

    def _arrival(self, last: float) -> float:
        """When a frame arrives that is sent now: after all before it, and at once with them where it was held up."""
        self._in_flight += 1
        delay = self._world.between(0.001, 0.01)
        if self._world.strikes("frame.late"):
            delay += self._world.between(0.05, 0.6)
        if self._world.strikes("frame.split"):
            begun = self._world.now + delay
            delay += self._world.between(0.01, 0.3)
            self._world.at(begun, self._begin_frame)
            self._world.at(max(self._world.now + delay, last), self._end_frame)
        arrival = self._world.now + delay
        if arrival <= last:
            self._world.counts["frame.burst"] += 1
        elif self._world.strikes("frame.early_end"):
            self._world.after(delay / 2, lambda: self.cut(self._world.between(0.0, 0.3)))
        return max(arrival, last)
