"""Work on a document in a process of its own: neither the interpreter lock nor a crash of the native library reaches the node.

Asked on standard input, in one go, and answered on standard output, both in parts: how many there are, then each with its length and
its bytes. Every other status than 0 means that there is no answer.
"""

from __future__ import annotations

import asyncio
import struct
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

SECONDS_MAX: Final = 120.0
_NUMBER: Final = struct.Struct("!Q")


class ApartFailed(Exception):
    """The process found a difference, crashed, or took too long: what is kept stays as it is."""


async def work_apart(module: str, parts: Sequence[bytes], *, seconds_max: float = SECONDS_MAX) -> Sequence[bytes]:
    """Ask `python -m module`, which is killed when it takes longer. Raises `ApartFailed`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds_max):
            answer, said = await process.communicate(_joined(parts))
    except TimeoutError as error:
        raise ApartFailed(f"it took longer than {seconds_max:g} s") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0 or not answer:
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise ApartFailed(f"status {process.returncode}: {last}")
    return _parted(answer)


def answer_apart(work: Callable[[Sequence[bytes]], Iterable[bytes]]) -> None:
    """Be the process that is asked: answer one question."""
    asked = _parted(sys.stdin.buffer.read())
    sys.stdout.buffer.write(_joined(list(work(asked))))


def _joined(parts: Sequence[bytes]) -> bytes:
    return b"".join([_NUMBER.pack(len(parts)), *(_NUMBER.pack(len(part)) + part for part in parts)])


def _parted(joined: bytes) -> list[bytes]:
    parts, place = list[bytes](), _NUMBER.size
    for _ in range(_NUMBER.unpack_from(joined)[0]):
        (length,) = _NUMBER.unpack_from(joined, place)
        place += _NUMBER.size
        if place + length > len(joined):
            raise EOFError("the other side went away before it had said everything")
        parts.append(joined[place : place + length])
        place += length
    return parts
