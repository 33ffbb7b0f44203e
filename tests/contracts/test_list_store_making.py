"""The contract of list stores, continued: making lists, and rows that come in bulk."""

import pytest

from persistence.contract import BulkRecord, Committed, Conflict, Fact, FactKind, NewList, RightsMoved, Source
from tests.list_scenes import ANA, LIST, WORKSPACE, Scene, batch, cell_entry, kept, moment, row_patch


async def test_a_list_is_made_with_its_first_batch(scene: Scene) -> None:
    """List, log, rows, bulk rows and schema appear together; a taken id makes nothing."""
    new = NewList("owners", WORKSPACE, "Owners", ANA, moment(0))
    first = batch(0, list_id="owners", rows=[row_patch("olga", position="a0")], schema={"v": 1}, memberships={ANA: 1})
    records = [BulkRecord("otto", "a1", {"name": "Otto"})]
    assert await scene.store.create_list(new, first, records) == Committed(1)
    made = await kept(scene, "owners")
    assert (made.head, made.name, made.schema, sorted(made.rows)) == (1, "Owners", {"v": 1}, ["olga", "otto"])
    assert [fact.entry.fact.row for fact in made.facts] == ["otto"]
    assert await scene.store.create_list(new, first) == Conflict()
    assert await kept(scene, "owners") == made


@pytest.mark.rule("LOG-3")
async def test_a_list_is_not_made_by_someone_who_may_no_longer(scene: Scene) -> None:
    """Where the first batch cannot be written there is no list either."""
    new = NewList("owners", WORKSPACE, "Owners", ANA, moment(0))
    first = batch(0, list_id="owners", memberships={ANA: 2})
    assert await scene.store.create_list(new, first) == RightsMoved({ANA: ("editor", 1)})
    assert await scene.kept("owners") is None


@pytest.mark.rule("LOG-7")
async def test_bulk_rows_come_with_links_and_one_fact_each(scene: Scene) -> None:
    """Every bulk row is a record with its links and one `row` fact after the batch's own entries."""
    own = cell_entry("quay", "rent", None, 1, update=1)
    records = [
        BulkRecord("pier", "a2", {"rent": 5, "note": None, "tags": ["x"]}, [("owner", "owners", "olga")], update=1),
        BulkRecord("dock", "a3", {}),
    ]
    result = await scene.store.commit(batch(1, updates=2, audit=[own], records=records))
    after = await kept(scene)
    assert result == Committed(3)
    assert (after.rows["pier"].cells, after.rows["pier"].seq) == ({"rent": 5, "tags": ["x"]}, 3)
    assert (after.rows["dock"].cells, after.rows["dock"].created_at) == ({}, moment(1))
    assert after.links == {("pier", "owner", "olga"): "owners"}
    dock, first, pier = after.facts
    assert (dock.seq, dock.ordinal, dock.entry.fact) == (2, 0, Fact(FactKind.ROW, row="dock", new="a3"))
    assert (first.seq, first.ordinal, first.entry.fact) == (3, 0, own.fact)
    assert (pier.seq, pier.ordinal, pier.entry.fact) == (3, 1, Fact(FactKind.ROW, row="pier", new="a2"))
    assert (pier.entry.actor, pier.entry.source, pier.entry.at) == (ANA, Source.SOCKET, moment(2))


@pytest.mark.rule("LOG-7")
async def test_a_bulk_that_conflicts_writes_no_record(scene: Scene) -> None:
    """Where the head has moved nothing of it is written; where a list cannot be made its records are not even read."""
    before = await kept(scene)
    assert await scene.store.commit(batch(0, records=[BulkRecord("pier", "a2", {})])) == Conflict()
    assert await kept(scene) == before
    records = iter([BulkRecord("pier", "a2", {})])
    taken = NewList(LIST, WORKSPACE, "Properties", ANA, moment(0))
    assert await scene.store.create_list(taken, batch(0), records) == Conflict()
    assert next(records).row == "pier"
    assert await kept(scene) == before


@pytest.mark.rule("DATA-86")
async def test_several_lists_are_made_together_or_not_at_all(scene: Scene) -> None:
    """Where one of them cannot be made, those before it are not there either."""
    lists = [
        (NewList(name, WORKSPACE, name, ANA, moment(0)), batch(0, list_id=name, memberships={ANA: 1}))
        for name in ("owners", "units")
    ]
    taken = (NewList(LIST, WORKSPACE, "Again", ANA, moment(0)), batch(0))
    before = await kept(scene)
    assert await scene.store.create_lists([*lists, taken]) == Conflict()
    moved = (NewList("tasks", WORKSPACE, "Tasks", ANA, moment(0)), batch(0, list_id="tasks", memberships={ANA: 2}))
    assert await scene.store.create_lists([*lists, moved]) == RightsMoved({ANA: ("editor", 1)})
    assert await kept(scene) == before
    assert [await scene.kept(name) for name in ("owners", "units", "tasks")] == [None, None, None]
    assert await scene.store.create_lists(lists) == Committed(1)
    assert [(await kept(scene, name)).head for name in ("owners", "units")] == [1, 1]
