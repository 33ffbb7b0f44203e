"""What a column's configuration says of the conversion that it came from: so it goes on after a crash, and can be undone.

`converting` stands in a column that is being filled, `converted` in one that has taken the place of another.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from persistence.contract import Json
from snapshots.columns import Column
from snapshots.reading import DateOrder, Reading

CONVERTING: Final = "converting"
CONVERTED: Final = "converted"
MARKS: Final = frozenset({CONVERTING, CONVERTED})


def unmarked(config: Mapping[str, Json]) -> dict[str, Json]:
    """A configuration without what it says of a conversion."""
    return {name: value for name, value in config.items() if name not in MARKS}


def marks_of(config: Mapping[str, Json]) -> dict[str, Json]:
    """What a configuration says of a conversion."""
    return {name: value for name, value in config.items() if name in MARKS}


def reading_json(reading: Reading) -> dict[str, Json]:
    """A reading as JSON."""
    return {name: None if value is None else value for name, value in asdict(reading).items()}


def reading_of(said: Json) -> Reading | None:
    """The reading that JSON says; `None` where it says none."""
    if not isinstance(said, dict):
        return None
    order = said.get("date_order")
    return Reading(
        decimal_comma=said.get("decimal_comma") is True,
        date_order=DateOrder(order) if isinstance(order, str) and order in {*DateOrder} else None,
        percent_points=said.get("percent_points") is True,
        separator=str(said.get("separator") or ""),
        region=str(said.get("region") or "US"),
    )


def source_of(column: Column) -> str | None:
    """The id of the column whose place this one has taken, if any."""
    return _source(column, CONVERTED)


def resumes(column: Column, source: Column, target: Column) -> bool:
    """Tell whether `column` is what is left of such a conversion: deleted, and filled perhaps in part."""
    same = column.type is target.type and unmarked(column.config) == unmarked(target.config)
    return column.deleted and same and _source(column, CONVERTING) == source.id


def filling(column: Column, source: str, run: str) -> dict[str, Json] | None:
    """The configuration by which a conversion fills the column; `None` where it was not made for that, or stands already."""
    if not column.deleted or _source(column, CONVERTING) != source:
        return None
    return {**unmarked(column.config), CONVERTING: {"from": source, "run": run}}


def run_of(column: Column) -> str:
    """The conversion that fills a column now, if any does."""
    said = column.config.get(CONVERTING)
    run = said.get("run") if isinstance(said, dict) else None
    return run if isinstance(run, str) else ""


def _source(column: Column, mark: str) -> str | None:
    said = column.config.get(mark)
    source = said.get("from") if isinstance(said, dict) else None
    return source if isinstance(source, str) else None
