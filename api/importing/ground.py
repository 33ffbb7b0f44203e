"""The ground of an import: its list and its columns, made as far as they are not there. Doing it twice makes nothing twice."""

from dataclasses import replace
from uuid import uuid4

from api.columns import put_column
from api.importing.acting import Actor, schema_in
from api.importing.choices import Choices
from api.importing.completing import Ground, targets_of
from api.importing.endings import Ended, Superseded
from api.importing.writing import commit
from api.services import Services
from api.writing import WritePlan
from persistence.contract import CommitResult, NewList, RightsMoved
from persistence.imports import Import, name_list
from persistence.lists import list_ids_of
from realtime.core.new_list import new_list
from snapshots.columns import ListSchema
from snapshots.importing.converting import Target
from snapshots.importing.options import made_id

_CHANGED = "A column that the file goes into was changed or deleted. Look at the preview, and import again."


async def lay_ground(services: Services, actor: Actor, held: Import, choices: Choices) -> tuple[str, list[Target]]:
    """Make the list or the columns that are missing; the list and where each column of the file goes. Raises `Ended`."""
    list_id = held.list_id or await _make_list(services, actor, held, choices)
    entry, principal = await actor.at(list_id)
    async with services.reading() as connection:
        lists = await list_ids_of(connection, held.workspace_id)
    ground = Ground(held.id, schema_in(entry), lists, principal.role, principal.credential)
    targets = targets_of(choices, ground)
    if len(targets) < sum(1 for choice in choices.columns or () if choice.target is not None):
        raise Ended("column_changed", _CHANGED)
    plan = WritePlan()
    present = {column.id for column in ground.standing}
    for target in targets:
        if target.column.id not in present:
            put_column(plan, target.column)
    if plan.writes:
        await commit(services, list_id, principal, plan.writes)
    return list_id, targets


async def _make_list(services: Services, actor: Actor, held: Import, choices: Choices) -> str:
    """Make the list with its columns; its id follows from the import's, so that it is made once."""
    list_id = made_id(held.id, "list")
    moved = True
    while moved:  # their role changed at this moment: it is judged again
        moved = isinstance(await _try_to_make(services, actor, held, choices, list_id), RightsMoved)
    async with services.transaction() as connection:
        if not await name_list(connection, held, list_id):
            raise Superseded
    return list_id


async def _try_to_make(services: Services, actor: Actor, held: Import, choices: Choices, list_id: str) -> CommitResult:
    workspace, principal = await actor.in_workspace()
    ground = Ground(held.id, ListSchema(None, {}), (), principal.role, principal.credential)
    columns = [target.column for target in targets_of(choices, ground)]
    name, now, user_id = choices.list_name or held.filename, services.clock(), principal.user_id
    batch = new_list(list_id, name, columns, {}, actor=user_id, now=now, batch_id=uuid4())
    judged = replace(batch, memberships={user_id: principal.membership_version})
    return await services.store.create_list(NewList(list_id, workspace.id, name, user_id, now), judged)
