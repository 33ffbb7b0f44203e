"""Owners, managers and leads."""

from collections.abc import Iterator, Sequence
from typing import Final

from api.demo import words
from api.demo.chance import Chance
from api.demo.sheets import Entry

_FORMS: Final = (None, None, None, "LLC", "Corporation", "Partnership")
_PHONES: Final = ("Mobile", "Mobile", "Home")
_TITLES: Final = ("Property manager", "Property manager", "Portfolio manager", "Caretaker")
_STAGES: Final = ("New", "New", "Contacted", "Viewing", "Offer", "Won", "Lost")
_TYPES: Final = ("Buyer", "Tenant", "Seller", "Landlord", "Prospect", "Ready to Buy")
_SOURCES: Final = ("Web page", "Open house", "Sign", "Newspaper", "Friend", "Portal")
_FINANCING: Final = ("Cash", "Conventional", "FHA", "VA", "Private")


def owners(chance: Chance, count: int) -> Iterator[Entry]:
    """Entries of the list Owners: people, companies and family trusts."""
    for _ in range(count):
        person, form = chance.person(), chance.one(_FORMS)
        yield {
            "FullName": _owner_name(chance, person, form),
            "OwnershipType": form,
            "Email": chance.email(person),
            "MobilePhone": chance.sometimes(0.9, chance.phone()),
            "HomePhone": chance.sometimes(0.3, chance.phone()),
            "PreferredPhone": chance.one(_PHONES),
            "HomeAddress1": chance.address(),
            "HomeCity": chance.one(words.CITIES),
            "HomeStateOrProvince": words.STATE,
            "HomePostalCode": chance.postal_code(),
            "ClientSince": chance.day(-4_000, -10),
            "Newsletter": chance.happens(0.4),
            "ManagementFee": chance.between(10, 80) / 1_000,
            "Notes": chance.sometimes(0.15, chance.one(words.OWNER_NOTES)),
        }


def _owner_name(chance: Chance, person: str, form: str | None) -> str:
    if form is not None:
        return f"{chance.one(words.COMPANY_NAMES)} {chance.one(words.COMPANY_KINDS)}"
    return f"{person.split()[1]} Family Trust" if chance.happens(0.2) else person


def managers(chance: Chance, count: int, users: Sequence[str]) -> Iterator[Entry]:
    """Entries of the list Managers; `users` are the ids of the people who stand in for them."""
    for number in range(count):
        name = chance.person()
        yield {
            "MemberFullName": name,
            "JobTitle": chance.one(_TITLES),
            "MemberStatus": "Active" if chance.happens(0.95) else "Inactive",
            "MemberEmail": chance.email(name),
            "MemberMobilePhone": chance.phone(),
            "OfficeName": f"Harbour Homes {chance.one(words.CITIES)}",
            "MemberStateLicense": f"{chance.between(10_000, 99_999)}-{number + 1:03}",
            "MemberStateLicenseExpirationDate": chance.day(-30, 900),
            "Deputies": chance.some(users, 2),
            "ReplyTime": chance.between(1, 16) * 900,
            "Rating": chance.between(2, 5),
            "Profile": f"https://example.com/team/{name.lower().replace(' ', '-')}",
        }


def leads(chance: Chance, count: int, properties: Sequence[str], agents: Sequence[str]) -> Iterator[Entry]:
    """Entries of the list Leads; `agents` are the ids of the people who talk with them."""
    for _ in range(count):
        name, stage = chance.person(), chance.one(_STAGES)
        open_still = stage not in {"Won", "Lost"}
        yield {
            "FullName": name,
            "Stage": stage,
            "ContactType": chance.some(_TYPES, 2),
            "ContactStatus": "Active" if open_still else "Inactive",
            "Email": chance.email(name),
            "MobilePhone": chance.phone(),
            "LeadSource": chance.one(_SOURCES),
            "ReferredBy": chance.sometimes(0.2, chance.person()),
            "Budget": chance.between(8, 190) * 10_000,
            "BuyerFinancing": [chance.one(_FINANCING)],
            "Properties": chance.several(properties, 3),
            "Agent": chance.one(agents),
            "NextContact": chance.day(0, 30) if open_still else None,
            "Notes": chance.sometimes(0.2, chance.one(words.LEAD_NOTES)),
        }
