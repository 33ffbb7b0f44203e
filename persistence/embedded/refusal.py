"""Why the embedded PostgreSQL would not start: a closed set of reasons, each with words for the person at the terminal."""

from enum import StrEnum


class Reason(StrEnum):
    """What stands in the way."""

    BINARIES_MISSING = "binaries_missing"
    FOLDER_CLOSED = "folder_closed"
    FOLDER_FOREIGN = "folder_foreign"
    FOLDER_OCCUPIED = "folder_occupied"
    MAJOR_DIFFERS = "major_differs"
    NOT_MADE_YET = "not_made_yet"
    PLATFORM = "platform"
    SERVER_FAILED = "server_failed"


class PostgresRefused(Exception):
    """The embedded PostgreSQL cannot run; the message says what to do about it."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
