"""Accounts: the people who can sign in. An e-mail address belongs to one account, whatever its case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.tables import users


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account; `hue` (0 to 359) is the colour of their cursor."""

    id: str
    email: str
    name: str
    hue: int
    created_at: datetime


_COLUMNS = (users.c.id, users.c.email, users.c.name, users.c.hue, users.c.created_at)


async def add_user(connection: AsyncConnection, user: User, password_hash: str) -> bool:
    """Keep a new account; false if the e-mail address has one already."""
    statement = (
        insert(users)
        .values(
            id=user.id,
            email=user.email,
            name=user.name,
            hue=user.hue,
            password_hash=password_hash,
            created_at=user.created_at,
        )
        .on_conflict_do_nothing()
        .returning(users.c.id)
    )
    return (await connection.execute(statement)).first() is not None


async def user_by_id(connection: AsyncConnection, user_id: str) -> User | None:
    """Read an account."""
    row = (await connection.execute(select(*_COLUMNS).where(users.c.id == user_id))).first()
    return None if row is None else user_of(row)


async def user_by_email(connection: AsyncConnection, email: str) -> tuple[User, str | None] | None:
    """Read an account and its password hash by e-mail address, whatever its case."""
    statement = select(*_COLUMNS, users.c.password_hash).where(func.lower(users.c.email) == func.lower(email))
    row = (await connection.execute(statement)).first()
    return None if row is None else (user_of(row), row.password_hash)


def user_of(row: Row[*tuple[Any, ...]]) -> User:
    """Make a user of a row that has the columns of `users`."""
    return User(id=row.id, email=row.email, name=row.name, hue=row.hue, created_at=row.created_at)
