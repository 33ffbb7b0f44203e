"""An incident: what a node tells whoever audits it, beyond what stands in a list's own audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """A socket was closed for what its person did there: nothing of it stands in the list's own audit."""

    workspace_id: str
    list_id: str
    user_id: str
    code: int
    sentence: str
    at: datetime


Report = Callable[[Incident], None]
"""Takes note of an incident at once, without waiting and without failing."""
