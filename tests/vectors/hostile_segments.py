"""Bytes that a list document may hold where a segment should be: what no reader takes, and what every one still does."""

import base64
import gzip
import zlib

from persistence.contract import Json

COLUMNS = '"columns": ["col-address-0001"]'
HEAD = '["row-1-0000000000", "a0", '
BYTES_MAX = 1_048_576


def hostile_cases() -> list[dict[str, Json]]:
    """Each with its name and whether a reader takes it."""
    taken = {
        "nested as deep as allowed": _with_value("[" * 1_021 + "]" * 1_021),
        "a whole pair of surrogates": _with_value('"\\ud83c\\udfe0"'),
        "of the largest size": _packed(f'{{"v": 1, {COLUMNS}, "rows": []}}'.ljust(BYTES_MAX)),
    }
    broken = _broken_members() | _broken_texts() | _broken_rows()
    return [_case(name, payload, ok=False) for name, payload in broken.items()] + [
        _case(name, payload, ok=True) for name, payload in taken.items()
    ]


def _broken_members() -> dict[str, bytes]:
    """What is not one whole gzip member."""
    sound, empty = _with_value("1"), gzip.compress(b"", mtime=0)
    return {
        "nothing": b"",
        "zlib instead of gzip": zlib.compress(b"{}"),
        "cut off": sound[:-1],
        "a wrong checksum": sound[:-8] + bytes(8),
        "a byte behind the end": sound + b"\0",
        "its own end twice": sound + sound[-8:],
        "two members": sound + sound,
        "an empty member first": empty + sound,
        "an empty member behind": sound + empty,
        "one byte too many": _packed(f'{{"v": 1, {COLUMNS}, "rows": []}}'.ljust(BYTES_MAX + 1)),
        "a bomb": _packed(f'{{"v": 1, {COLUMNS}, "rows": []}}'.ljust(4 * BYTES_MAX)),
    }


def _broken_texts() -> dict[str, bytes]:
    """What is no JSON that every reader takes."""
    values = {
        "half a pair of surrogates": '"\\ud800"',
        "half a pair in a name": '{"\\udfff": 1}',
        "an infinity": "1e400",
        "not a number": "NaN",
        "nested too deep": "[" * 1_022 + "]" * 1_022,
        "a raw control character": '"\x01"',
    }
    return {
        **{name: _with_value(value) for name, value in values.items()},
        "bytes that are no UTF-8": gzip.compress(b'"\xff"', mtime=0),
        "a byte order mark": gzip.compress(b"\xef\xbb\xbf{}", mtime=0),
        "no JSON": _packed("{"),
    }


def _broken_rows() -> dict[str, bytes]:
    """JSON that is no segment."""
    positions = ("", "a", "a00", "0a", "a-", "b1", "A" + "0" * 26, "a0" + "1" * 255, "\u00e40")
    return {
        "another version": _packed(f'{{"v": 2, {COLUMNS}, "rows": []}}'),
        "a version that is true": _packed(f'{{"v": true, {COLUMNS}, "rows": []}}'),
        "a column twice": _packed('{"v": 1, "columns": ["col-address-0001", "col-address-0001"], "rows": []}'),
        "a column that is no id": _packed('{"v": 1, "columns": ["a b"], "rows": []}'),
        "a row twice": _packed(f'{{"v": 1, {COLUMNS}, "rows": [{HEAD}1], {HEAD}2]]}}'),
        "a row too short": _packed(f'{{"v": 1, {COLUMNS}, "rows": [{HEAD[:-2]}]]}}'),
        "a row that is no array": _packed(f'{{"v": 1, {COLUMNS}, "rows": [{{}}]}}'),
        "an id with a line break": _packed('{"v": 1, "columns": [], "rows": [["row-1-0000000000\\n", "a0"]]}'),
        **{
            f"the position {at!r}": _packed(f'{{"v": 1, "columns": [], "rows": [["row-1-0000000000", "{at}"]]}}')
            for at in positions
        },
    }


def _with_value(value: str) -> bytes:
    return _packed(f'{{"v": 1, {COLUMNS}, "rows": [{HEAD}{value}]]}}')


def _packed(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def _case(name: str, payload: bytes, *, ok: bool) -> dict[str, Json]:
    return {"name": name, "ok": ok, "base64": base64.b64encode(payload).decode("ascii")}
