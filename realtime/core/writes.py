"""What the server's own doors (REST, imports, the demo) ask a room to write, in the list's own terms.

A room turns each into keys of the list document, judges the facts for the principal's role exactly as it
judges a socket's update, and commits them on the one write path.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from persistence.contract import Json
from snapshots.conversion import Conversion


@dataclass(frozen=True, slots=True)
class AddRow:
    """Make a row; without a position it goes to the end."""

    row: str
    position: str | None = None


@dataclass(frozen=True, slots=True)
class MoveRow:
    """Put a row at another position; where it does not stand at `stood` (if given) any more it was moved meanwhile, and all is refused."""

    row: str
    position: str
    stood: str | None = None


@dataclass(frozen=True, slots=True)
class SetCell:
    """Set a cell's value (`None` clears it); a set-valued column takes the whole new list of elements."""

    row: str
    column: str
    value: Json


@dataclass(frozen=True, slots=True)
class TrashRow:
    """Put a row into the trash, or take it out again."""

    row: str
    trashed: bool


@dataclass(frozen=True, slots=True)
class SetKey:
    """Set one key of `meta`, `columns` or `views`."""

    root: str
    key: str
    value: Json


@dataclass(frozen=True, slots=True)
class AddComment:
    """Write a comment by the acting principal on a row, a cell, or as an answer to another comment."""

    comment: str
    row: str
    column: str | None
    parent: str | None
    body: str
    mentions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class EditComment:
    """Replace a comment's text."""

    comment: str
    body: str


@dataclass(frozen=True, slots=True)
class ResolveComment:
    """Mark a thread as resolved, or open it again."""

    comment: str
    resolved: bool


@dataclass(frozen=True, slots=True)
class DeleteComment:
    """Delete a comment."""

    comment: str


@dataclass(frozen=True, slots=True)
class ImportRows:
    """Bring many new rows at once, whole: `[row, position, value, ...]`, values in the order of `columns`.

    They become one segment of the document, so there are at most `snapshots.segments.ROWS_MAX`, and `BYTES_MAX` as JSON. Rows with
    the position `None` go to the end, in their order. A set-valued column takes an array; `None` is an empty cell. No other
    write of the same call may be about these rows.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Json]]


@dataclass(frozen=True, slots=True)
class OpenGeneration:
    """Begin a generation of live edits beside `newest`, the only one there is."""

    newest: int


@dataclass(frozen=True, slots=True)
class ReplaceSegments:
    """Put segments (id -> bytes) in the place of others, which say the same of their rows but for what was edited since.

    Worked out on the draft as it was at `as_of`.
    """

    segments: Mapping[str, bytes]
    superseded: frozenset[str]
    as_of: int = 0


@dataclass(frozen=True, slots=True)
class ClearKeys:
    """Delete keys (`c:…`, `e:…`) of an older generation: their segments say the same. A few at a time, since it costs."""

    generation: int
    names: Sequence[str]
    as_of: int = 0


@dataclass(frozen=True, slots=True)
class DropGenerations:
    """Delete every generation up to `upto`: all that they say stands in `segments`, but for the rows in the `trash`."""

    upto: int
    segments: frozenset[str]
    trash: Mapping[str, Json]
    as_of: int = 0


@dataclass(frozen=True, slots=True)
class FillColumn:
    """Give a column that nobody sees, since it is deleted, these values by row (`None` for none).

    They come in segments: in the place of others, which say the same of all other columns, or of rows that have none yet.
    Those are named with the digest of what they held: a row that was imported anew after a lost race has another position under
    the same name. `run` is the conversion that fills the column now.
    """

    column: str
    segments: Mapping[str, bytes]
    superseded: Mapping[str, str]
    values: Mapping[str, Json]
    run: str = ""


@dataclass(frozen=True, slots=True)
class BeginFilling:
    """Let a conversion, `run`, fill a deleted column that was made to take the place of `source`; any other that does is over."""

    source: str
    column: str
    run: str


@dataclass(frozen=True, slots=True)
class MakeOptions:
    """Give a column the options that a conversion, `run`, needs, by key of the `columns` root, while it is the one that fills it."""

    column: str
    run: str
    entries: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class SwapColumns:
    """Let `new`, a deleted column, stand where `old` stands, which is deleted: its name, its position, its flags, its views.

    With a `conversion` the values of `old` that were edited since they were worked out are converted, and those of `rows`.
    It stands alone in its request, and is refused with `stale_generation` where more has changed than can be done at once, or
    another conversion than `run` fills the column now.
    """

    old: str
    new: str
    config: Mapping[str, Json]
    conversion: Conversion | None = None
    rows: frozenset[str] = frozenset()
    run: str = ""


Upkeep = OpenGeneration | ReplaceSegments | ClearKeys | DropGenerations | FillColumn
"""What the system asks. It changes nothing that anybody sees."""

Write = (
    AddRow
    | MoveRow
    | SetCell
    | TrashRow
    | SetKey
    | AddComment
    | EditComment
    | ResolveComment
    | DeleteComment
    | BeginFilling
    | MakeOptions
    | SwapColumns
    | ImportRows
    | Upkeep
)
