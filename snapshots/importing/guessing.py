"""What type a column of a file has, from a sample: proposals that a person sees, with what would not convert."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final

from persistence.contract import Json
from snapshots.column_types import ColumnType
from snapshots.columns import Column
from snapshots.importing.choosing import guess_choices
from snapshots.importing.sampling import ColumnSample
from snapshots.number_texts import read_number
from snapshots.reading import DateOrder, Reading
from snapshots.typecast import FALSE_WORDS, TRUE_WORDS, Cast, CastOutcome, cast_value

EXAMPLES_MAX: Final = 5
_UNREAD_SHARE_MAX: Final = 0.05
_ONE_OF: Final = 5
_TASTE: Final = 50
_LONG: Final = 100
_EXACT_DIGITS_MAX: Final = 15
_PRECISION: Final = 2
_LEADING_ZERO: Final = re.compile(r"[+-]?0[0-9]+")
_DIGITS: Final = re.compile(r"[0-9]+")
_CODE_NAME: Final = re.compile(
    r"\b(?:zip|postal|postcode|plz|apn|parcel|fips|phone|fax|ssn|account)|(?:zip|apn|phone)$", re.IGNORECASE
)
_PHONE_NAME: Final = re.compile(r"phone|mobile|fax|\bcell\b|\btel", re.IGNORECASE)
_DATE_NAME: Final = re.compile(r"date|datum|\bdt\b|_dt$", re.IGNORECASE)
_PHONE_SHAPE: Final = re.compile(r"(?:\+[0-9]|\([0-9]{3}\)|[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}).*")
_CLOCK: Final = re.compile(r"[0-9]:[0-9]{2}")
_MIDNIGHT: Final = re.compile(r"(?:^|[T ])(?:0?0|12(?=.*[Aa]\.?[Mm])):00(?::00(?:\.0+)?)?(?: ?[Aa]\.?[Mm]\.?)?Z?$")
_MONEY: Final = {
    "$": "USD",
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a5": "JPY",
    "\u20b9": "INR",
    "Fr.": "CHF",
    "z\u0142": "PLN",
}
_CODE_LETTERS: Final = 3
_MARK: Final = re.compile(r"[.,]")
_PLAIN: Final = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
_COLUMNS: Final = {kind: Column("col-of-a-sample", "", kind) for kind in ColumnType}
_ORDERS: Final = (DateOrder.MONTH_FIRST, DateOrder.DAY_FIRST, DateOrder.YEAR_FIRST)


class Doubt(StrEnum):
    """What a person must choose, since the whole sample could be read in two ways."""

    DATE_ORDER = "date_order"
    DECIMAL_MARK = "decimal_mark"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one column seems to be. `labels` are a select's options, the most frequent first.

    `unread` counts the filled cells of the sample that would not convert, `examples` are some of them.
    """

    name: str
    type: ColumnType
    reading: Reading
    config: Mapping[str, Json] = field(default_factory=dict)
    labels: Sequence[str] = ()
    doubts: frozenset[Doubt] = frozenset()
    filled: int = 0
    unread: int = 0
    examples: Sequence[str] = ()


def propose(samples: Sequence[ColumnSample], *, comma_likely: bool = False, region: str = "US") -> list[Proposal]:
    """Guess the type of every column. `comma_likely`: decimals have commas where nothing else tells.

    What other columns of the file show about the mark of decimals counts before that.
    """
    guesses = [_Guess(sample, region) for sample in samples]
    marks = [mark for mark in (guess.decimal_comma() for guess in guesses) if mark is not None]
    likely = sum(marks) * 2 > len(marks) if marks else comma_likely
    return [guess.proposal(comma_likely=likely) for guess in guesses]


