"""What may stand in a log: a closed table of fields, each with the shape that its values must have.

Cell values, passwords, tokens and tickets cannot get into a log, however careless the code that writes it: a field that
is not in the table, or a value of another shape, is withheld. Texts come from the program alone. What a library says is
given without what it fills in, and only where its source holds that very text (decision 24).
"""

import ast
import logging
import re
from collections.abc import Callable, Mapping, MutableMapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

WITHHELD: Final = "(withheld)"
NUMBER_MAX: Final = 2**53

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,79}", re.ASCII)
_ROUTE: Final = re.compile(r"/[a-z_{}/*-]*", re.ASCII)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})

Shape = Callable[[object], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) <= NUMBER_MAX


def _matches(pattern: re.Pattern[str]) -> Shape:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_is_id, _is_name, _is_route = _matches(_ID), _matches(_NAME), _matches(_ROUTE)

FIELDS: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "request_id": _is_id,
        "node": _is_id,
        "list_id": _is_id,
        "user_id": _is_id,
        "method": lambda value: value in _METHODS,
        "route": _is_route,
        "status": _is_number,
        "code": _is_number,
        "seconds": _is_number,
        "count": _is_number,
        "after": _is_number,
        "head": _is_number,
        "epoch": _is_number,
        "expected_head": _is_number,
        "port": _is_number,
        "error": _is_name,
        "logger": _is_name,
        "doing": _is_name,
    }
)
"""The fields of a log line, beside `event`, `level`, `timestamp` and `exception`, which are made here."""


def shaped(name: str, value: object) -> object:
    """Give the value if the field may hold it, else say that it is withheld. `None` is always fine."""
    shape = FIELDS.get(name)
    return value if value is None or (shape is not None and shape(value)) else WITHHELD


def keep_shapes(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Withhold whatever is not of its field's shape (a processor of structlog)."""
    made_here = {"event", "level", "timestamp", "exception"}
    return {name: value if name in made_here else shaped(name, value) for name, value in line.items()}


def library_text(record: logging.LogRecord) -> str:
    """Give a library's text as it stands in its source, without what was to be filled in; else `WITHHELD`."""
    if not isinstance(record.msg, str):
        return WITHHELD
    text = record.msg.strip()
    written = texts_of(record.pathname)
    return next((said for said in (text, text.partition("\n")[0]) if said in written), WITHHELD)


@cache
def texts_of(path: str) -> frozenset[str]:
    """Give the texts that stand in a source file; none if it cannot be read."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    found = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(value.strip() for value in found if isinstance(value, str))
