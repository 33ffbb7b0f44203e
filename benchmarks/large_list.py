"""A list of many rows with ten columns of the usual types, made in bulk as the demo's lists are."""

import asyncio
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from fractional_indexing import generate_n_keys_between

from api.demo.chance import Chance
from api.demo.sheets import Sheet
from api.demo.storing import store_sheet
from persistence.contract import Json
from persistence.pool import create_pool
from persistence.postgres import PostgresListStore
from snapshots.columns import Column, ColumnType, Option
from snapshots.segments import encode_segment, split_rows

SEED: Final = 20_261_126
STATUSES: Final = ("Available", "Under offer", "Leased", "Sold", "Off market")
COLUMNS: Final[Sequence[tuple[str, ColumnType, Mapping[str, Json]]]] = (
    ("Address", ColumnType.TEXT, {}),
    ("Status", ColumnType.SELECT, {}),
    ("List price", ColumnType.CURRENCY, {"currency": "USD", "precision": 0}),
    ("Bedrooms", ColumnType.NUMBER, {"precision": 0}),
    ("Listed on", ColumnType.DATE, {}),
    ("Vacant", ColumnType.CHECKBOX, {}),
    ("Contact", ColumnType.TEXT, {}),
    ("Contact e-mail", ColumnType.EMAIL, {}),
    ("Contact phone", ColumnType.PHONE, {}),
    ("Condition", ColumnType.RATING, {"max": 5}),
)


def new_id() -> str:
    """An id as the server makes them."""
    return secrets.token_urlsafe(16)


async def store_large_list(dsn: str, workspace_id: str, actor: str, name: str, rows: int) -> str:
    """Make the list in a workspace of a running installation; returns its id."""
    now = datetime.now(UTC)
    sheet = await asyncio.to_thread(_sheet, name, rows, now)
    async with await create_pool(dsn) as pool:
        await store_sheet(PostgresListStore(pool), workspace_id, sheet, actor=actor, now=now)
    return sheet.id


def _sheet(name: str, count: int, now: datetime) -> Sheet:
    positions = generate_n_keys_between(None, None, len(COLUMNS))
    options = [Option(new_id(), status, "blue", at) for status, at in zip(STATUSES, positions, strict=False)]
    columns = [
        Column(
            new_id(), title, kind, at, config, options={each.id: each for each in options} if title == "Status" else {}
        )
        for (title, kind, config), at in zip(COLUMNS, positions, strict=True)
    ]
    rows = list(_rows(count, now, [option.id for option in options]))
    segments = {new_id(): encode_segment(part) for part in split_rows([column.id for column in columns], rows)}
    return Sheet(name, new_id(), name, columns, [str(row[0]) for row in rows], segments)


def _rows(count: int, now: datetime, statuses: Sequence[str]) -> Iterator[list[Json]]:
    chance = Chance(SEED, now.date())
    for position in generate_n_keys_between(None, None, count):
        person = chance.person()
        yield [
            new_id(),
            position,
            chance.address(),
            chance.one(statuses),
            chance.between(90, 2_400) * 1_000,
            chance.between(1, 6),
            chance.day(-700, 0),
            chance.one((True, False, False)),
            person,
            chance.email(person),
            chance.phone(),
            chance.between(1, 5),
        ]
