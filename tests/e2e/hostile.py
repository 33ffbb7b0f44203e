"""Frames that no honest client sends, made byte by byte (Yjs update v1)."""

from collections.abc import Callable
from dataclasses import dataclass

from realtime.core.codec import any_value, buffer, string, uint
from tests.e2e.people import List
from tests.e2e.socket_client import SocketClient

ANY, MAP, TEXT, SKIP = 8, 7, 4, 10
HAS_ORIGIN, HAS_RIGHT_ORIGIN, HAS_KEY = 0x80, 0x40, 0x20
NO_DELETIONS = b"\x00"
FRAME_BYTES_MAX = 1 << 20


@dataclass(frozen=True)
class Scene:
    """Whom a hostile frame is aimed at: the sender's client, a colleague's client id and its next clock."""

    sender: SocketClient
    target: List
    colleague: int
    colleague_clock: int

    @property
    def own(self) -> int:
        """A client id that nobody has used."""
        return self.sender.doc.client_id


def live(update: bytes) -> bytes:
    """A frame with an update."""
    return b"\x00\x02" + buffer(update)


def block(client: int, clock: int, *structs: bytes) -> bytes:
    """The structs of one client, as the only ones of an update."""
    return uint(1) + uint(len(structs)) + uint(client) + uint(clock) + b"".join(structs)


def entry(parent: bytes, key: str, value: str, content: int = ANY) -> bytes:
    """The first item of a map's key."""
    body = any_value(value) if content == ANY else b""
    return bytes((content | HAS_KEY,)) + parent + string(key) + (uint(1) if content == ANY else b"") + body


def root(name: str) -> bytes:
    """A root as parent."""
    return uint(1) + string(name)


def clock_gap(scene: Scene) -> bytes:
    """The second of two edits, without the first, which its client does not know either."""
    return live(block(scene.own, 1, entry(root("meta"), "name", "x")) + NO_DELETIONS)


def foreign_client(scene: Scene) -> bytes:
    """An edit under a colleague's client id."""
    return live(block(scene.colleague, scene.colleague_clock, entry(root("meta"), "name", "x")) + NO_DELETIONS)


def future_delete(scene: Scene) -> bytes:
    """Six bytes that would delete a colleague's next edit in advance."""
    deletions = uint(1) + uint(scene.colleague) + uint(1) + uint(scene.colleague_clock) + uint(1)
    return live(uint(0) + deletions)


def unknown_reference(scene: Scene) -> bytes:
    """An item after one that does not exist."""
    item = bytes((ANY | HAS_ORIGIN | HAS_KEY,)) + uint(4242) + uint(7) + uint(1) + any_value("x")
    return live(block(scene.own, 0, item) + NO_DELETIONS)


def nested_type(scene: Scene) -> bytes:
    """A map that a client makes."""
    item = bytes((MAP | HAS_KEY,)) + root("overlays") + string("2") + uint(1)
    return live(block(scene.own, 0, item) + NO_DELETIONS)


def text_content(scene: Scene) -> bytes:
    """A kind of content that list documents do not have."""
    item = bytes((TEXT | HAS_KEY,)) + root("meta") + string("name") + string("x")
    return live(block(scene.own, 0, item) + NO_DELETIONS)


def right_origin(scene: Scene) -> bytes:
    """An item of a sequence, not of a map."""
    item = bytes((ANY | HAS_RIGHT_ORIGIN,)) + uint(4242) + uint(7) + uint(1) + any_value("x")
    return live(block(scene.own, 0, item) + NO_DELETIONS)


def unknown_root(scene: Scene) -> bytes:
    """A root that list documents do not have."""
    return live(block(scene.own, 0, entry(root("elsewhere"), "name", "x")) + NO_DELETIONS)


def forged_path(scene: Scene) -> bytes:
    """A key that looks like a path into a generation."""
    return live(block(scene.own, 0, entry(root("overlays"), f"1/r:{scene.target.rows[0]}", "x")) + NO_DELETIONS)


def skipped(scene: Scene) -> bytes:
    """A gap that calls itself one."""
    return live(block(scene.own, 0, bytes((SKIP,)) + uint(5)) + NO_DELETIONS)


def many_announced(_scene: Scene) -> bytes:
    """A few bytes that announce 3 x 10^8 clients."""
    return live(uint(300_000_000) + uint(1) + uint(1) + uint(0) + NO_DELETIONS)


def trailing(scene: Scene) -> bytes:
    """An honest edit with bytes after its end."""
    return live(scene.sender.make({scene.target.cell(0, "Note"): "x"}) + b"\x00")


def truncated(scene: Scene) -> bytes:
    """An honest edit without its last bytes."""
    return live(scene.sender.make({scene.target.cell(0, "Note"): "x"})[:-3])


def long_integer(_scene: Scene) -> bytes:
    """An integer that never ends."""
    return live(b"\xff" * 64)


def too_large(scene: Scene) -> bytes:
    """An edit above the limit of a frame."""
    return live(scene.sender.make({scene.target.cell(0, "Note"): "x" * FRAME_BYTES_MAX}))


def no_bytes(_scene: Scene) -> bytes:
    """Nothing."""
    return b""


def unknown_message(_scene: Scene) -> bytes:
    """A message type that does not exist."""
    return b"\x2a\x00"


def servers_message(_scene: Scene) -> bytes:
    """A control message, which only the server sends."""
    return uint(100) + string('{"type":"saved","frames":1}')


def unknown_sync(_scene: Scene) -> bytes:
    """A sync message that does not exist."""
    return b"\x00\x07\x00"


def broken_vector(_scene: Scene) -> bytes:
    """A state vector that announces more than follows."""
    return b"\x00\x00" + buffer(uint(90_000) + b"\x01")


def broken_presence(_scene: Scene) -> bytes:
    """A presence message that is cut off."""
    return b"\x01" + buffer(uint(1) + uint(7))


def text_frame(_scene: Scene) -> str:
    """A text frame."""
    return "hello"


HOSTILE: dict[Callable[[Scene], bytes | str], str] = {
    clock_gap: "clock_gap",
    foreign_client: "foreign_client",
    future_delete: "future_delete",
    unknown_reference: "unknown_reference",
    nested_type: "nested_type",
    text_content: "nested_type",
    right_origin: "nested_type",
    unknown_root: "malformed",
    forged_path: "malformed",
    skipped: "clock_gap",
    many_announced: "malformed",
    trailing: "malformed",
    truncated: "malformed",
    long_integer: "malformed",
    too_large: "too_large",
    no_bytes: "malformed",
    unknown_message: "malformed",
    servers_message: "malformed",
    unknown_sync: "malformed",
    broken_vector: "malformed",
    broken_presence: "malformed",
    text_frame: "malformed",
}
"""Each hostile frame, and the flaw that its close sentence names."""
