"""The keys that hold a value which the server wrote over a client's: it may win over an honest edit that it never met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from realtime.core.soundness import Attempt, Outcome

RESTORED_MAX: Final = 10_000


class Restored:
    """Those keys of one list, by path, as many of the latest as are kept."""

    def __init__(self) -> None:
        self._paths: dict[str, None] = {}

    def insist(self, attempt: Attempt, refused: Mapping[str, object]) -> dict[str, Outcome]:
        """What an accepted edit attempts at keys where a value of the server's stands: it must not lose to that."""
        return {
            path: outcomes[0]
            for path, outcomes in attempt.outcomes.items()
            if path in self._paths and path not in refused and len(outcomes) == 1
        }

    def note(self, attempt: Attempt, written: set[str]) -> None:
        """Keep count of the keys that hold a value of the server's: restored, or written again for an author.

        An author whose value was written again may have more edits under way that have not met it.
        """
        for path in attempt.outcomes.keys() - written:
            self._paths.pop(path, None)
        self.keep(path for path in attempt.outcomes if path in written)

    def keep(self, paths: Iterable[str]) -> None:
        """The server has written these."""
        self._paths.update(dict.fromkeys(paths))
        while len(self._paths) > RESTORED_MAX:
            del self._paths[next(iter(self._paths))]
