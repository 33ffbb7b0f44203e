"""The messages of the socket: y-protocols version 1, one message per binary frame, and our control message.

Decoding is total: any frame gives a message or `Unsound`.
Source: y-protocols `sync.js`, `awareness.js`, `auth.js`; docs/SPEC.md, WIRE rules.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from realtime.core import codec
from realtime.core.codec import Reader
from realtime.core.reasons import Flaw, Reason, Unsound
from realtime.core.update import CLIENT_RESERVED_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from persistence.contract import Json

CONTROL: Final = 100
_CONTROL_HEAD: Final = bytes((CONTROL,))
RENEWAL_BYTES_MAX: Final = 4_096
_SYNC, _AWARENESS, _AUTH, _QUERY_AWARENESS = 0, 1, 2, 3
_STEP_1, _STEP_2, _UPDATE = 0, 1, 2
STEP_2_HEAD: Final = b"\x00\x01"
STATE_VECTOR_ENTRIES_MAX: Final = 1_000_000
PRESENCE_ENTRIES_MAX: Final = 2_000
PRESENCE_SHOWN_BYTES_MAX: Final = 64 << 10
PRESENCE_SHOWN_ENTRIES_MAX: Final = 500
"""Stock clients send on what they are shown, in one frame: what we show must be far from what we refuse."""


@dataclass(frozen=True, slots=True)
class SyncStep1:
    """A replica says what it has: its encoded state vector (checked), and the servers' client ids in it: epochs."""

    state_vector: bytes
    epochs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """An update: live, or the answer to our SyncStep1."""

    update: bytes
    answer: bool = False


@dataclass(frozen=True, slots=True)
class PresenceEntry:
    """One client's presence: `state` is its JSON text, `null` = gone."""

    client: int
    clock: int
    state: str


@dataclass(frozen=True, slots=True)
class Presence:
    """A presence message."""

    entries: tuple[PresenceEntry, ...]


@dataclass(frozen=True, slots=True)
class QueryPresence:
    """A replica asks for everybody's presence."""


Message = SyncStep1 | Edit | Presence | QueryPresence


def require_size(frame: bytes, bytes_max: int, sync_bytes_max: int) -> None:
    """Check a frame's size; the answer to our SyncStep1 may be larger. Raises `Unsound`."""
    limit = sync_bytes_max if frame[:2] == STEP_2_HEAD else bytes_max
    if len(frame) > limit:
        raise Unsound(Flaw.TOO_LARGE, f"this message may have {limit} bytes at most")


def decode(frame: bytes, clients_max: int = STATE_VECTOR_ENTRIES_MAX) -> Message:
    """Decode one frame from a client, who may name so many clients in a state vector; raises `Unsound`."""
    reader = Reader(frame)
    kind = reader.uint()
    if kind == _SYNC:
        message = _decode_sync(reader, clients_max)
    elif kind == _AWARENESS:
        message = _decode_presence(reader.buffer())
    elif kind == _QUERY_AWARENESS:
        message = QueryPresence()
    else:
        raise Unsound(Flaw.MALFORMED, f"message type {kind} is not one that clients send")
    reader.finish()
    return message


def decode_renewal(frame: bytes) -> str:
    """Decode a control message from a client: the fresh access token that it brings. Raises `Unsound`."""
    if len(frame) > RENEWAL_BYTES_MAX:
        raise Unsound(Flaw.TOO_LARGE, f"this message may have {RENEWAL_BYTES_MAX} bytes at most")
    reader = Reader(frame)
    reader.uint()
    text = reader.string()
    reader.finish()
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    token = said.get("token") if isinstance(said, dict) and said.keys() == {"type", "token"} else None
    if not isinstance(token, str) or said["type"] != "token":
        raise Unsound(Flaw.MALFORMED, "a control message from a client is a fresh access token")
    return token


def is_control(frame: bytes) -> bool:
    """Tell whether a frame is a control message: it is for the door, not for the room."""
    return frame[:1] == _CONTROL_HEAD


