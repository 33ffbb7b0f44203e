"""Properties and their units."""

from collections.abc import Iterator, Sequence

from api.demo import words
from api.demo.chance import Chance
from api.demo.sheets import Field
from persistence.contract import Json
from snapshots.columns import ColumnType

_STATUSES = ("Available", "Under offer", "Leased", "Sold", "Off market")
_KINDS = ("House", "Townhouse", "Condo", "Apartment building", "Land", "Commercial")
_FEATURES = ("Garage", "Garden", "Pool", "Fireplace", "Balcony", "Elevator", "Solar", "Water view")
_DOLLARS: dict[str, Json] = {"currency": "USD", "precision": 0}
_WHOLE: dict[str, Json] = {"precision": 0}


def property_fields(owners_list: str, managers_list: str) -> Sequence[Field]:
    """The columns of the list Properties, the ones that people look at first in front."""
    return (
        Field("Address", ColumnType.TEXT),
        Field(
            "Status",
            ColumnType.SELECT,
            options=tuple(zip(_STATUSES, ("green", "amber", "blue", "violet", "rose"), strict=True)),
        ),
        Field(
            "Type",
            ColumnType.SELECT,
            options=tuple(zip(_KINDS, ("teal", "cyan", "indigo", "orange", "lime", "magenta"), strict=True)),
        ),
        Field("List price", ColumnType.CURRENCY, _DOLLARS),
        Field("Bedrooms", ColumnType.NUMBER, _WHOLE),
        Field("Bathrooms", ColumnType.NUMBER, {"precision": 1}),
        Field("Living area (sq ft)", ColumnType.NUMBER, _WHOLE),
        Field("Owner", ColumnType.LINK, {"list": owners_list, "limit": "one"}),
        Field("Manager", ColumnType.LINK, {"list": managers_list, "limit": "one"}),
        Field("City", ColumnType.TEXT),
        Field("ZIP code", ColumnType.TEXT),
        Field(
            "Features",
            ColumnType.MULTI_SELECT,
            options=tuple(
                zip(_FEATURES, ("blue", "green", "cyan", "red", "lime", "indigo", "amber", "teal"), strict=True)
            ),
        ),
        Field("Vacant", ColumnType.CHECKBOX),
        Field("Listed on", ColumnType.DATE),
        Field("Agent", ColumnType.USER),
        Field("Contact e-mail", ColumnType.EMAIL),
        Field("Contact phone", ColumnType.PHONE),
        Field("Commission", ColumnType.PERCENT, {"precision": 1}),
        Field("Condition", ColumnType.RATING, {"max": 5}),
        Field("Last inspected", ColumnType.DATETIME),
        Field("Web page", ColumnType.URL),
        Field("Parcel number", ColumnType.TEXT),
        Field("Notes", ColumnType.LONG_TEXT),
    )


def properties(
    chance: Chance, count: int, owners: Sequence[str], managers: Sequence[str], agents: Sequence[str]
) -> Iterator[Sequence[Json]]:
    """Entries of the list Properties, linked to rows of Owners and Managers; `agents` are users' ids."""
    for number in range(count):
        kind = chance.one(_KINDS)
        built = kind != "Land"
        bedrooms = chance.between(1, 6) if kind in _KINDS[:3] else None
        area = chance.between(55, 420) * 10 if built else None
        contact = chance.person()
        yield (
            chance.address(),
            chance.one(_STATUSES),
            kind,
            chance.between(90, 1_900) * 1_000,
            bedrooms,
            None if bedrooms is None else chance.between(2, 2 * bedrooms + 1) / 2,
            area,
            [chance.one(owners)],
            [chance.one(managers)] if chance.random.random() < 0.95 else [],  # noqa: PLR2004 - nearly all
            chance.one(words.CITIES),
            f"{chance.between(98_001, 98_199)}",
            chance.some(_FEATURES, 4) if built else [],
            chance.between(0, 3) == 0,
            chance.day(-700, 0),
            chance.one(agents),
            chance.email(contact),
            chance.phone(),
            chance.between(20, 60) / 1_000,
            chance.between(1, 5) if built else None,
            chance.sometimes(0.7, chance.moment(-365, -1)),
            f"https://example.com/listings/{number + 1}",
            f"{chance.between(100, 999)}-{chance.between(10, 99)}-{number + 1:06}",
            chance.sometimes(0.2, chance.one(words.PROPERTY_NOTES)),
        )


def unit_fields(properties_list: str) -> Sequence[Field]:
    """The columns of the list Units."""
    return (
        Field("Unit", ColumnType.TEXT),
        Field("Property", ColumnType.LINK, {"list": properties_list, "limit": "one"}),
        Field("Floor", ColumnType.NUMBER, _WHOLE),
        Field("Bedrooms", ColumnType.NUMBER, _WHOLE),
        Field("Area (sq ft)", ColumnType.NUMBER, _WHOLE),
        Field("Rent", ColumnType.CURRENCY, _DOLLARS),
        Field("Occupied", ColumnType.CHECKBOX),
        Field("Available from", ColumnType.DATE),
    )


def units(chance: Chance, count: int, properties: Sequence[str]) -> Iterator[Sequence[Json]]:
    """Entries of the list Units."""
    for number in range(count):
        floor = chance.between(1, 12)
        occupied = chance.between(0, 9) > 1
        yield (
            f"{floor}{chance.one('ABCDEF')}-{number + 1:04}",
            [chance.one(properties)],
            floor,
            chance.between(0, 4),
            chance.between(38, 160) * 10,
            chance.between(18, 96) * 50,
            occupied,
            None if occupied else chance.day(0, 120),
        )
