"""Writes the vectors that Python and TypeScript both read: `python -m tests.vectors.make_vectors`.

What a value check has to say is stated here by hand, never asked of the code under test. The segments are those
of this side; `client/sdk/scripts/make-vectors.ts` writes its own.
"""

import base64
import json
from pathlib import Path
from typing import Final

from persistence.contract import Json
from snapshots.columns import ListSchema
from snapshots.segments import Segment, encode_segment
from tests.vectors.hostile_segments import hostile_cases

FOLDER: Final = Path(__file__).resolve().parent
MEMBERS: Final = ["user-ana-0000001", "user-ben-0000001"]
OPTION: Final = "option-sold1"
ROW: Final = "row-1-0000000000"
ADDRESS: Final[dict[str, Json]] = {
    "line1": "12 Oak Lane",
    "city": "Port Harbour",
    "region": "WA",
    "postcode": "98101",
    "country": "US",
}

# type -> (values that a column takes, values that it refuses)
VALUES: Final[dict[str, tuple[list[Json], list[Json]]]] = {
    "text": (
        ["", " ", "Grüße 家 🏠", "two\nlines", "__proto__", "=1+1"],
        [0, 5, True, [], {}, ["a"], "a\0b", "\0", "\ud800", "a\udc00b"],
    ),
    "long_text": (["", "two\nlines\tand a tab"], [1.5, False, "\0", "\udfff", {"text": "a"}]),
    "number": (
        [0, -1, 5, 0.1, -0.5, 1e-300, 9_007_199_254_740_991, -9_007_199_254_740_991],
        ["", "5", True, False, [1], {}, 9_007_199_254_740_992, -9_007_199_254_740_992, 1e300],
    ),
    "percent": ([0.25, 1, -0.5, 12], ["25 %", True, 1e16]),
    "currency": ([420_000, 0.01, -12.5], ["$5", "", False, [], 1e17]),
    "rating": ([0, 1, 5], [-1, 6, 2.5, "3", True, 11]),
    "duration": ([0, 5_400, 0.5], ["1:30", True, 1e16]),
    "checkbox": ([True, False], [0, 1, "true", "", [], {}]),
    "date": (
        ["2026-03-01", "2024-02-29", "0001-01-01", "9999-12-31"],
        [
            *(
                "2023-02-29",
                "2026-13-01",
                "2026-00-10",
                "2026-01-00",
                "2026-04-31",
                "0000-01-01",
                "2026-1-2",
                "20260301",
            ),
            *("2026-W01-1", " 2026-03-01", "2026-03-01\n", "2026-03-01T00:00:00Z", "+2026-03-01", "", 20_260_301, True),
            "\u0662\u0660\u0662\u0666-\u0660\u0663-\u0660\u0661",
        ],
    ),
    "datetime": (
        ["2026-03-01T12:00:00Z", "2026-03-01T23:59:59.999999Z", "2024-02-29T00:00:00.5Z"],
        [
            *("2026-03-01", "2026-03-01T12:00:00", "2026-03-01T12:00:00+00:00", "2026-03-01 12:00:00Z"),
            *("2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:60Z", "2023-02-29T12:00:00Z"),
            *("2026-03-01T12:00Z", "2026-03-01T12:00:00z", "2026-03-01T12:00:00.1234567Z", 1_772_366_400, True),
        ],
    ),
    "select": ([OPTION, "option-open1"], ["Sold", "", "option-none1", [OPTION], 1, True, {}]),
    "multi_select": ([[], [OPTION], [OPTION, "option-open1"]], [OPTION, ["option-none1"], [1], {}, True, [None]]),
    "email": (
        ["ana@example.com", "a.b+c@sub.example.co", "o'neil@example.com", "grüße@example.com"],
        [
            *("ana", "ana@", "@example.com", "ana@example", "a b@example.com", "ana@@example.com", "<ana@example.com>"),
            *("ana@example..com", "ana@-example.com", "ana@127.0.0.1", "ana@example.com\n", "an\0a@example.com", 5, []),
            "ana\u200b@example.com",
        ],
    ),
    "phone": (
        ["+12065550142", "(206) 555-0142", "206.555.0142", "+1 206 555 0142 ext 12", "112"],
        [
            "",
            "call me",
            "+",
            "12",
            "++12065550142",
            "javascript:1",
            "206\n555 0142",
            2_065_550_142,
            True,
            "\u0662\u0660\u0666\u0665\u0665\u0665\u0660\u0661\u0664\u0662",
        ],
    ),
    "url": (
        [
            *("https://example.com", "http://example.com/a?b=c#d", "HTTPS://EXAMPLE.COM", "mailto:ana@example.com"),
            *("tel:+12065550142", "https://example.com/%20", "http://127.0.0.1:8000/", "https://häuser.example/straße"),
        ],
        [
            *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)"),
            *(" https://example.com", "\thttps://example.com", "https://example.com\n", "https://exa mple.com"),
            *(
                "data:text/html,x",
                "vbscript:x",
                "file:///etc/passwd",
                "//example.com",
                "example.com",
                "https:",
                "https://",
            ),
            *("https:\\\\example.com", "https://example.com\\@other.example", "blob:https://example.com/1", "", 5, []),
            *("\u00a0https://example.com", "https://example.com/\u202egnp.exe", "ftp://example.com", "https:///path"),
        ],
    ),
    "user": ([*MEMBERS], ["user-eve-0000001", "", "Ana", [MEMBERS[0]], 1, True]),
    "users": ([[], [MEMBERS[0]], [*MEMBERS]], [MEMBERS[0], ["user-eve-0000001"], [1], {}, False]),
    "link": ([[], [ROW], [ROW, "row-2-0000000000"]], [ROW, ["short"], ["a" * 23], ["row:1-0000000000"], [1], {}, True]),
    "attachment": ([[], ["file-1-000000000"]], ["file-1-000000000", ["short"], [{}], 1]),
    "address": (
        [ADDRESS, {**ADDRESS, "line2": "Unit 4"}, {**ADDRESS, "lat": 47.61, "lon": -122.33}, {**ADDRESS, "lat": -90}],
        [
            *("12 Oak Lane", [], {}, {"line1": "12 Oak Lane"}, {**ADDRESS, "street": "x"}, {**ADDRESS, "city": None}),
            *({**ADDRESS, "lat": 90.5}, {**ADDRESS, "lon": "1"}, {**ADDRESS, "lat": True}, {**ADDRESS, "lat": None}),
            *({**ADDRESS, "__proto__": "x"}, {**ADDRESS, "constructor": "x"}, {**ADDRESS, "city": "a\0b"}),
            {**ADDRESS, "postcode": 98_101},
        ],
    ),
}
# (type, one character, how many the longest value has)
LENGTHS: Final = (("text", "x", 10_000), ("text", "🏠", 10_000), ("long_text", "x", 100_000))
COMPUTED: Final = (
    *("lookup", "rollup", "count", "formula", "autonumber"),
    *("created_at", "created_by", "updated_at", "updated_by"),
)

