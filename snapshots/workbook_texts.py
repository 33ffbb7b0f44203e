"""Characters that XML cannot hold, as workbooks write them: `_x0001_`. A text that looks so is written with `_x005F_` for its line.

NUL is not written: no text of a list has it.
"""

import re
from typing import Final

_UNFIT: Final = "\\x01-\\x08\\x0b-\\x1f\ufffe\uffff"
_WRITTEN: Final = re.compile(f"[{_UNFIT}]|_(?=x[0-9A-Fa-f]{{4}}[_{_UNFIT}])")
"""What is unfit begins with a line as well, once it is written."""
_READ: Final = re.compile(r"_x(?![Dd][89A-Fa-f])([0-9A-Fa-f]{4})_")


def encoded(text: str) -> str:
    """Give the text as a cell of a workbook holds it; what XML itself escapes is not yet escaped."""
    return _WRITTEN.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def decoded(text: str) -> str:
    """Give the text that a cell of a workbook means."""
    return _READ.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
