"""Scenes for tests of conversions: a list whose names are to become numbers in a column that nobody sees yet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from auth.principals import Principal
from persistence.contract import Json, Source
from realtime.core import events
from realtime.core.converting import Filling, StoredRows
from realtime.core.document import ListDocument
from realtime.core.effects import Effect
from realtime.core.rebuild import rebuilt_rows
from realtime.core.retelling import Retelling
from realtime.core.writes import (
    FillColumn,
    SetCell,
    SetKey,
    SwapColumns,
    Write,
)
from realtime.folder import SYSTEM
from realtime.verifying.audit import said
from snapshots.columns import Column, ColumnType
from snapshots.conversion import Conversion, Names
from snapshots.reading import Reading
from tests.property_list import ADAM, NAME, OLGA, PIER, QUAY, RENT, SOLD, TAGS
from tests.room_scenes import Stage, replies, stage_with_rows

NEW = "col-new-----"
VIEW = "view-shared1"
CELL = f"c:{QUAY}:{NAME}"
_ids = count(1)


def convertible() -> Stage:
    """A list with two rows of texts, one that is a number, and a column of numbers that nobody sees yet."""
    made = stage_with_rows(QUAY, PIER)
    made.request(OLGA, SetCell(QUAY, NAME, "12"), SetCell(PIER, NAME, "a pier"), SetCell(QUAY, TAGS, [SOLD]))
    views: dict[str, Json] = {"sort": [{"column": NAME}], "widths": {NAME: 90}, "hidden": [RENT], "owner": None}
    made.request(OLGA, *(SetKey("views", f"{VIEW}:{name}", value) for name, value in views.items()))
    made.request(ADAM, SetKey("views", "view-private:owner", ADAM.user_id), SetKey("views", "view-private:group", NAME))
    keys: dict[str, Json] = {"name": "Being made", "type": "number", "pos": "a9", "deleted": True}
    made.request(ADAM, *(SetKey("columns", f"{NEW}:{name}", value) for name, value in keys.items()))
    made.settle()
    return made


def conversion(stage: Stage, target: Column | None = None) -> Conversion:
    """From the names to the new column."""
    source = stage.room.ledger.draft.schema().columns[NAME]
    return Conversion(source, target or Column(NEW, "Name", ColumnType.NUMBER), Reading(), Names())


def new_id() -> str:
    """An id for a segment."""
    return f"segment-{next(_ids):07}"


def ask(stage: Stage, write: Write, principal: Principal = SYSTEM, *, settle: bool = True) -> list[Effect]:
    """Ask for a write; gives the effects of that and of its commit."""
    before = len(stage.effects)
    source = Source.SYSTEM if principal is SYSTEM else Source.API
    stage.handle(events.Requested(f"conversion-{next(_ids)}", principal, source, (write,)))
    if settle:
        stage.settle()
    return stage.effects[before:]


def copy_of(stage: Stage) -> ListDocument:
    """A document as a process of its own has it."""
    document = ListDocument(1)
    document.apply([stage.room.ledger.draft.document.whole()])
    document.scan()
    return document


def filling(stage: Stage) -> Filling:
    """Watch the column, and work the steps out."""
    stage.room.ledger.draft.document.watch(NAME)
    stored, plan = StoredRows(copy_of(stage)), conversion(stage)
    outcomes = {row: plan.convert(value) for row, value in stored.values(plan.source)}
    wanted = {row: getattr(outcome, "value", None) for row, outcome in outcomes.items()}
    return stored.fill(NEW, wanted, new_id)


def filled(stage: Stage) -> Sequence[FillColumn]:
    """Fill the new column."""
    steps = filling(stage).steps
    for step in steps:
        assert replies(ask(stage, step)), "the step was taken"
    return steps


def swap(stage: Stage, principal: Principal = ADAM) -> list[Effect]:
    """Let the new column take the place of the names."""
    return ask(stage, SwapColumns(NAME, NEW, {}, conversion(stage)), principal)


def agree(stage: Stage) -> dict[str, dict[str, Json]]:
    """The cells by row, which the store, the rebuilt rows and the log told anew say alike."""
    document = copy_of(stage)
    rebuilt = {row.row: row.cells for row in rebuilt_rows(document, document.schema())}
    assert {row: kept.cells for row, kept in stage.kept.rows.items()} == rebuilt
    retelling = Retelling(1, None)
    told = [fact for entry in stage.kept.log for fact in retelling.tell(entry.update)]
    kept = [entry.entry.fact for entry in stage.kept.facts if entry.entry.reason is None]
    assert sorted(map(said, told)) == sorted(map(said, kept))
    return rebuilt
