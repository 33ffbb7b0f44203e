"""The pulse of a room: when presence is shown (merged, at most so often), here and to the other nodes, and the heartbeat.

Browsers do not see WebSocket pings, and stock clients drop a connection that has been silent for 30 s: an empty
presence message is the heartbeat. With it the other nodes are told of all our people again, whatever they have missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from realtime.core import messages
from realtime.core.audience import Audience
from realtime.core.effects import Announce, Broadcast, WakeAt
from realtime.core.limits import Limits
from realtime.core.messages import PresenceEntry
from realtime.core.presence import PresenceBoard


class Pulse:
    """Two clocks: the next moment at which presence may be shown, and that of the next heartbeat."""

    def __init__(self, limits: Limits, now: datetime) -> None:
        self._presence_every = timedelta(seconds=limits.presence_interval_seconds)
        self._heartbeat_every = timedelta(seconds=limits.heartbeat_seconds)
        self._presence_at = now
        self._heartbeat_at = now + self._heartbeat_every
        self._asking = True
        self._wake_at: datetime | None = None
        self._reached: datetime | None = None

    def due(self, board: PresenceBoard, audience: Audience, now: datetime) -> list[Broadcast | Announce]:
        """What is due now: messages for everybody here, and news for the other nodes."""
        due: list[bytes] = []
        reached, self._reached = max(now, self._reached or now), None  # by the timer, though the clock may stand still
        self._heartbeat_at = min(self._heartbeat_at, now + self._heartbeat_every)  # the clock may have gone back
        self._presence_at = min(self._presence_at, now + self._presence_every)
        if beating := reached >= self._heartbeat_at:
            self._heartbeat_at = now + self._heartbeat_every
            board.repeat()
            board.forget_silent(now)
        news: tuple[PresenceEntry, ...] = ()
        if reached >= self._presence_at and (board.changed or board.changed_here):
            self._presence_at = now + self._presence_every
            due.extend(messages.presence_messages(board.take_changes()))
            news = board.take_changes_here()
        if beating:
            due.append(messages.presence_message(()))
        told: list[Broadcast | Announce] = [Broadcast(audience.reachable(synced=False), message) for message in due]
        if news or self._asking:
            told.append(Announce(news, self._asking))
            self._asking = False
        return told

    def wake(self, board: PresenceBoard, others: Sequence[datetime], now: datetime) -> list[WakeAt]:
        """Ask to be woken when something will be due next, here or by what `others` wait for."""
        moments = [self._heartbeat_at, *others]
        moment = min([self._presence_at, *moments] if board.changed or board.changed_here else moments)
        if self._wake_at is not None and self._wake_at <= moment and self._wake_at > now:
            return []
        self._wake_at = moment
        return [WakeAt(moment)]

    def woken(self) -> datetime | None:
        """The moment has come (the answer, if one was asked for): the next one is asked for anew."""
        self._reached, self._wake_at = self._wake_at, None
        return self._reached
