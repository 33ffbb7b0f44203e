"""A schema with a column of every stored type, for tests of values, patches and queries."""

from snapshots.column_types import COMPUTED_TYPES
from snapshots.columns import Column, ColumnType, ListSchema, Option

OPTIONS = {
    "option-sold1": Option("option-sold1", "Sold", "green", "a0"),
    "option-open1": Option("option-open1", "Open", "blue", "a1"),
}
_SELECTS = (ColumnType.SELECT, ColumnType.MULTI_SELECT)


def column_id(kind: ColumnType) -> str:
    """The id of the schema's column of this type."""
    return f"col-{kind.value.replace('_', '-'):-<12}"


def column(kind: ColumnType, **config: str | int) -> Column:
    """A column of this type, its select with two options, its link into the list of owners."""
    if kind is ColumnType.LINK:
        config = {"list": "owners-list-1", **config}
    options = OPTIONS if kind in _SELECTS else {}
    return Column(column_id(kind), kind.value, kind, "a0", dict(config), options=options)


SCHEMA = ListSchema(
    column_id(ColumnType.TEXT), {column_id(kind): column(kind) for kind in ColumnType if kind not in COMPUTED_TYPES}
)
