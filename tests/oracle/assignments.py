"""What a client writes in one transaction, from a seed: a key, a few, or what belongs together; most of it fits."""

from __future__ import annotations

from typing import Any

from tests.oracle import values
from tests.oracle.expectation import Person
from tests.oracle.world import OPTIONS, PEOPLE, World, at, fitting, member

LINKS = ({"list": "list-of-ours1"}, {"list": "list-foreign1"})


class Writer:
    """One person who writes into a list."""

    def __init__(self, world: World, person: Person) -> None:
        self._world, self._random, self._person = world, world.random, person
        plain = [name for name, column in world.columns.items() if _is_plain(column)]
        self._columns = [*world.columns, *plain * 5, "column-unknown", "column-new001"]
        self._rows = [*world.rows * 3, "row-unknown1"]
        self._comments = [*world.comments, *(f"comment-new{n}" for n in range(3))]
        self._views = [*world.views, "view-new0001"]

    def assignments(self) -> dict[str, Any]:
        """What a client sets in one transaction: one key, a few, or what belongs together."""
        random = self._random
        roll = random.random()
        if roll < 0.12:
            return self._new_row()
        if roll < 0.18:
            return self._new_column()
        if roll < 0.24:
            return self._conversation()
        if roll < 0.28:
            return self._new_view()
        if roll < 0.3:
            return self._namesakes()
        return {path: self.value(path) for path in (self.path() for _ in range(random.choice((1, 1, 1, 2, 3))))}

    def _overlay(self) -> str:
        newest = self._world.generations[-1]
        return f"overlays/{newest if self._random.random() < 0.85 else self._random.choice(self._world.generations)}"

    def _new_row(self) -> dict[str, Any]:
        overlay, row = self._overlay(), f"row-new{self._random.randrange(10**5):05}"
        said = {f"{overlay}/r:{row}": self._random.choice(("a5", "a5", "a5", "a5V", "a5V", "", 5))}
        for name in self._random.sample(sorted(set(self._columns)), self._random.choice((0, 1, 2))):
            said[f"{overlay}/c:{row}:{name}"] = self.value(f"{overlay}/c:{row}:{name}")
        if self._random.random() < 0.3:
            said = dict(reversed(said.items()))
        return said

    def _new_column(self) -> dict[str, Any]:
        random = self._random
        name, kind = f"column-new{random.randrange(20):03}", random.choice((*values.TYPES, "none"))
        said: dict[str, Any] = {f"columns/{name}:type": kind, f"columns/{name}:pos": "a9"}
        said[f"columns/{name}:name"] = random.choice((f"New {random.randrange(99)}", "Column 1", ""))
        if random.random() < 0.5:
            said[f"columns/{name}:option:{OPTIONS[2]}"] = {"label": "Let", "colour": "red", "pos": "a2"}
        column = {"type": kind, f"option:{OPTIONS[2]}": {}}
        path = f"{self._overlay()}/c:{random.choice(self._rows)}:{name}"
        said[path] = fitting(random, column) if random.random() < 0.8 else 5
        return said

    def _namesakes(self) -> dict[str, Any]:
        """Two columns of one name, or one that comes back."""
        first, second = self._random.sample(list(self._world.columns), 2)
        said = {f"columns/{first}:name": "Twin", f"columns/{second}:name": self._random.choice(("Twin", "Column 3"))}
        return said | self._random.choice(
            ({}, {f"columns/{first}:deleted": False}, {"columns/column-00003:deleted": False})
        )

    def _conversation(self) -> dict[str, Any]:
        random = self._random
        first, second = random.sample(self._comments, 2)
        said = {f"comments/{first}": self.comment(None), f"comments/{second}": self.comment(first)}
        if random.random() < 0.5:
            said[f"comments/{random.choice((first, second))}:resolved"] = self.mark()
        return dict(random.sample(list(said.items()), len(said)))

    def _new_view(self) -> dict[str, Any]:
        view = self._random.choice(self._views)
        said: dict[str, Any] = {f"views/{view}:name": "Mine", f"views/{view}:filter": [{"column": "column-00001"}]}
        said[f"views/{view}:owner"] = self._random.choice((self._person.id, self._person.id, None, PEOPLE[0].id))
        return said

    def path(self) -> str:
        """A path, mostly one that the document may have."""
        random = self._random
        row, column = random.choice(self._rows), random.choice(self._columns)
        if random.random() < 0.7:
            kind = random.random()
            if kind < 0.6 and self._world.columns.get(column, {}).get("type") not in values.SETS:
                return f"{self._overlay()}/c:{row}:{column}"
            if kind < 0.75:
                said = self._world.columns.get(column, {"type": "text"})
                return f"{self._overlay()}/e:{row}:{column}:{random.choice((member(random, said), OPTIONS[2]))}"
            return f"{self._overlay()}/{random.choice('rt')}:{row}"
        comment, view = random.choice(self._comments), random.choice(self._views)
        attributes = ("name", "type", "pos", "config", "required", "locked", "deleted", f"option:{OPTIONS[0]}")
        return random.choice(
            (
                f"meta/{random.choice(('name', 'name', 'primary', 'icon', 'icon', 'description', 'format'))}",
                f"columns/{column}:{random.choice(attributes)}",
                f"views/{view}:{random.choice(('name', 'owner', 'locked', 'filter'))}",
                f"comments/{comment}{random.choice(('', '', ':body', ':resolved', ':deleted'))}",
            )
        )

    def value(self, path: str) -> Any:
        """A value that a path takes from someone who may write it, or, now and then, one that it does not."""
        if self._random.random() < 0.15:
            return self._random.choice(self._strange())
        return self._fitting(path)

    def _fitting(self, path: str) -> Any:
        random = self._random
        root, _, key = path.partition("/")
        if root == "overlays":
            kind, _, rest = key.partition("/")[2].partition(":")
            match kind:
                case "c":
                    column = self._world.columns.get(rest.rpartition(":")[2], {"type": "text"})
                    kept = None if column["type"] in values.SETS else fitting(random, column)
                    return random.choice((None, kept, kept, kept))
                case "e":
                    return random.random() < 0.6
                case "r":
                    return random.choice(("a0", "a1V", "Zz"))
            return random.choice((None, self.mark()))
        attribute = key.partition(":")[2]
        if root == "comments":
            return {"": self.comment(None), "body": "Edited."}.get(attribute, random.choice((None, self.mark())))
        named: dict[str, Any] = {
            "owner": random.choice((self._person.id, None)),
            "locked": random.random() < 0.5,
            "deleted": random.random() < 0.5,
            "required": True,
            "primary": random.choice(self._columns),
            "type": random.choice(values.TYPES),
            "pos": "a3",
            "config": random.choice(({"precision": 2}, {"max": 7}, {"currency": "EUR"}, {"limit": "one"}, *LINKS)),
        }
        if attribute.startswith("option:"):
            return random.choice((None, {"label": "Let", "colour": "red", "pos": "a2"}))
        return named.get(attribute or key, f"Name {random.randrange(30)}")

    def _strange(self) -> tuple[Any, ...]:
        secret = f"secret-{self._random.randrange(16**10):010x}"
        return (
            *(secret, secret, secret, {"note": secret}, [secret], "", 5, -1.5, True, False, None, "\0", "x" * 300),
            *([], [1, "a"], {}, {"by": PEOPLE[0].id, "at": at()}, {"by": self._person.id, "at": at(9)}, "option-sold1"),
            *(OPTIONS[2], {"__proto__": 1}, 2.0**60, 2**53 - 1, "javascript:alert(1)", "2026-02-30", "a" * 10_001),
            *({"max": 99}, {"label": "", "pos": "a0"}, [[[[[[[[[[1]]]]]]]]]], "text", 3.5, -1),
        )

    def mark(self) -> dict[str, Any]:
        """`{by, at}`, mostly one's own and of now."""
        by = self._person.id if self._random.random() < 0.92 else self._random.choice(PEOPLE).id
        return {"by": by, "at": at(self._random.choice((0, 0, 0, 0, 0, 2, -600, 6, -50_000)))}

    def comment(self, parent: str | None) -> dict[str, Any]:
        """A comment, mostly one's own."""
        random = self._random
        said: dict[str, Any] = {**self.mark(), "row": random.choice(self._rows), "mentions": []}
        said["author"] = said.pop("by")
        said["body"] = random.choice(("Seen.", "Sold?", f"body-{random.randrange(16**8):08x}", " "))
        if random.random() < 0.3:
            said["mentions"] = [random.choice((random.choice(PEOPLE).id, "nobody"))]
        if random.random() < 0.2:
            said["column"] = random.choice(self._columns)
        if parent is not None or random.random() < 0.1:
            said["parent"] = parent or random.choice(self._comments)
        return said


def _is_plain(column: dict[str, Any]) -> bool:
    """A column that editors may fill."""
    return not (column.get("locked") or column.get("deleted") or column["type"] in values.COMPUTED)
