"""Files that people bring: the rows of a broker's list as CSV and XLSX."""

import csv
from pathlib import Path
from typing import Final

import xlsxwriter

from benchmarks.bulk_rows import OPTIONS, columns_of, rows_of
from persistence.contract import Json

_LABELS: Final = {option.id: option.label for option in OPTIONS.values()}


def write_file(path: Path, kind: str, columns: int, rows: int, seed: int) -> None:
    """Write a file as a person would export it from somewhere else."""
    heads = [column.name for column in columns_of(columns)]
    if kind == "csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(heads)
            table.writerows([_text(value) for value in row[2:]] for row in rows_of(columns, rows, seed))
        return
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, heads)
        for number, row in enumerate(rows_of(columns, rows, seed), 1):
            sheet.write_row(number, 0, [_text(value) for value in row[2:]])


def _text(value: Json) -> Json:
    if isinstance(value, list):
        return ", ".join(_LABELS[str(element)] for element in value)
    return _LABELS.get(value, value) if isinstance(value, str) else value
