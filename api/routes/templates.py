"""Templates: what they hold, and several lists made from them at once, linked to each other."""

from collections.abc import Iterator
from typing import Annotated, Self

from fastapi import APIRouter, Depends, status
from pydantic import AfterValidator, Field, JsonValue

from api.access import ServicesOf, SignedInPerson, WorkspaceAccess, WorkspaceDoor, open_list_entry
from api.making import check_links, make_lists, plan_lists
from api.routes.lists import Links, MadeList, TemplateKey
from api.schemas import Answer, Name, Request
from auth.permissions import Action
from snapshots.columns import ColumnType
from snapshots.templates import STANDARD, TEMPLATES, Template, TemplateColumn

router = APIRouter(prefix="/api", tags=["lists"])


class TemplateColumnAnswer(Answer):
    """A column that a template gives: `standard` names the field of the standard, `links_to` the template that a link leads into."""

    name: str
    type: ColumnType
    description: str
    standard: str | None
    config: dict[str, JsonValue]
    options: list[str]
    links_to: str | None

    @classmethod
    def of(cls, column: TemplateColumn) -> Self:
        """Make the answer of a column."""
        return cls(
            name=column.name,
            type=column.type,
            description=column.says,
            standard=f"{column.resource}.{column.name}" if column.resource else None,
            config=dict(column.config),
            options=[label for label, _ in column.options],
            links_to=column.target,
        )


class TemplateAnswer(Answer):
    """A template: its key, the name that its list gets, and its columns, of which the first names the records."""

    key: str
    name: str
    description: str
    columns: list[TemplateColumnAnswer]

    @classmethod
    def of(cls, template: Template) -> Self:
        """Make the answer of a template."""
        columns = [TemplateColumnAnswer.of(column) for column in template.columns]
        return cls(key=template.key, name=template.name, description=template.says, columns=columns)


class TemplatePage(Answer):
    """Every template, and the standard that names their fields and options."""

    standard: str
    items: list[TemplateAnswer]
    next_cursor: str | None = None


class TemplateChoice(Request):
    """A template to make a list of; without a name it gets the template's."""

    template: TemplateKey
    name: Name | None = None


def _each_once(chosen: list[TemplateChoice]) -> list[TemplateChoice]:
    keys = [choice.template for choice in chosen]
    if len(set(keys)) < len(keys):
        raise ValueError("names a template twice: links could not tell its lists apart")
    return chosen


class ChosenTemplates(Request):
    """Lists to be made at once. `links` maps templates to lists of the workspace that links may lead into as well."""

    templates: Annotated[
        list[TemplateChoice], Field(min_length=1, max_length=len(TEMPLATES)), AfterValidator(_each_once)
    ]
    links: Links = Field(default_factory=dict)

    def lists(self) -> Iterator[tuple[Template, str]]:
        """Each template with the name of its list."""
        for choice in self.templates:
            template = TEMPLATES[choice.template]
            yield template, choice.name or template.name


class MadeLists(Answer):
    """Lists that were made, in the order of the call."""

    items: list[MadeList]


@router.get("/templates")
async def read_templates(_: SignedInPerson) -> TemplatePage:
    """Tell which templates there are, and what they hold."""
    return TemplatePage(standard=STANDARD, items=[TemplateAnswer.of(template) for template in TEMPLATES.values()])


@router.post("/workspaces/{workspace_id}/templates", status_code=status.HTTP_201_CREATED)
async def create_from_templates(
    body: ChosenTemplates,
    access: Annotated[WorkspaceAccess, Depends(WorkspaceDoor(Action.LISTS_MANAGE))],
    services: ServicesOf,
) -> MadeLists:
    """Make one list for each template, linked to each other, in one commit."""
    chosen = list(body.lists())
    await check_links(body.links, [template for template, _ in chosen], access, services)
    lists = plan_lists(chosen, body.links, services)
    await make_lists(lists, access, services)
    entries = [await open_list_entry(made.id, access.person, services) for made in lists]
    return MadeLists(items=[MadeList.made(entry, made) for entry, made in zip(entries, lists, strict=True)])
