"""Choices made complete: what a person has not chosen is what the file shows, and what is chosen must fit the list."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from fractional_indexing import generate_n_keys_between

from api.columns import ColumnBody, OptionBody, build_column, check_column, check_name
from api.errors import Code
from api.importing.choices import Choices, ColumnChoice, ReadingChoice
from api.importing.reader import Seen
from api.writing import Place, WritePlan
from auth.permissions import Action, Credential, allows
from auth.roles import Role
from snapshots.column_types import ColumnType
from snapshots.columns import Column, ListSchema
from snapshots.importing.child import reading_from
from snapshots.importing.converting import Target
from snapshots.importing.options import made_id

SELECTS: Final = frozenset({ColumnType.SELECT, ColumnType.MULTI_SELECT})
_CHARACTERS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Ground:
    """Where an import goes: the list's columns (none: a new list), the lists of its workspace, and who brings it."""

    import_id: str
    schema: ListSchema | None
    lists: Sequence[str]
    role: Role
    credential: Credential

    def may(self, action: Action) -> bool:
        """Ask the permission table for whoever brought the file."""
        return allows(self.role, action, self.credential)

    @property
    def standing(self) -> Sequence[Column]:
        """The columns that are there."""
        return () if self.schema is None else self.schema.standing()


def complete(choices: Choices, seen: Seen, ground: Ground, filename: str) -> Choices:
    """Fill in what was not chosen. Whatever was chosen stays, right or wrong."""
    chosen = {choice.source: choice for choice in choices.columns or ()}
    taken = {choice.target for choice in chosen.values() if isinstance(choice.target, str)}
    names = {choice.target.name for choice in chosen.values() if isinstance(choice.target, ColumnBody)}
    columns = []
    for source, proposal in enumerate(seen.proposals):
        choice = chosen.get(source)
        if choice is None:
            choice = ColumnChoice(source=source, target=_guess(proposal, ground, taken, names))
            if isinstance(choice.target, str):
                taken.add(choice.target)
            elif choice.target is not None:
                names.add(choice.target.name)
        reading = _filled_in(choice.reading, ReadingChoice.of(reading_from(proposal["reading"])))
        columns.append(choice.model_copy(update={"reading": reading}))
    columns += [choice for source, choice in chosen.items() if source >= len(seen.proposals)]
    found = seen.found
    return Choices(
        sheet=found["sheet"],
        encoding=found["encoding"],
        delimiter=found["delimiter"],
        header_row=found["header_row"],
        list_name=(choices.list_name or _list_name(filename)) if ground.schema is None else None,
        columns=columns,
        create_options=ground.may(Action.COLUMNS_MANAGE) if choices.create_options is None else choices.create_options,
        create_linked=bool(choices.create_linked),
        upsert=choices.upsert,
    )


def require_sound(choices: Choices, seen: Seen, ground: Ground) -> None:
    """Raise `Problem` naming every choice that cannot be carried out."""
    plan = WritePlan()
    columns = choices.columns or ()
    if not any(choice.target is not None for choice in columns):
        plan.refuse(Place("columns"), Code.INVALID_REQUEST, "No column of the file goes anywhere. Choose a target.")
    _check_sources(plan, columns, len(seen.columns))
    fresh = [choice.target for choice in columns if isinstance(choice.target, ColumnBody)]
    if fresh and not ground.may(Action.COLUMNS_MANAGE):
        plan.refuse(Place("columns"), Code.FORBIDDEN, "Only owners and admins may add columns.")
    targets = targets_of(choices, ground)
    for target in targets:
        _check_target(plan, target, ground, [other.column for other in targets if other is not target])
    for choice in columns:
        if isinstance(choice.target, str) and choice.target not in {column.id for column in ground.standing}:
            plan.refuse(_at(choice.source), Code.UNKNOWN_FIELD, "The list has no such column.")
    _check_options(plan, targets, choices, ground)
    _check_upsert(plan, targets, choices, ground)
    plan.require_sound()


def targets_of(choices: Choices, ground: Ground) -> list[Target]:
    """Where the columns go: into those of the list, or into new ones, whose ids follow from the import's."""
    present = {column.id: column for column in ground.standing}
    fresh = [choice for choice in choices.columns or () if isinstance(choice.target, ColumnBody)]
    last = max((column.position for column in ground.standing if column.position), default=None)
    positions = dict(
        zip((choice.source for choice in fresh), generate_n_keys_between(last, None, len(fresh)), strict=True)
    )
    targets = []
    for choice in choices.columns or ():
        reading = (choice.reading or ReadingChoice()).reading
        if isinstance(choice.target, ColumnBody):
            column = _new_column(ground.import_id, choice.source, choice.target, positions[choice.source])
            targets.append(Target(choice.source, present.get(column.id, column), reading))
        elif choice.target is not None and choice.target in present:
            targets.append(Target(choice.source, present[choice.target], reading))
    return targets


