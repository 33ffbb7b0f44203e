"""Conversions through a room and its store: filled unseen, swapped at once, while people edit."""

from __future__ import annotations

from typing import Any

import pytest

from persistence.contract import Json
from realtime.core.converting import StoredRows
from realtime.core.folding import fold
from realtime.core.writes import (
    AddRow,
    FillColumn,
    OpenGeneration,
    ReplaceSegments,
    SetCell,
    SetKey,
    SwapColumns,
)
from snapshots.columns import Column, ColumnType
from snapshots.segments import BYTES_MAX, decode_segment
from tests.conversion_scenes import (
    CELL,
    NEW,
    VIEW,
    agree,
    ask,
    convertible,
    copy_of,
    filled,
    filling,
    new_id,
    swap,
)
from tests.property_list import ADAM, EDDA, EMIL, NAME, OLGA, PIER, QUAY, RENT, SOLD, TAGS
from tests.room_scenes import Stage, refusals, replies, stage_with_rows


@pytest.fixture
def stage() -> Stage:
    """A list with two rows of texts, one that is a number, and a column of numbers that nobody sees yet."""
    return convertible()


@pytest.mark.rule("DATA-72")
def test_filling_shows_nobody_anything(stage: Stage) -> None:
    """The values are in the document and in the rows, the rows count as unchanged, and there is no fact of it."""
    before, facts = dict(stage.kept.rows[QUAY].cells), len(stage.kept.facts)
    stamp = (stage.kept.rows[QUAY].seq, stage.kept.rows[QUAY].updated_at, stage.kept.rows[QUAY].updated_by)
    (step,) = filled(stage)
    assert step.values == {QUAY: 12}
    row = stage.kept.rows[QUAY]
    assert row.cells == {**before, NEW: 12}
    assert (row.seq, row.updated_at, row.updated_by) == stamp
    assert len(stage.kept.facts) == facts
    assert agree(stage)[QUAY][NEW] == 12


@pytest.mark.rule("DATA-72", "DATA-75")
def test_a_swap_changes_columns_views_and_primary_at_once(stage: Stage) -> None:
    """Name, position, flags, views of everybody and the column that names the rows; the audit has a fact for each key, none for a cell."""
    filled(stage)
    facts = len(stage.kept.facts)
    assert replies(swap(stage))
    schema = stage.room.ledger.draft.schema()
    new, old = schema.columns[NEW], schema.columns[NAME]
    assert (new.name, new.position, new.deleted, old.deleted, schema.primary) == ("Name", "a0", False, True, NEW)
    views = stage.room.ledger.draft.document.entries("views")
    assert (views[f"{VIEW}:sort"], views[f"{VIEW}:widths"]) == ([{"column": NEW}], {NEW: 90})
    assert (views["view-private:group"], views[f"{VIEW}:hidden"]) == (NEW, [RENT])
    made = [entry.entry.fact for entry in stage.kept.facts[facts:]]
    assert {fact.kind.value for fact in made} == {"column", "meta", "view"}
    assert agree(stage)[PIER] == {NAME: "a pier"}


@pytest.mark.rule("DATA-76")
def test_what_was_edited_meanwhile_is_converted_too(stage: Stage) -> None:
    """Edits of the old column between the working out and the swap, and rows that came, are converted in the swap itself."""
    edda = stage.join(EDDA, 5001)
    steps = filling(stage).steps
    stage.write(edda, {CELL: "13"})
    for step in steps:
        assert replies(ask(stage, step))
    stage.write(edda, {"r:row-new00001": "a9", f"c:row-new00001:{NAME}": "14"})
    assert replies(swap(stage))
    cells = agree(stage)
    assert (cells[QUAY][NEW], cells["row-new00001"][NEW]) == (13, 14)


