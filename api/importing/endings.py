"""How an import ends before its last row."""


class Ended(Exception):
    """The import cannot go on: a code and a sentence for whoever began it. What is done stays."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Cancelled(Exception):
    """Whoever began the import wants no more of it. What is done stays."""


class Superseded(Exception):
    """Another worker has taken the import over: this one says nothing more."""
