"""A record: a row of the relational snapshot as it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from persistence.contract import Json


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the relational snapshot; `cells` maps column ids to values, an empty cell has no key."""

    id: str
    cells: Mapping[str, Json]
    position: str
    seq: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    trashed_at: datetime | None
    trashed_by: str | None
