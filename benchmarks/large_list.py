"""A list of many rows with ten columns of the usual types, made in bulk as the demo's lists are."""

import asyncio
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from api.demo.chance import Chance
from api.demo.sheets import Field, make_sheet
from api.demo.storing import store_sheet
from persistence.contract import Json
from persistence.pool import create_pool
from persistence.postgres import PostgresListStore
from snapshots.columns import ColumnType

SEED: Final = 20_261_126
STATUSES: Final = ("Available", "Under offer", "Leased", "Sold", "Off market")
FIELDS: Final = (
    Field("Address", ColumnType.TEXT),
    Field("Status", ColumnType.SELECT, options=[(status, "blue") for status in STATUSES]),
    Field("List price", ColumnType.CURRENCY, {"currency": "USD", "precision": 0}),
    Field("Bedrooms", ColumnType.NUMBER, {"precision": 0}),
    Field("Listed on", ColumnType.DATE),
    Field("Vacant", ColumnType.CHECKBOX),
    Field("Contact", ColumnType.TEXT),
    Field("Contact e-mail", ColumnType.EMAIL),
    Field("Contact phone", ColumnType.PHONE),
    Field("Condition", ColumnType.RATING, {"max": 5}),
)


def new_id() -> str:
    """An id as the server makes them."""
    return secrets.token_urlsafe(16)


async def store_large_list(dsn: str, workspace_id: str, actor: str, name: str, rows: int) -> str:
    """Make the list in a workspace of a running installation; returns its id."""
    list_id = new_id()
    now = datetime.now(UTC)
    sheet = await asyncio.to_thread(make_sheet, list_id, name, FIELDS, _entries(rows, now), new_id)
    async with await create_pool(dsn) as pool:
        await store_sheet(PostgresListStore(pool), workspace_id, sheet, actor=actor, now=now, new_id=new_id)
    return list_id


def _entries(rows: int, now: datetime) -> Iterator[list[Json]]:
    chance = Chance(SEED, now.date())
    for _ in range(rows):
        person = chance.person()
        yield [
            chance.address(),
            chance.one(STATUSES),
            chance.between(90, 2_400) * 1_000,
            chance.between(1, 6),
            chance.day(-700, 0),
            chance.one((True, False, False)),
            person,
            chance.email(person),
            chance.phone(),
            chance.between(1, 5),
        ]
