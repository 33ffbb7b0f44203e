"""One hostile client as a process of its own: it sends what is refused as fast as the server reads it, and comes back when it is closed.

    python -m benchmarks.attacker ADDRESS TOKEN MODE SECONDS ROW:COLUMN ...

What it sends is made beforehand, so that its own work does not stand in anybody's way. At its end it prints what it got through.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random, SystemRandom

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from benchmarks.clients import NOTHING_TO_GIVE, headers_of
from realtime.core import codec
from realtime.core.update import Content, Struct, Update, encode

CLIENT_ID_MIN, CLIENT_ID_MAX = 1 << 20, (1 << 32) - 1
GENERATION = (1, 0)
FRAMES_MAX = 4_000
MASS_KEYS = 1_000
GARBAGE_BYTES = 1 << 20


def main() -> None:
    """Attack for so many seconds."""
    address, token, mode, seconds, *cells = sys.argv[1:]
    print(json.dumps(uvloop.run(attack(address, token, mode, float(seconds), cells))))


async def attack(address: str, token: str, mode: str, seconds: float, cells: Sequence[str]) -> dict[str, int]:
    """Connect, send, be closed, and again; the counts of frames sent and of each way in which a connection ended."""
    outcomes: Counter[str] = Counter()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        frames = FRAMES[mode](SystemRandom().randint(CLIENT_ID_MIN, CLIENT_ID_MAX), cells)
        try:
            async with connect(address, additional_headers=headers_of(token), max_size=None, open_timeout=60) as socket:
                async with asyncio.timeout(max(0.0, until - time.monotonic())):
                    await _send(socket, frames, outcomes)
                    await socket.wait_closed()
        except ConnectionClosed as closed:
            outcomes[f"closed {closed.rcvd.code if closed.rcvd else 1006}"] += 1
        except TimeoutError:
            outcomes["still connected at the end"] += 1
        except (InvalidHandshake, OSError) as refused:
            outcomes[type(refused).__name__] += 1
    return dict(outcomes)


async def _send(socket: ClientConnection, frames: Iterator[bytes], outcomes: Counter[str]) -> None:
    """Send as fast as the server reads, and take in (without a look) what it answers."""
    reading = asyncio.ensure_future(_take_in(socket))
    try:
        await socket.send(b"\x00\x00\x01\x00")
        await socket.send(NOTHING_TO_GIVE)
        for frame in frames:
            await socket.send(frame)
            outcomes["frames"] += 1
        await reading
    finally:
        reading.cancel()


async def _take_in(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


def _single(client: int, cells: Sequence[str]) -> Iterator[bytes]:
    """One refused cell a frame, each on top of the last."""
    random = Random(client)
    for clock in range(FRAMES_MAX):
        yield _frame(client, [_struct(client, clock, f"c:{random.choice(cells)}", f"refused {clock}")])


def _mass(client: int, cells: Sequence[str]) -> Iterator[bytes]:
    """So many refused cells a frame as one update may have."""
    for turn in range(FRAMES_MAX // MASS_KEYS * 4):
        start = turn * MASS_KEYS
        keys = [f"c:{cell}" for cell in (list(cells) * (MASS_KEYS // len(cells) + 1))[:MASS_KEYS]]
        yield _frame(client, [_struct(client, start + n, key, f"refused {n}") for n, key in enumerate(keys)])


def _unsound(client: int, cells: Sequence[str]) -> Iterator[bytes]:
    """A mebibyte that is an honest update but for its last byte."""
    key = f"c:{cells[0]}"
    structs = [_struct(client, 0, key, "x")]
    size = 64
    while size < GARBAGE_BYTES - 64:
        structs.append(Struct(client, len(structs), 1, Content.ANY, (client, len(structs) - 1), values=("y",)))
        size += 20
    yield _frame(client, structs)[:-1] + b"\x05"


def _struct(client: int, clock: int, key: str, value: str) -> Struct:
    return Struct(client, clock, 1, Content.ANY, parent=GENERATION, sub=key, values=(value,))


def _frame(client: int, structs: list[Struct]) -> bytes:
    return b"\x00\x02" + codec.buffer(encode(Update([(client, structs[0].clock, structs)], [])))


FRAMES = {"single": _single, "mass": _mass, "unsound": _unsound}


if __name__ == "__main__":
    main()
