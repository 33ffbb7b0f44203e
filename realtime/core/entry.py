"""An entry: one accepted edit on its way from the draft to its commit, with what it changed and what was refused of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from auth.principals import Principal
from persistence.contract import Fact, Json, Source
from realtime.core import keys
from realtime.core.keyed import plain
from realtime.core.reasons import Reason
from realtime.core.soundness import Absent, Outcome
from realtime.core.writes import Write
from snapshots.segments import Segment
from snapshots.text import well_formed

AUDIT_CHARACTERS_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused key of the document: why, and what the author had attempted there."""

    path: str
    reason: Reason
    fact: Fact | None = None

    @property
    def key(self) -> str:
        """The key as clients know it: without the generation's root."""
        return self.path.rpartition("/")[2] if self.path.startswith(keys.OVERLAYS) else self.path


@dataclass(slots=True)
class Entry:
    """One accepted edit that waits for its commit."""

    principal: Principal
    source: Source
    at: datetime
    origin: bytes | tuple[Write, ...]
    """What was asked, kept to judge it again if another node commits first."""
    session: str | None = None
    frame: int = 0
    request: str | None = None
    emitted: bytes | None = None
    facts: list[Fact] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    segments: Sequence[Segment] = ()
    """The rows that were imported: none of them is in `facts`."""
    payloads: Mapping[str, bytes] = field(default_factory=dict)
    """The same by path, as the document holds them."""
    judged_by: tuple[object, ...] = ()
    """What an import was judged by; while that holds it need not be judged again."""
    claims: frozenset[int] = frozenset()
    altered: bool = False
    """What was emitted says more than its author knows: values restored over refused ones, or written again."""


def attempted(outcomes: Sequence[Outcome]) -> Json:
    """The refused value as the audit log can hold it."""
    value = outcomes[-1] if outcomes else None
    kept = not isinstance(value, Absent) and well_formed(value, characters_max=AUDIT_CHARACTERS_MAX)
    return plain(value) if kept else None
