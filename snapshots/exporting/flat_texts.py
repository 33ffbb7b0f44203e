"""Values that are no single text, as one: what formats without lists and objects hold of them."""

from collections.abc import Sequence

import orjson

from persistence.contract import Json
from snapshots.element_texts import joined
from snapshots.exporting.cells import Shape


def flat(shape: Shape, values: Sequence[Json]) -> Sequence[Json]:
    """Give values of a shape with sets as one text and objects as the text of their JSON; others are given as they are.

    The elements of a set are joined by commas; one that holds a comma, a quote or a line break, or blanks at an end, stands in
    double quotes, with those inside doubled.
    """
    if shape is Shape.TEXTS:
        return [joined(map(str, value)) or None if isinstance(value, list) else None for value in values]
    if shape is Shape.OBJECT:
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    return values
