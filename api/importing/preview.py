"""What an import would do: the file as it would be read, and a sample of it judged, without changing anything."""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from api.importing.choices import Choices
from api.importing.completing import Ground, complete, require_sound, targets_of
from api.importing.files import on_disk
from api.importing.lookups import RowIndex
from api.importing.matching import Change, Matcher
from api.importing.naming import ROW_HEAD, Naming
from api.importing.reader import FileReader, Question, ReadBlock, Seen, reading
from api.schemas import Answer
from api.services import Services
from persistence.contract import Json
from persistence.imports import Import, Problem
from persistence.members import members_of
from snapshots.column_types import ColumnType
from snapshots.columns import Column
from snapshots.importing.converting import Target

SAMPLED_ROWS_MAX: Final = 10_000
_COUNTING_SECONDS_MAX: Final = 3.0
_SHOWN: Final = 5
_DIFFERENCES_SHOWN: Final = 20


class ProblemSample(Answer):
    """A value that would not be taken."""

    row: int
    value: str
    reason: str


class ColumnPreview(Answer):
    """A column of the file: the type that it seems to have, and what of the sample its target would not take.

    `doubts` are `date_order` and `decimal_mark` where all of the sample could be read in two ways: a person has to choose.
    """

    source: int
    heading: str
    type: ColumnType
    filled: int
    samples: list[str]
    problems: int
    problem_samples: list[ProblemSample]
    doubts: list[str]


class CellChange(Answer):
    """A cell that would change."""

    column: str
    old: JsonValue
    new: JsonValue


class RowChange(Answer):
    """A record that would change: by which row of the file, its key, and the cells that differ."""

    row: int
    key: str
    changes: list[CellChange]


class Difference(Answer):
    """What an upsert would do with the sampled rows; `exact`: they are all rows of the file."""

    exact: bool
    create: int
    update: int
    unchanged: int
    refused: int
    samples: list[RowChange]


class Preview(Answer):
    """What an import would do. `notes` are sentences about what a person might not expect."""

    choices: Choices
    sheets: list[str]
    notes: list[str]
    columns: list[ColumnPreview]
    rows: list[list[str]]
    rows_sampled: int
    rows_total: int | None
    difference: Difference | None


async def preview_import(services: Services, held: Import, ground: Ground, choices: Choices) -> Preview:
    """Read a sample with these choices. Raises `FileRefused` for the file and `Problem` for the choices."""
    async with on_disk(services, held) as path, reading(path) as reader:
        seen = await reader.open(choices.of_file())
        whole = complete(choices, seen, ground, held.filename)
        require_sound(whole, seen, ground)
        with ExitStack() as stack:
            sample = await _Sample.open(services, held, ground, whole, seen, stack, path.parent)
            await sample.take(reader)
        few = sample.rows < SAMPLED_ROWS_MAX
        total = sample.rows if few else await reader.count(_COUNTING_SECONDS_MAX)
    return Preview(
        choices=whole,
        sheets=seen.sheets,
        notes=seen.notes,
        columns=[_column(source, seen, sample) for source in range(len(seen.columns))],
        rows=seen.rows,
        rows_sampled=sample.rows,
        rows_total=total,
        difference=sample.difference(exact=few),
    )


async def settle(services: Services, held: Import, ground: Ground, choices: Choices) -> tuple[Choices, int | None]:
    """Make choices complete for a run, and count the rows where that is quick. Raises as `preview_import` does."""
    async with on_disk(services, held) as path, reading(path) as reader:
        seen = await reader.open(choices.of_file())
        whole = complete(choices, seen, ground, held.filename)
        require_sound(whole, seen, ground)
        return whole, await reader.count(_COUNTING_SECONDS_MAX)


