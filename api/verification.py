"""`rowhouse verify`: every list of a database, or some, one line for each difference."""

from collections.abc import Callable, Sequence

from persistence.inspection import inspecting
from realtime.verifying import Difference, Verification


async def verify_lists(dsn: str, list_ids: Sequence[str], tell: Callable[[Difference], None]) -> tuple[int, int]:
    """Verify these lists, or all with what belongs to none; returns how many lists there were, and how many differences.

    Nothing is changed and no edit is held up: each list is read in a snapshot of its own. Raises asyncpg's errors.
    """
    found = 0
    async with inspecting(dsn) as inspector:
        chosen = list_ids or await inspector.list_ids()
        for list_id in chosen:
            async with inspector.snapshot(list_id) as snapshot:
                async for difference in Verification(snapshot).differences():
                    tell(difference)
                    found += 1
        if not list_ids:
            for table, list_id in await inspector.orphans():
                tell(Difference(list_id, f"{table} holds something of a list that does not exist"))
                found += 1
    return len(chosen), found
