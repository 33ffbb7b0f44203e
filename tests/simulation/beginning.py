"""The store that every seed begins with: the people, the columns and two rows."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import cache
from itertools import count
from uuid import UUID

from persistence.contract import Committed, Source
from persistence.memory import Membership, MemoryListStore
from realtime.core import events
from realtime.core.effects import Commit
from realtime.core.limits import Limits
from realtime.core.room import Room
from realtime.core.writes import AddRow
from tests.property_list import EVERYBODY, LIST, NOW, OLGA, PIER, QUAY, WORKSPACE, finish, furnished_store, opened


@cache
def _template() -> MemoryListStore:
    """The store, made once."""
    store = furnished_store()
    ids = count(2)
    room = Room(opened(store), Limits(), lambda: UUID(int=next(ids)), NOW)
    effects = room.decide(events.Requested("rows", OLGA, Source.API, (AddRow(QUAY), AddRow(PIER))), NOW)
    for effect in effects:
        if isinstance(effect, Commit):
            assert isinstance(finish(store.commit(effect.batch)), Committed)
    return store


def furnished() -> MemoryListStore:
    """A copy of the store that every seed begins with."""
    template, store = _template(), MemoryListStore()
    kept = template.lists[LIST]
    store.lists[LIST] = replace(
        kept,
        log=list(kept.log),
        logged_at=dict(kept.logged_at),
        rows={name: replace(row, cells=dict(row.cells)) for name, row in kept.rows.items()},
        links=dict(kept.links),
        comments=dict(kept.comments),
        facts=list(kept.facts),
        facts_of=copy(kept.facts_of),
        client_owners=dict(kept.client_owners),
    )
    store.members[WORKSPACE] = {person.user_id: Membership(person.role) for person in EVERYBODY}
    return store
