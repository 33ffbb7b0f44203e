"""The benchmark against other servers, played on our own for a moment; a server that cannot be reached stands in for one that fails."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.peers.__main__ import play_one
from benchmarks.peers.ours import Rowhouse
from benchmarks.peers.scenarios import QUICK, kills
from benchmarks.peers.table import table

SCALE = replace(QUICK, seconds=1.0)


class Unreachable(Rowhouse):
    """A server that does not start."""

    def start(self, redis_port: int | None = None) -> None:
        """Fail."""
        raise ConnectionRefusedError("nobody listens")


async def test_edits_seen_before_a_kill_are_counted_and_found_again(make_state_folder: Callable[[], Path]) -> None:
    """The driver's edits are taken, seen by its second client, and all there after a kill; a server that fails does not end the run."""
    ours = await play_one(Rowhouse(make_state_folder(), people=2), kills, SCALE)
    other = await play_one(Unreachable(make_state_folder()), kills, SCALE)
    assert ours.get("failed") is None, ours
    assert ours["seen"] > 100
    assert (ours["lost"], ours["older_document_lost"]) == (0, 0)
    line = table({"Rowhouse": {"kills": ours}, "Other": {"kills": other}}, ["kills"]).splitlines()[2]
    assert line.endswith("| 0.0% | failed (ConnectionRefusedError) | 0 | yes | Rowhouse |")
