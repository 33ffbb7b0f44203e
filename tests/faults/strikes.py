"""The faults: each is brought about by what the world does to processes, connections and disks, and is over after a moment.

A strike is entered when all is well. It yields the moment at which its fault ended (the loop's clock), and cleans up after itself.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import Final

from tests.faults.disk import SmallDisk
from tests.faults.installation import Installation
from tests.faults.waiting import until

SHORT_SECONDS: Final = 1.0
LONG_SECONDS: Final = 6.0
"""Longer than a node waits for an answer of the database, and than it waits for a connection."""
ROOM_BYTES: Final = 24 << 20
FULL_SECONDS_MAX: Final = 20.0


class Kind(StrEnum):
    """What happens."""

    NODE_KILLED = "node killed"
    NODE_FROZEN = "node frozen"
    DATABASE_KILLED = "database killed"
    DATABASE_ENDED = "database ended at once"
    DATABASE_FROZEN = "database frozen"
    DATABASE_CUT = "connections to the database cut"
    DATABASE_LOST = "database in a black hole"
    FAILOVER = "another database takes over"
    DISK_FULL = "disk full"
    VALKEY_KILLED = "Valkey killed"
    VALKEY_FROZEN = "Valkey frozen"
    VALKEY_LOST = "Valkey cut off"


Stuck = Callable[[], Awaitable[bool]]
"""Tells whether people's edits have not been saved for a while."""
Strike = Callable[[Installation, Random, Stuck], AbstractAsyncContextManager[float]]


def now() -> float:
    """The loop's clock."""
    return asyncio.get_running_loop().time()


def duration(random: Random) -> float:
    """A short time or a long one."""
    return random.choice((SHORT_SECONDS, LONG_SECONDS))


@asynccontextmanager
async def node_killed(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """SIGKILL of a node, which is started again; if there are others they go on, and it is over at once."""
    node = random.choice(whole.nodes)
    await asyncio.to_thread(node.kill)
    ended = now()
    starting = asyncio.create_task(asyncio.to_thread(node.start))
    if len(whole.nodes) == 1:
        await starting
        ended = now()
    yield ended
    await starting


@asynccontextmanager
async def node_frozen(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """SIGSTOP of a node, perhaps for long; the others go on, then it does, as if nothing had been."""
    node = random.choice(whole.nodes)
    os.kill(node.pid, signal.SIGSTOP)
    await asyncio.sleep(duration(random))
    os.kill(node.pid, signal.SIGCONT)
    yield now()


@asynccontextmanager
async def database_killed(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """SIGKILL of the postmaster alone, or of every process; then a supervisor starts it again."""
    random.choice((whole.database.kill, whole.database.shoot))()
    await asyncio.to_thread(whole.database.start)
    yield now()


@asynccontextmanager
async def database_ended(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """An immediate stop; then a supervisor starts it again."""
    whole.database.end_immediately()
    await asyncio.sleep(random.uniform(0, SHORT_SECONDS))
    await asyncio.to_thread(whole.database.start)
    yield now()


@asynccontextmanager
async def database_frozen(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """SIGSTOP of every process of the database, perhaps for long."""
    whole.database.freeze()
    await asyncio.sleep(duration(random))
    whole.database.thaw()
    yield now()


@asynccontextmanager
async def database_cut(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """Connections to the database are reset, again and again, or none is let through for a while."""
    if random.random() < 0.5:
        for _ in range(10):
            whole.to_database.cut()
            await asyncio.sleep(random.uniform(0, 0.2))
    else:
        whole.to_database.refuse()
        await asyncio.sleep(duration(random))
        whole.to_database.heal()
    yield now()


@asynccontextmanager
async def database_lost(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """Connections to the database stay open and carry nothing; then they go on with all that was held up, or never do."""
    whole.to_database.swallow()
    await asyncio.sleep(duration(random))
    whole.to_database.heal(deliver=random.random() < 0.5)
    yield now()


@asynccontextmanager
async def failover(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """A synchronous standby takes over at another address; the former primary is dead, or only out of reach.

    For a moment the address leads to the standby while it takes no writes yet.
    """
    former, standby = whole.database, await whole.database.make_standby(whole.fresh_folder())
    try:
        if random.random() < 0.5:
            former.shoot()
        else:
            whole.to_database.swallow()
        whole.to_database.upstream = standby.port
        whole.to_database.heal(deliver=False)
        await asyncio.sleep(random.uniform(0, SHORT_SECONDS))
        await standby.promote()
        whole.database = standby
        yield now()
    finally:
        whole.database = standby
        whole.forget_database(former)


@asynccontextmanager
async def disk_full(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """No block is left for the database until edits have not been saved for a while; then there is space again."""
    cluster = whole.database.cluster
    used = sum(path.stat().st_size for path in cluster.folder.rglob("*") if path.is_file())
    disk = SmallDisk(whole.fresh_folder(), used + ROOM_BYTES)
    try:
        await asyncio.to_thread(whole.database.move, disk.folder / "database")
        disk.fill()
        await until(stuck, FULL_SECONDS_MAX)
        disk.free()
        if not whole.database.running:
            await asyncio.to_thread(whole.database.start)
        yield now()
    finally:
        disk.free()
        await asyncio.to_thread(whole.database.move, whole.fresh_folder())
        disk.remove()


@asynccontextmanager
async def valkey_killed(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """SIGKILL of Valkey, away for a moment or for longer."""
    whole.valkey.kill()
    await asyncio.sleep(random.uniform(0, 2 * SHORT_SECONDS))
    await whole.valkey.start()
    yield now()


@asynccontextmanager
async def valkey_frozen(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """SIGSTOP of Valkey, perhaps for long."""
    whole.valkey.freeze()
    await asyncio.sleep(duration(random))
    whole.valkey.thaw()
    yield now()


@asynccontextmanager
async def valkey_lost(whole: Installation, random: Random, stuck: Stuck) -> AsyncIterator[float]:
    """Connections to Valkey are reset, refused, or carry nothing."""
    random.choice((whole.to_valkey.cut, whole.to_valkey.refuse, whole.to_valkey.swallow))()
    await asyncio.sleep(duration(random))
    whole.to_valkey.heal(deliver=random.random() < 0.5)
    yield now()


STRIKES: Final[Mapping[Kind, Strike]] = MappingProxyType(
    {
        Kind.NODE_KILLED: node_killed,
        Kind.NODE_FROZEN: node_frozen,
        Kind.DATABASE_KILLED: database_killed,
        Kind.DATABASE_ENDED: database_ended,
        Kind.DATABASE_FROZEN: database_frozen,
        Kind.DATABASE_CUT: database_cut,
        Kind.DATABASE_LOST: database_lost,
        Kind.FAILOVER: failover,
        Kind.DISK_FULL: disk_full,
        Kind.VALKEY_KILLED: valkey_killed,
        Kind.VALKEY_FROZEN: valkey_frozen,
        Kind.VALKEY_LOST: valkey_lost,
    }
)
