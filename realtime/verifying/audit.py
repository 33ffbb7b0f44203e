"""The audit of one list: its numbers, its hash chain, and that it holds what the log tells."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import orjson

from persistence.chain import DIGEST_BYTES, BatchDigest, canonical, extended, fact_digest, values_proof
from persistence.contract import Fact
from persistence.inspection import AuditRow, StoredHead
from realtime.verifying.difference import Difference

_FLAGS: Final = orjson.OPT_SORT_KEYS


class AuditCheck:
    """Takes in every fact of a list in order; between them the log asks for those of its updates."""

    def __init__(self, list_id: str, head: StoredHead, facts: AsyncIterator[AuditRow]) -> None:
        self._list_id = list_id
        self._head = head
        self._facts = facts
        self._next: AuditRow | None = None
        self._begun = False
        self._last = (0, -1)
        self._chain = head.anchor
        self._digest = BatchDigest(list_id)
        self._pending: int | None = None

    async def compare(self, seq: int, told: Sequence[Fact] | None) -> AsyncIterator[Difference]:
        """Take in the facts up to this number, and compare those of it with what the log tells; `None` if it is not known."""
        missing: dict[bytes, list[Fact]] = {}
        for fact in told or ():
            missing.setdefault(said(fact), []).append(fact)
        async for row in self._upto(seq):
            for difference in self._take(row):
                yield difference
            if row.seq != seq or told is None or row.entry.reason is not None or _erased(row):
                continue
            same = missing.get(said(row.entry.fact))
            if same:
                same.pop()
            else:
                yield self._about(row, "the audit says what the log does not")
        if told is not None and seq > self._head.anchor_seq:
            for fact in (fact for facts in missing.values() for fact in facts):
                yield Difference(
                    self._list_id, "the audit lacks a visible change", fact.row, fact.column, seq, rebuilt=fact.new
                )

    async def end(self) -> AsyncIterator[Difference]:
        """Take in the rest; then the chain must have come to the list's own row."""
        async for row in self._upto(None):
            for difference in self._take(row):
                yield difference
            if row.seq > self._head.head:
                yield self._about(row, "the audit goes on after the head")
        if self._pending is not None:
            yield Difference(self._list_id, "the last facts of the audit are not sealed", seq=self._pending)
        elif self._chain != self._head.chain:
            yield Difference(self._list_id, "the audit ends before its hash chain does", seq=self._last[0])

    async def _upto(self, seq: int | None) -> AsyncIterator[AuditRow]:
        if not self._begun:
            self._begun = True
            self._next = await anext(self._facts, None)
        while self._next is not None and (seq is None or self._next.seq <= seq):
            row, self._next = self._next, await anext(self._facts, None)
            yield row

    def _take(self, row: AuditRow) -> Iterator[Difference]:
        seq, ordinal = self._last
        self._last = (row.seq, row.ordinal)
        if row.ordinal != (ordinal + 1 if row.seq == seq else 0):
            yield self._about(row, "the audit's numbers have a gap or a fact twice")
        if row.seq > self._head.anchor_seq:
            yield from self._link(row)

    def _link(self, row: AuditRow) -> Iterator[Difference]:
        if row.salt is None:
            yield self._about(row, "a fact lacks its salt")
            return
        fact = row.entry.fact
        proof = row.salt if _erased(row) else values_proof(row.salt, fact.old, fact.new)
        self._digest.add(row.seq, fact_digest(row.seq, row.ordinal, row.entry, proof))
        self._pending = row.seq
        if row.seal is None:
            return
        batch = self._digest.digest()
        assert batch is not None, "a fact was just taken in"
        if extended(self._chain, batch) != row.seal:
            yield self._about(row, "the audit's hash chain is broken in the commit that ends here")
        self._chain, self._digest, self._pending = row.seal, BatchDigest(self._list_id), None

    def _about(self, row: AuditRow, what: str) -> Difference:
        fact = row.entry.fact
        return Difference(self._list_id, what, fact.row, fact.column, row.seq, stored=fact.new)


def _erased(row: AuditRow) -> bool:
    """Tell whether only the proof of a fact's values is left."""
    return row.salt is not None and len(row.salt) == DIGEST_BYTES


def said(fact: Fact) -> bytes:
    """What a fact says, in one form: two facts say the same if and only if these bytes are equal."""
    place = (fact.kind, fact.row, fact.column, fact.entity, fact.attribute)
    return orjson.dumps([*place, canonical(fact.old), canonical(fact.new)], option=_FLAGS)
