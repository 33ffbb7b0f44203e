"""Conversion: what the values of a column are in a column of another type.

The outcome is closed: a value that the new column takes, or the reason why there is none, in words. What has no direct
counterpart goes by its text, as people see it, so whatever reads texts (`snapshots.typecast`) decides what they mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import orjson

from persistence.contract import Json
from snapshots.column_attributes import is_name
from snapshots.column_types import COMPUTED_TYPES, NUMBER_TYPES, ColumnType
from snapshots.columns import Column
from snapshots.element_texts import joined, parted
from snapshots.reading import Reading
from snapshots.typecast import Cast, CastReason, cast_value
from snapshots.values import check_cell, check_element
from snapshots.wording import expected, refused

TARGET_TYPES: Final = frozenset(ColumnType) - COMPUTED_TYPES - {ColumnType.ADDRESS, ColumnType.ATTACHMENT}
"""The types that a column can be given; nothing else becomes an address or a file."""

SOURCE_TYPES: Final = frozenset(ColumnType) - COMPUTED_TYPES - {ColumnType.ATTACHMENT}
"""The types of columns that can be given another."""

OPTIONS_MAX: Final = 1_000
SHOWN_CHARACTERS_MAX: Final = 1_000
_PERCENT_DIGITS: Final = 10
_ADDRESS_PARTS: Final = ("line1", "line2", "city", "region", "postcode", "country")
_CHOICES: Final = (ColumnType.SELECT, ColumnType.MULTI_SELECT)
_PEOPLE: Final = (ColumnType.USER, ColumnType.USERS)

SEVERAL: Final = "The cell holds several values, and the new column takes one."
LABEL: Final = "The label of an option has 1 to 200 characters."
OPTIONS_FULL: Final = f"A column has at most {OPTIONS_MAX:,} options."
NO_ROW: Final = "The linked list has no row of this name."
ROWS: Final = "The linked list has several rows of this name."
NO_PERSON: Final = "No member of the workspace has this e-mail address or name."
PEOPLE: Final = "Several members of the workspace have this name."


@dataclass(frozen=True, slots=True)
class Converted:
    """A value that the new column takes; `None` where the cell is empty."""

    value: Json


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no such value. `missing`: options, by label, that would have to be made first."""

    reason: str
    missing: Sequence[str] = ()


@dataclass(frozen=True)
class Names:
    """What ids are called.

    `people`: user id -> (e-mail address, name). `linked`: the rows that the old column links to, `targets`: those that the
    new one may, by row id.
    """

    people: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    linked: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def rows_by_name(self) -> Mapping[str, Sequence[str]]:
        """The ids of the rows of each name."""
        found: dict[str, list[str]] = {}
        for row, name in self.targets.items():
            found.setdefault(name.strip(), []).append(row)
        return found

    @cached_property
    def people_by_name(self) -> Mapping[str, Sequence[str]]:
        """The ids of the people of each e-mail address and name, in lower case."""
        found: dict[str, list[str]] = {}
        for user, (email, name) in self.people.items():
            for called in {email.lower(), name.strip().lower()}:
                found.setdefault(called, []).append(user)
        return found


