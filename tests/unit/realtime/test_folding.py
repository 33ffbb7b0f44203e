"""Folding: generations begun, merged into segments and dropped, through a room and its store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Source
from realtime.core import events
from realtime.core.document import ListDocument
from realtime.core.effects import Effect
from realtime.core.folding import fold
from realtime.core.index import Index
from realtime.core.rebuild import rebuilt_rows
from realtime.core.retelling import Retelling
from realtime.core.update import decode
from realtime.core.writes import AddRow, OpenGeneration, SetCell, TrashRow, Write
from tests.property_list import EDDA, EMIL, NAME, OLGA, OPEN, PIER, QUAY, RENT, SOLD, TAGS, opened
from tests.room_scenes import Stage, refusals, replies, stage_with_rows

SYSTEM = Principal("system", "Rowhouse", Role.OWNER, 0)
CELL = f"c:{QUAY}:{NAME}"
_ids = count(1)


@pytest.fixture
def stage() -> Stage:
    """A list with two rows that have been edited, one of them in the trash."""
    made = stage_with_rows(QUAY, PIER)
    made.request(
        OLGA,
        SetCell(QUAY, NAME, "Quay"),
        SetCell(QUAY, TAGS, [SOLD, OPEN]),
        SetCell(PIER, RENT, 7),
        TrashRow(PIER, True),
    )
    made.settle()
    made.request(OLGA, SetCell(QUAY, TAGS, [OPEN]), SetCell(QUAY, RENT, 5), SetCell(QUAY, RENT, None))
    made.settle()
    return made


def keep_up(stage: Stage, write: Write, *, settle: bool = True) -> list[Effect]:
    """The system asks for this; returns the effects of that and of its commit."""
    before = len(stage.effects)
    stage.handle(events.Requested(f"upkeep-{next(_ids)}", SYSTEM, Source.SYSTEM, (write,)))
    if settle:
        stage.settle()
    return stage.effects[before:]


def worked_out(stage: Stage, upto: int = 1) -> list[Any]:
    """The steps that fold the stage's list as it stands."""
    draft = stage.room.ledger.draft
    document = ListDocument(1)
    document.apply([draft.document.whole()])
    document.scan()
    steps = fold(document, upto, lambda: f"segment-{next(_ids):07}")
    return [replace(step, as_of=draft.changes_below) for step in steps]


def folded(stage: Stage) -> Sequence[Any]:
    """Begin a generation and fold the one before it."""
    keep_up(stage, OpenGeneration(1))
    steps = worked_out(stage)
    for step in steps:
        assert replies(keep_up(stage, step)), "the step was taken"
    return steps


def said(document: ListDocument) -> dict[str, Any]:
    """Every row with all that it shows."""
    schema = document.schema()
    return {
        row: (
            document.position(row),
            document.trashed(row),
            {
                c: document.members(row, c) if schema.columns[c].set_valued else document.cell(row, c)
                for c in schema.columns
            },
        )
        for row in document.rows()
    }


def of_store(stage: Stage) -> ListDocument:
    """The document as the store has it."""
    found = opened(stage.store)
    document = ListDocument(found.epoch)
    document.apply([entry.update for entry in found.log])
    document.scan()
    return document


@pytest.mark.rule("DATA-60")
def test_folding_changes_nothing_that_anybody_sees(stage: Stage) -> None:
    """Rows, cells, elements, the trash and the order are as before in the draft, live, in the log and in stock replicas; no fact is written."""
    edda = stage.join(EDDA, 5001)
    before, facts = said(stage.room.ledger.draft.document), len(stage.kept.facts)
    folded(stage)
    draft = stage.room.ledger.draft.document
    assert said(draft) == said(of_store(stage)) == before
    assert draft.generations() == of_store(stage).generations() == [2]
    assert len(draft.segments()) == 1
    assert len(stage.kept.facts) == facts
    there = ListDocument(9)
    there.apply([edda.peer.doc.get_update()])
    there.scan()
    assert said(there) == before
    assert {row.row: row.cells for row in rebuilt_rows(draft, draft.schema())}[QUAY] == {NAME: "Quay", TAGS: [OPEN]}


