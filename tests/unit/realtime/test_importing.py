"""Rows in bulk through a room: judged as any other write, one segment of the document, one record and one fact each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from persistence.contract import Fact, FactKind, Json, Source
from realtime.core.effects import Reply
from realtime.core.reasons import Reason, RowRefusal
from realtime.core.writes import AddRow, ImportRows, SetCell, SetKey
from snapshots.segments import decode_segment
from tests.importing_scenes import ASH, ELM, OAK, ask, facts_of, imported, told
from tests.property_list import (
    ADAM,
    EDDA,
    EMIL,
    GONE,
    LOCKED,
    MIA,
    NAME,
    OLGA,
    QUAY,
    RENT,
    SOLD,
    STATE,
    SUM,
    TAGS,
)
from tests.room_scenes import Stage, closes, replies, stage_with_rows


@pytest.fixture
def stage() -> Stage:
    """A list with one row."""
    return stage_with_rows(QUAY)


@pytest.mark.rule("DATA-63")
def test_imported_rows_are_one_segment_one_record_and_one_fact_each(stage: Stage) -> None:
    """They stand in the document as a segment, as rows with links of the snapshot, and as one fact of their import each; everybody sees them."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    emil.take()
    ask(stage, imported(OAK, ELM))
    assert emil.updates() == [], "nothing is shown before it is durable"
    stage.settle()
    assert [type(reply) for reply in replies(stage.effects)] == [Reply]
    for seat in (edda, emil):
        held: Any = seat.peer.held("segments").to_py()
        assert [row[0] for row in decode_segment(bytes(held[OAK])).rows] == [OAK, ELM]
    assert stage.kept.rows[OAK].cells == {NAME: OAK.title(), RENT: 7.5, TAGS: [SOLD]}
    assert facts_of(stage, OAK, ELM) == [
        Fact(FactKind.ROW, row=row, new=stage.kept.rows[row].position) for row in (OAK, ELM)
    ]
    last = stage.kept.facts[-1].entry
    assert (last.actor, last.source) == (EDDA.user_id, Source.IMPORT)
    draft = stage.room.ledger.draft.document
    assert (draft.cell(ELM, RENT), draft.members(ELM, TAGS)) == (7.5, [SOLD])


@pytest.mark.rule("DATA-63")
def test_imported_rows_are_edited_like_any_other(stage: Stage) -> None:
    """A value over an imported one tells the imported one as the old value."""
    edda = stage.join(EDDA, 5001)
    ask(stage, imported(OAK))
    stage.settle()
    stage.write(edda, {f"c:{OAK}:{RENT}": 9, f"t:{OAK}": None})
    stage.settle()
    assert facts_of(stage, OAK)[1] == Fact(FactKind.CELL, row=OAK, column=RENT, old=7.5, new=9)
    assert stage.kept.rows[OAK].cells == {NAME: OAK.title(), RENT: 9, TAGS: [SOLD]}


@pytest.mark.rule("DATA-64")
def test_rows_without_a_position_go_to_the_end_in_their_order(stage: Stage) -> None:
    """After the last row, one after another, also where others of the call bring their positions and rows are added beside them."""
    ask(stage, imported(OAK, ELM), AddRow("row-yew00001"), imported(ASH))
    stage.settle()
    order = sorted(stage.kept.rows, key=lambda row: stage.kept.rows[row].position)
    assert order == [QUAY, OAK, ELM, "row-yew00001", ASH]
    given = ImportRows([], [["row-fir00001", "a0V"], ["row-box00001", None]])
    ask(stage, given)
    stage.settle()
    assert stage.kept.rows["row-fir00001"].position == "a0V"
    assert stage.kept.rows["row-box00001"].position > stage.kept.rows[ASH].position


def _refused_cells() -> list[tuple[str, Json, Reason]]:
    return [
        (RENT, "seven", Reason.INVALID_VALUE),
        (RENT, float("nan"), Reason.INVALID_VALUE),
        (TAGS, SOLD, Reason.INVALID_VALUE),
        (TAGS, [SOLD, SOLD], Reason.INVALID_VALUE),
        (TAGS, ["option-other"], Reason.INVALID_VALUE),
        (STATE, "option-other", Reason.INVALID_VALUE),
        (NAME, "a\0b", Reason.INVALID_VALUE),
    ]


@pytest.mark.rule("DATA-65")
@pytest.mark.parametrize(("column", "value", "reason"), _refused_cells())
def test_a_value_that_its_column_does_not_take_is_refused(
    stage: Stage, column: str, value: Json, reason: Reason
) -> None:
    """It is told with its row and column, and nothing of the call is written."""
    refuse = told(stage, SetCell(QUAY, NAME, "x"), ImportRows([column], [[OAK, None, None], [ELM, None, value]]))
    assert refuse.refusals == [(1, reason)]
    assert refuse.rows == [RowRefusal(1, 1, column, reason)]
    assert stage.commits == []


