"""The pace of a list: the more people are shown its commits, the less often one begins, so that one message shows more edits.

Writing a message to a socket costs the same however many edits are in it. Few people are never waited for; where many are, an edit
that comes right after a commit has begun waits for the rest of a few milliseconds, together with all that come meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from realtime.core.limits import Limits


@dataclass(slots=True)
class Pace:
    """When the last commit began, and whether the next one waits (`resting`)."""

    limits: Limits
    begun_at: datetime | None = None
    resting: bool = False

    def rest(self, people: int, now: datetime) -> float:
        """Rest before a commit that so many people are shown: for how many seconds, 0 if it may begin at once."""
        if self.begun_at is None:
            return 0.0
        apart = min(people * self.limits.commit_seconds_apart_each, self.limits.commit_seconds_apart_max)
        left = apart - max(0.0, (now - self.begun_at).total_seconds())  # the clock may have gone back
        self.resting = left > 0
        return max(0.0, left)
