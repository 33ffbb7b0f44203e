"""The garbage collector of a process that serves or does jobs: it looks seldom, at what has come since the start.

What an edit leaves behind is freed by its reference counts, and rows that come are objects that stay: to look through all of them
for every few that come took a tenth of the time of edits, and a quarter of that of imports.
"""

import gc
from typing import Final

_COLLECTED_EACH: Final = (20_000, 20, 50)


def spare_collector() -> None:
    """Let the collector pass over what the program is made of, and look less often at what is on its way."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_EACH)
