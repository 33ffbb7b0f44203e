"""Parquet, with a type for each column: numbers are doubles, sets lists of texts, days dates, moments UTC in microseconds.

Each page is a row group, compressed with zstd. Addresses are the texts of their JSON: their parts differ from row to row.
"""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, Final

from persistence.contract import Json
from snapshots.columns import Column
from snapshots.exporting.cells import Page, Shape, cells, heads, shape_of
from snapshots.exporting.flat_texts import flat

_DATED: Final = frozenset({Shape.DAY, Shape.MOMENT})
"""What Arrow reads from texts of ISO 8601."""


def write_parquet(columns: Sequence[Column], pages: Iterable[Page], target: BinaryIO) -> None:
    """Write pages of records; memory depends on the size of a page and, by what the file's end says of each, on their number."""
    import pyarrow as pa  # noqa: PLC0415 - 0.2 s and 60 MB that only this format needs
    from pyarrow import parquet  # noqa: PLC0415 - see above

    kinds = [_kind(pa, shape_of(column)) for column in columns]
    schema = pa.schema(list(zip(heads(columns), kinds, strict=True)))
    with parquet.ParquetWriter(target, schema, compression="zstd", write_statistics=False) as file:
        for records, names in pages:
            arrays = [
                _array(pa, shape_of(column), kind, cells(column, records, names))
                for column, kind in zip(columns, kinds, strict=True)
            ]
            file.write_batch(pa.record_batch(arrays, schema=schema))


def _kind(pyarrow: Any, shape: Shape) -> Any:
    match shape:
        case Shape.NUMBER:
            return pyarrow.float64()
        case Shape.FLAG:
            return pyarrow.bool_()
        case Shape.DAY:
            return pyarrow.date32()
        case Shape.MOMENT:
            return pyarrow.timestamp("us", "UTC")
        case Shape.TEXTS:
            return pyarrow.list_(pyarrow.string())
    return pyarrow.string()


def _array(pyarrow: Any, shape: Shape, kind: Any, values: Sequence[Json]) -> Any:
    if shape in _DATED:
        return pyarrow.array(values, pyarrow.string()).cast(kind)
    return pyarrow.array(flat(shape, values) if shape is Shape.OBJECT else values, kind)
