"""Imports whose commit is late or lost, that are edited at once, and what a draft knows of segments."""

from __future__ import annotations

from typing import Any

import pytest

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Committed, Conflict, Fact, FactKind, Source
from realtime.core import draft, events
from realtime.core.effects import Reply
from realtime.core.reasons import Reason, RowRefusal
from realtime.core.retelling import Retelling
from realtime.core.writes import AddRow, ReplaceSegments, SetCell, SetKey, TrashRow
from realtime.verifying.audit import said
from tests.importing_scenes import ASH, ELM, OAK, ask, facts_of, imported
from tests.property_list import (
    EDDA,
    EMIL,
    NAME,
    OLGA,
    OPEN,
    QUAY,
    RENT,
    SOLD,
    TAGS,
    finish,
    step_2_frame,
)
from tests.room_scenes import Peer, Stage, closes, refusals, replies, stage_with_rows


@pytest.fixture
def stage() -> Stage:
    """A list with one row."""
    return stage_with_rows(QUAY)


@pytest.mark.rule("ROOM-70")
def test_an_import_that_was_committed_late_counts_once(stage: Stage) -> None:
    """Not answered, tried again, and then happened after all: one row, one fact, one reply."""
    ask(stage, imported(OAK, ELM))
    late = stage.commits.pop()
    stage.handle(events.Unanswered())
    stage.fetch()
    assert isinstance(finish(stage.store.commit(late)), Committed)
    assert isinstance(stage.commit()[0], Conflict)
    stage.settle()
    assert [type(reply) for reply in replies(stage.effects)] == [Reply]
    assert [fact.kind for fact in facts_of(stage, OAK, ELM)] == [FactKind.ROW, FactKind.ROW]


@pytest.mark.rule("ROOM-70")
def test_an_import_that_loses_a_race_is_judged_again(stage: Stage) -> None:
    """Another node has deleted its column, or made its row, meanwhile: it is refused. Else it comes after what was first."""
    other = Stage(stage.store)
    ask(stage, imported(OAK))
    other.request(OLGA, AddRow(ELM))
    other.settle()
    stage.settle()
    assert stage.kept.rows[OAK].position > stage.kept.rows[ELM].position
    ask(stage, imported(ASH))
    ask(other := Stage(stage.store), imported(ASH))
    other.settle()
    stage.settle()
    [refuse] = refusals(stage.effects)
    assert refuse.rows == [RowRefusal(0, 0, None, Reason.INVALID_VALUE)]
    assert not stage.room.ledger.draft.document.has_row("row-nowhere01")
    assert stage.room.ledger.draft.document.cell(ASH, RENT) == 7.5


@pytest.mark.rule("ROOM-70")
def test_what_a_lost_race_takes_back_is_known_no_more(stage: Stage) -> None:
    """Rows of an import that in the end is refused do not exist for anybody's edits."""
    edda = stage.join(EDDA, 5001)
    ask(stage, imported(OAK))
    other = Stage(stage.store)
    other.request(OLGA, SetKey("columns", f"{RENT}:deleted", True))
    other.settle()
    stage.settle()
    assert refusals(stage.effects)[0].rows == [RowRefusal(0, None, RENT, Reason.UNKNOWN_COLUMN)]
    assert not stage.room.ledger.draft.document.has_row(OAK)
    stage.write(edda, {f"c:{OAK}:{NAME}": "x"})
    stage.settle()
    assert Reason.UNKNOWN_ROW in str(edda.denials()[-1])
    assert OAK not in stage.kept.rows


