"""What a conversion writes beside the facts of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from persistence.contract import Json


@dataclass(frozen=True, slots=True)
class ColumnFill:
    """What a batch puts into a column that nobody sees: values by row that exist (`None` = empty), links into `target_list`.

    No row counts as changed by it: its number, time and author stay.
    """

    column: str
    target_list: str | None
    values: Mapping[str, Json]
