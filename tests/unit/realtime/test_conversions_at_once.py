"""Several conversions that fill one column, and what is imported while they do: each segment is the one that was worked out for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from persistence.contract import Json
from realtime.core.effects import Refuse
from realtime.core.reasons import Reason
from realtime.core.writes import BeginFilling, ImportRows, SetCell, SetKey, SwapColumns
from tests.conversion_scenes import NEW, agree, ask, conversion, convertible, copy_of, filling, swap
from tests.property_list import ADAM, EDDA, NAME, OLGA, PIER, QUAY, RENT
from tests.room_scenes import Stage, refusals, replies


@pytest.fixture
def stage() -> Stage:
    """A list with two rows of texts, and a column of numbers that was made for them."""
    made = convertible()
    config: Json = {"converting": {"from": NAME}, "precision": 2}
    made.request(ADAM, SetKey("columns", f"{NEW}:config", config))
    made.settle()
    return made


def begin(stage: Stage, run: str) -> None:
    """A conversion takes up the column."""
    assert replies(ask(stage, BeginFilling(NAME, NEW, run), ADAM))


def swap_by(stage: Stage, run: str) -> list[Refuse]:
    """A conversion lets the new column take the place of the names; gives the refusals."""
    return refusals(ask(stage, SwapColumns(NAME, NEW, {}, conversion(stage), run=run), ADAM))


@pytest.mark.rule("DATA-78")
def test_the_last_that_began_fills_the_column(stage: Stage) -> None:
    """What an earlier one has worked out and not asked for yet is refused, and so is its swap."""
    begin(stage, "run-1")
    late = [replace(step, run="run-1") for step in filling(stage).steps]
    stage.request(OLGA, SetCell(QUAY, NAME, "13"))
    stage.settle()
    begin(stage, "run-2")
    for step in filling(stage).steps:
        assert replies(ask(stage, replace(step, run="run-2")))
    assert [len(refusals(ask(stage, step))) for step in late] == [1]
    assert swap_by(stage, "run-1")
    assert not swap_by(stage, "run-2")
    assert agree(stage)[QUAY][NEW] == 13


@pytest.mark.rule("DATA-78")
def test_beginning_changes_only_who_fills(stage: Stage) -> None:
    """The column keeps its configuration; who may not change columns begins nothing."""
    assert refusals(ask(stage, BeginFilling(NAME, NEW, "run-1"), EDDA))
    begin(stage, "run-1")
    config = stage.room.ledger.draft.schema().columns[NEW].config
    assert config == {"converting": {"from": NAME, "run": "run-1"}, "precision": 2}


@pytest.mark.rule("DATA-78")
def test_what_was_swapped_and_undone_is_filled_no_more(stage: Stage) -> None:
    """A column that people have edited in its place keeps what they wrote: no other conversion fills it or puts it there again."""
    begin(stage, "run-1")
    late = [replace(step, run="run-1") for step in filling(stage).steps]
    assert not swap_by(stage, "run-1")
    stage.request(OLGA, SetCell(PIER, NEW, 99))
    stage.settle()
    assert replies(ask(stage, SwapColumns(NEW, NAME, {}), ADAM))
    (told,) = refusals(ask(stage, BeginFilling(NAME, NEW, "run-2"), ADAM))
    assert [reason for _, reason in told.refusals] == [Reason.STALE_GENERATION]
    assert [len(refusals(ask(stage, step))) for step in late] == [1]
    assert swap_by(stage, "run-1")
    assert copy_of(stage).cell(PIER, NEW) == 99


@pytest.mark.rule("DATA-78")
@pytest.mark.parametrize(("source", "column"), [(NAME, RENT), (RENT, NEW), (NAME, "col-nowhere1")])
def test_only_a_column_that_was_made_for_it_is_filled(stage: Stage, source: str, column: str) -> None:
    """Neither one that stands, nor one that was made for another column, nor one that is not there."""
    assert refusals(ask(stage, BeginFilling(source, column, "run-1"), ADAM))


@pytest.mark.rule("DATA-76")
def test_a_row_imported_anew_keeps_its_new_place(stage: Stage) -> None:
    """A conversion that has seen a row before it was durable does not put it back where it stood then."""
    there = Stage(stage.store)
    ask(stage, ImportRows([NAME], [["row-new00001", None, "14"]]), OLGA, settle=False)
    (begun, *steps) = filling(stage).steps
    assert "row-new00001" in begun.superseded or any("row-new00001" in step.superseded for step in steps)
    there.request(EDDA, ImportRows([NAME], [["row-new00002", None, "15"]]))
    there.settle()
    stage.settle()
    kept = stage.kept.rows
    assert kept["row-new00001"].position > kept["row-new00002"].position
    for step in (begun, *steps):
        ask(stage, step)
    for step in filling(stage).steps:
        assert replies(ask(stage, step))
    assert replies(swap(stage))
    document = copy_of(stage)
    assert {row: document.position(row) for row in kept} == {row: held.position for row, held in kept.items()}
    assert agree(stage)["row-new00001"][NEW] == 14
