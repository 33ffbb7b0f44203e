"""The black box of a process: which list it was working on when it died, and of what.

Native code can crash the process or hold the interpreter for ever, where no `except` helps. So each piece of document work
is marked in a file in memory (a write, no system call) and limited by a timer of the kernel, which counts the process's own
processor time: a machine that sleeps or is busy ends nobody. The traces come from signal handlers that need no interpreter.

Invariants:
1. The loop and the one thread that opens lists have a slot each; an empty slot means no document work.
2. A death of a crash or of the timer leaves a trace; one by SIGKILL, a power cut or the system's memory leaves none, and blames no list.
3. The files belong to their process as long as it lives: it holds a lock on them.
"""

from __future__ import annotations

import ctypes
import faulthandler
import fcntl
import mmap
import re
import signal
import struct
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Protocol
from uuid import UUID

from persistence.contract import Committed, OpenedList
from realtime.core import events
from realtime.core.writes import ImportRows

SLOTS: Final = 2
SLOT_BYTES: Final = 128
ID_BYTES_MAX: Final = 64
BYTES_PER_SECOND_MIN: Final = 250_000
"""Honest document work is at least this fast, on slow machines too: a limit grows by a second for so many bytes."""
_HEAD: Final = struct.Struct("<QB")
_EMPTY: Final = bytes(SLOT_BYTES)
_LOOP, _OPENER = range(SLOTS)
_FATAL: Final = b"Fatal Python error"
_CURRENT: Final = re.compile(rb"^Current thread 0x([0-9a-f]+)", re.MULTILINE)
_TRACE_BYTES_MAX: Final = 16 * 1024
_SIGNAL_STACK_BYTES: Final = 64 * 1024

ITEM_BYTES: Final = 100
"""What an update, a write or an imported row counts at least, however small it is."""
KNOWN_IS_FASTER: Final = 4
"""What stands in the document is gone through at least so many times as fast as what has to be judged."""
_OF_THE_WHOLE: Final = (
    events.Received,  # a newcomer is sent everything; after an edit that was not foreseen the draft is made anew
    events.Requested,
    events.Answered,  # a lost race: the draft is made anew
    events.Fetched,
    events.Heard,
    events.Drained,  # a slow reader may lack everything
)


def stored_bytes(opened: OpenedList) -> int:
    """How much there is to take in where a list is opened."""
    return len(opened.state or b"") + sum(len(entry.update) + ITEM_BYTES for entry in opened.log)


def event_bytes(event: events.Event) -> int:
    """How much there is to take in where a room decides about an event."""
    match event:
        case events.Received(_, frame):
            return len(frame) + ITEM_BYTES
        case events.Requested():
            return ITEM_BYTES * sum(len(w.rows) if isinstance(w, ImportRows) else 1 for w in event.writes)
        case events.Fetched(entries) | events.Heard(_, _, entries):
            return sum(len(entry.update) + ITEM_BYTES for entry in entries)
        case _:
            return 0


class Burden:
    """About how much the decisions of a room may have to take in, one after another; known without looking at a document.

    That is the event, and what is not durable yet, which may be judged again. What can make a room encode its document, or make its
    draft anew from it, counts a quarter of the document besides.
    """

    def __init__(self) -> None:
        self._flight = self._gathered = 0

    def of(self, event: events.Event, document_bytes: int) -> int:
        """How many bytes of work the next decision has, about this event, in a document of that size."""
        if isinstance(event, events.Answered) and isinstance(event.result, Committed):
            self._flight, self._gathered = self._gathered, 0
        self._gathered += event_bytes(event)
        known = document_bytes // KNOWN_IS_FASTER if isinstance(event, _OF_THE_WHOLE) else 0
        return self._flight + self._gathered + known


class Recorder(Protocol):
    """What document work is done under."""

    def begin(self, list_id: str, work_bytes: int) -> None:
        """The event loop begins to work on a list's document, with so many bytes to take in."""

    def end(self) -> None:
        """It has done so."""

    def opening(self, list_id: str, work_bytes: int) -> AbstractContextManager[None]:
        """Build a document within, in the one thread that does."""


class Unrecorded:
    """No black box: for rooms that die with their test."""

    def begin(self, list_id: str, work_bytes: int) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""

    def opening(self, list_id: str, work_bytes: int) -> AbstractContextManager[None]:  # noqa: ARG002 - as the others
        """Nothing."""
        return nullcontext()


