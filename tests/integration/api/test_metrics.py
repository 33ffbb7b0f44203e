"""The figures of a node: who may read them, what they count, and that nothing in them grows with use."""

import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.census import GAUGES
from api.settings import Settings
from tests.integration.api.desk import COLUMNS
from tests.integration.api.people import Caller, caller

TOKEN = "a token for the figures"


@pytest.fixture
async def watched(settings: Settings) -> AsyncIterator[FastAPI]:
    """A node with its real rooms, whose figures may be read."""
    application = create_app(settings.model_copy(update={"metrics_token": TOKEN}), volatile_allowed=True)
    async with application.router.lifespan_context(application):
        yield application


async def figures(app: FastAPI) -> dict[str, float]:
    """Every sample of the node, by its name and labels."""
    answer = await caller(app, "").http.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        sample.name + "".join(f",{name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def ana_at_a_list(app: FastAPI) -> tuple[Caller, str]:
    """Ana and the id of her list of properties."""
    ana = await caller(app, "ana@example.com").register("Ana")
    body = {"name": "Properties", "columns": COLUMNS}
    answer = await ana("POST", f"/api/workspaces/{ana.workspace}/lists", json=body)
    return ana, answer.json()["id"]


@pytest.mark.rule("API-40")
@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
async def test_strangers_do_not_learn_of_the_figures(watched: FastAPI, given: str | None) -> None:
    """Without the token the page is not there."""
    headers = {} if given is None else {"authorization": given}
    answer = await caller(watched, "").http.get("/metrics", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "rowhouse_" not in answer.text


@pytest.mark.rule("API-40")
async def test_without_a_configured_token_there_are_no_figures(live: FastAPI) -> None:
    """No token opens them then, the empty one least of all; an owner's access token opens them nowhere."""
    ana = await caller(live, "ana@example.com").register("Ana")
    for headers in ({}, {"authorization": "Bearer "}, {"authorization": "Bearer None"}):
        assert (await caller(live, "").http.get("/metrics", headers=headers)).status_code == 404
    assert (await ana("GET", "/metrics")).status_code == 404


@pytest.mark.rule("OPS-5")
async def test_what_happens_is_counted(watched: FastAPI) -> None:
    """A commit with its size, an open room with its bytes, and each call by its route and status."""
    ana, list_id = await ana_at_a_list(watched)
    before = await figures(watched)
    answer = await ana("POST", f"/api/lists/{list_id}/records", json={"records": [{"fields": {"Address": "1 Quay"}}]})
    assert answer.status_code == 201
    await ana("GET", "/api/lists/no-such-list-at-all")
    after = await figures(watched)
    assert after["rowhouse_commit_seconds_count"] == before["rowhouse_commit_seconds_count"] + 1
    assert after["rowhouse_commit_updates_sum"] > before["rowhouse_commit_updates_sum"]
    assert after["rowhouse_open_rooms"] == 1
    assert after["rowhouse_document_bytes_estimate"] == after["rowhouse_largest_document_bytes_estimate"] > 0
    calls = "rowhouse_http_request_seconds_count,method={},route={},status={}"
    assert after[calls.format("POST", "/api/lists/{list_id}/records", "2xx")] == 1
    assert after[calls.format("GET", "/api/lists/{list_id}", "4xx")] == 1
    assert after["rowhouse_pool_connections,pool=lists,state=free"] > 0
    assert after["rowhouse_pool_connections,pool=api,state=free"] > 0


@pytest.mark.rule("OPS-5")
async def test_every_gauge_is_there_and_so_are_the_processs_own(watched: FastAPI) -> None:
    """Also before anything has happened: what is missing cannot raise an alarm."""
    found = await figures(watched)
    assert {f"rowhouse_{name}" for name in GAUGES} <= found.keys()
    assert {"process_resident_memory_bytes", "process_cpu_seconds_total"} <= found.keys()
    assert found["rowhouse_socket_closes_total,code=1011"] == 0
    assert found["rowhouse_refusals_total,reason=role"] == 0
    assert found["rowhouse_store_unavailable_total,call=commit"] == 0


@pytest.mark.rule("OPS-6")
async def test_figures_hold_no_id_and_do_not_grow(watched: FastAPI) -> None:
    """Fifty calls to what is not there, codes that a peer makes up and strange methods make no series of their own."""
    ana, list_id = await ana_at_a_list(watched)
    await ana("GET", "/nothing/0")
    await ana("GET", f"/api/lists/{list_id}0")
    await ana("TRACE0", "/healthz")
    watched.state.metrics.socket_closed(4998)
    await figures(watched)  # the call for the figures is one of them
    before = await figures(watched)
    for number in range(50):
        await ana("GET", f"/nothing/{number}")
        await ana("GET", f"/api/lists/{list_id}{number}")
        await ana(f"TRACE{number}", "/healthz")
        watched.state.metrics.socket_closed(3000 + number)
    after = await figures(watched)
    assert after.keys() == before.keys()
    assert not [name for name in after if list_id in name or ana.id in name or ana.workspace in name]
    assert not [name for name in after if re.search(r"3\d\d\d|nothing", name)]
