"""The bus over Redis or Valkey: one pub/sub channel for each list, one connection to hear and one to speak.

Every node compares its heads with PostgreSQL, so nothing here is kept or repeated: while Redis is away, what would
have been said is dropped. Words are sealed with a key that only the nodes have (BUS-4).
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from realtime.bus import Take
from realtime.core.effects import ToNodes
from realtime.core.reasons import Unsound
from realtime.core.words import decode, encode, hint, seal, unseal

QUEUE_BYTES_MAX: Final = 8 << 20
TIMEOUT_SECONDS: Final = 2.0
SILENCE_SECONDS_MAX: Final = 5.0
_TOGETHER_MAX: Final = 100
_CANCEL_AGAIN_SECONDS: Final = 0.05
_BACKOFF_SECONDS: Final = (0.1, 0.2, 0.5, 1.0, 2.0)

_log = structlog.get_logger(__name__)
_AWAY: Final = (RedisError, OSError, TimeoutError)


class RedisBus:
    """`Bus` between the nodes that share a Redis and a `key`; `node` is this one's name, new with every start."""

    def __init__(self, url: str, key: bytes, node: str) -> None:
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, retry=None, protocol=2
        )
        self._key = key
        self._node = node
        self._prefix = f"rowhouse:{sha256(key).hexdigest()[:12]}:"
        self._takers: dict[str, Take] = {}
        self._queue: deque[tuple[str, bytes]] = deque()
        self._queued_bytes = 0
        self._to_say = asyncio.Event()
        self._to_tune = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._alive = {"hearing": False, "speaking": False}

    @property
    def alive(self) -> bool:
        """Redis answers, as far as is known."""
        return all(self._alive.values())

    def start(self) -> None:
        """Begin to hear and to speak."""
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._forever("hearing", self._hear)),
            loop.create_task(self._forever("speaking", self._speak)),
        ]

    async def close(self) -> None:
        """Hear and speak no more."""
        for task in self._tasks:
            await _end(task)
        with suppress(*_AWAY):
            await self._redis.connection_pool.disconnect(inuse_connections=True)
            await self._redis.aclose()

    def listen(self, list_id: str, take: Take) -> None:
        """Give `take` whatever other nodes say of the list from now on; it replaces who listened before."""
        self._takers[list_id] = take
        self._to_tune.set()

    def forget(self, list_id: str, take: Take) -> None:
        """Listen no more, if it is still `take` that listens."""
        if self._takers.get(list_id) == take:
            del self._takers[list_id]
            self._to_tune.set()

    def publish(self, list_id: str, effect: ToNodes) -> None:
        """Tell the other nodes; what is too much to wait is dropped."""
        if not self._alive["speaking"]:
            return
        said = seal(self._key, list_id, encode(self._node, hint(effect)))
        if self._queued_bytes + len(said) <= QUEUE_BYTES_MAX:
            self._queue.append((self._prefix + list_id, said))
            self._queued_bytes += len(said)
            self._to_say.set()

    async def _forever(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do it again, after a pause, whenever Redis goes away."""
        failures = 0
        while True:
            try:
                await work()
            except _AWAY as error:
                if self._alive[what] or not failures:
                    _log.warning("redis is away", doing=what, why=type(error).__name__)
                failures = 1 if self._alive[what] else failures + 1
                self._alive[what] = False
            pause = _BACKOFF_SECONDS[min(failures, len(_BACKOFF_SECONDS)) - 1]
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - nodes should not come back in step

    # Speaking

    async def _speak(self) -> None:
        await self._redis.ping()
        self._queue.clear()
        self._queued_bytes = 0
        self._alive["speaking"] = True
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS_MAX):
                    await self._to_say.wait()
            except TimeoutError:
                await self._redis.ping()
                continue
            together = self._redis.pipeline(transaction=False)
            for _ in range(min(len(self._queue), _TOGETHER_MAX)):
                channel, said = self._queue.popleft()
                self._queued_bytes -= len(said)
                together.publish(channel, said)
            if not self._queue:
                self._to_say.clear()
            await together.execute()

    # Hearing

    async def _hear(self) -> None:
        async with self._redis.pubsub() as ear:
            await ear.subscribe(self._prefix)  # nobody speaks there: it keeps the connection one that hears
            tuning = asyncio.get_running_loop().create_task(self._tune(ear))
            try:
                await self._read(ear, tuning)
            finally:
                await _end(tuning)

    async def _tune(self, ear: PubSub) -> None:
        """Hear the channels of the lists that are listened to, as they come and go."""
        tuned: set[str] = set()
        while True:
            self._to_tune.clear()
            wanted = {self._prefix + list_id for list_id in self._takers}
            if missing := wanted - tuned:
                await ear.subscribe(*missing)
            if surplus := tuned - wanted:
                await ear.unsubscribe(*surplus)
            tuned = wanted
            await self._to_tune.wait()

    async def _read(self, ear: PubSub, tuning: asyncio.Task[None]) -> None:
        loop = asyncio.get_running_loop()
        heard_at = loop.time()
        while True:
            message: dict[str, Any] | None = await ear.get_message(timeout=SILENCE_SECONDS_MAX / 3)
            if message is not None:
                heard_at = loop.time()
                self._alive["hearing"] = True
                if message["type"] == "message":
                    self._take(message["channel"].decode().removeprefix(self._prefix), message["data"])
                continue
            if tuning.done():
                tuning.result()
            if loop.time() - heard_at > SILENCE_SECONDS_MAX:
                raise TimeoutError
            await ear.ping()

    def _take(self, list_id: str, sealed: bytes) -> None:
        take = self._takers.get(list_id)
        payload = unseal(self._key, list_id, sealed)
        if take is None or payload is None:
            return
        try:
            node, heard = decode(payload)
        except Unsound:
            return
        if node != self._node:
            take(heard)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel a task until it ends: `asyncio.wait_for` of Python 3.11, which the client uses, can lose a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_CANCEL_AGAIN_SECONDS)
    if not task.cancelled():
        task.exception()  # it is known, so that nobody is warned of it
