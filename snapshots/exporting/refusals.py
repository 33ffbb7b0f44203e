"""Why a list cannot be written in a format, with a sentence that says what to do."""

from typing import Final

ELSEWHERE: Final = "Export it as CSV, JSON lines or Parquet."


class Unwritable(Exception):
    """The format cannot hold the list, and nothing is cut: the message is a sentence for the person who asked."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
