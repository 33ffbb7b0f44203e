"""The facts that a log tells: replayed update by update on a document of its own, what became visible of each.

They are what the audit must hold of it, every visible change once; what was refused is in no log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from persistence.contract import Fact, FactKind
from realtime.core import keys
from realtime.core.document import ListDocument, fact_of
from realtime.core.index import Index
from realtime.core.row_blocks import unpack
from realtime.core.soundness import ABSENT, Outcome
from realtime.core.update import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from persistence.contract import Json
    from realtime.core.keys import Key


class Retelling:
    """A document that grows by its log, from nothing or from a full state."""

    def __init__(self, epoch: int, state: bytes | None) -> None:
        self.document = ListDocument(epoch)
        self._index = Index()
        if state is not None:
            self.document.apply([state])
            self._index.add(decode(state))
            self.document.scan()

    def tell(self, update: bytes) -> list[Fact]:
        """Apply the next update of the log; returns what became visible. Raises `Unsound`, `DocumentBroken`."""
        touched = {path: keys.parse(path) for path in self._index.add(decode(update))}
        known = {path: key for path, key in touched.items() if key is not None and _speaks(key)}
        before = {key[:5]: (path, key, self._visible(path, key)) for path, key in known.items()}
        self.document.apply([update])
        generations = [key for key in touched.values() if key is not None and key.kind is FactKind.GENERATION]
        for key in generations:
            self.document.notice(key)
        facts = []
        for path, key, old in before.values():
            new = self._visible(path, key)
            if new != old or type(new) is not type(old):
                facts.append(self._fact(key, old, new))
        facts += [fact for key in touched.values() for fact in self._segment(key)]
        for key in known.values():
            self.document.notice(key)
        return facts

    def _visible(self, path: str, key: Key) -> Json:
        return self.document.visible(key, self._held(path))

    def _held(self, path: str) -> Outcome:
        try:
            return self.document.read(path)
        except KeyError:  # its generation is not there yet, or no more
            return ABSENT

    def _fact(self, key: Key, old: Json, new: Json) -> Fact:
        fact = fact_of(key, old, new)
        if key.kind is not FactKind.COMMENT:
            return fact
        written = self._held(f"{keys.COMMENTS}/{key.entity}")
        return fact._replace(row=str(written["row"])) if isinstance(written, dict) else fact

    def _segment(self, key: Key | None) -> list[Fact]:
        """The rows that come with a segment and were not there before."""
        if key is None or key.kind is not FactKind.SEGMENT:
            return []
        held = cast("Mapping[str, bytes]", self.document.held(keys.SEGMENTS)).get(str(key.entity))
        if held is None:
            return []
        rows = [(row, position) for row, position, _ in unpack(bytes(held)) if not self.document.has_row(row)]
        self.document.notice(key)
        return [Fact(FactKind.ROW, row=row, new=position) for row, position in rows]


def _speaks(key: Key) -> bool:
    return key.kind not in {FactKind.SEGMENT, FactKind.GENERATION}
