"""The job of an import: step by step from the file into the list, with every step noted, so that another worker can go on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from api.importing.acting import Actor
from api.importing.choices import Choices
from api.importing.endings import Cancelled, Ended, Superseded
from api.importing.files import on_disk
from api.importing.ground import lay_ground
from api.importing.lookups import RowIndex
from api.importing.matching import Matcher
from api.importing.naming import Naming
from api.importing.reader import FileReader, Question, ReadBlock, Seen, reading
from api.importing.steps import Stepper
from api.services import Services
from persistence.contract import StoreUnavailable
from persistence.imports import Import, ImportState, advance, end_import, take_import
from persistence.jobs import PutBack
from persistence.members import members_of
from snapshots.importing.converting import Target
from snapshots.importing.refusals import FileRefused

NAME: Final = "import"
"""What the job is called in the queue."""
_ATTEMPTS_MAX: Final = 5
_NO_PROGRESS: Final = (
    "The import was taken up several times and did not get on. What it had done stays. Report this, please."
)
_FAULT: Final = "Something went wrong on our side. What the import had done stays; it has been logged."

_log = structlog.get_logger(__name__)


async def run_import(
    services: Services,
    import_id: str,
    ending: Callable[[], bool] = lambda: False,
) -> None:
    """Do an import, or what is left of it. Once `ending` says so it stops after a step.

    Raises `PutBack` where it has to go on later.
    """
    async with services.transaction() as connection:
        held = await take_import(connection, import_id)
    if held is None:
        return
    with bound_contextvars(user_id=held.created_by):
        try:
            await _to_its_end(services, held, ending)
        except Superseded:
            _log.warning("an import was taken over by another worker")
        except StoreUnavailable as away:
            raise PutBack from away


async def _to_its_end(services: Services, held: Import, ending: Callable[[], bool]) -> None:
    state, error, rows_total = ImportState.DONE, None, None
    try:
        rows_total = await _steps(services, held, ending)
    except (PutBack, Superseded, StoreUnavailable):
        raise
    except Cancelled:
        state = ImportState.CANCELLED
    except Ended as ended:
        state, error = ImportState.FAILED, {"code": ended.code, "detail": ended.sentence}
    except FileRefused as refused:
        state, error = ImportState.FAILED, {"code": f"file_{refused.reason}", "detail": refused.sentence}
    except Exception:  # noqa: BLE001 - whatever it is, it ends this import and not the worker
        _log.exception("an import failed")
        state, error = ImportState.FAILED, {"code": "internal", "detail": _FAULT}
    async with services.transaction() as connection:
        await end_import(connection, held, state, services.clock(), error, rows_total)


async def _steps(services: Services, held: Import, ending: Callable[[], bool]) -> int:
    """Do the steps that are left; how many rows the file has. Raises what ends the import."""
    if held.stalled > _ATTEMPTS_MAX:
        raise Ended("internal", _NO_PROGRESS)
    choices = Choices.model_validate(held.choices or {})
    actor = Actor(services, held)
    async with on_disk(services, held) as path, reading(path) as reader:
        seen = await reader.open(choices.of_file(), propose=False)
        ground = await lay_ground(services, actor, held, choices)
        with ExitStack() as stack:
            stepper = await _stepper(services, actor, held, choices, seen, ground, stack, path.parent)
            rows_read = held.rows_read
            async with aclosing(_ahead(await _blocks(services, held, reader, ground[1], choices))) as blocks:
                async for block in blocks:
                    progress, problems = await stepper.step(block)
                    async with services.transaction() as connection:
                        advanced = await advance(connection, held, progress, problems)
                    if advanced is None:
                        raise Superseded
                    rows_read = advanced.rows_read
                    if advanced.cancelling:
                        raise Cancelled
                    if ending():
                        raise PutBack
            return rows_read


async def _blocks(
    services: Services, held: Import, reader: FileReader, targets: list[Target], choices: Choices
) -> AsyncIterator[ReadBlock]:
    async with services.reading() as connection:
        members = frozenset(member.user_id for member in await members_of(connection, held.workspace_id))
    return reader.blocks(Question(targets, members, held.id, bool(choices.create_options), after=held.last_row))


async def _stepper(
    services: Services,
    actor: Actor,
    held: Import,
    choices: Choices,
    seen: Seen,
    ground: tuple[str, list[Target]],
    stack: ExitStack,
    folder: Path,
) -> Stepper:
    list_id, targets = ground
    naming = await Naming.open(
        services, held.workspace_id, held.created_by, targets, seen.columns, stack=stack, folder=folder
    )
    if choices.create_linked:
        naming.make_missing(held.id)
    matcher = None
    if choices.upsert is not None:
        rows = RowIndex(folder / "keys")
        stack.callback(rows.close)
        places = {target.place: at for at, target in enumerate(targets)}
        keys = [places[source] for source in choices.upsert.on]
        matcher = await Matcher.open(services, list_id, [target.column for target in targets], keys, rows)
    return Stepper(services, actor, held, list_id, targets, naming, matcher, again=held.attempt > 1)


async def _ahead(blocks: AsyncIterator[ReadBlock]) -> AsyncGenerator[ReadBlock]:
    """The same blocks; the next one is fetched while one is written."""
    following = asyncio.ensure_future(anext(blocks, None))
    try:
        while (block := await following) is not None:
            following = asyncio.ensure_future(anext(blocks, None))
            yield block
    finally:
        following.cancel()
        await asyncio.wait([following])
