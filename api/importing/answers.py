"""Imports as callers see them, and what they send."""

from datetime import datetime
from typing import Self

from api.importing.choices import Choices
from api.schemas import Answer, Request
from persistence.imports import Import, ImportState


class Failure(Answer):
    """Why an import failed. What it had done stays."""

    code: str
    detail: str


class ImportAnswer(Answer):
    """An import. Rows are counted as far as they are dealt with; `values_refused` stand in the report, as `rows_refused` do."""

    id: str
    workspace_id: str
    list_id: str | None
    filename: str
    size_bytes: int
    state: ImportState
    created_at: datetime
    created_by: str
    finished_at: datetime | None
    rows_total: int | None
    rows_read: int
    rows_created: int
    rows_updated: int
    rows_unchanged: int
    rows_refused: int
    values_refused: int
    error: Failure | None

    @classmethod
    def of(cls, held: Import) -> Self:
        """Make the answer of an import."""
        said = {name: getattr(held, name) for name in cls.model_fields if name != "error"}
        return cls(**said, error=None if held.error is None else Failure(**held.error))


class PreviewBody(Request):
    """What to look at the file with; what is not chosen is guessed."""

    choices: Choices = Choices()


class RunBody(Request):
    """What to import with; what is not chosen is guessed as in the preview."""

    choices: Choices
