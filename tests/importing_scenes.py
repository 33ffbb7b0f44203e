"""Rows that are imported on a stage: how they are asked for, and what came of it."""

from __future__ import annotations

from typing import Any

from persistence.contract import Fact, Json, Source
from realtime.core import events
from realtime.core.effects import Refuse
from realtime.core.writes import ImportRows, Write
from tests.property_list import (
    EDDA,
    NAME,
    RENT,
    SOLD,
    TAGS,
)
from tests.room_scenes import Stage, refusals

OAK, ELM, ASH = "row-oak00001", "row-elm00001", "row-ash00001"
COLUMNS = [NAME, RENT, TAGS]


def rows(*names: str) -> list[list[Json]]:
    """Rows to import, at the end of the list."""
    return [[name, None, name.title(), 7.5, [SOLD]] for name in names]


def imported(*names: str) -> ImportRows:
    """These rows as a write."""
    return ImportRows(COLUMNS, rows(*names))


def ask(stage: Stage, *writes: Write, by: Any = EDDA) -> None:
    """An import asks for writes."""
    stage.handle(events.Requested("import-1", by, Source.IMPORT, writes))


def told(stage: Stage, *writes: Write, by: Any = EDDA) -> Refuse:
    """What is refused of writes."""
    ask(stage, *writes, by=by)
    [refuse] = refusals(stage.effects)
    return refuse


def facts_of(stage: Stage, *names: str) -> list[Fact]:
    """What the audit says of rows."""
    return [kept.entry.fact for kept in stage.kept.facts if kept.entry.fact.row in names]
