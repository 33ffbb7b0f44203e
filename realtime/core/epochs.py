"""Epochs: a document that was made anew must never be merged with copies of the one before (ROOM-45).

A server writes under the epoch's number as its client id (ADR 9), and every document begins with what a server wrote. So
a state vector tells which epochs its document has met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from realtime.core.reasons import Behind, Rebuilt


def require_epoch(met: Iterable[int], epoch: int, known: Callable[[int], int]) -> None:
    """Turn away a replica that has met epochs which our document knows nothing of; `known` tells the clocks that it has.

    Raises `Rebuilt`, or `Behind` where the replica's is the later one.
    """
    unknown = [other for other in met if not known(other)]
    if unknown:
        raise Behind if max(unknown) > epoch else Rebuilt


def require_same(copy: int | None, epoch: int) -> None:
    """Turn away a client that says which epoch its copy is of, if it is another one. Raises `Rebuilt`, `Behind`."""
    if copy is not None and copy != epoch:
        raise Behind if copy > epoch else Rebuilt
