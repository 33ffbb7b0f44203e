"""What must hold once an edit was applied to the draft: it did what was judged, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from realtime.core.judge import founds
from realtime.core.reasons import Reason
from realtime.core.soundness import ABSENT, Attempt, Outcome


class Diverged(Exception):
    """The candidate document did something that the judgement had not foreseen; the draft must be rebuilt."""


def check(
    attempt: Attempt, standing: Mapping[str, Outcome], after: Mapping[str, Outcome], refused: Mapping[str, Reason]
) -> None:
    """A refused key must stand as before, any other as before or as attempted."""
    for path, outcome in after.items():
        if outcome != standing[path] and (path in refused or outcome not in attempt.outcomes[path]):
            raise Diverged("a key has a value that was not judged")
        lost = outcome is ABSENT and path not in refused and ABSENT not in attempt.outcomes[path]
        if lost and attempt.outcomes[path] and len(after) > 1 and founds(attempt.keys[path]):
            raise Diverged("what other keys were judged by lost to a deletion")