@pytest.mark.rule("DATA-60")
def test_the_log_tells_of_no_change(stage: Stage) -> None:
    """Replayed update by update, folding makes nothing visible."""
    before = stage.kept.head
    folded(stage)
    retelling = Retelling(1, None)
    told = {entry.seq: retelling.tell(entry.update) for entry in stage.kept.log}
    assert [facts for seq, facts in told.items() if seq > before and facts] == []


def test_the_index_is_that_of_the_folded_document(stage: Stage) -> None:
    """What went with the generation is forgotten, and everything else is known."""
    folded(stage)
    draft = stage.room.ledger.draft
    anew = Index()
    anew.add(decode(draft.document.difference()))
    for client in (1, 5001):
        assert anew.known(client) == draft.index.known(client)
        assert anew.living(client, 0, anew.known(client)) == draft.index.living(client, 0, anew.known(client))


@pytest.mark.rule("DATA-61")
def test_an_edit_under_way_to_a_generation_that_is_gone_is_told_so(stage: Stage) -> None:
    """It has no effect, its author stays, hears of it, and writes on in the new generation."""
    edda = stage.join(EDDA, 5001)
    update = edda.peer.set({CELL: "late"})
    folded(stage)
    stage.send(edda, b"\x00\x02" + bytes([len(update)]) + update)
    stage.settle()
    assert edda.closed is None
    assert edda.denials()[-1]["refused"] == [{"key": "", "reason": "stale_generation"}]
    assert stage.kept.rows[QUAY].cells[NAME] == "Quay"
    edda.peer.generation = "2"
    stage.write(edda, {CELL: "again"})
    stage.settle()
    assert stage.kept.rows[QUAY].cells[NAME] == "again"


@pytest.mark.rule("DATA-62")
def test_an_edit_of_the_older_generation_meanwhile_ends_the_folding(stage: Stage) -> None:
    """What was worked out without it is refused; worked out again, it holds."""
    edda = stage.join(EDDA, 5001)
    keep_up(stage, OpenGeneration(1))
    steps = worked_out(stage)
    stage.write(edda, {CELL: "just in time"})
    stage.settle()
    assert [len(refusals(keep_up(stage, step))) for step in steps] == [1] * len(steps)
    for step in worked_out(stage):
        keep_up(stage, step)
    assert said(of_store(stage))[QUAY][2][NAME] == "just in time"


@pytest.mark.rule("DATA-62")
def test_an_edit_that_came_before_the_generation_was_durable_ends_the_folding(stage: Stage) -> None:
    """A generation whose commit loses is begun again above what another node has written meanwhile: the steps did not know of that."""
    there = Stage(stage.store)
    keep_up(stage, OpenGeneration(1), settle=False)
    steps = worked_out(stage)
    there.request(EDDA, SetCell(QUAY, NAME, "first"))
    there.settle()
    stage.settle()
    assert [len(refusals(keep_up(stage, step))) for step in steps] == [1] * len(steps)
    for step in worked_out(stage):
        keep_up(stage, step)
    assert said(of_store(stage))[QUAY][2][NAME] == "first"


def test_edits_of_the_new_generation_meanwhile_are_kept(stage: Stage) -> None:
    """They lie over what is folded, before and after."""
    emil = stage.join(EMIL, 5002)
    keep_up(stage, OpenGeneration(1))
    emil.peer.generation = "2"
    first, *others = worked_out(stage)
    stage.write(emil, {CELL: "newer", f"t:{PIER}": None})
    assert replies(keep_up(stage, first))
    assert all(replies(keep_up(stage, step)) for step in others)
    found = said(of_store(stage))
    assert (found[QUAY][2][NAME], found[PIER][1]) == ("newer", None)


def test_a_second_folding_joins_segments_with_few_rows(stage: Stage) -> None:
    """However often rows are added and folded, there are few segments."""
    folded(stage)
    stage.request(OLGA, AddRow("row-new00001"), SetCell("row-new00001", NAME, "New"))
    stage.settle()
    keep_up(stage, OpenGeneration(2))
    for step in worked_out(stage, 2):
        keep_up(stage, step)
    document = of_store(stage)
    assert len(document.segments()) == 1
    assert said(document)["row-new00001"][2][NAME] == "New"
