"""Whether the words of a column are choices: few different ones that come back, alone or several in a cell."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from snapshots.importing.sampling import ColumnSample
from snapshots.text import clean_text

LABELS_MAX: Final = 50
_LABEL_CHARACTERS_MAX: Final = 60
_REPEATED: Final = 3
_SEPARATORS: Final = (";", "|", ", ", "\n")
_SEVERAL_SHARE: Final = 0.1
_FEW: Final = 5


@dataclass(frozen=True, slots=True)
class ChoiceWords:
    """The labels, the most frequent first; `separator` parts several in a cell, `None`: there is one in each."""

    labels: Sequence[str]
    separator: str | None


def guess_choices(sample: ColumnSample) -> ChoiceWords | None:
    """The choices of a column of words; `None` if it is free text."""
    if sample.elements:
        return ChoiceWords(_labels(sample.elements), "") if _few(sample.elements) and not sample.cells else None
    words = {cell.strip(): times for cell, times in sample.cells.items() if isinstance(cell, str)}
    if len(words) < len(sample.cells) or any(word.isdigit() for word in words):
        return None  # numbers of parcels, post codes
    for separator in _SEPARATORS:
        parted = _parts(words, separator)
        if parted is not None:
            return ChoiceWords(_labels(parted), separator.strip(" "))
    return ChoiceWords(_labels(Counter(words)), None) if _few(words) else None


def _parts(words: Mapping[str, int], separator: str) -> Counter[str] | None:
    """The words between separators, if enough cells hold several and they are fewer than what they are put together to."""
    several = sum(times for word, times in words.items() if separator in word)
    if several < sum(words.values()) * _SEVERAL_SHARE or not several:
        return None
    parts = Counter[str]()
    for word, times in words.items():
        for part in word.split(separator):
            parts[part.strip()] += times
    del parts[""]
    return parts if _few(parts) and len(parts) <= len(words) else None


def _few(words: Mapping[str, int]) -> bool:
    total = sum(words.values())
    enough = len(words) * (_REPEATED if len(words) > _FEW else 2)
    short = all(len(word) <= _LABEL_CHARACTERS_MAX and clean_text(word) for word in words)
    return 0 < len(words) <= LABELS_MAX and total >= enough and short


def _labels(words: Counter[str]) -> list[str]:
    return [word for word, _ in words.most_common(LABELS_MAX)]
