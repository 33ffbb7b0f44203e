"""Whatever is committed, PostgreSQL keeps the same as the store in memory, which does everything one by one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth.roles import Role
from persistence.contract import (
    AuditEntry,
    BulkRecord,
    CommentPatch,
    Fact,
    FactKind,
    LinkPatch,
    NewList,
    RowPatch,
    Source,
)
from persistence.memory import Membership
from persistence.pool import create_pool
from tests.list_scenes import ANA, MIA, WORKSPACE, MemoryScene, PostgresScene, Scene, batch, moment, postgres_scene

UPDATES = 3
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
WHOLE = 2**53 - 1
SCALARS = st.none() | st.booleans() | st.integers(-WHOLE, WHOLE) | st.floats(-WHOLE, WHOLE)
JSON = st.recursive(
    SCALARS | TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
ROWS = st.sampled_from(["quay", "mole", "pier", "dock"])
COLUMNS = st.sampled_from(["rent", "note", "tags"])
PEOPLE = st.sampled_from([ANA, MIA])
PLACES = st.integers(0, UPDATES - 1)
TIMES = st.builds(moment, st.integers(0, 9_999))
MAYBE = st.none() | PEOPLE

FACTS = st.builds(Fact, st.sampled_from(FactKind), st.none() | ROWS, st.none() | COLUMNS, MAYBE, MAYBE, JSON, JSON)
REASONS = st.none() | st.just("role")
ENTRIES = st.builds(AuditEntry, PLACES, FACTS, PEOPLE, st.sampled_from(Source), TIMES, REASONS)
CELLS = st.dictionaries(COLUMNS, JSON)
PATCHES = st.builds(RowPatch, ROWS, PLACES, PEOPLE, TIMES, CELLS, TEXT, st.none() | st.booleans())
LINKS = st.builds(LinkPatch, ROWS, COLUMNS, st.just("owners"), st.sampled_from(["olga", "otto"]), st.booleans())
COMMENTS = st.builds(
    CommentPatch,
    *(st.sampled_from(["c1", "c2"]), ROWS, st.none() | COLUMNS, MAYBE, PEOPLE, TIMES, TEXT, st.lists(PEOPLE)),
    *(MAYBE, st.none() | TIMES, MAYBE, st.none() | TIMES),
)
PARTS = st.fixed_dictionaries(
    {
        "audit": st.lists(ENTRIES, max_size=4),
        "rows": st.lists(PATCHES, max_size=5),
        "links": st.lists(LINKS, max_size=5),
        "comments": st.lists(COMMENTS, max_size=3),
        "client_ids": st.dictionaries(st.integers(0, 3), PEOPLE),
        "schema": st.none() | st.dictionaries(TEXT, JSON, max_size=2),
        "name": st.none() | TEXT,
        "memberships": st.dictionaries(PEOPLE, st.sampled_from([1, 1, 1, 1, 2])),
    }
)
STEPS = st.lists(st.tuples(st.sampled_from([0, 0, 0, 0, -1, 1]), PARTS), min_size=1, max_size=4)
BULK = st.lists(st.builds(BulkRecord, st.uuids().map(str), TEXT, CELLS, st.just(()), PLACES), max_size=3)


@pytest_asyncio.fixture
async def postgres(database_url: str) -> AsyncIterator[PostgresScene]:
    """A workspace with Ana and Mia; each example makes its own list in it."""
    pool = await create_pool(database_url, volatile_allowed=True)
    try:
        scene = await postgres_scene(pool)
        await invite(scene)
        yield scene
    finally:
        await pool.close()


async def invite(scene: Scene) -> None:
    """Ana and Mia in the workspace."""
    await scene.set_member(ANA, Membership(Role.EDITOR))
    await scene.set_member(MIA, Membership(Role.MEMBER))


@pytest.mark.rule("LOG-9")
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=PARTS, steps=STEPS, bulk=BULK)
async def test_both_stores_keep_the_same(
    postgres: PostgresScene, first: dict[str, Any], steps: list[tuple[int, dict[str, Any]]], bulk: list[BulkRecord]
) -> None:
    """Random batches, stale ones and unjudged ones among them, have the same results and leave the same behind."""
    memory = MemoryScene()
    await invite(memory)
    list_id = uuid4().hex
    new = NewList(list_id, WORKSPACE, "Properties", ANA, moment(0))
    opening = batch(0, UPDATES, list_id=list_id, **first)
    made = [await scene.store.create_list(new, opening) for scene in (memory, postgres)]
    assert made[0] == made[1]
    head = UPDATES
    for offset, parts in steps:
        step = batch(head + offset, UPDATES, list_id=list_id, **parts)
        results = [await scene.store.commit(step) for scene in (memory, postgres)]
        assert results[0] == results[1]
        head = getattr(results[0], "head", head)
    rows = batch(head, UPDATES, list_id=list_id, records=bulk)
    assert await memory.store.commit(rows) == await postgres.store.commit(rows)
    assert await memory.kept(list_id) == await postgres.kept(list_id)
    opened = await postgres.store.open_list(list_id)
    # The lists of earlier examples stand beside this one.
    alone = None if opened is None else replace(opened, lists=opened.lists & {list_id})
    assert await memory.store.open_list(list_id) == alone
