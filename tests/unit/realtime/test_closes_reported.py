"""Sockets closed for what their person did are reported to whoever keeps the audit; other closes say nothing of anybody."""

from itertools import count
from uuid import uuid4

import pytest

from persistence.contract import Source
from realtime.core.limits import Limits
from realtime.core.writes import AddRow
from realtime.hub import Hub
from realtime.incident import Incident
from tests.hub_scenes import join
from tests.property_list import (
    EDDA,
    EMIL,
    LIST,
    MIA,
    NAME,
    NOW,
    OLGA,
    QUAY,
    RENT,
    WORKSPACE,
    furnished_store,
    item,
    update_frame,
    update_of,
)

CELL, RENT_CELL = f"c:{QUAY}:{NAME}", f"c:{QUAY}:{RENT}"
STRICT = Limits(refusals_burst_max=1, refusals_per_second_max=1, refusals_per_update_max=1)


def hub_that_reports(limits: Limits, reports: list[Incident]) -> Hub:
    """A hub on a furnished list; what it reports is gathered."""
    ids = count(1)
    return Hub(
        furnished_store(),
        limits,
        clock=lambda: NOW,
        new_id=lambda: f"id-{next(ids)}",
        new_batch_id=uuid4,
        report=reports.append,
    )


@pytest.mark.rule("GATE-39")
async def test_closes_for_what_a_person_did_are_reported() -> None:
    """Unsound bytes, one refusal too many, and an update of too many at once; with the flaw and never the bytes."""
    reports: list[Incident] = []
    hub = hub_that_reports(STRICT, reports)
    await hub.write(LIST, OLGA, [AddRow(QUAY)], source=Source.API)
    (edda, hers), (mia, _), (again, _), (_, emils) = [await join(hub, person) for person in (EDDA, MIA, MIA, EMIL)]
    edda.receive(update_frame(update_of(item(5001, 0, "secret bytes", CELL)) + b"\x00"))
    mia.receive(update_frame(update_of(item(5002, 0, "secret bytes", CELL))))
    mia.receive(update_frame(update_of(item(5002, 1, "secret bytes", (5002, 0)))))
    again.receive(update_frame(update_of(item(5003, 0, "secret bytes", CELL), item(5003, 1, "secret", RENT_CELL))))
    await hub.rights_changed(WORKSPACE, EMIL.user_id, None, 3)
    assert (hers.closed, emils.closed) == ([4400], [4403])
    assert [(one.workspace_id, one.list_id, one.user_id, one.code, one.at) for one in reports] == [
        (WORKSPACE, LIST, EDDA.user_id, 4400, NOW),
        (WORKSPACE, LIST, MIA.user_id, 4429, NOW),
        (WORKSPACE, LIST, MIA.user_id, 4429, NOW),
    ]
    assert reports[0].sentence.startswith("malformed: ")
    assert not any("secret" in one.sentence for one in reports)
    await hub.close()
