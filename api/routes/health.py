"""Is the process alive, and is all it needs there?"""

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response

from api.access import ServicesOf
from api.answers import busy, problem_response
from api.readiness import Condition, Readiness
from api.schemas import Answer

router = APIRouter(tags=["health"])


class Health(Answer):
    """The process runs and its loop turns."""

    status: str = "ok"


class Ready(Answer):
    """The node takes people; what it looked at, by name."""

    status: str
    node: str
    checks: dict[str, Condition]


@router.get("/healthz")
async def read_liveness() -> Health:
    """Answer as long as the process runs."""
    return Health()


@router.get("/readyz", response_model=Ready)
async def read_readiness(request: Request, services: ServicesOf) -> Response:
    """Answer 200 when people may be sent to this node, else 503; the body says what was found."""
    readiness: Readiness = request.app.state.readiness
    found = await readiness.examine(services.engine)
    told = {"node": found.node, "checks": {name: str(condition) for name, condition in found.checks.items()}}
    if found.ready:
        return JSONResponse({"status": found.status} | told)
    return problem_response(busy(), told)
