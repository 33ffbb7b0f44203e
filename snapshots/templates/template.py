"""Templates: lists as they are described before they are made, and the columns that become of them.

Where a column is a field of the RESO Data Dictionary 2.0 it has that field's name, the type that comes nearest, and
the standard's lookup values as options. What it says about itself is in our own words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fractional_indexing import generate_n_keys_between

from persistence.contract import Json
from snapshots.columns import Column, ColumnType, Option

STANDARD: Final = "RESO Data Dictionary 2.0"
_HUES: Final = (
    "blue",
    "amber",
    "teal",
    "rose",
    "lime",
    "violet",
    "orange",
    "cyan",
    "magenta",
    "green",
    "indigo",
    "red",
)
"""The client's palette, so ordered that neighbours differ."""

Choices = Sequence[tuple[str, str]]
"""Options as (label, hue)."""


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column to be.

    `resource` is the resource of the dictionary that has a field of this name, empty where the column is our own.
    `target` is the key of the template whose list a link column leads into.
    """

    name: str
    type: ColumnType
    says: str
    resource: str = ""
    config: Mapping[str, Json] = field(default_factory=dict)
    options: Choices = ()
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A list to be; `name` is what it is called unless somebody says otherwise. The first column names its rows."""

    key: str
    name: str
    says: str
    columns: Sequence[TemplateColumn]

    def standing(self, lists: Mapping[str, str]) -> Iterator[TemplateColumn]:
        """The columns that can be made: all but links into templates that have no list in `lists` (key -> list id)."""
        return (column for column in self.columns if column.target is None or column.target in lists)

    def left_out(self, lists: Mapping[str, str]) -> Iterator[TemplateColumn]:
        """The link columns that cannot be made, as no list is there that they would lead into."""
        return (column for column in self.columns if column.target is not None and column.target not in lists)


def coloured(*labels: str) -> Choices:
    """Give each label a hue."""
    return tuple((label, _HUES[index % len(_HUES)]) for index, label in enumerate(labels))


def columns_of(template: Template, lists: Mapping[str, str], new_id: Callable[[], str]) -> list[Column]:
    """Make the columns of a template's list; `lists` maps the keys of templates to the lists that links lead into."""
    said = list(template.standing(lists))
    positions = generate_n_keys_between(None, None, len(said))
    return [_column(column, position, lists, new_id) for column, position in zip(said, positions, strict=True)]


def _column(said: TemplateColumn, position: str, lists: Mapping[str, str], new_id: Callable[[], str]) -> Column:
    places = generate_n_keys_between(None, None, len(said.options))
    options = [Option(new_id(), label, hue, place) for (label, hue), place in zip(said.options, places, strict=True)]
    config = dict(said.config) if said.target is None else {**said.config, "list": lists[said.target]}
    return Column(new_id(), said.name, said.type, position, config, options={option.id: option for option in options})
