"""The list that the benchmarks of bulk writes fill: columns of every usual type, and rows that look like a broker's."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

import asyncpg

from persistence.contract import Committed, Json, NewList
from persistence.postgres import PostgresListStore
from realtime.core.new_list import new_list
from snapshots.columns import Column, ColumnType, Option

LIST, WORKSPACE = "list-of-much", "workspace-01"
PERSON = "person-00001"
STREETS = ("Harbour", "Station", "Mill", "Church", "Orchard", "Bridge", "Market", "Castle", "River", "Meadow")
CITIES = ("Brightwater", "Northfield", "Easton", "Marlow", "Fairhaven", "Oakridge")
OPTIONS = {f"option-{n:05}": Option(f"option-{n:05}", f"Option {n}", "", f"a{n}") for n in range(6)}

_Maker = Callable[[Random], Json]


def _date(random: Random) -> str:
    return f"20{random.randrange(10, 27)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"


_KINDS: Sequence[tuple[str, ColumnType, _Maker]] = (
    ("Street", ColumnType.TEXT, lambda r: f"{r.randrange(1, 900)} {r.choice(STREETS)} Street"),
    ("City", ColumnType.TEXT, lambda r: r.choice(CITIES)),
    ("Postcode", ColumnType.TEXT, lambda r: f"{r.randrange(10_000, 99_999)}"),
    ("Price", ColumnType.CURRENCY, lambda r: r.randrange(80, 2_000) * 1000),
    ("Bedrooms", ColumnType.NUMBER, lambda r: r.randrange(1, 7)),
    ("Area", ColumnType.NUMBER, lambda r: round(r.uniform(30, 400), 1)),
    ("State", ColumnType.SELECT, lambda r: r.choice(tuple(OPTIONS))),
    ("Listed", ColumnType.DATE, _date),
    ("Email", ColumnType.EMAIL, lambda r: f"owner{r.randrange(100_000)}@example.com"),
    ("Garage", ColumnType.CHECKBOX, lambda r: r.choice((True, False))),
    ("Tags", ColumnType.MULTI_SELECT, lambda r: r.sample(tuple(OPTIONS), 2)),
    ("Notes", ColumnType.LONG_TEXT, lambda r: " ".join(r.choices(STREETS, k=8))),
    ("Share", ColumnType.PERCENT, lambda r: round(r.random(), 4)),
    ("Phone", ColumnType.PHONE, lambda r: f"+1 212 555 {r.randrange(10_000):04}"),
)


def columns_of(count: int) -> list[Column]:
    """So many columns, of one type after another."""
    kinds = [_KINDS[n % len(_KINDS)] for n in range(count)]
    return [
        Column(
            f"column-{n:05}",
            f"{name} {n}",
            kind,
            f"a{n:02}V",
            options=OPTIONS if kind in (ColumnType.SELECT, ColumnType.MULTI_SELECT) else {},
        )
        for n, (name, kind, _) in enumerate(kinds)
    ]


def rows_of(columns: int, count: int, seed: int) -> Iterator[list[Json]]:
    """So many rows without a position, all cells filled."""
    random = Random(seed)
    makers = [_KINDS[n % len(_KINDS)][2] for n in range(columns)]
    for number in range(count):
        yield [f"row{seed:05}{number:08}", None, *(make(random) for make in makers)]


async def furnish(pool: asyncpg.Pool, columns: Sequence[Column]) -> None:
    """A workspace with an editor, and the list without rows."""
    await pool.execute("INSERT INTO workspaces (id, name) VALUES ($1, 'Bench')", WORKSPACE)
    await pool.execute("INSERT INTO users (id, email, name, hue) VALUES ($1, $1, $1, 0)", PERSON)
    await pool.execute("INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'editor')", WORKSPACE, PERSON)
    now = datetime.now(UTC)
    batch = new_list(LIST, "Bench", columns, {}, actor=PERSON, now=now, batch_id=uuid4())
    made = await PostgresListStore(pool).create_list(NewList(LIST, WORKSPACE, "Bench", PERSON, now), batch)
    assert isinstance(made, Committed)


def new_id() -> str:
    """A fresh id."""
    return secrets.token_urlsafe(12)
