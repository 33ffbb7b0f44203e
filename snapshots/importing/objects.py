"""JSON: an array of objects, or objects one after the other; read one at a time, whatever the size of the file."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from snapshots.importing.encodings import check_encoding, find_encoding
from snapshots.importing.headings import name_columns
from snapshots.importing.refusals import FileReason, FileRefused
from snapshots.importing.tables import Cell, Choices, Format, Limits, RawRow, Table

_CHUNK_CHARACTERS: Final = 256 * 1024
_BETWEEN: Final = re.compile(r"[\s,\ufeff]*")
_ADVICE: Final = "Bring an array of objects, or one object on each line."


def open_objects(path: Path, choices: Choices, limits: Limits) -> Table:
    """Read the names of all objects: they are the columns, in the order in which they first stand there.

    Raises `FileRefused`. Rows are counted from 1, as there is no row of names.
    """
    encoding = check_encoding(choices.encoding) if choices.encoding else find_encoding(path)
    source = _Objects(path, encoding, limits)
    keys: dict[str, None] = {}
    for _, record in source.records():
        keys.update(dict.fromkeys(record))
        if len(keys) > limits.columns_max:
            sentence = f"The objects have more than {limits.columns_max} names; a list has at most as many columns."
            raise FileRefused(FileReason.TOO_LARGE, sentence)
    if not keys:
        raise FileRefused(FileReason.EMPTY, f"The file holds no objects with values. {_ADVICE}")
    columns, notes = name_columns(list(keys), len(keys))
    found = replace(choices, format=Format.JSON, encoding=encoding, delimiter=None, sheet=None, header_row=0)
    return Table(found, columns, notes, (), lambda: source.rows(list(keys)))


@dataclass(frozen=True, slots=True)
class _Objects:
    path: Path
    encoding: str
    limits: Limits

    def rows(self, keys: list[str]) -> Iterator[RawRow]:
        for number, record in self.records():
            yield number, [_cell(record.get(key)) for key in keys]

    def records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        number = 0
        try:
            for number, record in enumerate(self._values(), start=1):
                if not isinstance(record, dict):
                    raise FileRefused(FileReason.NOT_A_TABLE, f"Row {number} is no object. {_ADVICE}")
                if number > self.limits.rows_max:
                    sentence = f"The file has more than {self.limits.rows_max} rows. Cut it into several files."
                    raise FileRefused(FileReason.TOO_LARGE, sentence)
                yield number, record
        except UnicodeError as error:
            sentence = f"After row {number} the file is not text in {self.encoding}; choose its encoding."
            raise FileRefused(FileReason.UNREADABLE_TEXT, sentence) from error
        except (ValueError, RecursionError) as error:
            sentence = f"After row {number} the file is not JSON any more ({type(error).__name__}). {_ADVICE}"
            raise FileRefused(FileReason.BROKEN, sentence) from error

    def _values(self) -> Iterator[Any]:
        """The elements of the array, or the values that follow each other. Raises `ValueError`."""
        decode = json.JSONDecoder(object_pairs_hook=_object).raw_decode
        with self.path.open(encoding=self.encoding, errors="strict", newline="") as file:
            text = file.read(_CHUNK_CHARACTERS)
            at = _after(text, 0)
            array = text.startswith("[", at)
            at += array
            while True:
                at = _after(text, at)
                if array and text.startswith("]", at):
                    return
                try:
                    value, at = decode(text, at)
                except ValueError:
                    more = file.read(_CHUNK_CHARACTERS)
                    if not more and at == len(text) and not array:
                        return
                    text, at = text[at:] + more, 0
                    if not more:
                        raise
                    if len(text) > self.limits.record_characters_max:
                        sentence = f"A value is not JSON, or longer than allowed. {_ADVICE}"
                        raise FileRefused(FileReason.TOO_LARGE, sentence) from None
                else:
                    yield value


def _after(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    assert match is not None, "the pattern takes nothing, too"
    return match.end()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        sentence = f"An object names {twice[:100]!r} twice, and only one value could be kept. Rename one."
        raise FileRefused(FileReason.BROKEN, sentence)
    return record


def _cell(value: Any) -> Cell:
    """Scalars as they are, lists of scalars as lists of texts, anything else as the text of its JSON."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list) and not any(isinstance(part, list | dict) for part in value):
        return [part if isinstance(part, str) else json.dumps(part) for part in value if part is not None]
    return json.dumps(value, ensure_ascii=False)
