"""Exceptions as they may stand in a log: what they are and where they came from, not what they say.

The message of an exception may quote what somebody typed (`Key (email)=(...) already exists`), its frames hold it. So an
exception is told by its type, its place in the source, and the few attributes that come from a schema or a table of codes.
"""

import linecache
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final

FRAMES_MAX: Final = 40
CHAIN_MAX: Final = 8
_HOME: Final = Path(__file__).resolve().parent.parent
_LIBRARIES: Final = "site-packages/"
_SQLSTATE: Final = re.compile(r"[0-9A-Z]{5}", re.ASCII)
_IDENTIFIER: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)


def description(error: BaseException) -> str:
    """Say what an exception is: its type, and its SQLSTATE, table, constraint or error number."""
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    known = [
        f"{name} {value}"
        for name, shape in (("sqlstate", _SQLSTATE), ("table_name", _IDENTIFIER), ("constraint_name", _IDENTIFIER))
        if isinstance(value := getattr(error, name, None), str) and shape.fullmatch(value)
    ]
    number = getattr(error, "errno", None)
    known += [f"errno {number}"] if isinstance(number, int) else []
    return f"{module}{kind.__qualname__}" + (f" ({', '.join(known)})" if known else "")


def chain(error: BaseException) -> list[tuple[BaseException, str]]:
    """Give an exception and what led to it, the first cause first, each with how it led to the next."""
    found: list[tuple[BaseException, str]] = [(error, "")]
    while len(found) < CHAIN_MAX:
        latest = found[-1][0]
        if latest.__cause__ is not None:
            found.append((latest.__cause__, "The above exception was the direct cause of the following exception:"))
        elif latest.__context__ is not None and not latest.__suppress_context__:
            found.append((latest.__context__, "During handling of the above exception, another exception occurred:"))
        else:
            break
    return found[::-1]


def place(path: str) -> str:
    """Shorten a file's path to what tells it from others."""
    if _LIBRARIES in path:
        return path.rpartition(_LIBRARIES)[2]
    return str(Path(path).relative_to(_HOME)) if Path(path).is_relative_to(_HOME) else path


def frames(trace: TracebackType | None) -> list[tuple[str, int, str]]:
    """Give the frames of a traceback, the last `FRAMES_MAX`: file, line and function."""
    walked = [(frame.f_code.co_filename, line, frame.f_code.co_name) for frame, line in traceback.walk_tb(trace)]
    return walked[-FRAMES_MAX:]


def trace_of(error: BaseException) -> str:
    """Write an exception down as Python does, without messages, locals and notes."""
    return "\n".join(_lines(error))


def _lines(error: BaseException) -> Iterator[str]:
    for found, leads in chain(error):
        yield "Traceback (most recent call last):"
        for path, line, function in frames(found.__traceback__):
            yield f'  File "{place(path)}", line {line}, in {function}'
            source = linecache.getline(path, line).strip()
            if source:
                yield f"    {source}"
        yield description(found)
        if isinstance(found, BaseExceptionGroup):
            for inner in found.exceptions[:CHAIN_MAX]:
                yield from (f"  | {line}" for line in _lines(inner))
        if leads:
            yield ""
            yield leads
            yield ""
