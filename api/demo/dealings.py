"""Leases, showings and tasks: what happens around properties."""

from collections.abc import Iterator, Sequence
from typing import Final

from api.demo import words
from api.demo.chance import Chance
from api.demo.sheets import Entry

_LEASE_STATES: Final = ("Draft", "Active", "Active", "Active", "Ending soon", "Ended")
_TERMS: Final = ("12 Months", "12 Months", "24 Months", "6 Months", "Month To Month")
_INCLUDED: Final = ("Gas", "Internet", "Sewer", "Trash Collection", "Water")
_OUTCOMES: Final = ("Interested", "Offer made", "Not interested", "No show")
_TASK_STATES: Final = ("To do", "Doing", "Waiting", "Done")
_PRIORITIES: Final = ("Low", "Normal", "High")


def leases(chance: Chance, count: int, units: Sequence[str], homes: Sequence[str]) -> Iterator[Entry]:
    """Entries of the list Leases; `homes` are the properties that the units lie in, in the order of the units."""
    for number in range(1, count + 1):
        tenant, let = chance.person(), chance.between(0, len(units) - 1)
        rent = chance.between(18, 96) * 50
        yield {
            "LeaseNumber": f"L-{number:06}",
            "LeaseStatus": chance.one(_LEASE_STATES),
            "OccupantName": tenant,
            "OccupantPhone": chance.phone(),
            "OccupantEmail": chance.email(tenant),
            "Unit": [units[let]],
            "Property": [homes[let]],
            "LeaseAmount": rent,
            "LeaseAmountFrequency": "Monthly",
            "SecurityDeposit": 2 * rent,
            "LeaseTerm": chance.one(_TERMS),
            "LeaseStart": chance.day(-900, -30),
            "LeaseExpiration": chance.day(30, 700),
            "LeaseRenewalOptionYN": chance.happens(0.5),
            "RentIncludes": chance.some(_INCLUDED, 3),
        }


def showings(
    chance: Chance, count: int, properties: Sequence[str], leads: Sequence[str], agents: Sequence[str]
) -> Iterator[Entry]:
    """Entries of the list Showings, in the past and in the weeks to come."""
    for _ in range(count):
        planned = chance.happens(0.25)
        begin, end = chance.visit(1, 30) if planned else chance.visit(-200, -1)
        yield {
            "Visitor": chance.person(),
            "Property": [chance.one(properties)],
            "Lead": [chance.one(leads)] if chance.happens(0.6) else [],
            "ShowingAppointmentStartTime": begin,
            "ShowingAppointmentEndTime": end,
            "ShowingAppointmentStatus": "Confirmed" if chance.happens(0.8) else "Pending" if planned else "Cancelled",
            "ShowingAppointmentMethod": ["In-Person" if chance.happens(0.9) else "Virtual"],
            "ShowingRequestType": ["First" if chance.happens(0.7) else "Second"],
            "ShowingAgent": chance.one(agents),
            "VisitorPhone": chance.phone(),
            "Outcome": None if planned else chance.one(_OUTCOMES),
            "Impression": None if planned else chance.between(1, 5),
        }


def tasks(
    chance: Chance, count: int, properties: Sequence[str], leads: Sequence[str], users: Sequence[str]
) -> Iterator[Entry]:
    """Entries of the list Tasks."""
    for _ in range(count):
        status = chance.one(_TASK_STATES)
        yield {
            "Task": chance.one(words.TASKS),
            "Status": status,
            "Priority": chance.one(_PRIORITIES),
            "DueDate": chance.day(-30, 60),
            "AssignedTo": chance.some(users, 2),
            "Properties": chance.several(properties, 3),
            "Lead": [chance.one(leads)] if chance.happens(0.2) else [],
            "Progress": 1 if status == "Done" else chance.between(0, 9) / 10,
            "Details": chance.sometimes(0.3, chance.one(words.PROPERTY_NOTES)),
        }
