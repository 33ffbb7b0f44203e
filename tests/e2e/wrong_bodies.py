"""Wrong bodies for every call: made from the API's own description, one wrong place at a time."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

WRONG: dict[str, list[Any]] = {
    "string": [7, True, ["x"], {"x": 1}],
    "integer": ["x", 1.5, ["x"], {"x": 1}],
    "boolean": ["perhaps", 7, ["x"], {"x": 1}],
    "array": ["x", 7, True, {"x": 1}],
    "object": ["x", 7, True, ["x"]],
}
UNSTORABLE = "NUL \0 inside"
HASHED = {"password"}
"""Texts that are never stored as they are, and may hold any letter."""


@dataclass(frozen=True)
class Wrong:
    """A body that is wrong in one place; `place` is the place's name in the answer.

    An `unstorable` text has the right type, but no database can hold it.
    """

    place: str
    body: Any
    unstorable: bool = False


class Description:
    """The OpenAPI description of a running server."""

    def __init__(self, document: Schema) -> None:
        self._document = document

    def calls(self) -> Iterator[tuple[str, str, Schema]]:
        """Every call: method, path, description."""
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def body_schema(self, operation: Schema) -> Schema | None:
        """The schema of a call's JSON body, if it takes one."""
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        return None if content is None else self._resolved(content["schema"])

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self._document["components"]["schemas"][name]
        return schema

    def wrong_bodies(self, schema: Schema) -> Iterator[Wrong]:
        """Every wrong type in every place of a body, each in a body that is right elsewhere."""
        for body in ("x", 7, True, ["x"]):
            yield Wrong("", body)
        yield Wrong("surplus", self.sample(schema) | {"surplus": 1})
        for name in schema.get("required", []):
            yield Wrong(name, {key: value for key, value in self.sample(schema).items() if key != name})
        yield from self._wrong_places(schema, self.sample(schema, whole=True), [])

    def _wrong_places(self, schema: Schema, whole: Any, path: list[Any]) -> Iterator[Wrong]:
        """Walk down a schema; `whole` is a right body, in which one place at a time is replaced."""
        for kind in self._alternatives(schema):
            if kind.get("type") not in ("object", "array"):
                continue
            fitting = _replaced(whole, path, self.sample(kind, whole=True)) if path else whole
            for name, part in kind.get("properties", {}).items():
                yield from self._wrong_place(part, fitting, [*path, name])
            if kind["type"] == "array":
                yield from self._wrong_place(kind["items"], fitting, [*path, 0])

    def _wrong_place(self, schema: Schema, whole: Any, path: list[Any]) -> Iterator[Wrong]:
        kinds = self._alternatives(schema)
        types = {kind.get("type", "object" if "properties" in kind else None) for kind in kinds}
        if None in types:  # any JSON: what it may hold is a matter of the column's type
            return
        fitting = {"integer": int, "string": str, "boolean": (bool, int), "array": list, "object": dict}
        candidates = [value for name in types if name != "null" for value in WRONG[str(name)]]
        for value in [*candidates, *([] if "null" in types else [None])]:
            others = types - {"null"}
            if any(isinstance(value, fitting[str(name)]) for name in others):
                continue
            yield Wrong(".".join(map(str, path)), _replaced(whole, path, value))
        if "string" in types and path[-1] not in HASHED:
            yield Wrong(".".join(map(str, path)), _replaced(whole, path, UNSTORABLE), unstorable=True)
        yield from self._wrong_places(schema, whole, path)

    def _alternatives(self, schema: Schema) -> list[Schema]:
        schema = self._resolved(schema)
        return [self._resolved(part) for part in schema.get("anyOf", [schema])]

    def sample(self, schema: Schema, *, whole: bool = False) -> Any:
        """A body that has the right types; with `whole`, every optional place is filled in, too."""
        kind = next(part for part in self._alternatives(schema) if part.get("type") != "null")
        if "enum" in kind:
            return kind["enum"][0]
        if kind.get("type") == "array":
            return [self.sample(kind["items"], whole=whole)]
        if kind.get("type") == "object":
            wanted = kind.get("properties", {}) if whole else kind.get("required", [])
            return {name: self.sample(kind["properties"][name], whole=whole) for name in wanted}
        text = "ana@example.com" if kind.get("format") == "email" else "x" * max(1, kind.get("minLength", 1))
        return {"string": text, "boolean": False, "integer": kind.get("minimum", 1)}.get(kind.get("type", ""))


def _replaced(whole: Any, path: list[Any], value: Any) -> Any:
    body = copy.deepcopy(whole)
    place = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return body
