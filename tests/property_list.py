"""The list that tests of the realtime core edit: its people, columns and store, and updates made by hand."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Batch, Committed, Json, NewList, OpenedList
from persistence.memory import Membership, MemoryListStore
from realtime.core import codec
from realtime.core.new_list import EPOCH, new_list
from realtime.core.update import Content, Id, Struct, Update, encode
from snapshots.columns import Column, ColumnType, Option

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT = "2026-03-01T12:00:00.000Z"
WORKSPACE = "workspace-01"
LIST = "list-0000001"
NAME, RENT, TAGS, STATE, LOCKED, SUM = (
    f"col-{name:-<8}" for name in ("name", "rent", "tags", "state", "locked", "sum")
)
GONE = "col-gone----"
SOLD, OPEN = "option-sold1", "option-open1"
QUAY, PIER = "row-quay0001", "row-pier0001"
OPTIONS = {SOLD: Option(SOLD, "Sold", "green", "a0"), OPEN: Option(OPEN, "Open", "blue", "a1")}
COLUMNS = (
    Column(NAME, "Name", ColumnType.TEXT, "a0"),
    Column(RENT, "Rent", ColumnType.NUMBER, "a1"),
    Column(TAGS, "Tags", ColumnType.MULTI_SELECT, "a2", options=OPTIONS),
    Column(STATE, "State", ColumnType.SELECT, "a3", options=OPTIONS),
    Column(LOCKED, "Ground rent", ColumnType.NUMBER, "a4", locked=True),
    Column(SUM, "Number", ColumnType.AUTONUMBER, "a5"),
    Column(GONE, "Gone", ColumnType.TEXT, "a6", deleted=True),
)
OLGA, ADAM, EDDA, MIA, EMIL = (
    Principal(f"user-{name:-<8}", name.title(), role, 1)
    for name, role in (
        ("olga", Role.OWNER),
        ("adam", Role.ADMIN),
        ("edda", Role.EDITOR),
        ("mia", Role.MEMBER),
        ("emil", Role.EDITOR),
    )
)
EVERYBODY = (OLGA, ADAM, EDDA, MIA, EMIL)
GENERATION: Id = (EPOCH, 0)
"""The struct that made generation 1's nested map."""

Answer = TypeVar("Answer")


def finish(call: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer of a call that never waits, as those of the store in memory."""
    try:
        call.send(None)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    raise AssertionError("the store in memory does not wait")


def first_batch(columns: Sequence[Column] = COLUMNS, segments: Mapping[str, bytes] | None = None) -> Batch:
    """The batch that makes the list."""
    return new_list(LIST, "Properties", columns, segments or {}, actor=OLGA.user_id, now=NOW, batch_id=UUID(int=1))


def furnished_store() -> MemoryListStore:
    """A store with the workspace's people and the empty list."""
    store = MemoryListStore()
    store.members[WORKSPACE] = {person.user_id: Membership(person.role) for person in EVERYBODY}
    new = NewList(LIST, WORKSPACE, "Properties", OLGA.user_id, NOW)
    assert finish(store.create_list(new, first_batch())) == Committed(1)
    return store


def opened(store: MemoryListStore) -> OpenedList:
    """The list as a room opens it."""
    found = finish(store.open_list(LIST))
    assert found is not None
    return found


# Updates made by hand


def item(client: int, clock: int, value: Json, place: str | Id) -> Struct:
    """An item that writes `value`: the first at a path (`meta/name`, `c:row:col` for generation 1), or after an item."""
    if isinstance(place, tuple):
        return Struct(client, clock, 1, Content.ANY, origin=place, values=(value,))
    root, below, name = place.partition("/")
    parent: str | Id = root if below else GENERATION
    return Struct(client, clock, 1, Content.ANY, parent=parent, sub=name if below else place, values=(value,))


def update_of(*structs: Struct, deletions: Sequence[tuple[int, int, int]] = ()) -> bytes:
    """The bytes of an update with these structs, in their order per client."""
    blocks: dict[int, list[Struct]] = {}
    for struct in structs:
        blocks.setdefault(struct.client, []).append(struct)
    return encode(Update([(client, held[0].clock, held) for client, held in blocks.items()], list(deletions)))


def update_frame(update: bytes) -> bytes:
    """The frame of a live update."""
    return b"\x00\x02" + codec.buffer(update)


def step_2_frame(update: bytes) -> bytes:
    """The frame of an answer to SyncStep1."""
    return b"\x00\x01" + codec.buffer(update)
