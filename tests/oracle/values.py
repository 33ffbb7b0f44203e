"""Which values a place of a list document takes, as the oracle reads the table of column types.

Simple on purpose: no tables of functions, few patterns. `tests/vectors/values.json` has the edges; here it must only
be right about what the updates of `tests/oracle/updates.py` say.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

SETS = {"multi_select", "users", "link", "attachment"}
COMPUTED = {"lookup", "rollup", "count", "formula"} | {
    *("autonumber", "created_at", "created_by", "updated_at", "updated_by")
}
NUMBERS = {"number", "percent", "currency", "duration", "rating"}
TYPES = (
    *("text", "long_text", *sorted(NUMBERS), "checkbox", "date", "datetime", "select", "email", "phone", "url"),
    *("user", "address", *sorted(SETS), *sorted(COMPUTED)),
)
RESERVED = {"__proto__", "constructor", "prototype"}
EXACT = 2**53 - 1
_ID = re.compile(r"[\w-]{10,22}", re.ASCII)


def number(value: Any) -> bool:
    """A number that a double holds exactly."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= EXACT


def text(value: Any, most: int) -> bool:
    """A text of at most so many characters that every reader can hold."""
    return isinstance(value, str) and len(value) <= most and "\0" not in value


def name(value: Any, most: int = 200) -> bool:
    """A text that people can see."""
    return text(value, most) and value.strip() != ""


def an_id(value: Any) -> bool:
    """An id."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def keepable(value: Any, most: int, depth: int = 0) -> bool:
    """JSON that every reader can hold; `most` bounds its characters, roughly (no generated value comes close)."""
    if depth > 8:
        return False
    if isinstance(value, dict):
        inside = [*value, *value.values()]
        return not RESERVED & set(value) and all(keepable(part, most, depth + 1) for part in inside)
    if isinstance(value, list):
        return all(keepable(part, most, depth + 1) for part in value)
    return value is None or isinstance(value, bool) or text(value, most) or number(value)


def position(value: Any) -> bool:
    """A key of fractional indexing: a letter that says how many digits follow it, and a fraction."""
    if not isinstance(value, str) or re.fullmatch(r"[A-Za-z][A-Za-z0-9]{1,255}", value) is None:
        return False
    letter = value[0]
    digits = ord(letter) - ord("a") + 1 if letter.islower() else ord("Z") - ord(letter) + 1
    fraction = value[1 + digits :]
    return len(value) > digits and not fraction.endswith("0") and value != "A" + "0" * 26


def moment(value: Any) -> datetime | None:
    """A time in UTC."""
    return datetime.fromisoformat(value) if isinstance(value, str) and written("datetime", value) else None


def close(value: Any, now: datetime) -> bool:
    """A time of the last thirty days, or at most five minutes ahead."""
    at = moment(value)
    return at is not None and -timedelta(minutes=5) <= now - at <= timedelta(days=30)


def cell(column: dict[str, Any], value: Any, members: frozenset[str]) -> bool:
    """A value that a column's cell takes; `column` holds its attributes."""
    kind = column["type"]
    if kind in SETS or kind in COMPUTED:
        return False
    if value is None:
        return True
    if kind in NUMBERS:
        return number(value) and (kind != "rating" or (value in range(rating_max(column) + 1)))
    match kind:
        case "checkbox":
            return isinstance(value, bool)
        case "text" | "long_text":
            return text(value, 10_000 if kind == "text" else 100_000)
        case "select":
            return isinstance(value, str) and value in options(column)
        case "user":
            return isinstance(value, str) and value in members
        case "address":
            return address(value)
    return isinstance(value, str) and text(value, 2_048) and written(kind, value)


def rating_max(column: dict[str, Any]) -> int:
    """The most stars that a rating column gives."""
    config = column.get("config")
    most = config.get("max", 5) if isinstance(config, dict) else 5
    return int(most)


def written(kind: str, value: str) -> bool:
    """A text in the form of its column's type."""
    match kind:
        case "email":
            return email(value)
        case "phone":
            number_, _, extension = re.sub(r" ?(ext\.?|;ext=|x|#) ?(?=[0-9]+\Z)", "\0", value).partition("\0")
            plain = number_.removeprefix("+")
            shape = re.fullmatch(r"[0-9(][0-9 ().\-/]*[0-9)]", plain) is not None and len(extension) <= 10
            return shape and len(value) <= 40 and len(re.findall(r"[0-9]", plain[1:] + extension)) >= 2
        case "url":
            return not any(map(unseen, value)) and url(value.lower())
        case "date":
            return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is not None and is_day(value)
    shape = re.fullmatch(r"([0-9-]{10})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,6})?Z", value)
    return shape is not None and written("date", shape[1]) and shape[2] < "24" and max(shape[3], shape[4]) < "60"


def is_day(value: str) -> bool:
    """A day of the calendar."""
    try:
        date(*map(int, value.split("-")))
    except ValueError:
        return False
    return True


