"""What holds for every input of the decoders, whoever made it: the one property of all runs against them.

Either `Unsound`, or a value that says the same once it is written again; and what we write is the one form of it.
"""

from __future__ import annotations

from realtime.core import messages, update
from realtime.core.reasons import Unsound

TAKEN = "taken"


def exercise_update(source: bytes) -> str:
    """Decode the bytes of an update; `TAKEN` or the flaw. What is taken survives being encoded and decoded."""
    try:
        decoded = update.decode(source)
    except Unsound as error:
        return error.flaw.value
    canonical = update.encode(decoded)
    again = update.decode(canonical)
    assert again == decoded, "an update says something else once it is written again"
    assert update.encode(again) == canonical, "an update has two forms"
    assert len(canonical) <= 2 * len(source) + 64, "an update has grown by being written again"
    return TAKEN


def exercise_frame(frame: bytes) -> str:
    """Decode a frame, and the update in it; the kind of message, or the flaw."""
    try:
        message = messages.decode(frame)
    except Unsound as error:
        return error.flaw.value
    if isinstance(message, messages.Edit):
        return exercise_update(message.update)
    return type(message).__name__
