"""The templates for real estate, in the order in which people look at them."""

from collections.abc import Mapping
from typing import Final

from snapshots.templates.dealings import LEASES, SHOWINGS, TASKS
from snapshots.templates.people import LEADS, MANAGERS, OWNERS
from snapshots.templates.properties import PROPERTIES, UNITS
from snapshots.templates.template import STANDARD, Template, TemplateColumn, columns_of

__all__ = ["STANDARD", "TEMPLATES", "Template", "TemplateColumn", "columns_of"]

TEMPLATES: Final[Mapping[str, Template]] = {
    template.key: template for template in (PROPERTIES, OWNERS, MANAGERS, UNITS, LEADS, LEASES, SHOWINGS, TASKS)
}
