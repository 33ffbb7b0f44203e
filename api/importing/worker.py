"""The worker: a node without a web server. It has rooms of its own, takes jobs from the queue and does them.

So what an import costs, from reading the file to encoding its segments, delays nobody's edit: other nodes only take in what is committed.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from api.app import open_services
from api.collector import spare_collector
from api.importing.job import NAME, run_import
from api.services import Services
from api.settings import Settings
from persistence.jobs import JobQueue
from realtime.blackbox import Recorder

_ENDING_SECONDS_MAX: Final = 5.0
"""So long jobs under way may take to come to the end of their step, and again to go back into the queue."""

_log = structlog.get_logger(__name__)


async def work(settings: Settings, recorder: Recorder) -> None:
    """Do jobs until SIGTERM or SIGINT. A job that is under way then goes on in another worker, or in the next one here."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    async with open_services(settings, recorder=recorder) as services, at_work(services) as working:
        _log.info("the worker takes jobs")
        ended = asyncio.create_task(ending.wait())
        await asyncio.wait([working, ended], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if working.done():
            working.result()


@asynccontextmanager
async def at_work(services: Services) -> AsyncIterator[asyncio.Task[None]]:
    """Do jobs meanwhile, in a task that ends early only by a fault.

    In the end jobs stop after a step and go back into the queue; so do those whose step takes too long.
    """
    assert services.settings.database_url is not None, "the command line has found the database"
    spare_collector()
    ending = asyncio.Event()

    async def do(import_id: str) -> None:
        await run_import(services, import_id, ending.is_set)

    queue = JobQueue(services.settings.database_url, {NAME: do}, services.settings.worker_jobs_max)
    working = asyncio.create_task(queue.run())
    try:
        yield working
    finally:
        ending.set()
        queue.close()
        _, late = await asyncio.wait([working], timeout=_ENDING_SECONDS_MAX)
        for task in late:
            task.cancel()
            await asyncio.wait([task], timeout=_ENDING_SECONDS_MAX)
