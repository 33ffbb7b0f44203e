"""The one way in which a call changes a list: writes with their places, so that a refusal can name the place.

All writes of a call are committed together or not at all, and an answer is given only after the commit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from api.access import ListAccess, note_refusal
from api.answers import busy
from api.errors import Code, FieldProblem, Problem, not_found
from api.services import Services, Written
from persistence.contract import Json, Source
from realtime.core.closing import QUARANTINED
from realtime.core.reasons import Reason
from realtime.core.writes import Write
from realtime.hub import Busy, ListMissing, Quarantined, WritesRefused
from snapshots.columns import Column
from snapshots.wording import expected

_CODES: Final[Mapping[Reason, Code]] = {
    Reason.ROLE: Code.FORBIDDEN,
    Reason.LOCKED_COLUMN: Code.LOCKED_FIELD,
    Reason.UNKNOWN_ROW: Code.UNKNOWN_RECORD,
    Reason.UNKNOWN_COLUMN: Code.UNKNOWN_FIELD,
    Reason.COMPUTED_COLUMN: Code.COMPUTED_FIELD,
    Reason.INVALID_VALUE: Code.INVALID_VALUE,
    Reason.NOT_AUTHOR: Code.FORBIDDEN,
    Reason.RATE: Code.RATE,
    Reason.STALE_GENERATION: Code.BUSY,
}

_RIGHTS: Final = frozenset({Reason.ROLE, Reason.LOCKED_COLUMN, Reason.NOT_AUTHOR})

_SENTENCES: Final[Mapping[Reason, str]] = {
    Reason.ROLE: "Your role does not allow this.",
    Reason.LOCKED_COLUMN: "The column is locked; only owners and admins may change it.",
    Reason.UNKNOWN_ROW: "The list has no such record.",
    Reason.UNKNOWN_COLUMN: "The list has no such column.",
    Reason.COMPUTED_COLUMN: "The column is computed and cannot be written.",
    Reason.INVALID_VALUE: "The value is not valid here.",
    Reason.NOT_AUTHOR: "Only its author may change this.",
    Reason.RATE: "Too many refused edits. Wait a moment.",
    Reason.STALE_GENERATION: "The list was reorganised meanwhile. Try again.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the request a write comes from; `record` is an index in its `records`."""

    field: str
    record: int | None = None
    column: Column | None = None


@dataclass(slots=True)
class WritePlan:
    """Writes in order, each with its place, and what was found wrong before anything was written."""

    writes: list[Write] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)

    def add(self, write: Write, place: Place) -> None:
        """Put a write to the end."""
        self.writes.append(write)
        self.places.append(place)

    def refuse(self, place: Place, code: Code, message: str) -> None:
        """Note that a place is wrong; the plan will not be carried out."""
        self.problems.append(FieldProblem(place.field, message, code, place.record))

    def require_sound(self) -> None:
        """Raise `Problem` if anything was found wrong."""
        if self.problems:
            raise _problem(self.problems)


async def carry_out(plan: WritePlan, services: Services, access: ListAccess) -> Written | None:
    """Commit the plan in the caller's name; `None` if there is nothing to write. Raises `Problem`."""
    plan.require_sound()
    if not plan.writes:
        return None
    with refusals_in_words(services, access, plan.places.__getitem__):
        return await services.rooms.write(access.list.id, access.principal, plan.writes, source=Source.API)


@contextmanager
def refusals_in_words(services: Services, access: ListAccess, place_of: Callable[[int], Place]) -> Iterator[None]:
    """Turn what a room refuses into a `Problem`; `place_of` gives the place of a write by its number."""
    try:
        with closed_in_words():
            yield
    except WritesRefused as refused:
        _note(refused.refusals, services, access)
        problems = [_field_problem(place_of(index), reason) for index, reason in refused.refusals]
        raise _problem(problems) from refused


@contextmanager
def closed_in_words() -> Iterator[None]:
    """Turn the reasons why a list does not open into a `Problem`."""
    try:
        yield
    except ListMissing as missing:
        raise not_found("list") from missing
    except Quarantined as closed:
        raise Problem(Code.QUARANTINED, QUARANTINED) from closed
    except Busy as overloaded:
        raise busy() from overloaded


def _note(refusals: Sequence[tuple[int, Reason]], services: Services, access: ListAccess) -> None:
    """Note for the audit what the caller may not do; what is only wrong is between them and us."""
    reasons: list[Json] = [reason.value for reason in sorted({reason for _, reason in refusals} & _RIGHTS)]
    if reasons:
        note_refusal(services, access.user, access.list, {"reasons": reasons})


def _field_problem(place: Place, reason: Reason) -> FieldProblem:
    sentence = _SENTENCES[reason]
    if reason is Reason.INVALID_VALUE and place.column is not None:
        sentence = expected(place.column)
    return FieldProblem(place.field, sentence, _CODES[reason], place.record)


def _problem(problems: Sequence[FieldProblem]) -> Problem:
    first = problems[0]
    where = first.field if first.record is None else f"Record {first.record}, {first.field.rpartition('fields.')[2]}"
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    return Problem(first.code, f"{where}: {first.message}{more}", problems)
