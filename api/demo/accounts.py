"""The four people of the demo, one for each role."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.principals import Principal
from auth.roles import Role
from persistence.accounts import User, add_user
from persistence.members import put_member

WORKSPACE_NAME: Final = "Harbour Homes"
PASSWORD: Final = "rowhouse-demo"  # noqa: S105 - printed at every start, made on loopback only


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who can sign in to the demo; `hue` (0 to 359) is the colour of their cursor."""

    email: str
    name: str
    role: Role
    hue: int


ACCOUNTS: Final = (
    Account("ana@example.com", "Ana Almeida", Role.OWNER, 210),
    Account("adam@example.com", "Adam Kessler", Role.ADMIN, 25),
    Account("ben@example.com", "Ben Okafor", Role.EDITOR, 145),
    Account("mia@example.com", "Mia Lindqvist", Role.MEMBER, 290),
)


async def add_person(
    connection: AsyncConnection, account: Account, user_id: str, password_hash: str, workspace_id: str, now: datetime
) -> Principal:
    """Make the account and its membership in the demo workspace."""
    added = await add_user(connection, User(user_id, account.email, account.name, account.hue, now), password_hash)
    assert added, "the caller has seen that the demo's addresses are free"
    version = await put_member(connection, workspace_id, user_id, account.role, now)
    return Principal(user_id, account.name, account.role, version)
