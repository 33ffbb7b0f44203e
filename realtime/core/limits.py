"""The limits of a live list, in one record, and the token bucket that keeps a rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from realtime.core.update import Bounds


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit, with its unit in its name; the relations between them are asserted.

    Frames, bytes, work, joins and strikes are counted for each person on a node, over all of their sockets. Work is
    processor time: `work_share_max` of one core. A strike is a connection that was closed for what was sent on it.
    An upload is a connection's first answer to our SyncStep1: all that its client did and knows to be deleted.
    """

    frame_bytes_max: int = 1 << 20
    sync_bytes_max: int = 16 << 20
    frames_per_second_max: float = 200.0
    bytes_per_second_max: float = float(5 << 20)
    burst_seconds: float = 3.0
    work_share_max: float = 0.25
    work_burst_seconds: float = 2.0
    joins_per_second_max: float = 2.0
    joins_burst_max: float = 100.0
    strikes_per_second_max: float = 1 / 15
    strikes_burst_max: float = 8.0
    sessions_per_user_max: int = 50
    sessions_per_list_max: int = 300
    sessions_per_node_max: int = 2000
    presence_state_bytes_max: int = 4096
    presence_ids_per_session_max: int = 32
    presence_ids_per_user_max: int = 64
    presence_bytes_per_second_max: float = float(64 << 10)
    presence_burst_bytes_max: float = float(256 << 10)
    presence_interval_seconds: float = 0.1
    commit_seconds_apart_each: float = 30e-6
    commit_seconds_apart_max: float = 0.01
    heartbeat_seconds: float = 15.0
    drain_seconds_max: float = 30.0
    outbox_bytes_max: int = 4 << 20
    refusals_burst_max: float = 2_000.0
    refusals_per_second_max: float = 2.0
    refusals_per_update_max: int = 1_000
    structs_per_update_max: int = 50_000
    deletions_per_update_max: int = 5_000
    structs_per_upload_max: int = 200_000
    deletions_per_upload_max: int = 200_000
    clocks_per_update_max: int = 200_000
    client_ids_per_user_max: int = 10_000
    clients_unknown_max: int = 1_000
    waiting_edits_max: int = 20_000
    waiting_bytes_max: int = 64 << 20
    join_tail_bytes_max: int = 256 << 10

    @property
    def live_bounds(self) -> Bounds:
        """What one live update may hold."""
        return Bounds(self.structs_per_update_max, self.deletions_per_update_max)

    @property
    def upload_bounds(self) -> Bounds:
        """What an upload may hold."""
        return Bounds(self.structs_per_upload_max, self.deletions_per_upload_max)

    def __post_init__(self) -> None:
        assert self.frame_bytes_max <= self.sync_bytes_max, "a live edit is no larger than a first sync"
        assert self.refusals_per_update_max <= self.refusals_burst_max, "one update may use up what is allowed at once"
        assert self.presence_state_bytes_max < self.frame_bytes_max, "a presence state fits into a frame"
        assert self.presence_ids_per_session_max <= self.presence_ids_per_user_max, "a person has at least one session"
        assert self.presence_interval_seconds < self.heartbeat_seconds < self.drain_seconds_max


_NOW: Final = timedelta(0)


class Bucket:
    """A token bucket: `per_second` tokens flow in, at most `burst` are kept; taking may go below zero."""

    __slots__ = ("_at", "_burst", "_per_second", "_tokens")

    def __init__(self, per_second: float, burst: float, now: datetime) -> None:
        self._per_second = per_second
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, tokens: float, now: datetime) -> timedelta:
        """Take tokens; returns how long to wait until the bucket is no longer below zero (0 = go on)."""
        self._flow(now)
        self._tokens -= tokens
        return timedelta(seconds=-self._tokens / self._per_second) if self._tokens < 0 else _NOW

    def holds(self, tokens: float, now: datetime) -> bool:
        """Tell whether so many tokens are there."""
        self._flow(now)
        return self._tokens >= tokens

    def left(self, now: datetime) -> int:
        """How many whole tokens are there."""
        self._flow(now)
        return max(0, int(self._tokens))

    def full(self, now: datetime) -> bool:
        """Tell whether nothing is missing."""
        return self.holds(self._burst, now)

    def _flow(self, now: datetime) -> None:
        elapsed = (now - self._at).total_seconds()
        if elapsed > 0:
            self._at = now
            self._tokens = min(self._burst, self._tokens + elapsed * self._per_second)


class Meter:
    """A token bucket per person."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[str, Bucket] = {}

    def take(self, user_id: str, tokens: float, now: datetime) -> None:
        """Count tokens for a person."""
        self._bucket(user_id, now).take(tokens, now)

    def left(self, user_id: str, now: datetime) -> int:
        """How many whole tokens a person has left."""
        return self._bucket(user_id, now).left(now)

    def _bucket(self, user_id: str, now: datetime) -> Bucket:
        bucket = self._buckets.get(user_id)
        if bucket is None:
            bucket = self._buckets[user_id] = Bucket(self._per_second, self._burst, now)
        return bucket
