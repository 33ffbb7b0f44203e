"""What a filter asks for, said again in plain Python, with cells and values of every column type to ask of."""

from datetime import datetime
from typing import Any, Final

from hypothesis import strategies as st

from snapshots.column_types import NUMBER_TYPES, SET_VALUED_TYPES, ColumnType
from snapshots.columns import ListSchema
from snapshots.filtering import Op
from snapshots.text import exact_number
from tests.list_columns import SCHEMA, column, column_id

STAMPS: Final = {
    ColumnType.CREATED_AT: "created_at",
    ColumnType.UPDATED_AT: "updated_at",
    ColumnType.CREATED_BY: "created_by",
    ColumnType.UPDATED_BY: "updated_by",
}
COLUMNS: Final = ListSchema(SCHEMA.primary, {**SCHEMA.columns, **{column_id(kind): column(kind) for kind in STAMPS}})
MOMENTS: Final = (ColumnType.DATETIME, ColumnType.CREATED_AT, ColumnType.UPDATED_AT)
PEOPLE: Final = ["user-ana-0000001", "user-mia-0000001", "USER-ana-0000001"]
IDS: Final = ["option-sold1", "option-open1", "row-linked-01", "ROW-linked-01"]
HOSTILE: Final = [
    *(
        "'; DROP TABLE records; --",
        "' OR '1'='1",
        "%",
        "_",
        "\\",
        "\\%",
        "$1",
        "$$;$$",
        '"',
        "a%b",
        "axb",
        "a_b",
        "?|",
        "{}",
    ),
    *("\u202etxt", "É", "é", "O'Neil", "null", "[]", "A", "a", " ", ":param", "%(param)s"),
]
TEXTS: Final = st.sampled_from(HOSTILE) | st.text("aAbB%_\\'", min_size=1, max_size=4)
NUMBERS: Final = st.sampled_from([-3.5, 0, 2, 10, 0.1, 9e15, 5e-324]) | st.floats(-1e9, 1e9) | st.integers(-99, 99)
DAYS: Final = st.sampled_from(["0001-01-01", "1999-12-31", "2026-01-10", "2026-01-01", "9999-12-31"])
TIMES: Final = st.builds(
    "{}T{}{}Z".format,
    st.sampled_from(["2026-01-01", "2026-01-10"]),
    st.sampled_from(["00:00:00", "10:00:00", "10:00:01", "10:00:10", "20:00:00"]),
    st.sampled_from(["", ".0", ".000000", ".5", ".50", ".000001", ".25"]),
)


def values_of(kind: ColumnType) -> st.SearchStrategy[Any]:
    """Values that a filter of this type may name."""
    if kind in NUMBER_TYPES:
        return NUMBERS.filter(exact_number)
    if kind in SET_VALUED_TYPES or kind is ColumnType.SELECT:
        return st.sampled_from(IDS)
    if kind in (ColumnType.USER, ColumnType.CREATED_BY, ColumnType.UPDATED_BY):
        return st.sampled_from(PEOPLE)
    if kind in MOMENTS:
        return TIMES
    return {ColumnType.DATE: DAYS, ColumnType.CHECKBOX: st.booleans()}.get(kind, TEXTS)


def cells_of(kind: ColumnType) -> st.SearchStrategy[Any]:
    """What a cell of this type may hold, `None` where it is empty."""
    if kind in STAMPS:
        return values_of(kind)
    if kind in SET_VALUED_TYPES:
        return st.none() | st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=3)
    if kind is ColumnType.ADDRESS:
        parts = dict.fromkeys(("line1", "city", "region", "postcode", "country"), TEXTS)
        return st.none() | st.fixed_dictionaries(parts, optional={"line2": TEXTS, "lat": st.just(1.5)})
    return st.none() | values_of(kind)


def moment(text: str) -> datetime:
    """A UTC time."""
    return datetime.fromisoformat(text)


def _equal(kind: ColumnType, cell: Any, value: Any) -> bool:
    if kind is ColumnType.CHECKBOX:
        return bool(cell) is value
    return cell is not None and (moment(cell) == moment(value) if kind in MOMENTS else bool(cell == value))


def _contains(kind: ColumnType, cell: Any, value: Any) -> bool:
    if cell is None or kind in SET_VALUED_TYPES:
        return cell is not None and value in cell
    texts = [part for part in cell.values() if isinstance(part, str)] if kind is ColumnType.ADDRESS else [cell]
    return any(value.lower() in text.lower() for text in texts)


def _below(kind: ColumnType, cell: Any, value: Any) -> bool:
    return bool(moment(cell) < moment(value) if kind in MOMENTS else cell < value)


def holds(kind: ColumnType, cell: Any, op: Op, value: Any) -> bool:
    """Whether a cell is what a part of a filter asks for."""
    match op:
        case Op.IS_EMPTY | Op.IS_NOT_EMPTY:
            return (cell is None) is (op is Op.IS_EMPTY)
        case Op.IS | Op.IS_NOT:
            return _equal(kind, cell, value) is (op is Op.IS)
        case Op.ANY_OF | Op.NONE_OF:
            held = _contains if kind in SET_VALUED_TYPES else _equal
            return any(held(kind, cell, one) for one in value) is (op is Op.ANY_OF)
        case Op.CONTAINS:
            return _contains(kind, cell, value)
    if cell is None:
        return False
    below, equal = _below(kind, cell, value), _equal(kind, cell, value)
    return {Op.BELOW: below, Op.AT_MOST: below or equal, Op.ABOVE: not (below or equal), Op.AT_LEAST: not below}[op]
