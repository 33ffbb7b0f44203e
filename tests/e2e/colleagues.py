"""Two colleagues who work in a list while somebody else does what they should not."""

import statistics
import time

from tests.e2e.socket_client import SocketClient

EDITS = 5
EDIT_SECONDS_MAX = 0.1


async def delivery_seconds(writer: SocketClient, reader: SocketClient, cell: str) -> float:
    """How long an edit takes to a colleague: the median of five."""
    seconds = []
    for number in range(EDITS):
        wanted = f"still working {number} {time.monotonic()}"
        started = time.perf_counter()
        await writer.write({cell: wanted})
        await reader.until(lambda wanted=wanted: reader.values.get(cell) == wanted)  # type: ignore[misc]
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


async def works_on(writer: SocketClient, reader: SocketClient, cell: str) -> None:
    """Check that an edit still reaches a colleague, within a tenth of a second."""
    assert await delivery_seconds(writer, reader, cell) < EDIT_SECONDS_MAX
