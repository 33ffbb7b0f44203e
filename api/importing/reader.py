"""The process that reads a file, as it is asked: what is in it, and its rows as blocks of judged values."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from persistence.contract import Json
from persistence.imports import Problem
from snapshots.columns import ListSchema
from snapshots.importing.blocks import BLOCK_ROWS_MAX
from snapshots.importing.child import LENGTH, reading_json
from snapshots.importing.converting import Target
from snapshots.importing.options import MadeOption
from snapshots.importing.refusals import FileReason, FileRefused

_ANSWER_BYTES_MAX: Final = 256 * 1024 * 1024
_DIED: Final = (
    "The file could not be read within the limits of memory and time. Save the table as CSV and bring it again."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is in a file: all that was found out, the names of its columns, what each seems to be, the first rows as texts."""

    found: dict[str, Any]
    columns: list[str]
    sheets: list[str]
    notes: list[str]
    proposals: list[dict[str, Any]]
    samples: list[list[str]]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """Rows `[row id, None, value, ...]` with their numbers, what was not taken, and the options that have to be made first."""

    rows: list[list[Json]]
    numbers: list[int]
    bad: list[Problem]
    refused: list[Problem]
    made: list[MadeOption]
    last: int
    read: int


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows are judged, and how. Ids of rows and options follow from `salt`; `rows_max` `None`: all of them."""

    targets: Sequence[Target]
    members: frozenset[str]
    salt: str
    make_options: bool
    after: int = 0
    rows_max: int | None = None
    block_rows_max: int = BLOCK_ROWS_MAX


class FileReader:
    """One such process. Every method raises `FileRefused`."""

    def __init__(self, process: asyncio.subprocess.Process, path: Path) -> None:
        self._process = process
        self._path = path

    async def open(self, choices: dict[str, Any], *, propose: bool = True) -> Seen:
        """Open the file with what was chosen about it. `propose`: say what each column seems to be."""
        question = {"ask": "open", "path": str(self._path), "choices": choices, "propose": propose}
        return Seen(**await self._ask(question))

    async def count(self, seconds_max: float) -> int | None:
        """Count the rows, unless it takes longer than so many seconds of a processor."""
        count: int | None = (await self._ask({"ask": "count", "seconds_max": seconds_max}))["rows"]
        return count

    async def blocks(self, question: Question) -> AsyncIterator[ReadBlock]:
        """Judge rows, a block at a time: the process does not read far ahead of who takes them."""
        columns = ListSchema(None, {target.column.id: target.column for target in question.targets}).to_json()
        said: Any = columns["columns"]
        answer = await self._ask(
            {
                "ask": "judge",
                "targets": [
                    {"place": target.place, "column": column, "reading": reading_json(target.reading)}
                    for target, column in zip(question.targets, said, strict=True)
                ],
                "members": sorted(question.members),
                "salt": question.salt,
                "make_options": question.make_options,
                "after": question.after,
                "rows_max": question.rows_max,
                "block_rows_max": question.block_rows_max,
            }
        )
        while "end" not in answer:
            yield ReadBlock(
                answer["rows"],
                answer["numbers"],
                [Problem(*bad) for bad in answer["bad"]],
                [Problem(*bad) for bad in answer["refused_rows"]],
                [MadeOption(*made) for made in answer["made"]],
                answer["last"],
                answer["read"],
            )
            answer = await self._hear()

    async def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        said = orjson.dumps(question)
        assert self._process.stdin is not None, "it was started with pipes"
        self._process.stdin.write(LENGTH.pack(len(said)) + said)
        with suppress(ConnectionError):
            await self._process.stdin.drain()
        return await self._hear()

    async def _hear(self) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream is not None, "it was started with pipes"
        try:
            (length,) = LENGTH.unpack(await stream.readexactly(LENGTH.size))
            if length > _ANSWER_BYTES_MAX:
                raise FileRefused(FileReason.HOSTILE, _DIED)
            answer: dict[str, Any] = orjson.loads(await stream.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError) as died:
            raise FileRefused(FileReason.HOSTILE, _DIED) from died
        if "refused" in answer:
            raise FileRefused(FileReason(answer["refused"]), answer["sentence"])
        return answer


@asynccontextmanager
async def reading(path: Path) -> AsyncIterator[FileReader]:
    """Start the process for a file; it is gone when the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "snapshots.importing.child"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=1024 * 1024,
    )
    try:
        yield FileReader(process, path)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
