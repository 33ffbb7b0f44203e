"""Condensing a document in a process of its own: asked with its epoch, its state (or nothing) and every update after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from realtime.apart import SECONDS_MAX, answer_apart, work_apart
from realtime.core.condense import condense


async def condense_apart(
    epoch: int, state: bytes | None, updates: Sequence[bytes], *, seconds_max: float = SECONDS_MAX
) -> bytes:
    """`condense` in a process of its own. Raises `ApartFailed`."""
    asked = [str(epoch).encode(), b"" if state is None else state, *updates]
    (condensed,) = await work_apart("realtime.condensing", asked, seconds_max=seconds_max)
    return condensed


def _condensed(asked: Sequence[bytes]) -> Iterator[bytes]:
    epoch, state, *updates = asked
    yield condense(int(epoch), state or None, updates)


if __name__ == "__main__":
    answer_apart(_condensed)