def _new_column(import_id: str, source: int, body: ColumnBody, position: str) -> Column:
    column = made_id(import_id, "column", source)
    ids = iter([column, *(made_id(import_id, column, option.label) for option in body.options)])
    return build_column(body, position, lambda: next(ids))


def _guess(proposal: Mapping[str, Any], ground: Ground, taken: set[str], names: set[str]) -> str | ColumnBody | None:
    """The column of the same name that takes values, else a new one of the type that was found."""
    name = str(proposal["name"])
    for column in ground.standing:
        same = column.name.strip().casefold() == name.strip().casefold()
        if same and column.id not in taken and _takes_values(column):
            return None if column.locked and not ground.may(Action.LOCKED_COLUMNS_EDIT) else column.id
    if not ground.may(Action.COLUMNS_MANAGE):
        return None
    names = names | {column.name for column in ground.standing}
    options = [OptionBody(label=label) for label in dict.fromkeys(proposal["labels"]) if label.strip()]
    return ColumnBody(
        name=_distinct(name, names), type=proposal["type"], config=dict(proposal["config"]), options=options
    )


def _distinct(name: str, names: set[str]) -> str:
    distinct, times = name, 1
    while distinct in names:
        times += 1
        tail = f" ({times})"
        distinct = name[: _CHARACTERS_MAX - len(tail)] + tail
    return distinct


def _takes_values(column: Column) -> bool:
    return not column.computed and column.type is not ColumnType.ATTACHMENT


def _filled_in(chosen: ReadingChoice | None, found: ReadingChoice) -> ReadingChoice:
    said = {} if chosen is None else chosen.model_dump(exclude_none=True)
    return found.model_copy(update=said)


def _list_name(filename: str) -> str:
    stem = PurePath(filename).stem.replace("_", " ").strip()
    return (
        "".join(letter for letter in stem if unicodedata.category(letter) != "Cc")[:_CHARACTERS_MAX].strip()
        or "Imported"
    )


def _at(source: int) -> Place:
    return Place(f"columns.{source}.target")


def _check_sources(plan: WritePlan, columns: Sequence[ColumnChoice], width: int) -> None:
    seen: set[int] = set()
    into: set[str] = set()
    for choice in columns:
        if choice.source >= width:
            plan.refuse(_at(choice.source), Code.INVALID_REQUEST, f"The file has {width} columns, counted from 0.")
        if choice.source in seen:
            plan.refuse(_at(choice.source), Code.INVALID_REQUEST, "The column of the file is named twice.")
        if isinstance(choice.target, str) and choice.target in into:
            plan.refuse(_at(choice.source), Code.INVALID_REQUEST, "Another column of the file goes there already.")
        seen.add(choice.source)
        into |= {choice.target} if isinstance(choice.target, str) else set()


def _check_target(plan: WritePlan, target: Target, ground: Ground, others: Sequence[Column]) -> None:
    column = target.column
    if not _takes_values(column):
        plan.refuse(_at(target.place), Code.COMPUTED_FIELD, f"{column.name} takes no values from files.")
    present = any(column.id == there.id for there in ground.standing)
    if not present:
        check_column(plan, column, f"columns.{target.place}.target.", ground.lists)
        check_name(plan, column.name, [*ground.standing, *others], f"columns.{target.place}.target.")
    elif column.locked and not ground.may(Action.LOCKED_COLUMNS_EDIT):
        plan.refuse(_at(target.place), Code.LOCKED_FIELD, f"{column.name} is locked; only owners and admins change it.")


def _check_options(plan: WritePlan, targets: Sequence[Target], choices: Choices, ground: Ground) -> None:
    selects = any(target.column.type in SELECTS for target in targets)
    if choices.create_options and selects and not ground.may(Action.COLUMNS_MANAGE):
        plan.refuse(Place("create_options"), Code.FORBIDDEN, "Only owners and admins may add options.")


def _check_upsert(plan: WritePlan, targets: Sequence[Target], choices: Choices, ground: Ground) -> None:
    by_source = {target.place: target.column for target in targets}
    if choices.upsert is None:
        for column in ground.standing:
            if column.required and column.id not in {there.id for there in by_source.values()}:
                sentence = f"{column.name} is required, and no column of the file goes there."
                plan.refuse(Place("columns"), Code.INVALID_REQUEST, sentence)
        return
    if ground.schema is None:
        plan.refuse(Place("upsert"), Code.INVALID_REQUEST, "A new list has no records that could be changed.")
    for source in choices.upsert.on:
        key = by_source.get(source)
        if key is None or key.set_valued:
            sentence = "A key is a column of the file that goes into a column with one value in each cell."
            plan.refuse(Place("upsert.on"), Code.INVALID_REQUEST, sentence)
