"""CSV as RFC 4180 has it: UTF-8, commas, CRLF, fields in quotes where they need it, one line of names first."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final

from snapshots.columns import ListSchema
from snapshots.exporting.cells import Names, heads, writers
from snapshots.exporting.injection import escaped
from snapshots.record import Record

_MARK: Final = b"\xef\xbb\xbf"
"""By which Excel knows that a file is UTF-8."""


def csv_file(
    schema: ListSchema, pages: Iterable[tuple[Iterable[Record], Names]], *, mark: bool = False
) -> Iterator[bytes]:
    """Write pages of records, each with the names that it needs, piece by piece; `mark` puts a byte order mark first.

    What has been given is not held any more: memory depends on the size of a page, not on their number.
    """
    buffer = StringIO(newline="")
    table = csv.writer(buffer)
    table.writerow([escaped(name) for name in heads(schema)])
    yield (_MARK if mark else b"") + _taken(buffer)
    for records, names in pages:
        columns = writers(schema, names)
        table.writerows([write(record) for write in columns] for record in records)
        yield _taken(buffer)


def _taken(buffer: StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
