"""Lists on a store, without a server: made by their first batch, edited through rooms."""

from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Committed, NewList
from persistence.memory import Membership
from realtime.core.limits import Limits
from realtime.core.new_list import new_list
from realtime.hub import Hub
from snapshots.columns import Column
from tests.list_scenes import ANA, WORKSPACE, PostgresScene

EDITOR = Principal(ANA, "Ana", Role.EDITOR, 1)


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


async def make_lists(scene: PostgresScene, names: list[str], columns: list[Column] | None = None) -> Hub:
    """Make lists, and a hub for them."""
    await scene.set_member(ANA, Membership(Role.EDITOR))
    for name in names:
        first = new_list(name, name, columns or [], {}, actor=ANA, now=now(), batch_id=uuid4())
        assert await scene.store.create_list(NewList(name, WORKSPACE, name, ANA, now()), first) == Committed(1)
    ids = count(1)
    return Hub(scene.store, Limits(), clock=now, new_id=lambda: f"id-{next(ids)}", new_batch_id=uuid4)