@pytest.mark.rule("DATA-76")
def test_nothing_is_swapped_that_would_lose_an_edit(stage: Stage) -> None:
    """Where what was edited meanwhile does not convert, where nobody has watched, or the rows are too many, it is worked out again first."""
    edda = stage.join(EDDA, 5001)
    filled(stage)
    stage.write(edda, {CELL: "no number"})
    assert len(refusals(swap(stage))) == 1
    assert [step.values for step in filled(stage)] == [{QUAY: None}]
    assert replies(swap(stage))
    assert NEW not in agree(stage)[QUAY]


@pytest.mark.rule("DATA-76", "ROOM-5")
def test_a_deletion_that_is_not_committed_after_all_is_noted(stage: Stage) -> None:
    """It was worked out while somebody's deletion was under way, who lost their rights before it was durable: what stands again is converted."""
    edda = stage.join(EDDA, 5001)
    stage.write(edda, {CELL: ...})
    steps = filling(stage).steps
    stage.set_role(EDDA, None)
    stage.settle()
    for step in steps:
        assert replies(ask(stage, step))
    assert replies(swap(stage))
    assert agree(stage)[QUAY] == {NAME: "12", NEW: 12, TAGS: [SOLD]}


@pytest.mark.rule("DATA-76")
def test_a_swap_needs_to_know_what_was_edited(stage: Stage) -> None:
    """On a draft that was made anew nobody has noted the edits: the swap is refused, and nothing has changed."""
    filled(stage)
    stage.room.ledger.draft.document.unwatch(NAME)
    assert len(refusals(swap(stage))) == 1
    assert not stage.room.ledger.draft.schema().columns[NAME].deleted


@pytest.mark.rule("DATA-75")
def test_only_who_may_change_columns_swaps_them(stage: Stage) -> None:
    """An editor is refused; so is a swap of what does not stand, and one that comes with other writes."""
    filled(stage)
    assert len(refusals(swap(stage, EDDA))) == 1
    for write in (SwapColumns(NAME, RENT, {}), SwapColumns(NEW, NAME, {}), SwapColumns(NAME, "col-nowhere1", {})):
        assert len(refusals(ask(stage, write, ADAM))) == 1
    assert len(refusals(stage.request(ADAM, SwapColumns(NAME, NEW, {}), AddRow("row-new00001")))) == 1


@pytest.mark.rule("DATA-73")
def test_a_swap_back_shows_every_old_value(stage: Stage) -> None:
    """Undone, the old column has the name and place that the new one was given meanwhile, and its values."""
    filled(stage)
    swap(stage)
    stage.request(ADAM, SetKey("columns", f"{NEW}:name", "Count"), SetKey("columns", f"{NEW}:locked", True))
    stage.settle()
    assert replies(ask(stage, SwapColumns(NEW, NAME, {}), ADAM))
    schema = stage.room.ledger.draft.schema()
    assert (schema.columns[NAME].name, schema.columns[NAME].locked, schema.primary) == ("Count", True, NAME)
    assert agree(stage)[PIER][NAME] == "a pier"


@pytest.mark.rule("DATA-77")
def test_an_edit_of_the_old_column_under_way_is_refused_with_its_value(stage: Stage) -> None:
    """Who writes into it after the swap is told that there is no such column; what they wrote stands in the audit."""
    edda = stage.join(EDDA, 5001)
    filled(stage)
    swap(stage)
    stage.write(edda, {CELL: "late"})
    stage.settle()
    assert edda.denials()[-1]["refused"] == [{"key": CELL, "reason": "unknown_column"}]
    assert stage.kept.facts[-1].entry.fact.new == "late"
    assert agree(stage)[QUAY][NAME] == "12"


@pytest.mark.rule("DATA-78")
def test_a_conversion_goes_on_from_where_it_stands(stage: Stage) -> None:
    """What is filled already is not filled again; what was changed since is."""
    filled(stage)
    assert filling(stage).steps == []
    stage.request(OLGA, SetCell(PIER, NAME, "7"))
    stage.settle()
    assert [step.values for step in filled(stage)] == [{PIER: 7}]


