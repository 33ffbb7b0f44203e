"""Making lists: each with its columns and its first commit, several in one transaction, by templates or by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

from api.access import WorkspaceAccess
from api.answers import busy
from api.errors import Code
from api.services import Services
from api.writing import Place, WritePlan
from persistence.contract import Committed, NewList
from persistence.lists import list_ids_of
from realtime.core.new_list import new_list
from snapshots.columns import Column
from snapshots.templates import Template, TemplateColumn, columns_of


@dataclass(frozen=True, slots=True)
class ListToBe:
    """A list that is about to be made; `left_out` are the columns of its template that have no list to lead into."""

    id: str
    name: str
    columns: Sequence[Column]
    left_out: Sequence[TemplateColumn] = ()


async def make_lists(lists: Sequence[ListToBe], access: WorkspaceAccess, services: Services) -> None:
    """Make the lists in the caller's name, all or none of them. Raises `Problem`."""
    now, user_id = services.clock(), access.user.id
    made = []
    for place, each in enumerate(lists):
        at = now + timedelta(microseconds=place)  # lists stand in the order in which they were made
        batch = new_list(each.id, each.name, each.columns, {}, actor=user_id, now=at, batch_id=uuid4())
        judged = replace(batch, memberships={user_id: access.workspace.membership_version})
        made.append((NewList(each.id, access.workspace.id, each.name, user_id, at), judged))
    if not isinstance(await services.store.create_lists(made), Committed):
        raise busy()  # the caller's role changed at this moment: the next try is judged by the new one


def plan_lists(
    chosen: Sequence[tuple[Template, str]], links: Mapping[str, str], services: Services
) -> Sequence[ListToBe]:
    """Lists with these names from templates; link columns lead into each other, and into the lists of `links` by template."""
    ids = {template.key: services.random_id() for template, _ in chosen}
    targets = {**links, **ids}
    return [
        ListToBe(
            ids[template.key],
            name,
            columns_of(template, targets, services.random_id),
            tuple(template.left_out(targets)),
        )
        for template, name in chosen
    ]


async def check_links(
    links: Mapping[str, str], chosen: Sequence[Template], access: WorkspaceAccess, services: Services
) -> None:
    """Refuse `links` that name no list of the workspace, or a template whose list is about to be made. Raises `Problem`."""
    async with services.reading() as connection:
        lists = await list_ids_of(connection, access.workspace.id)
    plan = WritePlan()
    for key, list_id in links.items():
        place = Place(f"links.{key}")
        if list_id not in lists:
            plan.refuse(place, Code.INVALID_REQUEST, "This workspace has no such list. Give the id of one that it has.")
        elif any(template.key == key for template in chosen):
            plan.refuse(
                place, Code.INVALID_REQUEST, "The list of this template is being made; leave it out of `links`."
            )
    plan.require_sound()
