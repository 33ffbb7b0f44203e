"""A survey of a conversion: how a column's values are best read, which options it needs, and what would not convert."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Final

from fractional_indexing import generate_n_keys_between

from persistence.contract import Json
from snapshots.column_types import NUMBER_TYPES, ColumnType
from snapshots.columns import Column, Option
from snapshots.conversion import OPTIONS_MAX, Conversion, Converted, Lost, Names, shown
from snapshots.reading import DateOrder, Reading

SAMPLES_MAX: Final = 20
_TASTE: Final = 2_000
_REMEMBERED: Final = 8_192


@dataclass(frozen=True, slots=True)
class Loss:
    """A value that does not convert: its row, its text as people see it, and why, in words."""

    row: str
    value: str
    reason: str


@dataclass(slots=True)
class Survey:
    """What came of a column's values: `filled` cells were not empty, `losses` counts what has no value in the new one."""

    rows: int = 0
    filled: int = 0
    losses: int = 0
    samples: list[Loss] = field(default_factory=list)

    @property
    def converted(self) -> int:
        """How many values have one in the new column."""
        return self.filled - self.losses


def best_reading(source: Column, target: Column, names: Names, values: Iterable[Json]) -> Reading:
    """The reading that the first values suit best; where two suit equally well the one that guesses less."""
    taste = list(islice((value for value in values if value not in (None, "")), _TASTE))
    if target.type in {ColumnType.DATE, ColumnType.DATETIME}:
        candidates = [Reading(), *(Reading(date_order=order) for order in DateOrder)]
    elif target.type in NUMBER_TYPES:
        candidates = [Reading(), Reading(decimal_comma=True)]
    else:
        return Reading()
    found = {
        reading: [Conversion(source, target, reading, names).convert(value) for value in taste]
        for reading in candidates
    }
    lost = {reading: sum(isinstance(outcome, Lost) for outcome in outcomes) for reading, outcomes in found.items()}
    best = [reading for reading in candidates if lost[reading] == min(lost.values())]
    alike = all(found[reading] == found[best[0]] for reading in best)
    return best[0] if alike or lost[candidates[0]] == lost[best[0]] else candidates[0]


def with_options(conversion: Conversion, values: Iterable[Json], new_id: Callable[[], str]) -> Conversion:
    """The same conversion with every option that it lacks, the most frequent first, up to 1,000 in all."""
    if conversion.target.type not in {ColumnType.SELECT, ColumnType.MULTI_SELECT}:
        return conversion
    lacking = Counter(label for value in values for label in _missing(conversion.convert(value)))
    standing = conversion.target.options
    labels = sorted(lacking, key=lambda label: (-lacking[label], label))[: max(0, OPTIONS_MAX - len(standing))]
    last = max((option.position for option in standing.values() if option.position), default=None)
    positions = generate_n_keys_between(last, None, len(labels))
    fresh = [Option(new_id(), label, "", position) for label, position in zip(labels, positions, strict=True)]
    options = {**standing, **{option.id: option for option in fresh}}
    return replace(conversion, target=replace(conversion.target, options=options))


def _missing(outcome: Converted | Lost) -> Iterable[str]:
    return outcome.missing if isinstance(outcome, Lost) else ()


def converted(conversion: Conversion, values: Iterable[tuple[str, Json]], survey: Survey) -> Iterator[tuple[str, Json]]:
    """Convert (row, value) one after another, and take the survey on the way; what does not convert is `None`."""
    convert = _remembering(conversion)
    for row, value in values:
        outcome = convert(value)
        survey.rows += 1
        survey.filled += outcome != _EMPTY
        if isinstance(outcome, Lost):
            survey.losses += 1
            if len(survey.samples) < SAMPLES_MAX:
                survey.samples.append(Loss(row, shown(conversion.text(value)), outcome.reason))
        yield row, outcome.value if isinstance(outcome, Converted) else None


def losses(conversion: Conversion, values: Iterable[tuple[str, Json]]) -> Iterator[Loss]:
    """Every value that does not convert."""
    convert = _remembering(conversion)
    for row, value in values:
        outcome = convert(value)
        if isinstance(outcome, Lost):
            yield Loss(row, shown(conversion.text(value)), outcome.reason)


_EMPTY: Final = Converted(None)
_Plain = str | float | bool | None


def _remembering(conversion: Conversion) -> Callable[[Json], Converted | Lost]:
    """Convert with the last few thousand outcomes remembered; sets and addresses are worked out each time."""

    @lru_cache(maxsize=_REMEMBERED, typed=True)
    def remembered(value: _Plain) -> Converted | Lost:
        return conversion.convert(value)

    return lambda value: conversion.convert(value) if isinstance(value, list | dict) else remembered(value)
