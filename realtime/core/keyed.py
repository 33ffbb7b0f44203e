"""A document of flat maps of JSON values in generations: pycrdt's, by paths (`realtime.core.keys`).

Only sound updates of this server's gate or log reach `apply`: pycrdt must never see anybody else's bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from weakref import finalize

from pycrdt import Doc, Map

from persistence.contract import Json
from realtime.core import keys
from realtime.core.bare import filled
from realtime.core.change import Change
from realtime.core.soundness import ABSENT, Absent, Outcome


def unknown(name: str) -> bytes:
    """The bytes of a segment that is bare in a document for which nobody has them."""
    raise KeyError(name)


class KeyedDocument:
    """One replica of a list's document, key by key.

    `client_id` is the id that this replica writes under: the list's epoch (docs/SPEC.md, LOG rules). `segment_of` knows the bytes of
    segments that it holds bare (`realtime.core.bare`).
    """

    def __init__(self, client_id: int, segment_of: Callable[[str], bytes] = unknown) -> None:
        self._segment_of = segment_of
        self._doc: Doc[Map[object]] = Doc(client_id=client_id, allow_multithreading=True)
        self._emitted: list[bytes] = []
        self.change = Change(self._doc)
        """A transaction for several reads and writes at once; `take` gives what it emitted."""
        emitted = self._emitted
        subscription = self._doc.observe(lambda event: emitted.append(event.update))
        # An observed document of pycrdt holds itself through its observer, where no garbage collector sees it.
        finalize(self, self._doc.unobserve, subscription).atexit = False
        self._roots: dict[str, Map[object]] = {name: self._doc.get(name, type=Map) for name in keys.ROOTS}
        self._generations: dict[int, Map[object]] = {}  # newest first
        self._newest = 0
        self._places = self._roots

    # Whole documents

    def apply(self, updates: Iterable[bytes]) -> bytes | None:
        """Apply sound updates in log order, in one transaction; returns the one update that it emitted."""
        with self.change:
            for update in updates:
                self._doc.apply_update(update)
        return self.take()

    def write(
        self, payload: bytes | None, values: Mapping[str, Outcome | bytes], insisted: dict[str, Outcome] | None = None
    ) -> None:
        """Apply a sound update and set or delete keys, in one transaction.

        What is `insisted` on is set only where the update alone did not bring it about; what did not have to be
        set is taken out of it.
        """
        with self.change:
            if payload is not None:
                self._doc.apply_update(payload)
            for path, value in list((insisted or {}).items()):
                if self.read(path) != value:
                    self._put(path, value)
                elif insisted is not None:
                    del insisted[path]
            for path, written in values.items():
                self._put(path, written)

    def open_generation(self, generation: int, values: Mapping[str, Outcome | bytes]) -> bytes | None:
        """Make the nested map of a new generation and set keys of the flat roots; returns the emitted update."""
        with self.change:
            self._roots[keys.OVERLAYS][str(generation)] = Map()
            for path, value in values.items():
                self._put(path, value)
        self._find_generations()
        return self.take()

    def refit(self, segments: Mapping[str, bytes], superseded: Iterable[str]) -> bytes | None:
        """Put segments in the place of others; returns the emitted update."""
        with self.change:
            for segment, payload in segments.items():
                self._roots[keys.SEGMENTS][segment] = payload
            for segment in superseded:
                del self._roots[keys.SEGMENTS][segment]
        return self.take()

    def clear(self, generation: int, names: Iterable[str]) -> bytes | None:
        """Delete keys of a generation; returns the emitted update."""
        held = self._generations[generation]
        with self.change:
            for name in names:
                if name in held:
                    del held[name]
        return self.take()

    def drop_generations(self, upto: int, values: Mapping[str, Outcome]) -> bytes | None:
        """Delete the generations up to this one and set keys of the others; returns the emitted update."""
        with self.change:
            for path, value in values.items():
                self._put(path, value)
            for number in self.generations():
                if number <= upto:
                    del self._roots[keys.OVERLAYS][str(number)]
        return self.take()

    def difference(self, state_vector: bytes | None = None) -> bytes:
        """Everything that a replica with this state vector lacks, as one update."""
        return self._doc.get_update(state_vector) if state_vector else self._doc.get_update()

    def whole(self) -> bytes:
        """Everything, with the bytes of all segments."""
        return filled(self.difference(), self.segment)

    def state_vector(self) -> bytes:
        """The encoded state vector."""
        return self._doc.get_state()

    def take(self) -> bytes | None:
        """The one update that the last transaction emitted; `None` if it changed nothing."""
        if not self._emitted:
            return None
        assert len(self._emitted) == 1, "one transaction emits one update"
        return self._emitted.pop()

    # Keys

    def read(self, path: str) -> Outcome:
        """The value at a path, or `ABSENT`. Raises `KeyError` where its generation is not there."""
        return self._held(*self._place(path))

    def read_all(self, paths: Iterable[str]) -> dict[str, Outcome]:
        """The values at many paths."""
        with self.change:
            return {path: self._held(*self._place(path)) for path in paths}

    def _held(self, held: Map[object], name: str) -> Outcome:
        raw = self.change.raw
        if raw is None:
            with self.change:
                return self._held(held, name)
        try:
            return plain(held.integrated.get(raw, name))
        except ValueError:  # the native library's word for a key that is not there
            return ABSENT

    def _place(self, path: str) -> tuple[Map[object], str]:
        place, _, name = path.rpartition("/")  # no name holds a slash
        return self._places[place], name

    def _put(self, path: str, value: Outcome | bytes) -> None:
        held, name = self._place(path)
        if not isinstance(value, Absent):
            held[name] = value
        elif name in held:
            del held[name]

    def entries(self, root: str) -> dict[str, Json]:
        """All keys of a flat root with their values."""
        return {name: plain(value) for name, value in self._roots[root].items()}

    def held(self, root: str) -> object:
        """All that stands under a root, nested maps and segments included."""
        return self._roots[root].to_py()

    def segments(self) -> frozenset[str]:
        """The ids of the segments."""
        return frozenset(self._roots[keys.SEGMENTS].keys())

    def segment(self, name: str) -> bytes:
        """The bytes of a segment."""
        payload = self._roots[keys.SEGMENTS][name]
        assert isinstance(payload, bytes | bytearray), "a segment is binary"
        return bytes(payload) or self._segment_of(name)

    def newest_generation(self) -> int:
        """The generation that clients write into."""
        return self._newest

    def generations(self) -> list[int]:
        """The numbers of the generations, newest first."""
        return list(self._generations)

    def keys_of(self, generation: int) -> Sequence[str]:
        """The keys of a generation."""
        return list(self._generations[generation].keys())

    def look_below(self, generation: int) -> None:
        """Read from now on as if there were no newer generations than this one."""
        self._hold({number: held for number, held in self._generations.items() if number <= generation})

    def _find_generations(self) -> None:
        generations: dict[int, Map[object]] = {}
        overlays = self._roots[keys.OVERLAYS]
        for number in sorted(map(int, overlays.keys()), reverse=True):
            held = overlays[str(number)]
            assert isinstance(held, Map), "a generation is a nested map"
            generations[number] = held
        self._hold(generations)

    def _hold(self, generations: dict[int, Map[object]]) -> None:
        self._generations, self._newest = generations, max(generations, default=0)
        self._places = self._roots | {f"{keys.OVERLAYS}/{number}": held for number, held in generations.items()}


def plain(value: object) -> Json:
    """A JSON value as the rest of the program holds it: pycrdt's whole floats become integers."""
    if isinstance(value, str):  # nearly every one
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    assert value is None or isinstance(value, float | bool | int), "list documents hold JSON"
    return value