@pytest.mark.rule("ROOM-71")
def test_rows_that_are_edited_before_they_are_committed_are_whole(stage: Stage) -> None:
    """Edits of imported rows that go into the same commit: the record has both, each fact stands once, the log tells the same."""
    stage.request(OLGA, SetCell(QUAY, NAME, "busy"))
    ask(stage, imported(OAK, ELM))
    stage.request(OLGA, SetCell(OAK, NAME, "Oak Lane"), SetCell(OAK, TAGS, [OPEN]), TrashRow(OAK, trashed=True))
    stage.settle()
    assert len(stage.commits) == 0
    assert stage.kept.head == 5
    kept = stage.kept.rows[OAK]
    assert (kept.cells, kept.trashed_by) == ({NAME: "Oak Lane", RENT: 7.5, TAGS: [OPEN]}, OLGA.user_id)
    assert stage.kept.rows[ELM].cells == {NAME: ELM.title(), RENT: 7.5, TAGS: [SOLD]}
    retelling = Retelling(1, None)
    log = [retelling.tell(entry.update) for entry in stage.kept.log]
    for seq, facts in enumerate(log, start=1):
        audited = [kept.entry.fact for kept in stage.kept.facts if kept.seq == seq]
        assert sorted(map(said, audited)) == sorted(map(said, facts))


@pytest.mark.rule("ROOM-72")
def test_a_draft_that_is_made_anew_has_no_bytes_of_segments(stage: Stage) -> None:
    """After a lost race its segments are empty, and yet it reads and judges every row, and gives the whole document where that is asked."""
    ask(stage, imported(OAK, ELM))
    stage.settle()
    edda = stage.join(EDDA, 5001)
    stage.write(edda, {f"c:{OAK}:{RENT}": 9})
    other = Stage(stage.store)
    other.request(OLGA, SetCell(QUAY, NAME, "first"))
    ask(other, imported(ASH))
    other.settle()
    stage.settle()
    draft = stage.room.ledger.draft.document
    held: Any = draft.held("segments")
    assert {name: bytes(payload) for name, payload in held.items()} == {OAK: b"", ASH: b""}
    assert facts_of(stage, OAK)[1] == Fact(FactKind.CELL, row=OAK, column=RENT, old=7.5, new=9)
    assert (draft.cell(ASH, RENT), draft.members(ELM, TAGS), draft.position(ASH)) == (
        7.5,
        [SOLD],
        stage.kept.rows[ASH].position,
    )
    there = Peer(9)
    there.apply(draft.whole())
    assert there.values() == stage.join(EMIL, 5002).peer.values()


@pytest.mark.rule("ROOM-73")
def test_who_knows_of_a_deleted_segment_before_the_node_is_not_blamed(stage: Stage) -> None:
    """The log is read before anybody is closed for it; it says the same, and the client goes on."""
    ask(stage, imported(OAK))
    stage.settle()
    behind, edda = Stage(stage.store), stage.join(EDDA, 5001)
    system = Principal("system", "Rowhouse", Role.OWNER, 0)
    gone = ReplaceSegments({}, frozenset({OAK}), stage.room.ledger.draft.changes_below)
    stage.handle(events.Requested("fold-1", system, Source.SYSTEM, (gone,)))
    stage.settle()
    behind.rejoin(edda)
    behind.send(edda, step_2_frame(edda.peer.doc.get_update(behind.room.live.state_vector())))
    assert closes(behind.effects) == []
    behind.settle()
    assert closes(behind.effects) == []
    assert behind.room.standing == stage.room.standing


@pytest.mark.rule("ROOM-70")
def test_an_import_is_judged_again_only_where_that_matters(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another node has edited a cell the rows are taken as they were judged; where it has added one, or changed a column, not."""
    judged: list[int] = []
    judge = draft.judge_rows
    monkeypatch.setattr(draft, "judge_rows", lambda *asked: judged.append(1) or judge(*asked))
    for write, times in (
        (SetCell(QUAY, NAME, "first"), 1),
        (AddRow("row-yew00001"), 2),
        (SetKey("columns", f"{RENT}:name", "Price"), 2),
    ):
        judged.clear()
        name = f"row-new{times}{len(stage.kept.rows):04}"
        ask(stage, imported(name))
        other = Stage(stage.store)
        other.request(OLGA, write)
        other.settle()
        stage.settle()
        assert (len(judged), name in stage.kept.rows) == (times, True)
    assert max(stage.kept.rows, key=lambda row: stage.kept.rows[row].position).startswith("row-new")
    assert refusals(stage.effects) == []
