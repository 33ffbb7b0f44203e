"""Refusals of the HTTP API: one closed set of codes, one table from code to status, one shape (RFC 9457).

Routes raise `Problem`; the reasons of the packages below are mapped to codes here and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from auth.errors import AuthReason
from auth.membership import MembershipRefusal


class Code(StrEnum):
    """Every way in which the API refuses a call."""

    MISSING_CREDENTIALS = "missing_credentials"
    INVALID_CREDENTIALS = "invalid_credentials"
    EXPIRED_CREDENTIALS = "expired_credentials"
    REVOKED_CREDENTIALS = "revoked_credentials"
    WRONG_LOGIN = "wrong_login"
    EMAIL_TAKEN = "email_taken"
    FORBIDDEN = "forbidden"
    FOREIGN_ORIGIN = "foreign_origin"
    ABOVE_OWN_ROLE = "above_own_role"
    LAST_OWNER = "last_owner"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    ALREADY_MEMBER = "already_member"
    DUPLICATE_NAME = "duplicate_name"
    INVALID_REQUEST = "invalid_request"
    INVALID_VALUE = "invalid_value"
    INVALID_CURSOR = "invalid_cursor"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_RECORD = "unknown_record"
    COMPUTED_FIELD = "computed_field"
    LOCKED_FIELD = "locked_field"
    UNREADABLE_FILE = "unreadable_file"
    IMPORT_BEGUN = "import_begun"
    TOO_LARGE = "too_large"
    RATE = "rate"
    BUSY = "busy"
    QUARANTINED = "quarantined"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means to a client: its HTTP status and its short title."""

    status: HTTPStatus
    title: str


MEANINGS: Final[Mapping[Code, Meaning]] = MappingProxyType(
    {
        Code.MISSING_CREDENTIALS: Meaning(HTTPStatus.UNAUTHORIZED, "Sign in first"),
        Code.INVALID_CREDENTIALS: Meaning(HTTPStatus.UNAUTHORIZED, "Credentials are not valid"),
        Code.EXPIRED_CREDENTIALS: Meaning(HTTPStatus.UNAUTHORIZED, "Credentials have expired"),
        Code.REVOKED_CREDENTIALS: Meaning(HTTPStatus.UNAUTHORIZED, "The sign-in or key has ended"),
        Code.WRONG_LOGIN: Meaning(HTTPStatus.UNAUTHORIZED, "E-mail or password is wrong"),
        Code.EMAIL_TAKEN: Meaning(HTTPStatus.CONFLICT, "The e-mail address has an account"),
        Code.FORBIDDEN: Meaning(HTTPStatus.FORBIDDEN, "Your role does not allow this"),
        Code.FOREIGN_ORIGIN: Meaning(HTTPStatus.FORBIDDEN, "The call came from another site"),
        Code.ABOVE_OWN_ROLE: Meaning(HTTPStatus.FORBIDDEN, "The role is above your own"),
        Code.LAST_OWNER: Meaning(HTTPStatus.CONFLICT, "A workspace keeps at least one owner"),
        Code.NOT_FOUND: Meaning(HTTPStatus.NOT_FOUND, "Not found"),
        Code.METHOD_NOT_ALLOWED: Meaning(HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed"),
        Code.ALREADY_MEMBER: Meaning(HTTPStatus.CONFLICT, "The person is a member already"),
        Code.DUPLICATE_NAME: Meaning(HTTPStatus.CONFLICT, "The name is taken"),
        Code.INVALID_REQUEST: Meaning(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not valid"),
        Code.INVALID_VALUE: Meaning(HTTPStatus.UNPROCESSABLE_ENTITY, "A value does not fit its column"),
        Code.INVALID_CURSOR: Meaning(HTTPStatus.UNPROCESSABLE_ENTITY, "The cursor is not valid"),
        Code.UNKNOWN_FIELD: Meaning(HTTPStatus.UNPROCESSABLE_ENTITY, "The list has no such column"),
        Code.UNKNOWN_RECORD: Meaning(HTTPStatus.NOT_FOUND, "The list has no such record"),
        Code.COMPUTED_FIELD: Meaning(HTTPStatus.UNPROCESSABLE_ENTITY, "A computed column cannot be written"),
        Code.LOCKED_FIELD: Meaning(HTTPStatus.FORBIDDEN, "The column is locked"),
        Code.UNREADABLE_FILE: Meaning(HTTPStatus.UNPROCESSABLE_ENTITY, "The file cannot be read"),
        Code.IMPORT_BEGUN: Meaning(HTTPStatus.CONFLICT, "The import has begun"),
        Code.TOO_LARGE: Meaning(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large"),
        Code.RATE: Meaning(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
        Code.BUSY: Meaning(HTTPStatus.SERVICE_UNAVAILABLE, "Try again in a moment"),
        Code.QUARANTINED: Meaning(HTTPStatus.LOCKED, "The list is quarantined"),
        Code.INTERNAL: Meaning(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side"),
    }
)

AUTH_CODES: Final[Mapping[AuthReason, Code]] = MappingProxyType(
    {
        AuthReason.MISSING_CREDENTIALS: Code.MISSING_CREDENTIALS,
        AuthReason.INVALID_TOKEN: Code.INVALID_CREDENTIALS,
        AuthReason.EXPIRED_TOKEN: Code.EXPIRED_CREDENTIALS,
        AuthReason.SESSION_REVOKED: Code.REVOKED_CREDENTIALS,
        AuthReason.REFRESH_REUSED: Code.REVOKED_CREDENTIALS,
        AuthReason.INVALID_TICKET: Code.INVALID_CREDENTIALS,
        AuthReason.WRONG_LOGIN: Code.WRONG_LOGIN,
        AuthReason.KEY_REVOKED: Code.REVOKED_CREDENTIALS,
        AuthReason.KEY_EXPIRED: Code.EXPIRED_CREDENTIALS,
    }
)

MEMBERSHIP_CODES: Final[Mapping[MembershipRefusal, Code]] = MappingProxyType(
    {
        MembershipRefusal.ROLE: Code.FORBIDDEN,
        MembershipRefusal.ABOVE_OWN_ROLE: Code.ABOVE_OWN_ROLE,
        MembershipRefusal.LAST_OWNER: Code.LAST_OWNER,
    }
)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one place of a request.

    `field` is the place in words (`records.3.fields.Price`); `record` is the index in `records` where the
    place lies in one.
    """

    field: str
    message: str
    code: Code
    record: int | None = None


class Problem(Exception):
    """A refused call: its code, a sentence that helps, and the places that are wrong."""

    def __init__(
        self,
        code: Code,
        detail: str,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status of the code."""
        return MEANINGS[self.code].status

    def body(self) -> dict[str, object]:
        """Give the problem details as JSON."""
        meaning = MEANINGS[self.code]
        return {
            "type": f"urn:rowhouse:problem:{self.code}",
            "title": meaning.title,
            "status": int(meaning.status),
            "detail": self.detail,
            "code": self.code.value,
            "errors": [_field_body(problem) for problem in self.errors],
        }


def not_found(thing: str) -> Problem:
    """Make the one answer for what does not exist and for what belongs to a stranger's workspace."""
    return Problem(Code.NOT_FOUND, f"There is no such {thing}, or you have no access to it.")


def _field_body(problem: FieldProblem) -> dict[str, object]:
    place: dict[str, object] = {"field": problem.field, "message": problem.message, "code": problem.code.value}
    return place if problem.record is None else place | {"record": problem.record}
