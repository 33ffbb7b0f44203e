"""Values that the server wrote back over refused ones, and the honest edits that never met them."""

import pytest

from realtime.core import keys
from tests.property_list import EDDA, MIA, NAME, QUAY
from tests.room_scenes import Stage, stage_with_rows

CELL = keys.cell(QUAY, NAME)
LOW, HIGH = 5_000, 900_000


def crossing(member: int, editor: int) -> tuple[Stage, list[object]]:
    """An editor writes a cell while the refusal of a member's write to it is still on its way to them."""
    stage = stage_with_rows(QUAY)
    writer, vandal = stage.join(EDDA, editor), stage.join(MIA, member)
    stage.write(writer, {CELL: "Old quay"})
    stage.settle()
    honest = writer.peer.set({CELL: "New quay"})
    stage.write(vandal, {CELL: "Mine"})
    stage.settle()
    stage.send(writer, b"\x00\x02" + bytes((len(honest),)) + honest)
    stage.settle()
    return stage, [seat.peer.values()[f"1/{CELL}"] for seat in (writer, vandal)]


@pytest.mark.rule("GATE-21")
@pytest.mark.parametrize(("member", "editor"), [(LOW, HIGH), (HIGH, LOW)])
def test_an_honest_edit_never_loses_to_a_restored_value(member: int, editor: int) -> None:
    """Whoever has the larger client id: the accepted value is what everybody sees, and what the row says."""
    stage, shown = crossing(member, editor)
    assert shown == ["New quay", "New quay"]
    assert stage.kept.rows[QUAY].cells[NAME] == "New quay"


def test_a_restored_value_is_insisted_over_once() -> None:
    """After the honest edit the key is like any other: the author of the next edit is not echoed."""
    stage, _ = crossing(HIGH, LOW)
    writer = next(seat for seat in stage.seats.values() if seat.principal == EDDA)
    writer.take()
    stage.write(writer, {CELL: "Newer quay"})
    stage.settle()
    assert writer.updates() == []


@pytest.mark.parametrize(("member", "editor"), [(LOW, HIGH), (HIGH, LOW)])
def test_edits_under_way_do_not_lose_to_a_value_that_was_written_again(member: int, editor: int) -> None:
    """The author goes on typing before they are shown what the server wrote: the last value stands."""
    stage = stage_with_rows(QUAY)
    writer, vandal = stage.join(EDDA, editor), stage.join(MIA, member)
    stage.write(writer, {CELL: "Old quay"})
    stage.settle()
    typed = [writer.peer.set({CELL: text}) for text in ("N", "Ne", "New")]
    stage.write(vandal, {CELL: "Mine"})
    stage.settle()
    for update in typed:
        stage.send(writer, b"\x00\x02" + bytes((len(update),)) + update)
    stage.settle()
    assert [seat.peer.values()[f"1/{CELL}"] for seat in (writer, vandal)] == ["New", "New"]
    assert stage.kept.rows[QUAY].cells[NAME] == "New"
