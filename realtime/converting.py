"""Working a conversion out in a process of its own: asked with the columns, how texts are meant, what ids are called, and the document.

Answered with a description, and the segments that it speaks of, in order.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

import orjson

from realtime.apart import answer_apart, work_apart
from realtime.core.converting import ConversionBase, Filling, StoredRows
from realtime.core.document import ListDocument
from realtime.core.writes import FillColumn
from snapshots.columns import Column, ListSchema
from snapshots.conversion import Conversion, Names
from snapshots.conversion_marks import reading_json, reading_of
from snapshots.reading import Reading
from snapshots.surveying import Loss, Survey, best_reading, converted, losses, with_options

_ID_BYTES = 12


class Aim(StrEnum):
    """What is asked for: a survey, the steps that fill the new column as well, or everything that does not convert."""

    PREVIEW = "preview"
    FILL = "fill"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which column becomes which. Without a reading the one is found that the values suit best.

    To fill it, the document must have the new column; its options are taken from there.
    """

    source: str
    target: Column
    names: Names
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What came of it: the conversion with all options that it needs, the survey, and the steps."""

    conversion: Conversion
    survey: Survey
    losses: Sequence[Loss] = ()
    filling: Filling = field(default_factory=Filling)


async def convert_apart(base: ConversionBase, asked: Asked, aim: Aim) -> WorkedOut:
    """Work a conversion out. Raises `ApartFailed`."""
    said = {
        "aim": aim,
        "source": asked.source,
        "target": _column_json(asked.target),
        "names": [asked.names.people, asked.names.linked, asked.names.targets],
        "reading": None if asked.reading is None else reading_json(asked.reading),
    }
    parts = [str(base.epoch).encode(), orjson.dumps(said), base.state]
    described, *segments = await work_apart("realtime.converting", parts)
    return _worked_out(orjson.loads(described), iter(segments), asked)


def _worked_out(said: dict[str, Any], segments: Iterator[bytes], asked: Asked) -> WorkedOut:
    source, target = _column(said["source"]), _column(said["target"])
    reading = reading_of(said["reading"]) or Reading()
    samples = [Loss(**loss) for loss in said["survey"].pop("samples")]
    steps = [
        FillColumn(target.id, {step["segment"]: next(segments)}, step["superseded"], step["values"])
        for step in said["steps"]
    ]
    return WorkedOut(
        Conversion(source, target, reading, asked.names),
        Survey(**said["survey"], samples=samples),
        [Loss(**loss) for loss in said["losses"]],
        Filling(steps, said["left"]),
    )


def work_out(document: ListDocument, asked: Asked, aim: Aim, new_id: Callable[[], str]) -> WorkedOut:
    """Work a conversion out on a document that nothing else uses."""
    columns = document.schema().columns
    source, target = columns[asked.source], asked.target
    target = replace(target, options=columns[target.id].options if target.id in columns else target.options)
    stored = StoredRows(document)
    values = list(stored.values(source))
    reading = asked.reading or best_reading(source, target, asked.names, (value for _, value in values))
    conversion = Conversion(source, target, reading, asked.names)
    conversion = with_options(conversion, (value for _, value in values), new_id)
    survey = Survey()
    wanted = dict(converted(conversion, values, survey))
    lost = list(losses(conversion, values)) if aim is Aim.REPORT else []
    filling = stored.fill(target.id, wanted, new_id) if aim is Aim.FILL else Filling()
    return WorkedOut(conversion, survey, lost, filling)


def _answered(parts: Sequence[bytes]) -> Iterator[bytes]:
    epoch, asked, state = parts
    said = orjson.loads(asked)
    document = ListDocument(int(epoch))
    document.apply([state])
    document.scan()
    people, linked, targets = said["names"]
    names = Names({user: (email, name) for user, (email, name) in people.items()}, linked, targets)
    asked_for = Asked(said["source"], _column(said["target"]), names, reading_of(said["reading"]))
    worked_out = work_out(document, asked_for, Aim(said["aim"]), _new_id)
    yield orjson.dumps(_description(worked_out))
    for step in worked_out.filling.steps:
        yield from step.segments.values()


def _description(worked_out: WorkedOut) -> dict[str, Any]:
    conversion, filling = worked_out.conversion, worked_out.filling
    return {
        "source": _column_json(conversion.source),
        "target": _column_json(conversion.target),
        "reading": reading_json(conversion.reading),
        "survey": asdict(worked_out.survey),
        "losses": [asdict(loss) for loss in worked_out.losses],
        "steps": [
            {"segment": name, "superseded": step.superseded, "values": step.values}
            for step in filling.steps
            for name in step.segments
        ],
        "left": filling.left,
    }


def _column_json(column: Column) -> Any:
    return ListSchema(None, {column.id: column}).to_json()["columns"]


def _column(said: Any) -> Column:
    (column,) = ListSchema.from_json({"columns": said}).columns.values()
    return column


def _new_id() -> str:
    return secrets.token_urlsafe(_ID_BYTES)


if __name__ == "__main__":
    answer_apart(_answered)
