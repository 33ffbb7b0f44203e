"""The hash chain of a list's audit: what makes a fact that was changed, removed, added or moved be found.

    fact    = sha256(its number, place, kind, actor, source, reason, time, and its values' proof)
    values  = sha256(salt, old value, new value), the salt random and the fact's own
    update  = sha256(the facts of one update in order)
    batch   = sha256(list, the updates of one commit in order)
    chain   = sha256(chain before, batch), kept in the list's row and, as its *seal*, at the last fact of the batch

Values can be erased later without breaking the chain: the salt goes with them, and what stays is their proof, from which nobody
can guess them. Everything here is pure but for the salts, which their maker passes in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import orjson

from persistence.contract import AuditEntry, Json

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

SALT_BYTES: Final = 16
DIGEST_BYTES: Final = 32
START: Final = b""
"""The chain of a list without facts."""

_PLACE: Final = 5
"""The first fields of a fact say what it is about: kind, row, column, entity, attribute."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def values_proof(salt: bytes, old: Json, new: Json) -> bytes:
    """What stands for a fact's values in its digest; stays when values and salt are erased."""
    return sha256(salt + orjson.dumps([canonical(old), canonical(new)], option=orjson.OPT_SORT_KEYS)).digest()


def fact_digest(seq: int, ordinal: int, entry: AuditEntry, proof: bytes) -> bytes:
    """The digest of a fact that stands under these numbers; `proof` is what `values_proof` says of its values."""
    fact = entry.fact
    place = fact[:_PLACE]
    said = orjson.dumps([seq, ordinal, *place, entry.actor, entry.source, entry.reason, _microseconds(entry.at)])
    return sha256(proof + said).digest()


@lru_cache(maxsize=16)  # the facts of one update are of one moment
def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def extended(chain: bytes, batch: bytes) -> bytes:
    """The chain after one more batch; the commit statement says the same in SQL."""
    return sha256(chain + batch).digest()


def canonical(value: Json) -> Json:
    """The value as PostgreSQL gives it back: numbers have one form, whether whole or not."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return float(value) + 0.0  # no negative zero
    if isinstance(value, dict):
        return {name: canonical(item) for name, item in value.items()}
    return [canonical(item) for item in value]


class BatchDigest:
    """The digest of one commit's facts, taken in one by one: those of one update in order, the updates mixed as they come."""

    def __init__(self, list_id: str) -> None:
        self._list_id = list_id
        self._updates: dict[int, Hash] = {}

    def add(self, update: int, digest: bytes) -> None:
        """Take in the next fact of an update, given by any number that orders the updates of the commit."""
        held = self._updates.get(update)
        if held is None:
            self._updates[update] = sha256(digest)
        else:
            held.update(digest)

    def digest(self) -> bytes | None:
        """The batch's digest; `None` where it has no facts, and so leaves the chain as it is."""
        return sha256(b"".join(self._parts())).digest() if self._updates else None

    def _parts(self) -> Iterator[bytes]:
        yield self._list_id.encode() + b"\x00"
        for update in sorted(self._updates):
            yield self._updates[update].digest()
