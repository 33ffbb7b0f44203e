"""What nodes say to each other about one list, as bytes: what is durable, whose turn it is, and who is there.

Words are hints: whatever is lost, doubled or out of order is put right from the log. What they carry is used as it is,
so `unseal` takes only words that a node with the same key has sealed, for this list.
"""

from __future__ import annotations

import hmac
from typing import Final
from uuid import UUID

from persistence.contract import LogEntry
from realtime.core import codec, events
from realtime.core.codec import Reader
from realtime.core.effects import Announce, AskTurn, Publish, ToNodes
from realtime.core.messages import PresenceEntry
from realtime.core.reasons import Flaw, Unsound

CARRIED_BYTES_MAX: Final = 256 << 10
"""A longer part of the log is only named, and read from the database: Redis drops a reader that falls far behind."""
_FORMAT: Final = 1
_DURABLE, _TURN, _PRESENCE = range(3)
_SEAL_BYTES: Final = 32
_ID_BYTES: Final = 16

FromNodes = events.Heard | events.TurnAsked | events.Overheard


def hint(effect: ToNodes) -> ToNodes:
    """The effect as it is told: without the entries where they are too long to be carried."""
    if isinstance(effect, Publish) and sum(len(entry.update) for entry in effect.entries) > CARRIED_BYTES_MAX:
        return Publish(effect.epoch, effect.head, ())
    return effect


def as_heard(node: str, effect: ToNodes) -> FromNodes:
    """What the other nodes hear when `node` wants this told."""
    match effect:
        case Publish(epoch, head, entries):
            return events.Heard(epoch, head, entries)
        case AskTurn():
            return events.TurnAsked()
        case Announce(entries, asking):
            return events.Overheard(node, entries, asking)


def encode(node: str, effect: ToNodes) -> bytes:
    """The bytes of what `node` wants told."""
    head = codec.uint(_FORMAT) + codec.string(node)
    match effect:
        case Publish(epoch, last, entries):
            parts = [codec.uint(number) for number in (_DURABLE, epoch, last, len(entries))]
            for entry in entries:
                parts += [codec.string(entry.actor), entry.batch_id.bytes, codec.buffer(entry.update)]
        case AskTurn():
            parts = [codec.uint(_TURN)]
        case Announce(people, asking):
            parts = [codec.uint(number) for number in (_PRESENCE, asking, len(people))]
            for person in people:
                parts += [codec.uint(person.client), codec.uint(person.clock), codec.string(person.state)]
    return head + b"".join(parts)


def decode(payload: bytes) -> tuple[str, FromNodes]:
    """The node that speaks and what is heard. Raises `Unsound` for what no node of this version says."""
    reader = Reader(payload)
    if reader.uint() != _FORMAT:
        raise Unsound(Flaw.MALFORMED, "a node of another version speaks")
    node, kind = reader.string(), reader.uint()
    heard: FromNodes
    if kind == _DURABLE:
        epoch, last, count = reader.uint(), reader.uint(), reader.uint()
        numbers = range(last - count + 1, last + 1)
        heard = events.Heard(epoch, last, [_entry(reader, number) for number in numbers])
    elif kind == _TURN:
        heard = events.TurnAsked()
    elif kind == _PRESENCE:
        asking, count = reader.uint(), reader.uint()
        people = tuple(PresenceEntry(reader.uint(), reader.uint(), reader.string()) for _ in range(count))
        heard = events.Overheard(node, people, bool(asking))
    else:
        raise Unsound(Flaw.MALFORMED, f"no node says words of kind {kind}")
    reader.finish()
    return node, heard


def _entry(reader: Reader, number: int) -> LogEntry:
    actor = reader.string()
    batch_id = UUID(bytes=bytes(reader.byte() for _ in range(_ID_BYTES)))
    return LogEntry(number, reader.buffer(), batch_id, actor)


def seal(key: bytes, list_id: str, payload: bytes) -> bytes:
    """Words with the proof (HMAC-SHA-256) that a node which knows `key` said them of this list."""
    return hmac.digest(key, list_id.encode() + b"\0" + payload, "sha256") + payload


def unseal(key: bytes, list_id: str, sealed: bytes) -> bytes | None:
    """The words, or `None` if they are not sealed with `key` for this list."""
    payload = sealed[_SEAL_BYTES:]
    return payload if hmac.compare_digest(seal(key, list_id, payload), sealed) else None
