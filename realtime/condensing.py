"""Condensing a document in a process of its own: `python -m realtime.condensing`.

Neither the interpreter lock nor a crash of the native library reaches the node that asks. Asked on standard input, in one go:
epoch, then the state (or nothing) and every update, each as its length and its bytes. The answer on standard output is the new state;
every other status than 0 means that there is none.
"""

from __future__ import annotations

import asyncio
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from realtime.core.condense import condense

SECONDS_MAX: Final = 120.0
_HEAD: Final = struct.Struct("!QQ")
_LENGTH: Final = struct.Struct("!Q")


class CondensingFailed(Exception):
    """The process found a difference, crashed, or took too long: what is kept stays as it is."""


async def condense_apart(
    epoch: int, state: bytes | None, updates: Sequence[bytes], *, seconds_max: float = SECONDS_MAX
) -> bytes:
    """`condense` in a process of its own, which is killed when it takes longer. Raises `CondensingFailed`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "realtime.condensing"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds_max):
            answer, said = await process.communicate(_asked(epoch, state, updates))
    except TimeoutError as error:
        raise CondensingFailed(f"it took longer than {seconds_max:g} s") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0 or not answer:
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise CondensingFailed(f"status {process.returncode}: {last}")
    return answer


def _asked(epoch: int, state: bytes | None, updates: Sequence[bytes]) -> bytes:
    parts = [b"" if state is None else state, *updates]
    return b"".join([_HEAD.pack(epoch, len(parts)), *(_LENGTH.pack(len(part)) + part for part in parts)])


def _parts(asked: bytes) -> Iterator[bytes]:
    place = _HEAD.size
    for _ in range(_HEAD.unpack_from(asked)[1]):
        (length,) = _LENGTH.unpack_from(asked, place)
        place += _LENGTH.size
        if place + length > len(asked):
            raise EOFError("the node went away before it had asked")
        yield asked[place : place + length]
        place += length


def main() -> None:
    """Answer one question."""
    asked = sys.stdin.buffer.read()
    state, *updates = _parts(asked)
    sys.stdout.buffer.write(condense(_HEAD.unpack_from(asked)[0], state or None, updates))


if __name__ == "__main__":
    main()
