"""Reports of exceptions to Sentry, where the settings name one: built from the same parts as a log line, and nothing else.

The SDK only carries: it collects nothing, hooks into nothing, and is not even imported without an address.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from api.log_errors import chain, description, frames, place
from api.log_fields import FIELDS, shaped

if TYPE_CHECKING:
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event

Report = Callable[[BaseException, Mapping[str, Any]], None]
"""Reports an exception with the log line that it came with; never waits and never fails."""

TAGS: Final = ("request_id", "list_id", "user_id", "route", "method", "logger")
FLUSH_SECONDS_MAX: Final = 2.0


@contextmanager
def open_error_reports(
    address: str | None, node: str, transport: "type[Transport] | Transport | None" = None
) -> Iterator[Report | None]:
    """Give what reports exceptions to the DSN `address`; `None` without one."""
    if address is None:
        yield None
        return
    from sentry_sdk import Client  # noqa: PLC0415 - only where it is asked for

    client = Client(
        dsn=address,
        release=version("rowhouse"),
        server_name=node,
        transport=transport,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        traces_sample_rate=0.0,
        auto_session_tracking=False,
        send_client_reports=False,
        shutdown_timeout=FLUSH_SECONDS_MAX,
    )

    def report(error: BaseException, line: Mapping[str, Any]) -> None:
        client.capture_event(event_of(error, line, node))

    try:
        yield report
    finally:
        client.close(timeout=FLUSH_SECONDS_MAX)


def event_of(error: BaseException, line: Mapping[str, Any], node: str) -> "Event":
    """Build the report: types, places, and the line's ids."""
    values = [
        {
            "type": type(found).__qualname__,
            "module": type(found).__module__,
            "value": description(found),
            "stacktrace": {
                "frames": [
                    {
                        "filename": place(path),
                        "lineno": number,
                        "function": function,
                        "in_app": "site-packages" not in path,
                    }
                    for path, number, function in frames(found.__traceback__)
                ]
            },
        }
        for found, _ in chain(error)
    ]
    tags = {name: str(shaped(name, line[name])) for name in TAGS if name in FIELDS and line.get(name) is not None}
    return {
        "level": "error",
        "logentry": {"message": str(line["event"])},
        "exception": {"values": values},
        "tags": {"node": node} | tags,
    }
