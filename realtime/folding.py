"""Working out in a process of its own how a list is folded: asked with its epoch, the generation, and the state of its document.

The answer is a description of the steps, and the segments that they bring, in order.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from realtime.apart import answer_apart, work_apart
from realtime.core.document import ListDocument
from realtime.core.folding import FoldBase, Step, fold
from realtime.core.writes import ClearKeys, DropGenerations, ReplaceSegments

_ID_BYTES = 12


async def fold_apart(base: FoldBase) -> Sequence[Step]:
    """The steps that fold a document. Raises `ApartFailed`."""
    asked = [str(base.epoch).encode(), str(base.upto).encode(), base.state]
    described, *segments = await work_apart("realtime.folding", asked)
    payloads = iter(segments)
    return [_step(said, payloads, base.as_of) for said in orjson.loads(described)]


def _step(said: dict[str, Any], payloads: Iterator[bytes], as_of: int) -> Step:
    if "names" in said:
        return ClearKeys(said["generation"], said["names"], as_of)
    if "upto" in said:
        return DropGenerations(said["upto"], frozenset(said["segments"]), said["trash"], as_of)
    segments = {segment: next(payloads) for segment in said["segments"]}
    return ReplaceSegments(segments, frozenset(said["superseded"]), as_of)


def _folded(asked: Sequence[bytes]) -> Iterator[bytes]:
    epoch, upto, state = asked
    document = ListDocument(int(epoch))
    document.apply([state])
    document.scan()
    steps = list(fold(document, int(upto), lambda: secrets.token_urlsafe(_ID_BYTES)))
    yield orjson.dumps([_description(step) for step in steps])
    for step in steps:
        if isinstance(step, ReplaceSegments):
            yield from step.segments.values()


def _description(step: Step) -> dict[str, Any]:
    if isinstance(step, ReplaceSegments):
        return {"segments": list(step.segments), "superseded": list(step.superseded)}
    if isinstance(step, ClearKeys):
        return {"generation": step.generation, "names": step.names}
    return {"upto": step.upto, "segments": list(step.segments), "trash": step.trash}


if __name__ == "__main__":
    answer_apart(_folded)
