"""The node's figures, for whoever knows the token that the settings name; nobody else learns that there are any."""

import secrets

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from api.access import ServicesOf, bearer_token
from api.errors import not_found
from api.metrics import Metrics

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def read_metrics(request: Request, services: ServicesOf) -> Response:
    """Give the figures in the text format of Prometheus."""
    wanted, given = services.settings.metrics_token, bearer_token(request)
    if wanted is None or given is None or not secrets.compare_digest(given.encode(), wanted.encode()):
        raise not_found("page")
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})