def unseen(letter: str) -> bool:
    """Blank, control or invisible."""
    code = ord(letter)
    ranges = ((0, 0x20), (0x7F, 0xA0), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F))
    return any(first <= code <= last for first, last in ranges) or letter in "\u3000\ufeff"


def email(value: str) -> bool:
    """An address: a local part, and a domain of at least two labels whose last one is no number."""
    local, _, domain = value.partition("@")
    inner, last = domain.split(".")[:-1], domain.rpartition(".")[2]
    bad = any(unseen(letter) or letter in '<>()[]\\,;:"' for letter in value)
    labels = all(label and not label.startswith("-") and not label.endswith("-") for label in inner)
    ending = len(last) >= 2 and "-" not in last and re.fullmatch(r"[0-9]+", last) is None
    return len(value) <= 254 and value.count("@") == 1 and local != "" and inner != [] and labels and ending and not bad


def url(value: str) -> bool:
    """A URL of one of four schemes, in lower case."""
    scheme, _, rest = value.partition(":")
    match scheme:
        case "http" | "https":
            return rest.startswith("//") and len(rest) > 2 and rest[2] not in "/?#" and "\\" not in rest
        case "mailto":
            return rest.count("@") == 1 and all(rest.split("@"))
        case "tel":
            return re.fullmatch(r"\+?[0-9().-]+(;.*)?", rest, re.DOTALL) is not None
    return False


def address(value: Any) -> bool:
    """A postal address."""
    needed, more = {"line1", "city", "region", "postcode", "country"}, {"line2", "lat", "lon"}
    if not isinstance(value, dict) or not needed <= set(value) <= needed | more:
        return False
    lat, lon = value.get("lat", 0), value.get("lon", 0)
    texts = [part for key, part in value.items() if key not in ("lat", "lon")]
    return all(text(part, 200) for part in texts) and number(lat) and number(lon) and abs(lat) <= 90 and abs(lon) <= 180


def element(column: dict[str, Any], member: str, members: frozenset[str]) -> bool:
    """An element that a set-valued column takes."""
    match column["type"]:
        case "multi_select":
            return member in options(column)
        case "users":
            return member in members
        case "link" | "attachment":
            return an_id(member)
    return False


def options(column: dict[str, Any]) -> set[str]:
    """The options of a column."""
    return {key.removeprefix("option:") for key, said in column.items() if key.startswith("option:") and option(said)}


def option(value: Any) -> bool:
    """An option of a select column."""
    if not isinstance(value, dict) or not set(value) <= {"label", "colour", "pos"}:
        return False
    colour = value.get("colour")
    plain = colour is None or (text(colour, 32) and colour.isascii())
    return name(value.get("label")) and plain and position(value.get("pos"))


def attribute(kind: str, value: Any) -> bool:
    """A value that an attribute of a column takes."""
    if kind.startswith("option:"):
        return value is None or option(value)
    match kind:
        case "name":
            return name(value)
        case "type":
            return isinstance(value, str) and value in TYPES
        case "pos":
            return position(value)
        case "config":
            return isinstance(value, dict) and keepable(value, 8_192) and configuration(value)
    return isinstance(value, bool)


def view_part(attribute_: str, value: Any) -> bool:
    """A value that a part of a view takes; `None` clears all but the name."""
    if attribute_ == "name" or value is None:
        return name(value) if attribute_ == "name" else True
    listed = (
        isinstance(value, list) and len(value) <= 1_000 and all(isinstance(part, dict) or an_id(part) for part in value)
    )
    named = isinstance(value, dict) and len(value) <= 1_000 and all(map(an_id, value))
    match attribute_:
        case "kind":
            good = isinstance(value, str) and re.fullmatch(r"[a-z][a-z_]{0,31}", value) is not None
        case "owner":
            good = an_id(value)
        case "locked":
            good = isinstance(value, bool)
        case "sort":
            good = listed
        case "filter":
            good = listed or isinstance(value, dict)
        case "group":
            good = listed or isinstance(value, dict) or an_id(value)
        case "hidden":
            good = listed or (named and all(isinstance(said, bool) for said in value.values()))
        case "widths":
            good = named and all(number(said) and 0 <= said <= 10_000 for said in value.values())
        case _:
            good = listed or (number(value) and value % 1 == 0 and 0 <= value <= 1_000)
    return good and keepable(value, 65_536)


def configuration(value: dict[str, Any]) -> bool:
    """What a column's configuration may say of the names that this version knows."""
    whole = {"precision": (0, 10), "max": (1, 10)}
    for key, said in value.items():
        if key in whole:
            least, most = whole[key]
            good = number(said) and said in range(least, most + 1)
        elif key == "currency":
            good = isinstance(said, str) and re.fullmatch(r"[A-Z]{3}", said) is not None
        elif key == "list":
            good = an_id(said)
        elif key == "limit":
            good = said in ("one", "many")
        else:
            good = key != "format" or isinstance(said, str)
        if not good:
            return False
    return True
