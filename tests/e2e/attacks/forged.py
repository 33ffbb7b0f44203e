"""Updates that write, delete or wait under names that are not the sender's (Yjs update v1, byte by byte)."""

from collections.abc import Callable

from realtime.core.codec import any_value, uint
from tests.e2e.hostile import (
    ANY,
    HAS_KEY,
    HAS_ORIGIN,
    HAS_RIGHT_ORIGIN,
    NO_DELETIONS,
    SKIP,
    Scene,
    block,
    entry,
    live,
    root,
)

GC = 0
CLOCK_END = 2**31


def after(origin: tuple[int, int], value: str = "x", right: tuple[int, int] | None = None) -> bytes:
    """An item that follows another one."""
    flags = ANY | HAS_ORIGIN | (0 if right is None else HAS_RIGHT_ORIGIN) | HAS_KEY
    ids = b"".join(uint(part) for part in (*origin, *(right or ())))
    return bytes((flags,)) + ids + uint(1) + any_value(value)


def below(parent: tuple[int, int], key: str) -> bytes:
    """The first item of a key in the map that another item made."""
    return entry(uint(0) + uint(parent[0]) + uint(parent[1]), key, "x")


def named(value: str = "x") -> bytes:
    """The list's name."""
    return entry(root("meta"), "name", value)


def deleting(client: int, *ranges: tuple[int, int]) -> bytes:
    """An update that only deletes."""
    return live(uint(0) + uint(1) + uint(client) + deleted_ranges(*ranges))


def deleted_ranges(*ranges: tuple[int, int]) -> bytes:
    """The ranges of one client in a delete set."""
    return uint(len(ranges)) + b"".join(uint(clock) + uint(length) for clock, length in ranges)


def writing(client: int, clock: int, *structs: bytes) -> bytes:
    """An update of one client's structs."""
    return live(block(client, clock, *structs) + NO_DELETIONS)


def two_blocks(client: int, other: int) -> bytes:
    """An update in which two blocks of structs follow each other."""
    one = uint(1) + uint(client) + uint(0) + named("first")
    another = uint(1) + uint(other) + uint(1) + named("second")
    return live(uint(2) + one + another + NO_DELETIONS)


