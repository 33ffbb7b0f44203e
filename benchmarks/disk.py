"""What the disk takes to make a small write durable: the yardstick beside every time of a commit.

A write-ahead log is written as it is here: 8 KiB at a time, one after another, over a file whose blocks exist.
"""

import os
import secrets
import time
from pathlib import Path

from benchmarks.percentiles import Spread

BLOCK_BYTES = 8192
BLOCKS = 2048


class Disk:
    """The disk below a folder, measured on one file of 16 MiB that is written over."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "fdatasync.probe"
        self._block = 0
        with self._path.open("wb") as file:
            file.write(secrets.token_bytes(BLOCK_BYTES) * BLOCKS)
            file.flush()
            os.fsync(file.fileno())

    def spread(self, writes: int) -> Spread:
        """Time that many writes with their `fdatasync`, in milliseconds."""
        times = []
        with self._path.open("r+b", buffering=0) as file:
            for _ in range(writes):
                file.seek(self._block * BLOCK_BYTES)
                file.write(secrets.token_bytes(BLOCK_BYTES))
                begun = time.perf_counter()
                os.fdatasync(file.fileno())
                times.append((time.perf_counter() - begun) * 1e3)
                self._block = (self._block + 1) % BLOCKS
        return Spread.of(times)
