"""Reports of exceptions: what they hold when a room fails, and that nothing happens without an address."""

import io
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from api.error_reports import open_error_reports
from api.logs import configure_logs
from api.settings import Settings
from realtime.core.room import Room
from tests.hub_scenes import SlowStore, hub_of, join
from tests.property_list import LIST, OLGA, update_frame

CANARY = "kanarienvogel"
DSN = "https://0123456789abcdef@sentry.example.com/7"
ROOT = Path(__file__).resolve().parents[3]


class Kept(Transport):
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.envelopes: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        """Keep it."""
        self.envelopes.append(envelope)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The reports."""
        return [event for envelope in self.envelopes if (event := envelope.get_event()) is not None]


@pytest.mark.rule("OPS-7")
async def test_a_room_that_fails_is_reported_without_what_people_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Type, place, list and node are told; neither values nor messages nor locals nor headers nor breadcrumbs."""
    transport, stream = Kept(), io.StringIO()
    hub = hub_of(SlowStore())
    with open_error_reports(DSN, "node-1", transport) as report:
        configure_logs("info", "json", node="node-1", report=report, stream=stream)
        seat, line = await join(hub, OLGA)

        def decide(_room: Room, event: Any, _now: Any) -> Any:
            typed = f"{CANARY} {event!r}"
            raise ValueError(typed)

        monkeypatch.setattr(Room, "decide", decide)
        seat.receive(update_frame(CANARY.encode()))
        assert line.closed == [1011]
        monkeypatch.undo()
    await hub.close()
    (event,) = transport.events
    (value,) = event["exception"]["values"]
    assert (value["type"], value["module"]) == ("ValueError", "builtins")
    assert value["stacktrace"]["frames"][-1]["function"] == "decide"
    assert any(frame["filename"] == "realtime/runner.py" for frame in value["stacktrace"]["frames"])
    assert event["tags"] == {"node": "node-1", "list_id": LIST}
    assert event["logentry"]["message"] == "room failed"
    assert event["release"]
    assert event["server_name"] == "node-1"
    sent = b"".join(envelope.serialize() for envelope in transport.envelopes).decode()
    assert CANARY not in sent
    assert "vars" not in sent
    assert not event.get("breadcrumbs", {}).get("values")
    assert CANARY not in stream.getvalue()


@pytest.mark.rule("OPS-7")
def test_only_errors_with_an_exception_are_reported() -> None:
    """Warnings stay in the log."""
    transport = Kept()
    with open_error_reports(DSN, "node-1", transport) as report:
        configure_logs("debug", "json", report=report, stream=io.StringIO())
        logging.getLogger("some.library").warning("away", exc_info=ValueError(CANARY))
        logging.getLogger("some.library").error("away")
        assert transport.events == []
        logging.getLogger("some.library").error("away", exc_info=ValueError(CANARY))
        assert len(transport.events) == 1
    assert CANARY not in json.dumps(transport.events, default=str)


@pytest.mark.rule("OPS-7")
def test_without_an_address_the_sdk_is_not_loaded() -> None:
    """A server that reports nowhere has nothing of it in its process."""
    program = """
import sys
from api.error_reports import open_error_reports
import api.cli
with open_error_reports(None, "node-1") as report:
    print(report, "sentry_sdk" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["None", "False"]


@pytest.mark.parametrize("address", ["sentry.example.com", "https://sentry.example.com/7", "https://key@host/", "7"])
def test_what_is_no_address_of_sentry_is_refused(address: str) -> None:
    """A slip is told at the start, not when something fails."""
    with pytest.raises(ValidationError, match="SENTRY_DSN"):
        Settings(sentry_dsn=address)
