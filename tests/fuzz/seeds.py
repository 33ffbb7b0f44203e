"""The named seeds of the corpus: what honest clients send, and one input for each flaw that the gate knows."""

from __future__ import annotations

from random import Random

from realtime.core import codec
from realtime.core.reasons import Flaw
from realtime.core.update import Content, Struct
from snapshots.segments import Segment, encode_segment
from tests.fuzz.grammar import Scribe
from tests.property_list import (
    EDDA,
    GENERATION,
    NAME,
    QUAY,
    RENT,
    SOLD,
    TAGS,
    first_batch,
    item,
    update_frame,
    update_of,
)
from tests.room_scenes import Peer

CELL = f"c:{QUAY}:{NAME}"
OWN, FOREIGN = 5001, 77


def seeds() -> dict[str, bytes]:
    """Every seed by its name."""
    return {
        **{f"honest-{name}": source for name, source in _honest().items()},
        **{f"flaw-{name}": source for name, source in _flawed().items()},
        **{f"frame-{name}": source for name, source in _frames().items()},
    }


def _honest() -> dict[str, bytes]:
    segment = encode_segment(Segment([NAME], [["row-segment1", "a0", "Lane 1"]]))
    document = first_batch(segments={"segment-00001": segment}).updates[0].update
    peer = Peer(OWN)
    peer.apply(document)
    edits: dict[str, bytes] = {
        "row": peer.set({f"r:{QUAY}": "a0", CELL: "Quay 1"}),
        "overwrite": peer.set({CELL: "ü🏠", f"c:{QUAY}:{RENT}": -1234.5, f"e:{QUAY}:{TAGS}:{SOLD}": True}),
        "delete": peer.set({CELL: ...}),
        "trash": peer.set({f"t:{QUAY}": {"by": EDDA.user_id, "at": "2026-03-01T12:00:00.000Z"}}),
        "comment": peer.set({"comments/comment-0001": {"row": QUAY, "mentions": [], "body": "Seen."}}),
        "config": peer.set({f"columns/{RENT}:config": {"precision": 2, "deep": [[None, [True, False]], 2**40]}}),
    }
    undone = [Struct(OWN, 0, 3, Content.ANY, parent=GENERATION, sub=CELL, values=("a", "b", "c"))]
    edits["undo-history"] = update_of(*undone, deletions=[(OWN, 0, 2)])
    edits["collected"] = update_of(Struct(OWN, 0, 9, Content.GC), item(OWN, 9, 5, CELL), deletions=[(OWN, 0, 9)])
    return {**edits, "state": peer.doc.get_update(), "nothing": b"\x00\x00"}


def _flawed() -> dict[str, bytes]:
    good = item(OWN, 0, "x", CELL)
    after = Struct(OWN, 1, 1, Content.ANY, origin=(FOREIGN, 40), values=("x",))
    nested = Struct(OWN, 0, 1, Content.MAP, parent=GENERATION, sub=CELL)
    binary = Struct(OWN, 0, 1, Content.BINARY, parent="segments", sub="segment-00001", binary=b"\x1f\x8b")
    return {
        f"{Flaw.MALFORMED}-after-the-end": update_of(good) + b"\x00",
        f"{Flaw.MALFORMED}-count": b"\xff\xff\xff\xff\x0f\x01",
        f"{Flaw.MALFORMED}-long-integer": b"\x80\x00\x00",
        f"{Flaw.MALFORMED}-client-2-53": b"\x01\x01\x80\x80\x80\x80\x80\x80\x80\x10\x00\x00\x01\x00",
        f"{Flaw.MALFORMED}-clock-2-31": b"\x01\x01\x07\xff\xff\xff\xff\x07\x00\x02\x00",
        f"{Flaw.MALFORMED}-two-blocks": b"\x02\x01\x07\x00\x00\x01\x01\x07\x00\x00\x01\x00",
        f"{Flaw.MALFORMED}-surrogate": b"\x01\x01\x07\x00\x28\x01\x03\xed\xa0\x80\x01x\x01\x7e\x00",
        f"{Flaw.MALFORMED}-deep": b"\x01\x01\x07\x00\x28\x01\x04meta\x04name\x01" + b"\x75\x01" * 40 + b"\x7e\x00",
        f"{Flaw.MALFORMED}-key": update_of(item(OWN, 0, 1, "c:none")),
        f"{Flaw.MALFORMED}-overlap": b"\x00\x01\x07\x02\x00\x05\x03\x01",
        f"{Flaw.CLOCK_GAP}": update_of(item(OWN, 4, "x", CELL)),
        f"{Flaw.CLOCK_GAP}-skip": b"\x01\x01\x07\x00\x0a\x05\x00",
        f"{Flaw.FOREIGN_CLIENT}": update_of(item(FOREIGN, 0, "x", CELL)),
        f"{Flaw.UNKNOWN_REFERENCE}": update_of(good, after),
        f"{Flaw.FUTURE_DELETE}": update_of(deletions=[(FOREIGN, 0, 9)]),
        f"{Flaw.NESTED_TYPE}-map": update_of(nested),
        f"{Flaw.NESTED_TYPE}-binary": update_of(binary),
        f"{Flaw.NESTED_TYPE}-text": b"\x01\x01\x07\x00\x04\x01\x04meta\x01x\x00",
        f"{Flaw.NESTED_TYPE}-right-origin": b"\x01\x01\x07\x01\x68\x07\x00\x01\x00\x01\x7e\x00",
    }


def _frames() -> dict[str, bytes]:
    scribe = Scribe(Random(1), 0.0)
    return {
        "update": update_frame(update_of(item(OWN, 0, "x", CELL))),
        "step-1": b"\x00\x00\x05\x02\x07\x03\x01\x00",
        "step-2": b"\x00\x01" + codec.buffer(scribe.update()),
        "presence": b"\x01" + codec.buffer(b"\x01\x07\x02" + codec.string('{"user":{}}')),
        "presence-query": b"\x03",
        "authentication": b"\x02\x00\x01x",
        "unknown": b"\x64\x00",
    }