@pytest.mark.rule("DATA-78")
def test_folding_and_converting_do_not_harm_each_other(stage: Stage) -> None:
    """Whichever comes between the steps of the other, no value is lost, and both come to an end."""
    emil = stage.join(EMIL, 5002)
    steps = filling(stage).steps
    ask(stage, OpenGeneration(1))
    draft = stage.room.ledger.draft
    folding = list(fold(copy_of(stage), 1, new_id))
    first = folding[0]
    assert isinstance(first, ReplaceSegments)
    assert replies(ask(stage, ReplaceSegments(first.segments, first.superseded, draft.changes_below)))
    assert [len(refusals(ask(stage, step))) for step in steps] == [1]
    filled(stage)
    assert len(refusals(ask(stage, ReplaceSegments(first.segments, first.superseded, draft.changes_below - 1)))) == 1
    emil.peer.generation = "2"
    stage.write(emil, {CELL: "15"})
    assert replies(swap(stage))
    assert agree(stage)[QUAY][NEW] == 15


@pytest.mark.rule("DATA-72")
def test_only_the_system_fills_and_only_what_nobody_sees(stage: Stage) -> None:
    """A door that passed a filling on would be refused, as is one of a column that stands, or of rows that are not there."""
    (step,) = filling(stage).steps
    assert len(refusals(ask(stage, step, OLGA))) == 1
    for wrong in (
        FillColumn(RENT, step.segments, step.superseded, step.values),
        FillColumn(NEW, step.segments, step.superseded, {"row-nowhere1": 1}),
        FillColumn(NEW, step.segments, {"segment-nowhere": ""}, step.values),
    ):
        assert len(refusals(ask(stage, wrong))) == 1


@pytest.mark.rule("DATA-76")
def test_a_segment_without_room_leaves_its_rows_to_the_swap() -> None:
    """A value that would make a segment larger than 1 MiB is not put there, and not forgotten."""
    stage = stage_with_rows(QUAY, PIER)
    text = Column("col-long----", "Long", ColumnType.LONG_TEXT)
    for name in ("long", "more"):
        keys: dict[str, Json] = {"name": name, "type": "long_text", "pos": "a9", "deleted": name == "more"}
        stage.request(ADAM, *(SetKey("columns", f"col-{name}----:{key}", value) for key, value in keys.items()))
    stage.settle()
    rows = [f"row-many{number:04}" for number in range(8)]
    stage.request(OLGA, *(AddRow(row) for row in rows), *(SetCell(row, text.id, "é" * 45_000) for row in rows))
    stage.settle()
    ids = iter(f"segment-{number:07}" for number in range(99))
    first = StoredRows(copy_of(stage)).fill(text.id, dict.fromkeys(rows, "é" * 45000), lambda: next(ids))
    for step in first.steps:
        stage.room.ledger.draft.document.refit(step.segments, step.superseded)
    second = StoredRows(copy_of(stage)).fill("col-more----", dict.fromkeys(rows, "ü" * 45000), lambda: next(ids))
    put = {row for step in second.steps for row in step.values}
    assert put | set(second.left) == set(rows)
    assert second.left
    for step in second.steps:
        for payload in step.segments.values():
            assert sum(len(str(row).encode()) for row in decode_segment(payload).rows) < BYTES_MAX


@pytest.mark.rule("DATA-79")
def test_adding_a_column_rewrites_nothing(stage: Stage) -> None:
    """It is a few keys: no segment is replaced, and no row is touched."""
    filled(stage)
    segments = stage.room.ledger.draft.document.segments()
    rows: dict[str, Any] = {row: (kept.seq, dict(kept.cells)) for row, kept in stage.kept.rows.items()}
    stage.request(ADAM, SetKey("columns", "col-added---:name", "Added"), SetKey("columns", "col-added---:type", "text"))
    (batch,) = stage.commits
    assert (batch.rows, batch.fills, batch.links) == ((), [], ())
    assert len(batch.updates[0].update) < 200
    stage.settle()
    assert stage.room.ledger.draft.document.segments() == segments
    assert {row: (kept.seq, kept.cells) for row, kept in stage.kept.rows.items()} == rows
