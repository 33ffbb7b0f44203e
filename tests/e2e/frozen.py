"""A node that stands still."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.house import House


def stopped(pid: int) -> bool:
    """The process stands still (Linux)."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"


@contextmanager
def frozen(house: House) -> Iterator[None]:
    """Stop the node's process (SIGSTOP) for the time of the block; it goes on as the same process."""
    pid = house.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        while not stopped(pid):
            pass
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