def _decode_sync(reader: Reader, clients_max: int) -> Message:
    step = reader.uint()
    body = reader.buffer()
    if step == _STEP_1:
        return SyncStep1(body, _check_state_vector(body, clients_max))
    if step in (_STEP_2, _UPDATE):
        return Edit(body, answer=step == _STEP_2)
    raise Unsound(Flaw.MALFORMED, f"sync message {step} does not exist")


def _check_state_vector(body: bytes, clients_max: int) -> tuple[int, ...]:
    reader = Reader(body)
    count = reader.uint()
    if count * 2 > reader.remaining:
        raise Unsound(Flaw.MALFORMED, "a state vector announces more entries than bytes follow")
    if count > clients_max:
        raise Unsound(Flaw.TOO_LARGE, "a state vector names more clients than have ever written in this list")
    seen: set[int] = set()
    for _ in range(count):
        client = reader.uint()
        if client in seen or reader.uint() >= 2**31:
            raise Unsound(Flaw.MALFORMED, "a state vector repeats a client or passes clock 2^31")
        seen.add(client)
    reader.finish()
    return tuple(client for client in seen if client <= CLIENT_RESERVED_MAX)


def _decode_presence(body: bytes) -> Presence:
    reader = Reader(body)
    count = reader.uint()
    if count > PRESENCE_ENTRIES_MAX or count * 3 > reader.remaining:
        raise Unsound(Flaw.MALFORMED, "a presence message announces more entries than bytes follow")
    entries: list[PresenceEntry] = []
    for _ in range(count):
        entry = PresenceEntry(reader.uint(), reader.uint(), reader.string())
        if entry.clock >= 2**31:
            raise Unsound(Flaw.MALFORMED, "a presence clock passes 2^31")
        entries.append(entry)
    reader.finish()
    return Presence(tuple(entries))


def sync_step_1(state_vector: bytes) -> bytes:
    """Ask a client for what this state vector lacks."""
    return b"\x00\x00" + codec.buffer(state_vector)


def sync_step_2(update: bytes) -> bytes:
    """Answer a client's SyncStep1."""
    return b"\x00\x01" + codec.buffer(update)


def update_message(update: bytes) -> bytes:
    """Show a committed update."""
    return b"\x00\x02" + codec.buffer(update)


def presence_message(entries: Iterable[PresenceEntry]) -> bytes:
    """Show presence; without entries this is the heartbeat."""
    parts = [codec.uint(e.client) + codec.uint(e.clock) + codec.string(e.state) for e in entries]
    return b"\x01" + codec.buffer(codec.uint(len(parts)) + b"".join(parts))


def presence_messages(entries: Iterable[PresenceEntry]) -> list[bytes]:
    """Show presence in as many messages as it takes, none for nobody."""
    shown: list[bytes] = []
    together: list[PresenceEntry] = []
    size = 0
    for entry in entries:
        size += len(entry.state)
        if together and (size > PRESENCE_SHOWN_BYTES_MAX or len(together) >= PRESENCE_SHOWN_ENTRIES_MAX):
            shown.append(presence_message(together))
            together, size = [], len(entry.state)
        together.append(entry)
    return [*shown, presence_message(together)] if together else shown


def denied_message(refused: Iterable[tuple[str, Reason]], identity: str) -> bytes:
    """Tell an author which keys were refused and why."""
    told = [{"key": key, "reason": reason.value} for key, reason in refused]
    return b"\x02\x00" + codec.string(_json({"refused": told, "id": identity}))


def saved_message(frames: int, head: int) -> bytes:
    """Tell our own client how many of the edits that its socket sent are durable."""
    return control_message({"type": "saved", "frames": frames, "head": head})


def control_message(body: Mapping[str, Json]) -> bytes:
    """Tell our own client something that stock clients do not know."""
    return codec.uint(CONTROL) + codec.string(_json(body))


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
