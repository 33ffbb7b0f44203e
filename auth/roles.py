"""The four roles of a workspace, from the one who may do everything to the one who reads and comments."""

from enum import StrEnum


class Role(StrEnum):
    """A person's role in one workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    MEMBER = "member"
