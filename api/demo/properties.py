"""Properties and their units."""

from collections.abc import Iterator, Sequence
from typing import Final

from api.demo import words
from api.demo.chance import Chance
from api.demo.sheets import Entry
from persistence.contract import Json

_STATUSES: Final = (
    *("Active", "Active", "Active", "Active", "Active Under Contract", "Coming Soon"),
    *("Pending", "Closed", "Closed", "Hold", "Withdrawn", "Expired"),
)
_KINDS: Final = (
    *(("Residential", "Single Family Residence"), ("Residential", "Single Family Residence")),
    *(("Residential", "Townhouse"), ("Residential", "Condominium"), ("Residential Lease", "Apartment")),
    *(("Residential Income", "Multi Family"), ("Commercial Sale", "Office"), ("Land", "Unimproved Land")),
)
_HOMES: Final = frozenset({"Residential", "Residential Lease"})
_VIEWS: Final = ("Bay", "City Lights", "Garden", "Hills", "Marina", "Park/Greenbelt", "River", "Water")
_OCCUPANTS: Final = ("Owner", "Owner", "Tenant", "Vacant")
_UNIT_TYPES: Final = ("Studio", "1 Bedroom", "2 Bedroom", "3 Bedroom", "4 Bedroom Or More")
_FURNISHED: Final = ("Unfurnished", "Unfurnished", "Furnished", "Partially")


def properties(
    chance: Chance, count: int, owners: Sequence[str], managers: Sequence[str], agents: Sequence[str]
) -> Iterator[Entry]:
    """Entries of the list Properties, linked to rows of Owners and Managers; `agents` are users' ids."""
    for number in range(1, count + 1):
        (kind, sub_kind), status = chance.one(_KINDS), chance.one(_STATUSES)
        price = chance.between(90, 1_900) * 1_000
        entry: dict[str, Json] = {
            "UnparsedAddress": chance.address(),
            "StandardStatus": status,
            "PropertyType": kind,
            "PropertySubType": sub_kind,
            "ListPrice": price,
            "Owners": chance.several(owners, 2) if chance.happens(0.1) else [chance.one(owners)],
            "Manager": [chance.one(managers)] if chance.happens(0.95) else [],
            "City": chance.one(words.CITIES),
            "StateOrProvince": words.STATE,
            "PostalCode": chance.postal_code(),
            "CountyOrParish": words.COUNTY,
            "ParcelNumber": f"{chance.between(100, 999)}-{chance.between(10, 99)}-{number:07}",
            "LotSizeAcres": chance.between(5, 400) / 100,
            "ListingId": f"HH-{number:07}",
            "ListingContractDate": chance.day(-700, 0),
            "ListAgent": chance.one(agents),
            "TaxAnnualAmount": price * chance.between(70, 130) // 100 / 100,
            "ListingURL": f"https://example.com/listings/{number}",
            "PrivateRemarks": chance.sometimes(0.2, chance.one(words.PROPERTY_NOTES)),
        }
        if kind != "Land":
            entry |= _building(chance, kind)
        if status == "Closed":
            entry |= {"CloseDate": chance.day(-400, 0), "ClosePrice": price * chance.between(90, 104) // 100}
        yield entry


def _building(chance: Chance, kind: str) -> Entry:
    bedrooms = chance.between(1, 6) if kind in _HOMES else None
    return {
        "BedroomsTotal": bedrooms,
        "BathroomsTotalInteger": None if bedrooms is None else chance.between(1, bedrooms + 1),
        "LivingArea": chance.between(55, 420) * 10,
        "YearBuilt": chance.between(1_890, 2_025),
        "View": chance.some(_VIEWS, 3),
        "PoolPrivateYN": chance.happens(0.1),
        "OccupantType": chance.one(_OCCUPANTS),
    }


def units(chance: Chance, homes: Sequence[str]) -> Iterator[Entry]:
    """Entries of the list Units, one in each of these properties."""
    for number, home in enumerate(homes, 1):
        floor, bedrooms = chance.between(1, 12), chance.between(0, 4)
        rent, let = chance.between(18, 96) * 50, chance.happens(0.8)
        yield {
            "UnitNumber": f"{floor}{chance.one('ABCDEF')}-{number:04}",
            "Property": [home],
            "UnitTypeType": _UNIT_TYPES[bedrooms],
            "UnitTypeBedsTotal": bedrooms,
            "UnitTypeBathsTotal": 1 + bedrooms // 2,
            "LivingArea": chance.between(38, 160) * 10,
            "UnitTypeActualRent": rent if let else None,
            "UnitTypeProForma": rent + chance.between(0, 6) * 25,
            "UnitTypeFurnished": chance.one(_FURNISHED),
            "OccupantType": "Tenant" if let else "Vacant",
            "AvailabilityDate": None if let else chance.day(0, 120),
        }
