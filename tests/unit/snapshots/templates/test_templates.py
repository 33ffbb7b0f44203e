"""The templates: sound lists, distinct lookups, links into each other."""

import re
from collections import Counter
from itertools import count

import pytest

from snapshots.columns import ColumnType, ListSchema, check_column_attribute
from snapshots.templates import TEMPLATES, Template, columns_of

EVERY = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())
RESOURCES = {"Property", "PropertyUnitTypes", "Contacts", "Member", "Showing", "ShowingAppointment", "ShowingRequest"}


def ids() -> str:
    """An id that was not given before."""
    return f"id-{next(_NUMBERS):010}"


_NUMBERS = count()
LISTS = {key: f"list-of-{key:-<10}" for key in TEMPLATES}


def test_the_templates_are_those_of_a_real_estate_office() -> None:
    """Eight lists, each under its own key."""
    assert [template.name for template in TEMPLATES.values()] == [
        *("Properties", "Owners", "Managers", "Units", "Leads", "Leases", "Showings", "Tasks")
    ]
    assert {key: template.key for key, template in TEMPLATES.items()} == {key: key for key in TEMPLATES}


@pytest.mark.rule("DATA-85")
@EVERY
def test_names_and_options_are_distinct(template: Template) -> None:
    """No column's name occurs twice, nor an option's label in one column; only selects have options, and have them."""
    assert Counter(column.name for column in template.columns).most_common(1)[0][1] == 1
    for column in template.columns:
        labels = [label for label, _ in column.options]
        assert len({label.casefold() for label in labels}) == len(labels), column.name
        assert bool(labels) == (column.type in {ColumnType.SELECT, ColumnType.MULTI_SELECT}), column.name


@pytest.mark.rule("DATA-85")
@EVERY
def test_each_column_may_be_written_as_it_is_said(template: Template) -> None:
    """Every attribute of every column passes the check that the gate makes, and the schema reads back the same."""
    made = columns_of(template, LISTS, ids)
    entries = {key: value for column in made for key, value in column.entries().items()}
    assert all(check_column_attribute(key.partition(":")[2], value) for key, value in entries.items())
    assert ListSchema.from_columns_root(entries, made[0].id).standing() == tuple(made)
    assert made[0].type is ColumnType.TEXT
    assert [column.name for column in made] == [column.name for column in template.columns]


@pytest.mark.rule("DATA-85")
@EVERY
def test_each_column_says_what_it_holds_and_whose_name_it_has(template: Template) -> None:
    """A description for each; names are written as the dictionary writes them, and its resources are known ones."""
    for column in template.columns:
        assert re.fullmatch(r"[A-Z].*\.", column.says), column.name
        assert re.fullmatch(r"([A-Z][a-z]*|[A-Z]+)+\d?", column.name), column.name
        assert column.resource in RESOURCES | {""}, column.name


@pytest.mark.rule("DATA-87")
@EVERY
def test_links_lead_into_templates_or_are_left_out(template: Template) -> None:
    """Every target is a template; without its list the link is left out, and everything else is made."""
    links = [column for column in template.columns if column.type is ColumnType.LINK]
    assert [column for column in template.columns if column.target is not None] == links
    assert {column.target for column in links} <= TEMPLATES.keys() - {template.key}
    assert list(template.left_out({})) == links
    assert list(template.left_out(LISTS)) == []
    assert [column.name for column in columns_of(template, {}, ids)] == [
        column.name for column in template.columns if column not in links
    ]
    assert [column.target_list for column in columns_of(template, LISTS, ids) if column.target_list] == [
        LISTS[str(column.target)] for column in links
    ]
