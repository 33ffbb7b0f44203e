"""The queue of background jobs, on a real PostgreSQL."""

import asyncio

import pytest

from persistence.engine import open_engine
from persistence.jobs import JobQueue, put_job

SECONDS_MAX = 30.0
STEP_SECONDS_MAX = 0.5


@pytest.mark.rule("DATA-17")
async def test_a_job_that_is_given_up_goes_back_into_the_queue(database_url: str) -> None:
    """A worker that ends in the middle of a long step leaves the job to the next one: it is not taken for one that is done with."""
    begun: asyncio.Queue[str] = asyncio.Queue()

    async def never_done(subject: str) -> None:
        begun.put_nowait(subject)
        await asyncio.Event().wait()

    async def done(subject: str) -> None:
        begun.put_nowait(f"{subject} again")

    engine = open_engine(database_url)
    async with engine.begin() as connection:
        await put_job(connection, "import", "roads")
    await engine.dispose()
    first = JobQueue(database_url, {"import": never_done}, 2)
    working = asyncio.create_task(first.run())
    assert await asyncio.wait_for(begun.get(), SECONDS_MAX) == "roads"
    first.close()
    await asyncio.wait([working], timeout=STEP_SECONDS_MAX)
    working.cancel()
    await asyncio.wait([working], timeout=SECONDS_MAX)
    second = JobQueue(database_url, {"import": done}, 2)
    working = asyncio.create_task(second.run())
    assert await asyncio.wait_for(begun.get(), SECONDS_MAX) == "roads again"
    second.close()
    await asyncio.wait_for(working, SECONDS_MAX)
