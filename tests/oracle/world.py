"""Random documents of one list: columns of every type, rows in segments and generations, views, threads, the trash.

All of it comes from a seed. Beside the server's own client id several people have written in the past, with overwritten
and deleted keys in the history; generations that are gone have left their clocks behind.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from pycrdt import Doc, Map

from tests.oracle import values
from tests.oracle.expectation import Person

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = tuple(
    Person(f"user-{name:-<8}", role)
    for name, role in (("olga", "owner"), ("adam", "admin"), ("edda", "editor"), ("emil", "editor"), ("mia", "member"))
)
LISTS = frozenset({"list-of-ours1", "list-of-ours2"})
"""The lists of the workspace, which links may point into."""
MEMBERS = frozenset(person.id for person in PEOPLE)
CLIENTS = {person.id: (5001 + 10 * n, 5002 + 10 * n, 2**40 + n) for n, person in enumerate(PEOPLE)}
OPTIONS = ("option-sold1", "option-open1", "option-let01")
SERVER = 1


def at(minutes: float = 0) -> str:
    """A time as it stands in documents."""
    return (NOW + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass
class World:
    """A document with the names in it."""

    random: Random
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    views: list[str] = field(default_factory=list)
    generations: list[str] = field(default_factory=list)
    owners: dict[int, str] = field(default_factory=dict)
    unfolded: bytes = b""
    """The state before a generation was folded away: what a client has that was offline meanwhile."""
    state: bytes = b""


def make_world(random: Random) -> World:
    """A document of the given chance."""
    world = World(random)
    doc: Doc[Map[Any]] = Doc(client_id=SERVER)
    with doc.transaction():
        _furnish(world, doc)
    _live(world, doc)
    world.unfolded = doc.get_update()
    _fold(world, doc)
    world.state = doc.get_update()
    return world


def _root(doc: Doc[Map[Any]], name: str) -> Map[Any]:
    root: Map[Any] = doc.get(name, type=Map)
    return root


def _furnish(world: World, doc: Doc[Map[Any]]) -> None:
    _choose_columns(world)
    world.rows = [f"row-{number:08}" for number in range(7)]
    meta = {"format": 1, "name": "Properties", "primary": "column-00000", "icon": "home"}
    for key, value in meta.items():
        _root(doc, "meta")[key] = value
    for name, column in world.columns.items():
        for attribute, value in column.items():
            _root(doc, "columns")[f"{name}:{attribute}"] = value
    _root(doc, "segments")["segment-00001"] = _segment(world, world.rows[:2])
    for n, (generation, row) in enumerate((("1", world.rows[2]), ("1", world.rows[3]), ("1", world.rows[4]))):
        if n == 0:
            _root(doc, "overlays")[generation] = Map()
        _root(doc, "overlays")[generation][f"r:{row}"] = f"a{n}"
    _write_views(world, doc)
    _write_comments(world, doc)


def _choose_columns(world: World) -> None:
    random = world.random
    for number, kind in enumerate([*random.sample(values.TYPES, 9), "text", "number"]):
        column: dict[str, Any] = {"name": f"Column {number}", "type": kind, "pos": f"a{number % 10}"}
        if kind in ("select", "multi_select"):
            column |= {f"option:{option}": _option(option) for option in OPTIONS[:2]}
        if kind == "rating":
            column["config"] = {"max": random.choice((3, 10))}
        if number % 5 == 2 or (number == 9 and random.random() < 0.3):
            column["locked"] = True
        if number % 5 == 3:
            column["deleted"] = True
        world.columns[f"column-{number:05}"] = column


def _option(option: str) -> dict[str, Any]:
    return {"label": option[7:].title(), "colour": "green", "pos": "a1"}


def _segment(world: World, rows: list[str]) -> bytes:
    columns = [name for name, column in world.columns.items() if column["type"] not in values.COMPUTED]
    cells = [[fitting(world.random, world.columns[name]) for name in columns] for _ in rows]
    packed = [[row, f"b{n:02}"[:3] + "1", *line] for n, (row, line) in enumerate(zip(rows, cells, strict=True))]
    return gzip.compress(json.dumps({"v": 1, "columns": columns, "rows": packed}).encode(), mtime=0)


def _write_views(world: World, doc: Doc[Map[Any]]) -> None:
    views = _root(doc, "views")
    for number, owner in enumerate((None, PEOPLE[4].id, PEOPLE[2].id, None)):
        view = f"view-{number:07}"
        world.views.append(view)
        views[f"{view}:name"] = f"View {number}"
        views[f"{view}:hidden"] = ["column-00001"]
        if owner is not None:
            views[f"{view}:owner"] = owner
        if number == 3:
            views[f"{view}:locked"] = True


def _write_comments(world: World, doc: Doc[Map[Any]]) -> None:
    comments = _root(doc, "comments")
    parent = None
    for number, author in enumerate((PEOPLE[4].id, PEOPLE[2].id, PEOPLE[4].id)):
        comment = f"comment-{number:04}"
        world.comments.append(comment)
        said: dict[str, Any] = {"row": world.rows[2], "author": author, "at": at(-600), "body": "Seen.", "mentions": []}
        comments[comment] = said if parent is None else {**said, "parent": parent}
        parent = comment if number == 0 else None
    comments[f"{world.comments[0]}:resolved"] = {"by": PEOPLE[2].id, "at": at(-300)}


def _fold(world: World, doc: Doc[Map[Any]]) -> None:
    """Sometimes there are more generations, and sometimes the first has been folded into a segment."""
    world.generations = ["1"]
    count = world.random.choice((1, 1, 2, 3))
    overlays = _root(doc, "overlays")
    for generation in range(2, count + 1):
        world.generations.append(str(generation))
        overlays[str(generation)] = Map()
        _live(world, doc)
    if count > 1 and world.random.random() < 0.5:
        with doc.transaction():
            _root(doc, "segments")["segment-00002"] = _segment(world, world.rows[2:5])
            del overlays["1"]


def _live(world: World, doc: Doc[Map[Any]]) -> None:
    """People have written in the past, each under a client id of their own."""
    random = world.random
    for person in PEOPLE[:4]:
        client = CLIENTS[person.id][0]
        past: Doc[Map[Any]] = Doc(client_id=client)
        past.apply_update(doc.get_update())
        vector = doc.get_state()
        overlays = _root(past, "overlays")
        newest = overlays[max(overlays.keys(), key=int)]
        with past.transaction():
            newest[f"r:{random.choice(world.rows[4:6])}"] = "a7"
            newest[f"t:{world.rows[3]}"] = {"by": person.id, "at": at(-100)}
        for _ in range(4):
            with past.transaction():
                name = random.choice(list(world.columns))
                _write_cell(random, newest, random.choice(world.rows[:6]), name, world.columns[name])
        doc.apply_update(past.get_update(vector))
        world.owners[client] = person.id


def _write_cell(random: Random, newest: Map[Any], row: str, name: str, column: dict[str, Any]) -> None:
    if column["type"] in values.SETS:
        newest[f"e:{row}:{name}:{member(random, column)}"] = random.random() < 0.7
        return
    if column["type"] in values.COMPUTED:
        return
    key = f"c:{row}:{name}"
    if key in newest and random.random() < 0.3:
        del newest[key]
    else:
        newest[key] = fitting(random, column)


def fitting(random: Random, column: dict[str, Any]) -> Any:
    """A value that a column takes; in a segment, a set-valued one takes an array."""
    kind = column["type"]
    if kind in values.SETS:
        return [member(random, column)]
    match kind:
        case "number" | "percent" | "currency" | "duration":
            return random.choice((0, 1, -5, 2.5, 1e-7, 2**31, -(2**40), random.randrange(10**6)))
        case "rating":
            return random.randrange(4)
        case "checkbox":
            return random.random() < 0.5
        case "select":
            return random.choice(OPTIONS[:2])
        case "user":
            return random.choice(PEOPLE).id
        case "address":
            said = {"line1": "Quay 1", "city": "Bremen", "region": "", "postcode": "28195", "country": "DE"}
            return said | random.choice(({}, {"line2": "left"}, {"lat": 53.1, "lon": -8}))
    texts = {
        "date": ("2026-02-28", "1999-12-31"),
        "datetime": ("2026-02-28T23:59:59Z",),
        "email": ("mia@example.org", "a.b+c@sub.example.com"),
        "phone": ("+49 421 5550", "(0421) 55-50"[1:].replace(")", " ")),
        "url": ("https://example.org/a?b=c", "mailto:mia@example.org", "tel:+495550"),
    }
    return random.choice(texts.get(kind, ("", "Quay", "ü🏠", f"text-{random.randrange(16**8):08x}")))


def member(random: Random, column: dict[str, Any]) -> str:
    """An element that a set-valued column takes."""
    match column["type"]:
        case "multi_select":
            return random.choice(OPTIONS[:2])
        case "users":
            return random.choice(PEOPLE).id
    return f"linked-{random.randrange(3):05}"
