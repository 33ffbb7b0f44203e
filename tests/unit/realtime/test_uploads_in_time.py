"""Large honest uploads against the watchdog's real timer, in processes of their own."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from realtime.blackbox import unread_deaths
from tests.suites import ROOT

SLOWER = 2
SECONDS_MAX = 2.0
START = """
import sys
from pathlib import Path
from uuid import UUID
from fractional_indexing import generate_n_keys_between
from realtime.blackbox import BlackBox, Burden
from realtime.core import events
from tests.property_list import EDDA, LIST, NAME, step_2_frame
from tests.room_scenes import Peer, Stage
rows = [f"row-{number:08}" for number in range(int(sys.argv[3]))]
stage, peer = Stage(), Peer(3_000_000_000)
edda = stage.join(EDDA, 5001)
peer.apply(edda.peer.doc.get_update())
known = peer.doc.get_state()
peer.set({f"r:{row}": place for row, place in zip(rows, generate_n_keys_between(None, None, n=len(rows)))})
def write(value):
    peer.set({f"c:{row}:{NAME}": value for row in rows})
"""
DECIDE = f"""
event = events.Received(edda.session, step_2_frame(peer.doc.get_update(known)))
box = BlackBox(Path(sys.argv[1]), UUID(sys.argv[2]), {SECONDS_MAX / SLOWER})
box.begin(LIST, Burden().of(event, 0) // {SLOWER})
stage.handle(event)
box.end()
box.close()
stage.settle()
assert len(stage.kept.rows) == len(rows)
assert edda.controls()[-1]["type"] == "saved"
"""


@pytest.mark.rule("ROOM-56")
@pytest.mark.parametrize(
    ("rows", "lines"),
    [(20_000, 'write("x")'), (2_000, "for turn in range(20): write(str(turn))"), (10_000, 'write("x"); write(...)')],
    ids=["many rows of one letter", "a long history", "much that was deleted"],
)
def test_what_an_honest_client_brings_home_needs_less_than_half_its_time(tmp_path: Path, rows: int, lines: str) -> None:
    """On a machine half as fast it is taken in as well: half of the time that it is given here is enough."""
    command = [sys.executable, "-c", START + lines + DECIDE, str(tmp_path), str(uuid4()), str(rows)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert list(unread_deaths(tmp_path)) == []
    assert ended.returncode == 0, ended.stderr
