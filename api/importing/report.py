"""The report of an import: every value and row that was not taken, as CSV that no spreadsheet runs."""

import csv
from collections.abc import AsyncIterator, Iterable
from io import StringIO
from typing import Final

from api.services import Services
from persistence.imports import PROBLEMS_MAX, Import, problems_of
from snapshots.exporting.injection import escaped

_PAGE: Final = 1_000
_MARK: Final = "\ufeff"
"""By which spreadsheets know that a file is UTF-8."""
_HEADS: Final = ("row", "column", "value", "reason")


async def report_lines(services: Services, held: Import) -> AsyncIterator[str]:
    """Write the report piece by piece; memory does not grow with it."""
    yield _MARK + _written([_HEADS])
    after = 0
    while True:
        async with services.reading() as connection:
            page = await problems_of(connection, held.id, after, _PAGE)
        if not page:
            break
        yield _written([(problem.row, problem.name, problem.value, problem.reason) for problem in page])
        after += len(page)
    if held.problems > PROBLEMS_MAX:
        yield _written([("", "", "", f"{held.problems - PROBLEMS_MAX} more were not taken and are not listed.")])


def _written(rows: Iterable[tuple[object, ...]]) -> str:
    buffer = StringIO(newline="")
    csv.writer(buffer).writerows([escaped(str(cell)) for cell in row] for row in rows)
    return buffer.getvalue()
