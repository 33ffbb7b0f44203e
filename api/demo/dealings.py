"""Leases, showings and tasks: what happens around properties."""

from collections.abc import Iterator, Sequence

from api.demo import words
from api.demo.chance import Chance
from api.demo.sheets import Field
from persistence.contract import Json
from snapshots.columns import ColumnType

_DOLLARS: dict[str, Json] = {"currency": "USD", "precision": 0}
_LEASE_STATES = ("Draft", "Active", "Ending soon", "Ended")
_OUTCOMES = ("Planned", "Interested", "Offer made", "Not interested", "No show")
_TASK_STATES = ("To do", "Doing", "Waiting", "Done")
_PRIORITIES = ("Low", "Normal", "High")


def lease_fields(units_list: str, properties_list: str) -> Sequence[Field]:
    """The columns of the list Leases."""
    return (
        Field("Lease", ColumnType.TEXT),
        Field(
            "Status",
            ColumnType.SELECT,
            options=tuple(zip(_LEASE_STATES, ("cyan", "green", "amber", "red"), strict=True)),
        ),
        Field("Tenant", ColumnType.TEXT),
        Field("Tenant e-mail", ColumnType.EMAIL),
        Field("Tenant phone", ColumnType.PHONE),
        Field("Unit", ColumnType.LINK, {"list": units_list, "limit": "one"}),
        Field("Property", ColumnType.LINK, {"list": properties_list, "limit": "one"}),
        Field("Rent", ColumnType.CURRENCY, _DOLLARS),
        Field("Deposit", ColumnType.CURRENCY, _DOLLARS),
        Field("Start", ColumnType.DATE),
        Field("End", ColumnType.DATE),
    )


def leases(chance: Chance, count: int, units: Sequence[tuple[str, str]]) -> Iterator[Sequence[Json]]:
    """Entries of the list Leases; `units` are pairs of a unit and the property that it lies in."""
    for number in range(count):
        tenant = chance.person()
        unit, home = chance.one(units)
        rent = chance.between(18, 96) * 50
        yield (
            f"L-{number + 1:05}",
            chance.one(_LEASE_STATES),
            tenant,
            chance.email(tenant),
            chance.phone(),
            [unit],
            [home],
            rent,
            2 * rent,
            chance.day(-900, -30),
            chance.day(30, 700),
        )


def showing_fields(properties_list: str) -> Sequence[Field]:
    """The columns of the list Showings."""
    return (
        Field("Visitor", ColumnType.TEXT),
        Field("Property", ColumnType.LINK, {"list": properties_list, "limit": "one"}),
        Field("At", ColumnType.DATETIME),
        Field("Agent", ColumnType.USER),
        Field(
            "Outcome",
            ColumnType.SELECT,
            options=tuple(zip(_OUTCOMES, ("cyan", "blue", "green", "orange", "red"), strict=True)),
        ),
        Field("Visitor phone", ColumnType.PHONE),
        Field("Length", ColumnType.DURATION, {"format": "h:mm"}),
        Field("Impression", ColumnType.RATING, {"max": 5}),
    )


def showings(chance: Chance, count: int, properties: Sequence[str], agents: Sequence[str]) -> Iterator[Sequence[Json]]:
    """Entries of the list Showings, in the past and in the weeks to come."""
    for _ in range(count):
        planned = chance.between(0, 3) == 0
        yield (
            chance.person(),
            [chance.one(properties)],
            chance.moment(1, 30) if planned else chance.moment(-200, -1),
            chance.one(agents),
            "Planned" if planned else chance.one(_OUTCOMES[1:]),
            chance.phone(),
            chance.between(1, 4) * 900,
            None if planned else chance.between(1, 5),
        )


def task_fields(properties_list: str) -> Sequence[Field]:
    """The columns of the list Tasks."""
    return (
        Field("Task", ColumnType.TEXT),
        Field(
            "Status",
            ColumnType.SELECT,
            options=tuple(zip(_TASK_STATES, ("indigo", "amber", "rose", "green"), strict=True)),
        ),
        Field("Priority", ColumnType.SELECT, options=tuple(zip(_PRIORITIES, ("teal", "blue", "red"), strict=True))),
        Field("Due", ColumnType.DATE),
        Field("Assigned to", ColumnType.USERS),
        Field("Properties", ColumnType.LINK, {"list": properties_list, "limit": "many"}),
        Field("Progress", ColumnType.PERCENT, {"precision": 0}),
        Field("Details", ColumnType.LONG_TEXT),
    )


def tasks(chance: Chance, count: int, properties: Sequence[str], users: Sequence[str]) -> Iterator[Sequence[Json]]:
    """Entries of the list Tasks."""
    for _ in range(count):
        status = chance.one(_TASK_STATES)
        linked = dict.fromkeys(chance.one(properties) for _ in range(chance.between(1, 3)))
        yield (
            chance.one(words.TASKS),
            status,
            chance.one(_PRIORITIES),
            chance.day(-30, 60),
            chance.some(users, 2),
            list(linked),
            1 if status == "Done" else chance.between(0, 9) / 10,
            chance.sometimes(0.3, chance.one(words.PROPERTY_NOTES)),
        )