@dataclass(frozen=True, slots=True)
class Conversion:
    """From the values of one column to those of another, which has its options already."""

    source: Column
    target: Column
    reading: Reading
    names: Names

    def convert(self, value: Json) -> Converted | Lost:
        """The value in the new column; total for any value that the old one may hold."""
        if value is None or value == [] or (isinstance(value, str) and not value.strip()):
            return Converted(None)
        target = self.target
        if target.type in _CHOICES:
            return self._choose(value)
        if target.type is ColumnType.LINK:
            same = self.source.target_list == target.target_list
            return self._name(value, self.names.rows_by_name, (NO_ROW, ROWS), same=same)
        if target.type in _PEOPLE:
            same = self.source.type in _PEOPLE
            return self._name(value, self.names.people_by_name, (NO_PERSON, PEOPLE), same=same)
        if isinstance(value, bool) and target.type in NUMBER_TYPES:
            return Converted(int(value))
        plain = isinstance(value, int | float) and target.type in {*NUMBER_TYPES, ColumnType.CHECKBOX}
        cast = cast_value(target, value if plain else self.text(value), frozenset(), self.reading)
        return Converted(cast.value) if isinstance(cast, Cast) else Lost(refused(target, cast.reason))

    def text(self, value: Json) -> str:
        """A value of the old column as people see it."""
        if isinstance(value, list):
            return joined(self._called(element) for element in value)
        if isinstance(value, dict):
            parts = [value.get(name) for name in _ADDRESS_PARTS]
            return ", ".join(part for part in parts if isinstance(part, str) and part)
        if isinstance(value, str):
            return self._called(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and self.source.type is ColumnType.PERCENT:
            return f"{_plain(round(value * 100, _PERCENT_DIGITS))}%"
        return _plain(value)

    def _called(self, element: Json) -> str:
        """What one id of the old column is called; a text is itself."""
        text, source = str(element), self.source
        if source.type in _CHOICES:
            return source.options[text].label if text in source.options else text
        if source.type in _PEOPLE:
            return self.names.people[text][0] if text in self.names.people else text
        return self.names.linked.get(text, text) if source.type is ColumnType.LINK else text

    def _parts(self, value: Json, *, several: bool) -> list[str]:
        """The names in a value: the elements of a set, else one, else what the commas of a text part."""
        if isinstance(value, list):
            return [self._called(element) for element in value]
        text = self.text(value)
        if not several or self.source.type in _CHOICES:
            return [text.strip()]
        if self.reading.separator:
            return [part for part in map(str.strip, text.split(self.reading.separator)) if part]
        return parted(text)

    def _choose(self, value: Json) -> Converted | Lost:
        several = self.target.type is ColumnType.MULTI_SELECT
        labels = list(dict.fromkeys(self._parts(value, several=several)))
        if len(labels) > 1 and not several:
            return Lost(SEVERAL)
        if not all(map(is_name, labels)):
            return Lost(LABEL)
        by_label = {option.label: option.id for option in reversed([*self.target.options.values()])}
        missing = [label for label in labels if label not in by_label]
        if missing:
            return Lost(OPTIONS_FULL, missing)
        ids: list[Json] = [by_label[label] for label in labels]
        return self._checked(ids)

    def _name(
        self, value: Json, known: Mapping[str, Sequence[str]], reasons: tuple[str, str], *, same: bool
    ) -> Converted | Lost:
        """The rows or people that a value names; `same`: the old column holds their ids already."""
        if same:
            return self._checked(list(value) if isinstance(value, list) else [value])
        several = self.target.set_valued
        whole = self.text(value).strip()
        names = [whole] if self._known(whole, known) else self._parts(value, several=several)
        ids: list[Json] = []
        for name in dict.fromkeys(names):
            found = self._known(name, known)
            if len(found) != 1:
                return Lost(reasons[bool(found)])
            ids.append(found[0])
        return self._checked(ids)

    def _known(self, name: str, known: Mapping[str, Sequence[str]]) -> Sequence[str]:
        return known.get(name if self.target.type is ColumnType.LINK else name.lower(), ())

    def _checked(self, ids: list[Json]) -> Converted | Lost:
        """Ids as the value of the new column, if it takes them."""
        target, members = self.target, frozenset(self.names.people)
        ids = list(dict.fromkeys(map(str, ids)))
        if not ids:
            return Lost(expected(target))
        one = not target.set_valued or (target.type is ColumnType.LINK and target.config.get("limit") == "one")
        if one and len(ids) > 1:
            return Lost(SEVERAL)
        if not target.set_valued:
            return Converted(ids[0]) if check_cell(target, ids[0], members) else Lost(expected(target))
        fits = all(check_element(target, str(element), members) for element in ids)
        return Converted(ids) if fits else Lost(refused(target, CastReason.NOT_ALLOWED))


def shown(text: str) -> str:
    """A text as a report shows it: at most 1,000 characters."""
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[: SHOWN_CHARACTERS_MAX - 1] + "…"


def _plain(value: Json) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return orjson.dumps(value).decode() if isinstance(value, bool) else repr(value)
