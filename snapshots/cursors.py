"""Cursors: the place where a page ended, as an opaque text that the caller hands back for the next one.

A cursor names the order that it belongs to, so that it cannot be used with another one. Reading is total: what
is not a cursor of this order is `QueryRefused`, whatever it says.
"""

import base64
import binascii
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import orjson

from persistence.contract import Json
from snapshots.text import clean_text, exact_number

CURSOR_CHARACTERS_MAX: Final = 16_384


class QueryReason(StrEnum):
    """Why a query cannot be answered."""

    BAD_CURSOR = "bad_cursor"
    BAD_SEARCH = "bad_search"
    NOT_SORTABLE = "not_sortable"


class QueryRefused(Exception):
    """The query asks for something that cannot be answered; `reason` says why."""

    def __init__(self, reason: QueryReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def write_cursor(order: str, place: Sequence[Json]) -> str:
    """Write the place where a page of this order ended."""
    return base64.urlsafe_b64encode(orjson.dumps([order, *place])).decode().rstrip("=")


def read_cursor(cursor: str, order: str, kinds: Sequence[type | tuple[type, ...]]) -> list[Json]:
    """Read a place whose parts have these types (`bool` is no `int`). Raises `QueryRefused`."""
    said = _parse(cursor)
    if not isinstance(said, list) or len(said) != len(kinds) + 1 or said[0] != order:
        raise QueryRefused(QueryReason.BAD_CURSOR)
    place: list[Json] = said[1:]
    if not all(_fits(part, kind) for part, kind in zip(place, kinds, strict=True)):
        raise QueryRefused(QueryReason.BAD_CURSOR)
    return place


def _parse(cursor: str) -> object:
    if len(cursor) > CURSOR_CHARACTERS_MAX or not cursor.isascii():
        raise QueryRefused(QueryReason.BAD_CURSOR)
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        return orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise QueryRefused(QueryReason.BAD_CURSOR) from error


def _fits(part: Json, kind: type | tuple[type, ...]) -> bool:
    if not isinstance(part, kind) or (isinstance(part, bool) and kind is not bool):
        return False
    if isinstance(part, str):
        return clean_text(part)
    return part is None or isinstance(part, bool) or exact_number(part)