class _Guess:
    """One column's sample, with what has been tried on it."""

    def __init__(self, sample: ColumnSample, region: str) -> None:
        self._sample = sample
        self._comma_likely = False
        self._region = region
        self._texts = {cell: times for cell, times in sample.cells.items() if isinstance(cell, str)}
        self._most = max(sample.filled * _UNREAD_SHARE_MAX, float(sample.filled >= _ONE_OF))
        self._tried: dict[tuple[ColumnType, Reading], float] = {}

    def decimal_comma(self) -> bool | None:
        """Whether the decimals of a column of numbers have commas, if it tells."""
        if self._is_code() or not any(_MARK.search(text) for text in islice(self._texts, _TASTE)):
            return None
        point, comma = (self._unread(ColumnType.PERCENT, Reading(decimal_comma=mark)) for mark in (False, True))
        return None if point == comma else comma < point

    def proposal(self, *, comma_likely: bool) -> Proposal:
        """What the column seems to be."""
        self._comma_likely = comma_likely
        if self._sample.filled and not self._sample.elements:
            for guess in self._guesses():
                proposal = guess()
                if proposal is not None:
                    return proposal
        return self._words()

    def _guesses(self) -> Iterator[Callable[[], Proposal | None]]:
        yield from (self._checkbox, self._address, self._date)
        if not self._is_code():
            yield self._number
        yield self._phone

    def _is_code(self) -> bool:
        """Digits that are no quantity: leading zeros, more digits than a number keeps, the name of a code."""
        if any(_LEADING_ZERO.fullmatch(text.strip()) for text in self._texts):
            return True
        if any(len(text) > _EXACT_DIGITS_MAX and _DIGITS.fullmatch(text) for text in self._texts):
            return True
        return _CODE_NAME.search(self._sample.name) is not None

    def _checkbox(self) -> Proposal | None:
        words = {text.strip().lower() for text in self._texts}
        if not words - {"0", "1"} or not words <= TRUE_WORDS | FALSE_WORDS:
            return None
        return self._of(ColumnType.CHECKBOX)

    def _address(self) -> Proposal | None:
        return self._of(ColumnType.EMAIL) or self._of(ColumnType.URL)

    def _number(self) -> Proposal | None:
        percents, money = self._signs()
        kind, config = ColumnType.NUMBER, dict[str, Json]()
        if percents * 2 > self._sample.filled:
            kind = ColumnType.PERCENT
        elif sum(money.values()) * 2 > self._sample.filled:
            kind = ColumnType.CURRENCY
            sign = max(money, key=lambda sign: money[sign])
            code = _MONEY.get(sign, sign)
            config = {"currency": code} if len(code) == _CODE_LETTERS and code.isalpha() and code.isupper() else {}
        point, comma = Reading(), Reading(decimal_comma=True)
        fits = {reading: self._unread(kind, reading) for reading in (point, comma)}
        if fits[point] != fits[comma]:
            return self._of(kind, min(fits, key=lambda reading: fits[reading]), config)
        if fits[point] > self._most:
            return None
        marked = filter(_MARK.search, self._texts)
        doubtful = any(_cast(kind, text, point) != _cast(kind, text, comma) for text in marked)
        doubts = frozenset({Doubt.DECIMAL_MARK} if doubtful else ())
        return self._of(kind, comma if self._comma_likely and doubtful else point, config, doubts)

    def _signs(self) -> tuple[int, dict[str, int]]:
        """How many texts have a percent sign, and how many each sign of money."""
        percents, money = 0, dict[str, int]()
        for text, times in self._texts.items():
            if _PLAIN.fullmatch(text):
                continue
            read = read_number(text) or read_number(text, decimal_comma=True)
            if read is not None and read.percent:
                percents += times
            elif read is not None and read.money:
                money[read.money] = money.get(read.money, 0) + times
        return percents, money

    def _date(self) -> Proposal | None:
        if len(self._texts) < len(self._sample.cells):
            return None
        if any(map(_DIGITS.fullmatch, self._texts)) and not _DATE_NAME.search(self._sample.name):
            return None
        timed = any(_CLOCK.search(text) and not _MIDNIGHT.search(text) for text in self._texts)
        kind = ColumnType.DATETIME if timed else ColumnType.DATE
        fits = {order: self._unread(kind, Reading(date_order=order)) for order in (None, *_ORDERS)}
        best = min(fits.values())
        if best > self._most:
            return None
        fitting = [order for order, unread in fits.items() if unread == best]
        if None in fitting:
            return self._of(kind)
        month, day = (Reading(date_order=order) for order in (DateOrder.MONTH_FIRST, DateOrder.DAY_FIRST))
        if {DateOrder.MONTH_FIRST, DateOrder.DAY_FIRST} <= {*fitting} and any(
            _cast(kind, text, month) != _cast(kind, text, day) for text in self._texts
        ):
            return self._of(kind, Reading(), doubts=frozenset({Doubt.DATE_ORDER}), doubtful=True)
        return self._of(kind, Reading(date_order=fitting[0]))

    def _phone(self) -> Proposal | None:
        shaped = sum(times for text, times in self._texts.items() if _PHONE_SHAPE.fullmatch(text.strip()))
        called = _PHONE_NAME.search(self._sample.name) is not None
        if not called and (shaped < self._sample.filled - self._most or _CODE_NAME.search(self._sample.name)):
            return None
        return self._of(ColumnType.PHONE, Reading(region=self._region))

    def _words(self) -> Proposal:
        choices = guess_choices(self._sample)
        filled = self._sample.filled
        if choices is not None:
            kind = ColumnType.MULTI_SELECT if choices.separator is not None else ColumnType.SELECT
            reading = Reading(separator=choices.separator or "")
            return Proposal(self._sample.name, kind, reading, labels=choices.labels, filled=filled)
        long = any("\n" in text or "\r" in text or len(text) > _LONG for text in self._texts)
        proposal = self._of(ColumnType.LONG_TEXT if long else ColumnType.TEXT, doubtful=True)
        assert proposal is not None, "whatever fits in no other type is text"
        return proposal

    def _unread(self, kind: ColumnType, reading: Reading) -> float:
        """How many cells would not convert; infinitely many when most of the first do not, or more than allowed."""
        tried = self._tried.get((kind, reading))
        if tried is not None:
            return tried
        unread: float = 0
        for seen, (cell, times) in enumerate(self._sample.cells.items(), start=1):
            unread += 0 if isinstance(_cast(kind, cell, reading), Cast) else times
            if (seen == _TASTE and unread * 2 > _TASTE) or unread > self._most:
                unread = float("inf")
                break
        self._tried[kind, reading] = unread
        return unread

    def _of(
        self,
        kind: ColumnType,
        reading: Reading | None = None,
        config: Mapping[str, Json] | None = None,
        doubts: frozenset[Doubt] = frozenset(),
        *,
        doubtful: bool = False,
    ) -> Proposal | None:
        """The proposal of this type if the sample fits it; with `doubtful` in any case."""
        reading = reading or Reading()
        if not doubtful and self._unread(kind, reading) > self._most:
            return None
        clean = self._tried.get((kind, reading)) == 0
        cells = () if clean else self._sample.cells.items()
        bad = [(cell, times) for cell, times in cells if not isinstance(_cast(kind, cell, reading), Cast)]
        examples = [str(cell)[:_LONG] for cell, _ in bad[:EXAMPLES_MAX]]
        unread = sum(times for _, times in bad)
        name, filled = self._sample.name, self._sample.filled
        return Proposal(name, kind, reading, config or {}, (), doubts, filled, unread, examples)


def _cast(kind: ColumnType, cell: str | float, reading: Reading) -> CastOutcome:
    return cast_value(_COLUMNS[kind], cell, frozenset(), reading)
