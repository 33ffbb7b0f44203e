"""The closed set of reasons: why an edit was refused, and why an update closed its connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a sound edit was refused; told to its author and kept in the audit log."""

    ROLE = "role"
    LOCKED_COLUMN = "locked_column"
    UNKNOWN_ROW = "unknown_row"
    UNKNOWN_COLUMN = "unknown_column"
    COMPUTED_COLUMN = "computed_column"
    INVALID_VALUE = "invalid_value"
    NOT_AUTHOR = "not_author"
    RATE = "rate"
    STALE_GENERATION = "stale_generation"


class Flaw(StrEnum):
    """Why an update is unsound: nothing of it is applied, and its connection is closed."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    FOREIGN_CLIENT = "foreign_client"
    CLOCK_GAP = "clock_gap"
    UNKNOWN_REFERENCE = "unknown_reference"
    FUTURE_DELETE = "future_delete"
    NESTED_TYPE = "nested_type"


class Unsound(Exception):
    """The one error of the decoders and the soundness rules; `flaw` says which rule was broken."""

    def __init__(self, flaw: Flaw, detail: str) -> None:
        super().__init__(f"{flaw.value}: {detail}")
        self.flaw = flaw
        self.detail = detail


class Excessive(Exception):
    """So much of one update would be refused that it is not neutralised: its connection ends."""

    def __str__(self) -> str:
        return "Too many of your edits were refused."


class Rebuilt(Exception):
    """A client has a document of an epoch that this one knows nothing of: it must not be merged."""

    def __init__(self) -> None:
        super().__init__("This list was rebuilt; load it again.")


class Behind(Exception):
    """A client has met a later epoch than this node has."""

    def __init__(self) -> None:
        super().__init__("This server is not up to date yet; try again in a moment.")


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """What is wrong with rows that were to be imported: of the write with this number, in the row with this place (from 0).

    `row` is `None` where it is of all rows, `column` where it is not of a cell: a row that is there already, or one too many.
    """

    write: int
    row: int | None
    column: str | None
    reason: Reason


class WritesRefused(Exception):
    """The server's own doors asked for something that the principal may not do, or that is not valid.

    `refusals`: (number of the write, reason), each write once; `rows` says more of those that import rows.
    """

    def __init__(self, refusals: Sequence[tuple[int, Reason]], rows: Sequence[RowRefusal] = ()) -> None:
        super().__init__(f"{len(refusals)} writes were refused")
        self.refusals = refusals
        self.rows = rows
