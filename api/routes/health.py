"""Is the process alive, and is all it needs there?"""

from typing import Literal

from fastapi import APIRouter
from sqlalchemy import text

from api.access import ServicesOf
from api.answers import busy
from api.schemas import Answer

router = APIRouter(tags=["health"])


class Health(Answer):
    """All is well."""

    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def read_liveness() -> Health:
    """Answer as long as the process runs."""
    return Health()


@router.get("/readyz")
async def read_readiness(services: ServicesOf) -> Health:
    """Answer 200 when the database can be reached, else 503; a node on its way out is not ready."""
    if services.drain.begun:
        raise busy()
    async with services.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    return Health()
