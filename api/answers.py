"""How refusals become HTTP answers: every error leaves as problem details with a code of the closed set."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, TypeVar

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.errors import AUTH_CODES, Code, FieldProblem, Problem
from auth.errors import AuthReason, AuthRefused
from persistence.contract import ListBroken, StoreUnavailable
from snapshots.cursors import QueryReason, QueryRefused

UNREACHABLE: Final = (StoreUnavailable, OperationalError, InterfaceError, PoolTimeout, ConnectionError, TimeoutError)
"""What means that the database cannot be reached just now."""

REQUEST_ID: Final = "rowhouse.request_id"
"""Where a call's id stands in its scope."""
REQUEST_ID_HEADER: Final = "X-Request-ID"

_log = structlog.get_logger(__name__)

_BY_STATUS: Final[Mapping[int, Code]] = MappingProxyType(
    {
        HTTPStatus.BAD_REQUEST: Code.INVALID_REQUEST,
        HTTPStatus.UNAUTHORIZED: Code.MISSING_CREDENTIALS,
        HTTPStatus.FORBIDDEN: Code.FORBIDDEN,
        HTTPStatus.NOT_FOUND: Code.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED: Code.METHOD_NOT_ALLOWED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Code.TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY: Code.INVALID_REQUEST,
    }
)

_SENTENCES: Final[Mapping[AuthReason, str]] = MappingProxyType(
    {
        AuthReason.MISSING_CREDENTIALS: "Send an access token as `Authorization: Bearer ...`.",
        AuthReason.INVALID_TOKEN: "The token was not issued by this server. Sign in again.",
        AuthReason.EXPIRED_TOKEN: "The access token has expired. Get another from /api/auth/refresh.",
        AuthReason.SESSION_REVOKED: "You have been signed out. Sign in again.",
        AuthReason.REFRESH_REUSED: "This refresh token was used before. To be safe, sign in again.",
        AuthReason.INVALID_TICKET: "The ticket is unknown, used, expired or for another list. Get another one.",
        AuthReason.WRONG_LOGIN: "The e-mail address or the password is wrong.",
        AuthReason.KEY_REVOKED: "The API key was revoked.",
        AuthReason.KEY_EXPIRED: "The API key has expired.",
    }
)


def problem_response(problem: Problem, told: Mapping[str, object] = MappingProxyType({})) -> JSONResponse:
    """Make the answer of a refused call; `told` are further members of its body."""
    headers = dict(problem.headers)
    if problem.status is HTTPStatus.UNAUTHORIZED:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return JSONResponse(
        problem.body() | dict(told), status_code=problem.status, headers=headers, media_type="application/problem+json"
    )


def auth_problem(refused: AuthRefused) -> Problem:
    """Say why a credential was refused."""
    return Problem(AUTH_CODES[refused.reason], _SENTENCES[refused.reason])


def busy() -> Problem:
    """Make the answer for what cannot be reached or is over its limit just now."""
    return Problem(
        Code.BUSY, "The server cannot take this just now. Try again in a moment.", headers={"Retry-After": "1"}
    )


_QUERIES: Final[Mapping[QueryReason, tuple[Code, str]]] = MappingProxyType(
    {
        QueryReason.BAD_CURSOR: (Code.INVALID_CURSOR, "The cursor belongs to another query. Begin at the first page."),
        QueryReason.BAD_SEARCH: (Code.INVALID_REQUEST, "search: Give at most 200 characters without NUL."),
        QueryReason.NOT_SORTABLE: (Code.INVALID_REQUEST, "sort: Records cannot be sorted by a column of this type."),
    }
)


def install_answers(app: FastAPI) -> None:
    """Give the application its one way to answer each kind of failure."""
    app.add_exception_handler(Problem, _handler(Problem, lambda problem: problem))
    app.add_exception_handler(AuthRefused, _handler(AuthRefused, auth_problem))
    app.add_exception_handler(RequestValidationError, _handler(RequestValidationError, _validation_problem))
    app.add_exception_handler(HTTPException, _handler(HTTPException, _http_problem))
    app.add_exception_handler(QueryRefused, _handler(QueryRefused, _query_problem))
    app.add_exception_handler(ListBroken, _handler(ListBroken, _broken))
    for unreachable in UNREACHABLE:
        app.add_exception_handler(unreachable, _handler(unreachable, _unreachable))
    app.add_exception_handler(Exception, _handler(Exception, _internal))


_Failure = TypeVar("_Failure", bound=Exception)


def _handler(
    kind: type[_Failure], describe: Callable[[_Failure], Problem]
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, failure: Exception) -> Response:
        assert isinstance(failure, kind)
        response = problem_response(describe(failure))
        if REQUEST_ID in request.scope:  # the answer to a bug is made outside of what names the others
            response.headers[REQUEST_ID_HEADER] = request.scope[REQUEST_ID]
        return response

    return handle


def _validation_problem(invalid: RequestValidationError) -> Problem:
    """Name each place of the request that is wrong."""
    found = [_field_problem(_place(error, invalid.body), error["msg"]) for error in invalid.errors()]
    first = found[0]
    return Problem(Code.INVALID_REQUEST, f"{first.field}: {first.message}", found)


def _place(error: Mapping[str, Any], body: Any) -> Sequence[str | int]:
    """Where an error is, without the names of the kinds that a value might have been of."""
    source, *inner = error["loc"]
    if source != "body" or not isinstance(body, dict | list):
        return inner if source in {"body", "query", "path", "cookie", "header"} else [source, *inner]
    kept: list[str | int] = []
    for number, part in enumerate(inner, 1):
        inside = part in body if isinstance(body, dict) else isinstance(body, list) and part in range(len(body))
        if inside or (number == len(inner) and error["type"] == "missing"):
            kept.append(part)
        body = body[part] if inside else body
    return kept


def _field_problem(place: Sequence[str | int], message: str) -> FieldProblem:
    record = place[1] if len(place) > 1 and place[0] == "records" and isinstance(place[1], int) else None
    name = ".".join(str(part) for part in place) or "body"
    return FieldProblem(name, message.removeprefix("Value error, "), Code.INVALID_REQUEST, record)


def _query_problem(refused: QueryRefused) -> Problem:
    return Problem(*_QUERIES[refused.reason])


def _http_problem(refused: HTTPException) -> Problem:
    code = _BY_STATUS.get(refused.status_code, Code.INTERNAL)
    return Problem(code, str(refused.detail), headers=refused.headers)


def _unreachable(failure: Exception) -> Problem:
    _log.warning("the database could not be reached", error=type(failure).__name__)
    return busy()


def _broken(broken: ListBroken) -> Problem:
    """Answer for a list that is not served because half of it is missing; the server's log says what."""
    _log.error("list cannot be read", list_id=broken.list_id)
    return busy()


def _internal(_failure: Exception) -> Problem:
    """Answer a bug; the server's log has its trace."""
    return Problem(Code.INTERNAL, "This should not have happened. It has been logged.")
