"""Harbour Homes: the seven lists of the demo workspace, linked to each other. Pure: nothing is stored here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.demo import dealings, people, properties
from api.demo.chance import Chance
from api.demo.sheets import NewId, Sheet, make_sheet

PROPERTIES_DEFAULT = 5_000
SEED = 20_260_301


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows each list has."""

    properties: int = PROPERTIES_DEFAULT
    owners: int = 3_000
    managers: int = 40
    units: int = 2_000
    leases: int = 1_500
    showings: int = 600
    tasks: int = 400


def make_sheets(sizes: Sizes, today: date, users: Sequence[str], new_id: NewId) -> Sequence[Sheet]:
    """Make Properties, Owners, Managers, Units, Leases, Showings and Tasks.

    `users` are the ids of the people who act as agents. With the same sizes and day the content is the same;
    only the ids differ.
    """
    assert min(sizes.properties, sizes.owners, sizes.managers, sizes.units) > 0, "the lists link to each other"
    chance = Chance(SEED, today)
    home, owning, managing, unit = new_id(), new_id(), new_id(), new_id()
    owners = make_sheet(owning, "Owners", people.OWNERS, people.owners(chance, sizes.owners), new_id)
    managed = people.managers(chance, sizes.managers, users)
    managers = make_sheet(managing, "Managers", people.MANAGERS, managed, new_id)
    owned = properties.properties(chance, sizes.properties, owners.row_ids(), managers.row_ids(), users)
    homes = make_sheet(home, "Properties", properties.property_fields(owning, managing), owned, new_id)
    addresses = homes.row_ids()
    let = properties.units(chance, sizes.units, addresses)
    units = make_sheet(unit, "Units", properties.unit_fields(home), let, new_id)
    lying = [(str(row[0]), str(row[3][0])) for row in units.rows if isinstance(row[3], list)]
    leased = dealings.leases(chance, sizes.leases, lying)
    shown = dealings.showings(chance, sizes.showings, addresses, users)
    planned = dealings.tasks(chance, sizes.tasks, addresses, users)
    return (
        homes,
        owners,
        managers,
        units,
        make_sheet(new_id(), "Leases", dealings.lease_fields(unit, home), leased, new_id),
        make_sheet(new_id(), "Showings", dealings.showing_fields(home), shown, new_id),
        make_sheet(new_id(), "Tasks", dealings.task_fields(home), planned, new_id),
    )
