"""Where a call puts records: next to another one of the list, as it stands."""

from collections.abc import Collection, Sequence
from secrets import randbelow

from api.access import ListAccess
from api.errors import Code
from api.records import Placement
from api.schemas import is_id
from api.services import Services
from api.writing import Place, WritePlan
from realtime.core.writes import AddRow, MoveRow
from snapshots.placing import Neighbour, Placing, place
from snapshots.queries import surroundings_of


async def put_new(plan: WritePlan, wish: Placement, services: Services, access: ListAccess) -> None:
    """Have the new rows of a plan made where the call wants them, if it says so; without a word they go to the end."""
    made = [number for number, write in enumerate(plan.writes) if isinstance(write, AddRow)]
    placing = await _placing(plan, wish, services, access, len(made))
    for number, position in zip(made, placing.positions if placing else (), strict=False):
        write = plan.writes[number]
        assert isinstance(write, AddRow), "that is what these are"
        plan.writes[number] = AddRow(write.row, position)


async def move(plan: WritePlan, wish: Placement, services: Services, access: ListAccess, rows: Sequence[str]) -> None:
    """Move rows to where the call wants them, if it says so."""
    placing = await _placing(plan, wish, services, access, len(rows), frozenset(rows))
    for row, position in zip(rows, placing.positions if placing else (), strict=False):
        plan.add(MoveRow(row, position), _where(wish))


def _where(wish: Placement) -> Place:
    return Place("after" if wish.after is not None else "before")


async def _placing(
    plan: WritePlan,
    wish: Placement,
    services: Services,
    access: ListAccess,
    count: int,
    leaving: Collection[str] = (),
) -> Placing | None:
    """The positions of so many rows; those that others must get for it are planned. What is wrong with the wish is noted."""
    beside = wish.before if wish.after is None else wish.after
    if beside is None:
        return None
    if None not in (wish.after, wish.before):
        plan.refuse(Place("before"), Code.INVALID_REQUEST, "Say `after` or `before`, not both.")
        return None
    if beside in leaving:
        plan.refuse(_where(wish), Code.INVALID_REQUEST, "A record cannot be put next to itself.")
        return None
    sides = await _sides(plan, wish, services, access, beside, leaving)
    if sides is None:
        return None
    placing = place(count, *sides, randbelow)
    stood = dict((*sides[0], *sides[1]))
    for row, position in placing.moved.items():
        plan.add(MoveRow(row, position, stood[row]), _where(wish))
    return placing


async def _sides(
    plan: WritePlan, wish: Placement, services: Services, access: ListAccess, beside: str, leaving: Collection[str]
) -> tuple[Sequence[Neighbour], Sequence[Neighbour]] | None:
    found = None
    if is_id(beside):
        async with services.reading() as connection:
            found = await surroundings_of(connection, access.list.id, beside, leaving)
    if found is None:
        plan.refuse(_where(wish), Code.UNKNOWN_RECORD, "The list has no such record.")
        return None
    if found.trashed:
        plan.refuse(_where(wish), Code.UNKNOWN_RECORD, "That record is in the trash. Name one that stands in the list.")
        return None
    here = (beside, found.position)
    return ([here, *found.before], found.after) if wish.after is not None else (found.before, [here, *found.after])
