"""Formula injection: texts that a spreadsheet would take for a formula are written so that it does not.

A text gets an apostrophe in front when it begins with `=`, `+`, `-` or `@`, their full-width forms included, blanks before them
ignored, or with a tab, a line break or NUL. Apostrophes that stand in front of such a beginning are looked through, so the
rule can be turned around: of a text that begins with an apostrophe and is dangerous without it, the first one is not part of the value.
"""

import re
from typing import Final

_DANGEROUS: Final = re.compile(r"'*(?:[\t\r\n\0]|[\s\ufeff\u200b]*[=+\-@＝＋－＠﹢﹣])")  # noqa: RUF001 - look-alikes are meant
_ESCAPE: Final = "'"


def escaped(text: str) -> str:
    """Give the text as it may stand in a file that a spreadsheet opens."""
    return _ESCAPE + text if _DANGEROUS.match(text) else text


def unescaped(text: str) -> str:
    """Give the text that `escaped` was given."""
    return text[1:] if text.startswith(_ESCAPE) and _DANGEROUS.match(text, 1) else text
