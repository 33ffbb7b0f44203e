"""Columns: the types of a list's columns, and its schema as the `columns` root of the document tells it.

A column exists once its `type` is known; every other attribute has a safe default, so that any document can be
read. Deleted columns stay in the schema: their values are still in the document, and a column can come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from persistence.contract import Json
from snapshots.column_attributes import OPTION, check_column_attribute, is_config, is_name
from snapshots.column_types import COMPUTED_TYPES, SET_VALUED_TYPES, TYPES_BY_NAME, ColumnType
from snapshots.text import ID, is_position

__all__ = ["Column", "ColumnType", "ListSchema", "Option", "check_column_attribute"]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select column; `colour` names a hue of the client's palette, or is empty."""

    id: str
    label: str
    colour: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list; `options` maps option ids to the choices of a select column, in order."""

    id: str
    name: str
    type: ColumnType
    position: str = ""
    config: Mapping[str, Json] = field(default_factory=dict)
    required: bool = False
    locked: bool = False
    deleted: bool = False
    options: Mapping[str, Option] = field(default_factory=dict)

    @property
    def set_valued(self) -> bool:
        """Whether a cell holds a set of ids, merged element by element."""
        return self.type in SET_VALUED_TYPES

    @property
    def computed(self) -> bool:
        """Whether the values come from the server and are never written."""
        return self.type in COMPUTED_TYPES

    @property
    def target_list(self) -> str | None:
        """The list that a link column points into."""
        target = self.config.get("list")
        return target if self.type is ColumnType.LINK and isinstance(target, str) else None

    def entries(self) -> dict[str, Json]:
        """The keys of the `columns` root that say this column; flags that are off have none."""
        said: dict[str, Json] = {"name": self.name, "type": str(self.type), "pos": self.position}
        if self.config:
            said["config"] = dict(self.config)
        flags = {"required": self.required, "locked": self.locked, "deleted": self.deleted}
        said.update({name: True for name, on in flags.items() if on})
        for option in self.options.values():
            said[OPTION + option.id] = {"label": option.label, "colour": option.colour, "pos": option.position}
        return {f"{self.id}:{attribute}": value for attribute, value in said.items()}


@dataclass(frozen=True, slots=True)
class ListSchema:
    """The columns of a list by id, in the order that people see, and the one whose value names a row."""

    primary: str | None
    columns: Mapping[str, Column]

    @classmethod
    def from_columns_root(cls, entries: Mapping[str, Json], primary: str | None) -> ListSchema:
        """Read the `columns` root; total: unknown attributes are ignored, broken values take their defaults.

        A `primary` that is no standing column becomes the first standing one.
        """
        attributes: dict[str, dict[str, Json]] = {}
        for key, value in entries.items():
            column, _, attribute = key.partition(":")
            attributes.setdefault(column, {})[attribute] = value
        columns = (_column(column, said) for column, said in attributes.items() if ID.fullmatch(column))
        return cls._of((column for column in columns if column is not None), primary)

    @classmethod
    def _of(cls, columns: Iterator[Column], primary: str | None) -> ListSchema:
        ordered = {column.id: column for column in sorted(columns, key=lambda column: (column.position, column.id))}
        standing = [column.id for column in ordered.values() if not column.deleted]
        return cls(primary if primary in standing else next(iter(standing), None), ordered)

    def changed(self, entries: Mapping[str, Json]) -> ListSchema:
        """The schema with some keys of the `columns` root written; `None` stands for a key that is gone."""
        said: dict[str, Json] = {}
        for column in self.columns.values():
            said.update(column.entries())
        said.update(entries)
        return ListSchema.from_columns_root(said, self.primary)

    def standing(self) -> tuple[Column, ...]:
        """The columns that are not deleted, in order."""
        return tuple(column for column in self.columns.values() if not column.deleted)

    def to_json(self) -> dict[str, Json]:
        """What stands in `lists.schema`: the whole schema, columns and options in order."""
        return {"primary": self.primary, "columns": [_column_json(column) for column in self.columns.values()]}

    @classmethod
    def from_json(cls, schema: Mapping[str, Any]) -> ListSchema:
        """Read what `to_json` made; an empty object is a list without columns."""
        columns = (
            Column(
                **{**said, "type": ColumnType(said["type"])},  # the rest are Column's own fields
                options={option["id"]: Option(**option) for option in options},
            )
            for said, options in map(_without_options, schema.get("columns", ()))
        )
        return cls._of(columns, schema.get("primary"))


def _column(column: str, said: Mapping[str, Json]) -> Column | None:
    kind = said.get("type")
    if not isinstance(kind, str) or kind not in TYPES_BY_NAME:
        return None
    name, position, config = said.get("name"), said.get("pos"), said.get("config")
    return Column(
        id=column,
        name=name if isinstance(name, str) and is_name(name) else column,
        type=TYPES_BY_NAME[kind],
        position=position if isinstance(position, str) and is_position(position) else "",
        config={} if not isinstance(config, dict) or not is_config(config) else _plain(config),
        required=said.get("required") is True,
        locked=said.get("locked") is True,
        deleted=said.get("deleted") is True,
        options=_options(said),
    )


def _options(said: Mapping[str, Json]) -> dict[str, Option]:
    options = [
        Option(attribute.removeprefix(OPTION), str(value["label"]), str(value.get("colour") or ""), str(value["pos"]))
        for attribute, value in said.items()
        if attribute.startswith(OPTION) and isinstance(value, dict) and check_column_attribute(attribute, value)
    ]
    return {option.id: option for option in sorted(options, key=lambda option: (option.position, option.id))}


def _plain(value: Any) -> Any:
    """The value with whole floats as integers: pycrdt reads every number as a float."""
    if isinstance(value, dict):
        return {name: _plain(said) for name, said in value.items()}
    if isinstance(value, list):
        return [_plain(said) for said in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _column_json(column: Column) -> dict[str, Json]:
    return {
        "id": column.id,
        "name": column.name,
        "type": str(column.type),
        "position": column.position,
        "config": dict(column.config),
        "required": column.required,
        "locked": column.locked,
        "deleted": column.deleted,
        "options": [
            {"id": option.id, "label": option.label, "colour": option.colour, "position": option.position}
            for option in column.options.values()
        ],
    }


def _without_options(said: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return {name: value for name, value in said.items() if name != "options"}, said.get("options", [])
