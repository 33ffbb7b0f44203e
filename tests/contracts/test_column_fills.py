"""The contract of list stores for what a conversion writes beside its batch: one suite for PostgreSQL and for memory."""

from dataclasses import replace

import pytest

from persistence.contract import BulkRecord, Committed, Conflict, LinkPatch
from persistence.fills import ColumnFill
from tests.list_scenes import LIST, Scene, batch, cell_entry, kept, row_patch


@pytest.fixture
async def rows(scene: Scene) -> Scene:
    """A list with two rows, one of which has a link."""
    link = LinkPatch("quay", "owner", "owners", "olga", present=True)
    patches = [
        row_patch("quay", {"rent": 900, "owner": ["olga"]}, position="a0"),
        row_patch("pier", {"rent": 700}, position="a1"),
    ]
    made = batch(1, audit=[cell_entry("quay", "rent", None, 900)], rows=patches, links=[link])
    assert await scene.store.commit(made) == Committed(2)
    return scene


@pytest.mark.rule("DATA-72")
async def test_a_fill_changes_values_and_nothing_else_of_a_row(rows: Scene) -> None:
    """Values are set and taken out in the one column; number, time and author of the rows, facts and other links stay."""
    before = await kept(rows)
    fill = ColumnFill("size", None, {"quay": 12.5, "pier": None})
    assert await rows.store.commit(batch(2, fills=[fill])) == Committed(3)
    after = await kept(rows)
    assert after.rows["quay"] == replace(before.rows["quay"], cells={**before.rows["quay"].cells, "size": 12.5})
    assert (after.rows["pier"], after.links, after.facts) == (before.rows["pier"], before.links, before.facts)
    assert await rows.store.commit(batch(3, fills=[ColumnFill("size", None, {"quay": None})])) == Committed(4)
    assert (await kept(rows)).rows == before.rows


@pytest.mark.rule("DATA-72")
async def test_a_fill_of_links_says_them_alone(rows: Scene) -> None:
    """A row's links in the filled column are exactly those of the value; another column's stay."""
    fill = ColumnFill("agent", "people", {"quay": ["mia", "ana"], "pier": ["ana"]})
    assert await rows.store.commit(batch(2, fills=[fill])) == Committed(3)
    again = ColumnFill("agent", "people", {"quay": ["ana"], "pier": None})
    assert await rows.store.commit(batch(3, fills=[again])) == Committed(4)
    found = await kept(rows)
    assert found.links == {("quay", "owner", "olga"): "owners", ("quay", "agent", "ana"): "people"}
    assert (found.rows["quay"].cells["agent"], "agent" in found.rows["pier"].cells) == (["ana"], False)


@pytest.mark.rule("DATA-72", "DATA-76")
async def test_a_fill_reaches_rows_that_come_with_it(rows: Scene) -> None:
    """Rows that the same batch edits or brings in bulk get their values too, held or not."""
    await rows.store.hold(LIST, 2, 1)
    filled = ColumnFill("size", None, {"quay": 1, "gate": 2})
    brought = batch(2, rows=[row_patch("quay", {"rent": 1})], records=[BulkRecord("gate", "a5", {})], fills=[filled])
    assert await rows.store.commit(brought) == Committed(3)
    found = await kept(rows)
    assert (found.rows["quay"].cells["size"], found.rows["quay"].cells["rent"]) == (1, 1)
    assert found.rows["gate"].cells == {"size": 2}


@pytest.mark.rule("DATA-72")
async def test_a_fill_of_a_stale_batch_writes_nothing(rows: Scene) -> None:
    """Where the head has moved, no value is written."""
    before = await kept(rows)
    fill = ColumnFill("size", None, {"quay": 12})
    assert await rows.store.commit(batch(1, fills=[fill])) == Conflict()
    assert await kept(rows) == before
