"""Shapes that several nouns of the API share: request bodies, plain text, people, pages."""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, StringConstraints

from persistence.accounts import User

ID: Final = re.compile(r"[A-Za-z0-9_-]{10,22}", re.ASCII)


class Request(BaseModel):
    """A request body: what it does not name is refused, so nothing can be smuggled in."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """A response body."""

    model_config = ConfigDict(frozen=True)


def storable(text: str) -> str:
    """Refuse text that PostgreSQL or UTF-8 cannot hold: NUL and lone surrogates."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("must not contain NUL or lone surrogates")
    return text


def one_line(text: str) -> str:
    """Refuse control characters, which have no place in a name."""
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        raise ValueError("must not contain control characters")
    return text


def is_id(text: str) -> bool:
    """Tell whether a text has the shape of an id; what has not cannot exist."""
    return ID.fullmatch(text) is not None


Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    AfterValidator(storable),
    AfterValidator(one_line),
]
Prose = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(storable)]
Email = Annotated[EmailStr, AfterValidator(storable)]


class Person(Answer):
    """A person as others in their workspaces see them; `hue` (0 to 359) is the colour of their cursor."""

    id: str
    email: str
    name: str
    hue: int
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> Self:
        """Make the answer of an account."""
        return cls(id=user.id, email=user.email, name=user.name, hue=user.hue, created_at=user.created_at)
