"""The log of a node: one pipeline for our own lines and those of libraries, one JSON object a line unless a person reads it.

Whatever is written goes through `log_fields` and `log_errors`, and so do the ways around a logger: exceptions that end the
process or a thread, those that nobody could catch, warnings, and lines that cannot be formatted.
"""

import logging
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Literal, TextIO

import orjson
import structlog
from structlog.typing import Processor

from api.error_reports import Report
from api.log_errors import trace_of
from api.log_fields import keep_shapes, library_text

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "text"]

UNWRITABLE: Final = '{"level":"error","event":"a line could not be written"}\n'

_log = structlog.get_logger(__name__)


def configure_logs(
    level: Level,
    form: Format,
    *,
    node: str | None = None,
    report: Report | None = None,
    stream: TextIO | None = None,
) -> None:
    """Send every log line of this process to `stream` (its error output). `auto` writes JSON where no terminal is.

    Libraries are heard from warnings on, or in full at `debug`. Each line gets the `node`; `report` hears of every exception
    that is logged as an error.
    """
    stream = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, _foreign],
            processors=_rendering(form, stream, node, report),
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
    for package in ("api", "auth", "persistence", "realtime", "snapshots"):
        logging.getLogger(package).setLevel(number)


def catch_strays() -> None:
    """Let the log have what goes past every logger: warnings, and exceptions that nobody catches. For a process's start."""
    logging.captureWarnings(capture=True)
    sys.excepthook = _ended
    sys.unraisablehook = _unraisable
    threading.excepthook = _thread_ended


def _rendering(form: Format, stream: TextIO, node: str | None, report: Report | None) -> list[Processor]:
    """Give the steps from a line's parts to its text."""
    text = form == "text" or (form == "auto" and stream.isatty())
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    render: Processor = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if text
        else structlog.processors.JSONRenderer(serializer=lambda line, **_: orjson.dumps(line).decode())
    )

    def unpack(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Drop the pipeline's own entries; write an exception down, and report it."""
        record: logging.LogRecord = line["_record"]
        error = _error_of(line.get("exc_info") or record.exc_info)
        kept = {name: value for name, value in line.items() if not name.startswith("_") and name not in _OWN}
        if error is None:
            return kept
        if report is not None and record.levelno >= logging.ERROR:
            report(error, kept)
        return kept | {"exception": trace_of(error)}

    def name_node(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return line if node is None else {**line, "node": node}

    return [unpack, name_node, keep_shapes, stamp, render]


def _foreign(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say of a library's line what it is, and not what was filled in."""
    record: logging.LogRecord = line["_record"]
    return {**line, "event": library_text(record), "logger": record.name}


_OWN: Final = frozenset({"exc_info", "stack_info", "stack", "exception", "positional_args"})


def _error_of(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exception() if given else None


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; of one that cannot be written it says only that there was one, and not what it held."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - the name is logging's
        """Say that a line could not be written."""
        with suppress(OSError, ValueError):  # the log itself is gone
            self.stream.write(UNWRITABLE)


def _ended(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if not isinstance(error, KeyboardInterrupt):
        _log.error("the process ends by an exception", exc_info=error)


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    _log.error("a thread ended by an exception", exc_info=ended.exc_value)


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    _log.error("an exception could not be raised", exc_info=found.exc_value)
