"""Saved views, read from the live document of their list: no table holds them."""

import asyncio
from typing import Final

from api.answers import busy
from api.errors import Code, FieldProblem, Problem, not_found
from api.services import Services
from api.writing import closed_in_words
from persistence.lists import ListEntry
from realtime.core import keys
from realtime.core.replica import Replica
from realtime.core.soundness import Absent
from snapshots.columns import ListSchema
from snapshots.filtering import ChoiceRefused
from snapshots.text import ID
from snapshots.view_rows import RowChoice, View, row_choice

BEHIND_SECONDS_MAX: Final = 2.0
_LOOK_SECONDS: Final = 0.02


async def rows_of_view(services: Services, entry: ListEntry, view_id: str | None, user_id: str) -> RowChoice:
    """What a view shows of a list with the columns of this entry, all without one. Raises `Problem`, also for a view that is not understood."""
    view = View("") if view_id is None else await view_of(services, entry, view_id, user_id)
    try:
        return row_choice(view, ListSchema.from_json(entry.schema if isinstance(entry.schema, dict) else {}))
    except ChoiceRefused as refused:
        sentence = f"The view cannot be read: {refused.sentence}"
        places = [FieldProblem(f"view.{refused.place}", refused.sentence, Code.INVALID_REQUEST)]
        raise Problem(Code.INVALID_REQUEST, sentence, places) from refused


async def view_of(services: Services, entry: ListEntry, view_id: str, user_id: str) -> View:
    """A view of the list for someone who may read it, committed and no older than the entry. Raises `Problem`.

    Somebody else's private view is not found, as one that does not exist.
    """
    live = await _live(services, entry)
    if ID.fullmatch(view_id) is None:
        raise not_found("view")
    found = {name: live.read(f"{keys.VIEWS}/{view_id}:{name}") for name in keys.VIEW_ATTRIBUTES}
    said = {name: value for name, value in found.items() if not isinstance(value, Absent)}
    if not said or said.get("owner") not in (None, user_id):
        raise not_found("view")
    return View.of(said)


async def view_called(services: Services, entry: ListEntry, called: str, user_id: str) -> str:
    """The id of the view that has this id or, among those that the person may read, alone has this name. Raises `Problem`."""
    said = (await _live(services, entry)).entries(keys.VIEWS)
    ids = {name.partition(":")[0] for name in said}
    seen = [view for view in sorted(ids) if said.get(f"{view}:owner") in (None, user_id)]
    if called in seen:
        return called
    named = [view for view in seen if said.get(f"{view}:name") == called]
    if not named:
        raise not_found("view")
    if len(named) > 1:
        raise Problem(
            Code.INVALID_REQUEST, f"Several views are called {called}: say the id of one, {', '.join(named)}."
        )
    return named[0]


async def _live(services: Services, entry: ListEntry) -> Replica:
    """The live document, once it has what was committed when the entry was read: a view must know of the columns that it names."""
    with closed_in_words():
        runner = await services.rooms.open(entry.id)
    try:
        async with asyncio.timeout(BEHIND_SECONDS_MAX):
            while (runner.live.epoch, runner.live.head) < (entry.epoch, entry.head):  # noqa: ASYNC110 - a room tells nobody that it has caught up
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError as late:
        raise busy() from late
    return runner.live