FORGED: dict[str, tuple[Callable[[Scene], bytes], str]] = {
    "a colleague's next clock": (lambda s: writing(s.colleague, s.colleague_clock, named()), "foreign_client"),
    "the server's client id": (lambda _: writing(1, 10_000, named()), "foreign_client"),
    "a client id that the server will use": (lambda _: writing(2, 0, named()), "foreign_client"),
    "the last client id of the server": (lambda _: writing(1023, 0, named()), "foreign_client"),
    "the client id 0": (lambda _: writing(0, 0, named()), "foreign_client"),
    "burn a colleague's clocks": (
        lambda s: writing(s.colleague, s.colleague_clock, bytes((GC,)) + uint(1_000)),
        "foreign_client",
    ),
    "burn the own clocks": (lambda s: writing(s.own, 0, bytes((GC,)) + uint(CLOCK_END - 1)), "too_large"),
    "delete a colleague's next edit": (lambda s: deleting(s.colleague, (s.colleague_clock, 1)), "future_delete"),
    "delete past a colleague's last edit": (
        lambda s: deleting(s.colleague, (0, s.colleague_clock + 1)),
        "future_delete",
    ),
    "delete the own next edit": (lambda s: deleting(s.own, (0, 1)), "future_delete"),
    "delete everything of a colleague": (lambda s: deleting(s.colleague, (0, CLOCK_END - 1)), "future_delete"),
    "delete everything up to 2^31": (lambda s: deleting(s.colleague, (0, CLOCK_END)), "malformed"),
    "delete everything of the server": (lambda _: deleting(1, (0, CLOCK_END - 1)), "future_delete"),
    "delete for a client that nobody knows": (lambda _: deleting(4242, (0, 1)), "future_delete"),
    "wait for a colleague's next edit as origin": (
        lambda s: writing(s.own, 0, after((s.colleague, s.colleague_clock))),
        "unknown_reference",
    ),
    "wait for a colleague's edit far ahead": (
        lambda s: writing(s.own, 0, after((s.colleague, CLOCK_END - 1))),
        "unknown_reference",
    ),
    "wait for a colleague's next edit as parent": (
        lambda s: writing(s.own, 0, below((s.colleague, s.colleague_clock), f"c:{s.target.rows[0]}:x")),
        "unknown_reference",
    ),
    "wait behind an honest struct": (
        lambda s: writing(s.own, 0, named(), after((s.colleague, s.colleague_clock))),
        "unknown_reference",
    ),
    "an item after itself": (lambda s: writing(s.own, 0, after((s.own, 0))), "unknown_reference"),
    "items in a circle": (
        lambda s: writing(s.own, 0, after((s.own, 1)), after((s.own, 0))),
        "unknown_reference",
    ),
    "a map inside itself": (lambda s: writing(s.own, 0, below((s.own, 0), "c:x:y")), "unknown_reference"),
    "a right origin beside an origin": (
        lambda s: writing(s.own, 0, after((s.colleague, 0), right=(s.colleague, 0))),
        "nested_type",
    ),
    "a gap of clocks": (lambda s: writing(s.own, 1, named()), "clock_gap"),
    "a gap up to the end of clocks": (lambda s: writing(s.own, CLOCK_END - 2, named()), "clock_gap"),
    "a skip": (lambda s: writing(s.own, 0, bytes((SKIP,)) + uint(5), named()), "clock_gap"),
    "a skip with a colleague's id": (
        lambda s: writing(s.colleague, s.colleague_clock, bytes((SKIP,)) + uint(1)),
        "clock_gap",
    ),
    "two blocks of one client": (lambda s: two_blocks(s.own, s.own), "malformed"),
    "two blocks of deletions of one client": (
        lambda s: live(
            uint(0) + uint(2) + 2 * (uint(s.colleague) + deleted_ranges((0, 1))),
        ),
        "malformed",
    ),
    "deletions that overlap": (lambda s: deleting(s.colleague, (0, 1), (0, 1)), "malformed"),
    "deletions that are not sorted": (lambda s: deleting(s.colleague, (1, 1), (0, 1)), "malformed"),
    "a deletion of nothing": (lambda s: deleting(s.colleague, (0, 0)), "malformed"),
    "a client id of 2^53": (lambda _: live(uint(1) + uint(1) + uint(2**53) + uint(0) + named() + b"\0"), "malformed"),
    "a client id that aliases to a colleague's": (
        lambda s: live(uint(1) + uint(1) + uint(2**53 + s.colleague) + uint(s.colleague_clock) + named() + b"\0"),
        "malformed",
    ),
    "a clock of 2^31": (lambda s: writing(s.own, CLOCK_END, named()), "malformed"),
    "a clock of 2^32": (lambda s: writing(s.own, 2**32, named()), "malformed"),
    "a clock that wraps to a colleague's": (
        lambda s: writing(s.colleague, 2**32 + s.colleague_clock, named()),
        "malformed",
    ),
    "an origin's clock of 2^32": (lambda s: writing(s.own, 0, after((s.colleague, 2**32))), "malformed"),
    "a root that list documents do not have": (
        lambda s: writing(s.own, 0, entry(root("elsewhere"), "name", "x")),
        "malformed",
    ),
    "forty thousand roots": (
        lambda s: writing(s.own, 0, *(entry(root(f"{n}"), "", "") for n in range(40_000))),
        "malformed",
    ),
    "more structs than one frame may bring": (
        lambda s: writing(s.own, 0, *(entry(root(f"{n}"), "", "") for n in range(80_000))),
        "too_large",
    ),
    "a root called __proto__": (lambda s: writing(s.own, 0, entry(root("__proto__"), "name", "x")), "malformed"),
    "a key called __proto__": (lambda s: writing(s.own, 0, entry(root("meta"), "__proto__", "x")), "malformed"),
    "a key with a NUL": (lambda s: writing(s.own, 0, entry(root("comments"), "comment\0001", "x")), "malformed"),
    "a generation of the own": (lambda s: writing(s.own, 0, entry(root("overlays"), "2", "x")), "nested_type"),
    "a segment": (lambda s: writing(s.own, 0, entry(root("segments"), "segment-0001", "x")), "nested_type"),
    "one key from very many clients": (
        lambda _: live(
            uint(30_000)
            + b"".join(uint(1) + uint(2_000_000 + n) + uint(0) + named() for n in range(30_000))
            + NO_DELETIONS
        ),
        "too_large",
    ),
    "very many siblings on one key": (lambda s: writing(s.own, 0, *[named("")] * 40_000), "too_large"),
}
"""Each hostile update, by what it tries, and the flaw that its close sentence names."""