COLUMNS_ROOT: Final[dict[str, Json]] = {
    "col-address-0001:name": "Address",
    "col-address-0001:type": "text",
    "col-address-0001:pos": "a1",
    "col-status-00001:name": "Status",
    "col-status-00001:type": "select",
    "col-status-00001:pos": "a0",
    "col-status-00001:required": True,
    "col-status-00001:option:option-sold1": {"label": "Sold", "colour": "green", "pos": "a1"},
    "col-status-00001:option:option-open1": {"label": "Open", "colour": "blue", "pos": "a0"},
    "col-price-000001:name": "Price",
    "col-price-000001:type": "currency",
    "col-price-000001:pos": "a1",
    "col-price-000001:config": {"currency": "USD", "precision": 0},
    "col-price-000001:locked": True,
    "col-gone-0000001:name": "Gone",
    "col-gone-0000001:type": "number",
    "col-gone-0000001:pos": "Zz",
    "col-gone-0000001:deleted": True,
    "col-future-00001:name": "From a later version",
    "col-future-00001:type": "hologram",
    "col-future-00001:pos": "a5",
    "col-nameless-001:pos": "a6",
}
PRIMARIES: Final = (None, "col-price-000001", "col-gone-0000001", "col-nothing-0001")

SEGMENTS: Final = {
    "empty": Segment([], []),
    "one row": Segment(["col-address-0001", "col-price-000001"], [[ROW, "a0", "12 Oak Lane", 420_000]]),
    "every kind of value": Segment(
        [f"col-{index}-000000000" for index in range(7)],
        [
            [ROW, "a0", 'Grüße, 家 🏠 "q" \\ \n\t\u2028', -0.25, True, ["row-2-0000000000"], ADDRESS, None, 1e-7],
            ["row-2-0000000000", "a0V", "", 9_007_199_254_740_991, False, [], {**ADDRESS, "lat": 47.61}, None, 0],
        ],
    ),
    "a thousand rows": Segment(
        ["col-number-00001"], [[f"row-{index:012}", f"c{index:03}", index] for index in range(1_000)]
    ),
}


def value_cases() -> list[dict[str, Json]]:
    """Values with what both sides have to say about them; `repeat` stands for a text too long to write out."""
    cases: list[dict[str, Json]] = []
    for kind, (taken, refused) in VALUES.items():
        cases += [{"type": kind, "value": value, "ok": True} for value in [None, *taken]]
        cases += [{"type": kind, "value": value, "ok": False} for value in refused]
    for kind, character, longest in LENGTHS:
        cases += [{"type": kind, "repeat": [character, longest + more], "ok": not more} for more in (0, 1)]
    cases += [{"type": kind, "value": value, "ok": False} for kind in COMPUTED for value in (None, 1, "x")]
    cases += [{"type": "rating", "config": {"max": 10}, "value": value, "ok": value < 11} for value in (6, 10, 11)]
    return cases


def schema_cases() -> list[dict[str, Json]]:
    """One `columns` root with what it says, for several `meta.primary`."""
    return [
        {
            "primary": primary,
            "entries": COLUMNS_ROOT,
            "schema": ListSchema.from_columns_root(COLUMNS_ROOT, primary).to_json(),
        }
        for primary in PRIMARIES
    ]


def segment_cases() -> list[dict[str, Json]]:
    """Segments as bytes and as what they hold."""
    return [
        {
            "name": name,
            "base64": base64.b64encode(encode_segment(segment)).decode(),
            "decoded": {"v": 1, "columns": list(segment.columns), "rows": [list(row) for row in segment.rows]},
        }
        for name, segment in SEGMENTS.items()
    ]


def contents() -> dict[str, str]:
    """The text of every file by its name: one case a line."""
    options = [{"id": OPTION, "label": "Sold"}, {"id": "option-open1", "label": "Open"}]
    return {
        "values.json": _file({"members": MEMBERS, "options": options}, "cases", value_cases()),
        "schemas.json": _file({}, "cases", schema_cases()),
        "segments.python.json": _file({}, "segments", segment_cases()),
        "segments.hostile.json": _file({}, "segments", hostile_cases()),
    }


def _file(head: dict[str, object], name: str, cases: list[dict[str, Json]]) -> str:
    opening = json.dumps({"format": 1, **head})[:-1]
    return f'{opening}, "{name}": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]}\n"


def main() -> None:
    """Write the files."""
    for name, text in contents().items():
        (FOLDER / name).write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