async def _never(_list_id: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Containment:
    """What document work is recorded by, and which lists are not opened (may raise `StoreUnavailable`)."""

    recorder: Recorder = field(default_factory=Unrecorded)
    quarantined: Callable[[str], Awaitable[bool]] = _never


UNCONTAINED: Final = Containment()


class BlackBox:
    """The black box of this process, in a folder. `seconds_max` of processor time is what small document work may take.

    It is made in the thread of the event loop, of which a process has one.
    """

    def __init__(self, folder: Path, name: UUID, seconds_max: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._seconds_max = seconds_max
        self._seconds = [0.0] * SLOTS  # what each slot's work may take
        self._setting = threading.Lock()
        self._signal_stack: ctypes.Array[ctypes.c_char] | None = None
        self._marks_path, self._trace_path = _paths(folder, name)
        self._file = self._marks_path.open("w+b")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._file.truncate(SLOTS * SLOT_BYTES)
        self._marks = mmap.mmap(self._file.fileno(), SLOTS * SLOT_BYTES)
        self._trace: IO[bytes] = self._trace_path.open("wb", buffering=0)
        self._loop_thread = threading.get_ident()
        faulthandler.enable(self._trace, all_threads=True)
        faulthandler.register(signal.SIGVTALRM, self._trace, all_threads=True, chain=True)

    def close(self) -> None:
        """The process ends in good order: there is nothing to remember."""
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        faulthandler.unregister(signal.SIGVTALRM)
        faulthandler.disable()
        self._marks.close()
        for path in (self._marks_path, self._trace_path):
            path.unlink(missing_ok=True)
        self._trace.close()
        self._file.close()

    def begin(self, list_id: str, work_bytes: int) -> None:
        """The event loop begins to work on a list's document, with so many bytes to take in."""
        name = list_id.encode()
        self._marks[: _HEAD.size + len(name)] = _HEAD.pack(self._loop_thread, len(name)) + name
        self._limit(_LOOP, self._seconds_max + work_bytes / BYTES_PER_SECOND_MIN)

    def end(self) -> None:
        """It has done so."""
        self._limit(_LOOP, 0.0)
        self._marks[8] = 0

    @contextmanager
    def opening(self, list_id: str, work_bytes: int) -> Iterator[None]:
        """Build a document in the one thread that does."""
        if self._signal_stack is None:
            self._signal_stack = _own_signal_stack()
        name, at = list_id.encode(), _OPENER * SLOT_BYTES
        self._marks[at : at + _HEAD.size + len(name)] = _HEAD.pack(threading.get_ident(), len(name)) + name
        self._limit(_OPENER, self._seconds_max + work_bytes / BYTES_PER_SECOND_MIN)
        try:
            yield
        finally:
            self._limit(_OPENER, 0.0)
            self._marks[at + 8] = 0

    def _limit(self, slot: int, seconds: float) -> None:
        """Give a slot's work so many seconds from now, 0 where it is done; the timer is one, so the longer of the two limits counts."""
        with self._setting:
            self._seconds[slot] = seconds
            signal.setitimer(signal.ITIMER_VIRTUAL, max(self._seconds))


@dataclass(frozen=True, slots=True)
class Death:
    """How a process died: of a crash or of the timer (`hung`), with the lists that may be the reason, and the trace."""

    name: UUID
    hung: bool
    suspects: tuple[str, ...]
    trace: str


def unread_deaths(folder: Path) -> Iterator[Death]:
    """The deaths of processes that left a trace in the folder; each is forgotten once the caller has gone on to the next.

    What processes that were ended from outside have left is cleared away.
    """
    for marks_path in sorted(folder.glob("*.marks")):
        name = UUID(marks_path.stem)
        trace_path = _paths(folder, name)[1]
        with marks_path.open("rb") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # it lives
            marks = held.read()
            trace = trace_path.read_bytes() if trace_path.exists() else b""
            if trace:
                yield _death(name, marks, trace)
                trace_path.rename(trace_path.with_suffix(".death"))  # for whoever looks into it
            marks_path.unlink(missing_ok=True)
            trace_path.unlink(missing_ok=True)


class _Stack(ctypes.Structure):
    """`stack_t` of sigaltstack(2)."""

    _fields_ = (
        [("place", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]
        if sys.platform == "linux"
        else [("place", ctypes.c_void_p), ("size", ctypes.c_size_t), ("flags", ctypes.c_int)]
    )


def _own_signal_stack() -> ctypes.Array[ctypes.c_char]:
    """Give this thread a stack for signal handlers, which lives as long as the answer: Python's own is for the main thread alone.

    Without it a thread that overflows its stack ends the process without a trace.
    """
    memory = ctypes.create_string_buffer(_SIGNAL_STACK_BYTES)
    stack = _Stack(place=ctypes.addressof(memory), flags=0, size=_SIGNAL_STACK_BYTES)
    failed = ctypes.CDLL(None).sigaltstack(ctypes.byref(stack), None)
    assert not failed, "sigaltstack takes a stack of this size"
    return memory


def _paths(folder: Path, name: UUID) -> tuple[Path, Path]:
    return folder / f"{name}.marks", folder / f"{name}.trace"


def _death(name: UUID, marks: bytes, trace: bytes) -> Death:
    worked_on = {}
    for at in range(0, len(marks), SLOT_BYTES):
        thread, length = _HEAD.unpack_from(marks, at)
        if length:
            worked_on[thread] = marks[at + _HEAD.size : at + _HEAD.size + length].decode(errors="replace")
    hung = _FATAL not in trace
    current = _CURRENT.search(trace)
    if not hung and current is not None:
        worked_on = {thread: listed for thread, listed in worked_on.items() if thread == int(current[1], 16)}
    suspects = tuple(dict.fromkeys(worked_on.values()))
    return Death(name, hung, suspects, trace[:_TRACE_BYTES_MAX].decode(errors="replace"))
