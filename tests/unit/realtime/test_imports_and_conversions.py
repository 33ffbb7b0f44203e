"""Rows in bulk that come while a column is converted."""

from __future__ import annotations

import pytest

from persistence.contract import Json
from realtime.core.swapping import EDITED_MAX
from realtime.core.writes import (
    ImportRows,
)
from tests.conversion_scenes import (
    NEW,
    agree,
    ask,
    convertible,
    filled,
    filling,
    swap,
)
from tests.property_list import NAME, OLGA
from tests.room_scenes import Stage, refusals, replies


@pytest.fixture
def stage() -> Stage:
    """A list with two rows of texts, one that is a number, and a column of numbers that nobody sees yet."""
    return convertible()


@pytest.mark.rule("DATA-76")
def test_rows_imported_meanwhile_are_converted_too(stage: Stage) -> None:
    """Rows in bulk between the working out and the swap are converted in it; one that does not convert has it worked out again."""
    steps = filling(stage).steps
    assert replies(ask(stage, ImportRows([NAME], [["row-new00001", None, "14"]]), OLGA))
    for step in steps:
        assert replies(ask(stage, step))
    assert replies(ask(stage, ImportRows([NAME], [["row-new00002", None, "no number"]]), OLGA))
    assert len(refusals(swap(stage))) == 1
    assert [step.values for step in filled(stage)] == [{"row-new00001": 14}]
    assert replies(ask(stage, ImportRows([NAME], [["row-new00003", None, "15"]]), OLGA))
    assert replies(swap(stage))
    cells = agree(stage)
    assert [cells[f"row-new0000{n}"].get(NEW) for n in (1, 2, 3)] == [14, None, 15]


@pytest.mark.rule("DATA-76")
def test_more_rows_than_one_swap_converts_are_worked_out_again(stage: Stage) -> None:
    """An import of more rows than are converted between two edits refuses the swap; filled again, it takes place with all of them."""
    filled(stage)
    rows: list[list[Json]] = [[f"row-new{n:05}", None, str(n)] for n in range(EDITED_MAX + 1)]
    assert replies(ask(stage, ImportRows([NAME], rows), OLGA))
    assert len(refusals(swap(stage))) == 1
    filled(stage)
    assert replies(swap(stage))
    assert [agree(stage)[str(row[0])][NEW] for row in (rows[0], rows[-1])] == [0, EDITED_MAX]
