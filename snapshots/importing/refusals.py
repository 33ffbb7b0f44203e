"""Why a file is not read: a closed set of reasons, each with a sentence that says what to do."""

from enum import StrEnum


class FileReason(StrEnum):
    """Why a file cannot be imported."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    NOT_A_TABLE = "not_a_table"
    UNREADABLE_TEXT = "unreadable_text"
    BROKEN = "broken"
    HOSTILE = "hostile"
    WRONG_CHOICE = "wrong_choice"


class FileRefused(Exception):
    """The file is not read; the message is a sentence for the person who brought it."""

    def __init__(self, reason: FileReason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
