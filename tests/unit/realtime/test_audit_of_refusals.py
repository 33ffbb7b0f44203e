"""Refusals in the audit: who attempted what, when, and why it was refused, for everything that can be refused."""

from typing import Any

import pytest

from auth.principals import Principal
from persistence.contract import AuditEntry, FactKind, Source
from realtime.core.reasons import Reason
from realtime.core.update import Content, Struct
from realtime.core.writes import SetCell
from tests.judged_list import NEW_ROW, comment, signed
from tests.property_list import (
    EDDA,
    LOCKED,
    MIA,
    NAME,
    NOW,
    OLGA,
    OPEN,
    QUAY,
    RENT,
    SUM,
    TAGS,
    item,
    update_frame,
    update_of,
)
from tests.room_scenes import Stage, stage_with_rows

CELL, RENT_CELL = f"c:{QUAY}:{NAME}", f"c:{QUAY}:{RENT}"


@pytest.fixture
def stage() -> Stage:
    """A row with a name."""
    made = stage_with_rows(QUAY)
    made.request(OLGA, SetCell(QUAY, NAME, "Quay Street"))
    made.settle()
    return made


def refused(stage: Stage) -> list[AuditEntry]:
    """The refusals in the audit, in order."""
    return [fact.entry for fact in stage.kept.facts if fact.entry.reason is not None]


@pytest.mark.rule("LOG-5", "GATE-38")
@pytest.mark.parametrize(
    ("person", "attempts", "said"),
    [
        (MIA, {CELL: "Mine"}, [("cell", "Quay Street", "Mine", "role")]),
        (MIA, {CELL: None}, [("cell", "Quay Street", None, "role")]),
        (MIA, {CELL: ...}, [("cell", "Quay Street", None, "role")]),
        (MIA, {CELL: "Mine", RENT_CELL: 5}, [("cell", "Quay Street", "Mine", "role"), ("cell", None, 5, "role")]),
        (EDDA, {CELL: "Fine", RENT_CELL: "five"}, [("cell", None, "five", "invalid_value")]),
        (MIA, {f"e:{QUAY}:{TAGS}:{OPEN}": True}, [("element", None, True, "role")]),
        (EDDA, {f"e:{QUAY}:{TAGS}:{OPEN}": 1}, [("element", None, 1, "invalid_value")]),
        (MIA, {f"r:{NEW_ROW}": "a5"}, [("row", None, "a5", "role")]),
        (EDDA, {f"r:{QUAY}": ...}, [("row", "a0", None, "role")]),
        (MIA, {f"t:{QUAY}": signed(MIA)}, [("trash", None, signed(MIA), "role")]),
        (EDDA, {f"t:{QUAY}": signed(OLGA)}, [("trash", None, signed(OLGA), "not_author")]),
        (EDDA, {f"c:row-nobody01:{NAME}": "x"}, [("cell", None, "x", "unknown_row")]),
        (EDDA, {f"c:{QUAY}:col-unknown1": "x"}, [("cell", None, "x", "unknown_column")]),
        (EDDA, {f"c:{QUAY}:{SUM}": 5}, [("cell", None, 5, "computed_column")]),
        (EDDA, {f"c:{QUAY}:{LOCKED}": 5}, [("cell", None, 5, "locked_column")]),
        (EDDA, {"comments/comment-new1": comment(MIA)}, [("comment", None, comment(MIA), "not_author")]),
        (EDDA, {f"columns/{RENT}:name": "Price"}, [("column", "Rent", "Price", "role")]),
        (EDDA, {"meta/name": "Harbour"}, [("meta", "Properties", "Harbour", "role")]),
        (MIA, {"views/view-new0001:name": "All"}, [("view", None, "All", "role")]),
    ],
)
def test_a_refusal_says_who_what_when_and_why(
    stage: Stage, person: Principal, attempts: dict[str, Any], said: list[tuple[str, Any, Any, str]]
) -> None:
    """Setting, clearing, deleting, several keys, and each kind of thing: what stood, what was attempted, the reason."""
    stage.write(stage.join(person, 5001), attempts)
    stage.settle()
    entries = refused(stage)
    assert [(entry.fact.kind, entry.fact.old, entry.fact.new, entry.reason) for entry in entries] == said
    assert {(entry.actor, entry.source, entry.at) for entry in entries} == {(person.user_id, Source.SOCKET, NOW)}


@pytest.mark.rule("GATE-38", "GATE-20")
def test_a_refusal_without_a_key_stands_in_the_audit_too(stage: Stage) -> None:
    """Somebody without the right to edit has written what nobody sees: that there was an attempt is kept."""
    mia = stage.join(MIA, 5001)
    stage.send(mia, update_frame(update_of(Struct(5001, 0, 3, Content.GC))))
    stage.settle()
    (entry,) = refused(stage)
    assert (entry.actor, entry.fact.kind, entry.reason) == (MIA.user_id, FactKind.GENERATION, Reason.ROLE)
    assert (entry.fact.row, entry.fact.column, entry.fact.entity, entry.fact.new) == (None, None, None, None)


@pytest.mark.rule("GATE-38")
def test_a_write_into_what_is_gone_stands_in_the_audit(stage: Stage) -> None:
    """It came too late: its author is told, and the audit says so."""
    edda = stage.join(EDDA, 5001)
    late = update_of(Struct(5001, 0, 3, Content.GC), item(5001, 3, "too late", (5001, 2)))
    stage.send(edda, update_frame(late))
    stage.settle()
    assert edda.denials()[0]["refused"] == [{"key": "", "reason": "stale_generation"}]
    (entry,) = refused(stage)
    assert (entry.actor, entry.fact.kind, entry.reason) == (
        EDDA.user_id,
        FactKind.GENERATION,
        Reason.STALE_GENERATION,
    )


@pytest.mark.rule("GATE-38")
def test_what_the_audit_cannot_keep_is_left_out_of_it(stage: Stage) -> None:
    """A NUL or a text without end: the refusal stands there without its value."""
    edda = stage.join(EDDA, 5001)
    for number, value in enumerate(("a\0b", "x" * 100_001)):
        stage.send(edda, update_frame(update_of(item(5001, number, value, (5001, number - 1) if number else CELL))))
    stage.settle()
    assert [(entry.fact.new, entry.reason) for entry in refused(stage)] == [(None, "invalid_value")] * 2
    assert [entry.fact.old for entry in refused(stage)] == ["Quay Street"] * 2
