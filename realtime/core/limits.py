"""The limits of a live list, in one record, and the token bucket that keeps a rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit, with its unit in its name; the relations between them are asserted."""

    frame_bytes_max: int = 1 << 20
    sync_bytes_max: int = 16 << 20
    frames_per_second_max: float = 200.0
    bytes_per_second_max: float = float(5 << 20)
    burst_seconds: float = 3.0
    sessions_per_list_max: int = 300
    sessions_per_node_max: int = 2000
    presence_state_bytes_max: int = 4096
    presence_ids_per_session_max: int = 32
    presence_ids_per_user_max: int = 64
    presence_bytes_per_second_max: float = float(64 << 10)
    presence_burst_bytes_max: float = float(256 << 10)
    presence_interval_seconds: float = 0.1
    heartbeat_seconds: float = 15.0
    drain_seconds_max: float = 30.0
    outbox_bytes_max: int = 4 << 20
    refusals_burst_max: float = 200.0
    refusals_per_second_max: float = 2.0
    clocks_per_update_max: int = 200_000
    client_ids_per_user_max: int = 10_000
    waiting_edits_max: int = 20_000
    join_tail_bytes_max: int = 256 << 10

    def __post_init__(self) -> None:
        assert self.frame_bytes_max <= self.sync_bytes_max, "a live edit is no larger than a first sync"
        assert self.presence_state_bytes_max < self.frame_bytes_max, "a presence state fits into a frame"
        assert self.presence_ids_per_session_max <= self.presence_ids_per_user_max, "a person has at least one session"
        assert self.presence_interval_seconds < self.heartbeat_seconds < self.drain_seconds_max


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
        elapsed = max(0.0, (now - self._at).total_seconds())
        self._at = now
        self._tokens = min(self._burst, self._tokens + elapsed * self._per_second) - tokens
        return timedelta(seconds=max(0.0, -self._tokens / self._per_second))


class Meter:
    """A token bucket per person."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[str, Bucket] = {}

    def over(self, user_id: str, now: datetime) -> bool:
        """Count one for a person; tells whether they are over their limit."""
        bucket = self._buckets.get(user_id)
        if bucket is None:
            bucket = self._buckets[user_id] = Bucket(self._per_second, self._burst, now)
        return bucket.take(1, now) > timedelta(0)