@pytest.mark.rule("DATA-65")
@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ([LOCKED], Reason.LOCKED_COLUMN),
        ([SUM], Reason.COMPUTED_COLUMN),
        ([GONE], Reason.UNKNOWN_COLUMN),
        (["col-other---"], Reason.UNKNOWN_COLUMN),
        ([NAME, NAME], Reason.INVALID_VALUE),
    ],
)
def test_columns_that_nobody_may_fill_are_refused(stage: Stage, columns: Sequence[str], reason: Reason) -> None:
    """A column that is locked for the person, computed, deleted, unknown, or named twice."""
    refuse = told(stage, ImportRows(columns, [[OAK, None, *(None for _ in columns)]]))
    assert {(row.row, row.column, row.reason) for row in refuse.rows} == {(None, columns[0], reason)}
    assert stage.commits == []


@pytest.mark.rule("DATA-65")
@pytest.mark.parametrize(
    "bad",
    [
        [QUAY, None, "There already"],
        [OAK, None, "Twice"],
        ["short", None, "No id"],
        [ELM, "a00", "No position"],
        [ELM, None],
        [ELM, None, "One", "too many"],
        [],
        [5, None, "No id"],
    ],
)
def test_a_row_that_cannot_be_made_is_refused(stage: Stage, bad: list[Json]) -> None:
    """One that is there already or comes twice, has no id or position of the right form, or not one value for each column."""
    refuse = told(stage, ImportRows([NAME], [[OAK, None, "Oak"], bad]))
    assert refuse.rows == [RowRefusal(0, 1, None, Reason.INVALID_VALUE)]


@pytest.mark.rule("DATA-65")
def test_who_may_not_import_is_refused(stage: Stage) -> None:
    """A member may not; an admin may fill a locked column too."""
    assert told(stage, imported(OAK), by=MIA).rows == [RowRefusal(0, None, None, Reason.ROLE)]
    ask(stage, ImportRows([LOCKED], [[OAK, None, 5]]), by=ADAM)
    stage.settle()
    assert stage.kept.rows[OAK].cells == {LOCKED: 5}


@pytest.mark.rule("DATA-65")
def test_two_writes_of_a_call_cannot_make_the_same_row(stage: Stage) -> None:
    """Neither as two imports, nor as an import and an added row; and what it imports it cannot edit besides."""
    for other in (imported(OAK), AddRow(OAK)):
        assert {row.row for row in told(stage, imported(OAK), other).rows} == {0}
        stage.effects.clear()
    assert told(stage, imported(OAK), SetCell(OAK, NAME, "x")).refusals == [(1, Reason.UNKNOWN_ROW)]


@pytest.mark.rule("DATA-66")
def test_no_more_comes_at_once_than_a_segment_holds(stage: Stage) -> None:
    """The rows beyond 1,000, and those beyond one MiB, are told; as many as fit are taken."""
    names = [f"row-{number:08}" for number in range(1_002)]
    refuse = told(stage, ImportRows([], [[name, None] for name in names]))
    assert [row.row for row in refuse.rows] == [1_000, 1_001]
    stage.effects.clear()
    long = [[name, None, "x" * 10_000] for name in names[:110]]
    refuse = told(stage, ImportRows([NAME], long))
    fitting = refuse.rows[0].row
    assert fitting is not None
    assert 100 <= fitting < 110
    assert [row.row for row in refuse.rows] == list(range(fitting, 110))
    ask(stage, ImportRows([NAME], long[:fitting]))
    stage.settle()
    assert len(stage.kept.rows) == 1 + fitting
    stage.effects.clear()
    assert told(stage, ImportRows([], [])).refusals == [(0, Reason.INVALID_VALUE)]


@pytest.mark.rule("DATA-65")
def test_options_may_come_with_the_rows_that_name_them(stage: Stage) -> None:
    """Values are judged by the columns as they are after the call."""
    option = SetKey("columns", f"{STATE}:option:option-new01", {"label": "New", "colour": "green", "pos": "a5"})
    ask(stage, option, ImportRows([STATE], [[OAK, None, "option-new01"]]), by=ADAM)
    stage.settle()
    assert stage.kept.rows[OAK].cells == {STATE: "option-new01"}


@pytest.mark.rule("GATE-6")
def test_a_socket_cannot_write_segments(stage: Stage) -> None:
    """Whoever sends a segment by a socket, however well formed, is closed, and nothing of it is in the log."""
    olga, adam = stage.join(OLGA, 5001), stage.join(ADAM, 5002)
    ask(stage, imported(OAK))
    stage.settle()
    taken: Any = olga.peer.held("segments")[OAK]
    for seat, value in ((olga, bytes(taken)), (adam, "text")):
        stage.write(seat, {f"segments/{ELM}": value})
    stage.settle()
    assert [session for session, _ in closes(stage.effects)] == [olga.session, adam.session]
    assert stage.room.ledger.draft.document.segments() == {OAK}
