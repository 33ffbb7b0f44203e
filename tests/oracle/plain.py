"""Values as both sides compare them: numbers by their value, booleans never as numbers."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """Whole floats as integers: the native library reads every number as a float."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, bytearray):
        return bytes(value)
    return [plain(part) for part in value] if isinstance(value, list) else value


def same(one: Any, other: Any) -> bool:
    """Equal, and of one type: `True` is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(part, other[key]) for key, part in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
