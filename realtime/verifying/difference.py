"""One difference, with its place."""

from dataclasses import dataclass

import orjson

from persistence.contract import Json


@dataclass(frozen=True, slots=True)
class Difference:
    """What is stored in one place and what should be there.

    `what` names the table or the check; `stored` and `rebuilt` are the values, for those who may see them.
    `mendable`: it is of a full state alone, which the whole log can make again (`rowhouse rebuild`).
    """

    list_id: str
    what: str
    row: str | None = None
    column: str | None = None
    seq: int | None = None
    stored: Json = None
    rebuilt: Json = None
    mendable: bool = False

    def line(self, *, values: bool = False) -> str:
        """The difference on one line; its values only if asked for."""
        places = {"row": self.row, "column": self.column, "number": self.seq}
        said = [self.list_id, *(f"{name} {place}" for name, place in places.items() if place is not None)]
        line = f"{', '.join(said)}: {self.what}"
        if not values:
            return line
        return f"{line} (stored {orjson.dumps(self.stored).decode()}, rebuilt {orjson.dumps(self.rebuilt).decode()})"