class _Sample:
    """The first rows of a file, judged and compared with the list."""

    def __init__(
        self, held: Import, choices: Choices, targets: list[Target], members: frozenset[str], naming: Naming
    ) -> None:
        self.rows = 0
        self.bad: list[Problem] = []
        self._refused = 0
        self._counts: Counter[str] = Counter()
        self._changes: list[RowChange] = []
        self._held = held
        self._choices = choices
        self._targets = targets
        self._members = members
        self._naming = naming
        self._matcher: Matcher | None = None

    @classmethod
    async def open(
        cls,
        services: Services,
        held: Import,
        ground: Ground,
        choices: Choices,
        seen: Seen,
        stack: ExitStack,
        folder: Path,
    ) -> "_Sample":
        targets = targets_of(choices, ground)
        async with services.reading() as connection:
            members = frozenset(member.user_id for member in await members_of(connection, held.workspace_id))
        naming = await Naming.open(
            services, held.workspace_id, held.created_by, targets, seen.columns, stack=stack, folder=folder
        )
        if choices.create_linked:
            naming.make_missing(held.id)
        sample = cls(held, choices, targets, members, naming)
        if choices.upsert is not None and held.list_id is not None:
            rows = RowIndex(folder / "keys")
            stack.callback(rows.close)
            places = {target.place: at for at, target in enumerate(targets)}
            keys = [places[source] for source in choices.upsert.on]
            columns = [target.column for target in targets]
            sample._matcher = await Matcher.open(services, held.list_id, columns, keys, rows, dry=True)
        return sample

    async def take(self, reader: FileReader) -> None:
        """Read and judge the sample."""
        create = bool(self._choices.create_options)
        question = Question(self._targets, self._members, self._held.id, create, rows_max=SAMPLED_ROWS_MAX)
        async for block in reader.blocks(question):
            self.rows += block.read
            named = self._naming.resolve(block)
            self.bad += [*block.bad, *named.bad]
            self._refused += len(block.refused)
            if self._matcher is not None:
                await self._compare(self._matcher, block)

    async def _compare(self, matcher: Matcher, block: ReadBlock) -> None:
        async for group in matcher.groups(block.rows, block.numbers):
            self._counts.update(create=len(group.create), update=len(group.change), unchanged=group.unchanged)
            self._refused += len(group.refused)
            by_number = dict(zip(block.numbers, block.rows, strict=True))
            for change in group.change[: max(0, _DIFFERENCES_SHOWN - len(self._changes))]:
                self._changes.append(self._shown(change, by_number[change.number]))

    def _shown(self, change: Change, row: list[Json]) -> RowChange:
        on = self._choices.upsert.on if self._choices.upsert is not None else []
        key = [_text(target.column, row[at]) for at, target in enumerate(self._targets, ROW_HEAD) if target.place in on]
        changes = [CellChange(column=column, old=old, new=new) for column, (old, new) in change.cells.items()]
        return RowChange(row=change.number, key=", ".join(key), changes=changes)

    def difference(self, *, exact: bool) -> Difference | None:
        """What an upsert would do."""
        if self._matcher is None:
            return None
        return Difference(
            exact=exact,
            create=self._counts["create"],
            update=self._counts["update"],
            unchanged=self._counts["unchanged"],
            refused=self._refused,
            samples=self._changes,
        )


def _column(source: int, seen: Seen, sample: _Sample) -> ColumnPreview:
    heading = seen.columns[source]
    proposal = seen.proposals[source]
    bad = [problem for problem in sample.bad if problem.name == heading]
    shown = [ProblemSample(row=one.row, value=one.value, reason=one.reason) for one in bad[:_SHOWN]]
    return ColumnPreview(
        source=source,
        heading=heading,
        type=proposal["type"],
        filled=proposal["filled"],
        samples=seen.samples[source],
        problems=len(bad),
        problem_samples=shown,
        doubts=proposal["doubts"],
    )


def _text(column: Column, value: Json) -> str:
    if isinstance(value, str) and value in column.options:
        return column.options[value].label
    return "" if value is None else str(value)
