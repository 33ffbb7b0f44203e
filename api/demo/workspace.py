"""Making the demo workspace: the lists in bulk, then the people, then their edits on the one write path.

The people come after the lists, in one transaction: a start that was broken off has made nothing that anybody
sees, and the next start makes the demo anew.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from api.demo.accounts import ACCOUNTS, PASSWORD, WORKSPACE_NAME, add_person
from api.demo.chance import Chance
from api.demo.edits import EDITS_DEFAULT, plan_edits
from api.demo.harbour import PROPERTIES_DEFAULT, SEED, Sizes, make_sheets
from api.demo.storing import store_sheet
from api.services import Services
from auth.principals import Principal
from persistence.accounts import user_by_email
from persistence.contract import Source
from persistence.workspaces import add_workspace
from snapshots.templates import TEMPLATES

ORDER: Final = tuple(TEMPLATES)


async def make_demo(
    services: Services,
    *,
    rows: int = PROPERTIES_DEFAULT,
    edits: int = EDITS_DEFAULT,
    tell: Callable[[str], None] = lambda _: None,
) -> bool:
    """Make the workspace with `rows` properties, unless one of its accounts is there; returns whether it was made.

    `tell` hears of each list that stands (a million rows take minutes), or that nothing is made.
    Raises `StoreUnavailable`. Only for servers that listen on loopback: the password is known to everybody.
    """
    if await _taken(services):
        tell("The demo workspace is there already and stays as it is, whatever --rows says.")
        return False
    now, new_id = services.clock(), services.random_id
    workspace_id = new_id()
    users = [new_id() for _ in ACCOUNTS]
    async with services.transaction() as connection:
        await add_workspace(connection, workspace_id, WORKSPACE_NAME, now)
    making = make_sheets(Sizes.around(rows), now.date(), users[:3], new_id)
    sheets = []
    while sheet := await asyncio.to_thread(next, making, None):
        made_at = now + timedelta(milliseconds=ORDER.index(sheet.key))  # lists stand in the order of these times
        await store_sheet(services.store, workspace_id, sheet, actor=users[0], now=made_at)
        tell(f"{sheet.name}: {len(sheet.row_ids):,} rows")
        sheets.append(replace(sheet, segments={}))
    people = await _add_people(services, workspace_id, users)
    chance = Chance(SEED + 1, now.date())
    for edit in plan_edits(chance, sheets, people, new_id, edits=edits):
        await services.rooms.write(edit.list_id, edit.person, edit.writes, source=Source.API)
    return True


async def _taken(services: Services) -> bool:
    async with services.reading() as connection:
        found = [await user_by_email(connection, account.email) for account in ACCOUNTS]
    return any(user is not None for user in found)


async def _add_people(services: Services, workspace_id: str, users: Sequence[str]) -> Sequence[Principal]:
    hashes = [await services.passwords.hash(PASSWORD) for _ in ACCOUNTS]
    now = services.clock()
    async with services.transaction() as connection:
        return [
            await add_person(connection, account, user, password_hash, workspace_id, now)
            for account, user, password_hash in zip(ACCOUNTS, users, hashes, strict=True)
        ]
