"""Harbour Homes: the lists of the demo workspace, linked to each other. Pure: nothing is stored here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from api.demo import dealings, people, properties
from api.demo.chance import Chance
from api.demo.sheets import Entry, NewId, Sheet, make_sheet
from snapshots.templates import TEMPLATES

PROPERTIES_DEFAULT: Final = 5_000
PROPERTIES_MAX: Final = 1_000_000
SEED: Final = 20_260_301


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows each list has."""

    properties: int = PROPERTIES_DEFAULT
    owners: int = 3_000
    managers: int = 40
    units: int = 2_000
    leads: int = 800
    leases: int = 1_500
    showings: int = 600
    tasks: int = 400

    @classmethod
    def around(cls, rows: int) -> Self:
        """So many properties, and of everything else in proportion; at least one of each, as the lists link to each other."""
        usual = cls()
        names = ("owners", "managers", "units", "leads", "leases", "showings", "tasks")
        rest = {name: max(1, getattr(usual, name) * rows // PROPERTIES_DEFAULT) for name in names}
        return cls(properties=rows, **rest)


def make_sheets(sizes: Sizes, today: date, users: Sequence[str], new_id: NewId) -> Iterator[Sheet]:
    """Make the lists one after the other, those that are linked to before those that link to them.

    `users` are the ids of the people who act as agents. With the same sizes and day the content is the same;
    only the ids differ. Of a sheet that was given away only the rows' ids are kept.
    """
    chance = Chance(SEED, today)
    lists = {key: new_id() for key in TEMPLATES}
    rows: dict[str, Sequence[str]] = {}

    def sheet(key: str, entries: Iterable[Entry]) -> Sheet:
        made = make_sheet(TEMPLATES[key], lists, entries, new_id)
        rows[key] = made.row_ids
        return made

    yield sheet("owners", people.owners(chance, sizes.owners))
    yield sheet("managers", people.managers(chance, sizes.managers, users))
    yield sheet("properties", properties.properties(chance, sizes.properties, rows["owners"], rows["managers"], users))
    homes = [chance.one(rows["properties"]) for _ in range(sizes.units)]
    yield sheet("units", properties.units(chance, homes))
    yield sheet("leads", people.leads(chance, sizes.leads, rows["properties"], users))
    yield sheet("leases", dealings.leases(chance, sizes.leases, rows["units"], homes))
    yield sheet("showings", dealings.showings(chance, sizes.showings, rows["properties"], rows["leads"], users))
    yield sheet("tasks", dealings.tasks(chance, sizes.tasks, rows["properties"], rows["leads"], users))
