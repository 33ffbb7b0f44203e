"""Owners and managers."""

from collections.abc import Iterator, Sequence

from api.demo import words
from api.demo.chance import Chance
from api.demo.sheets import Field
from persistence.contract import Json
from snapshots.columns import ColumnType

OWNERS = (
    Field("Name", ColumnType.TEXT),
    Field("Kind", ColumnType.SELECT, options=(("Person", "blue"), ("Company", "violet"), ("Trust", "amber"))),
    Field("E-mail", ColumnType.EMAIL),
    Field("Phone", ColumnType.PHONE),
    Field("City", ColumnType.TEXT),
    Field("Client since", ColumnType.DATE),
    Field("Newsletter", ColumnType.CHECKBOX),
    Field("Share of fees", ColumnType.PERCENT, {"precision": 1}),
    Field("Notes", ColumnType.LONG_TEXT),
)

_REGIONS = ("Waterfront", "Old Town", "Hills", "Marsh", "Industrial")
MANAGERS = (
    Field("Name", ColumnType.TEXT),
    Field("E-mail", ColumnType.EMAIL),
    Field("Phone", ColumnType.PHONE),
    Field(
        "Regions",
        ColumnType.MULTI_SELECT,
        options=tuple(zip(_REGIONS, ("cyan", "orange", "green", "teal", "indigo"), strict=True)),
    ),
    Field("Backed by", ColumnType.USERS),
    Field("Hired on", ColumnType.DATE),
    Field("Reply time", ColumnType.DURATION, {"format": "h:mm"}),
    Field("Rating", ColumnType.RATING, {"max": 5}),
    Field("Profile", ColumnType.URL),
)


def owners(chance: Chance, count: int) -> Iterator[Sequence[Json]]:
    """Entries of the list Owners: people, companies and family trusts."""
    for _ in range(count):
        person = chance.person()
        kind = chance.one(("Person", "Person", "Person", "Company", "Trust"))
        name = {
            "Person": person,
            "Company": f"{chance.one(words.COMPANY_NAMES)} {chance.one(words.COMPANY_KINDS)}",
            "Trust": f"{person.split()[1]} Family Trust",
        }[kind]
        yield (
            name,
            kind,
            chance.email(person),
            chance.sometimes(0.9, chance.phone()),
            chance.one(words.CITIES),
            chance.day(-4_000, -10),
            chance.random.random() < 0.4,  # noqa: PLR2004 - two in five
            chance.between(10, 80) / 1_000,
            chance.sometimes(0.15, chance.one(words.OWNER_NOTES)),
        )


def managers(chance: Chance, count: int, users: Sequence[str]) -> Iterator[Sequence[Json]]:
    """Entries of the list Managers; `users` are the ids of the people who stand in for them."""
    for _ in range(count):
        name = chance.person()
        yield (
            name,
            chance.email(name),
            chance.phone(),
            chance.some(_REGIONS, 3) or [_REGIONS[0]],
            chance.some(users, 2),
            chance.day(-3_000, -60),
            chance.between(1, 16) * 900,
            chance.between(2, 5),
            f"https://example.com/team/{name.lower().replace(' ', '-')}",
        )
