"""A transaction on a document, and what becomes of failures inside the native library."""

from __future__ import annotations

from types import TracebackType

from pycrdt import Doc, Map, Transaction


class DocumentBroken(Exception):
    """The native library failed in the middle of a change: the document must be built again from the log."""


class Change:
    """One transaction on a document, which may be entered again inside itself.

    Reads inside it see what it has changed so far, and cost a tenth of those that open a transaction of their own.
    """

    __slots__ = ("_depth", "_doc", "_transaction", "raw")

    def __init__(self, doc: Doc[Map[object]]) -> None:
        self._doc = doc
        self._depth = 0
        self._transaction: Transaction | None = None
        self.raw: object = None
        """What the native library takes to read by; `None` outside."""

    def __enter__(self) -> None:
        if self._depth == 0:
            self._transaction = self._doc.transaction()
            self.raw = self._transaction.__enter__()._txn  # noqa: SLF001 - the pinned version has no public reads by it
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        try:
            if self._depth == 0 and self._transaction is not None:
                self.raw = None
                self._transaction.__exit__(kind, error, trace)
        except BaseException as failed:  # at the end of a transaction, too, the native library may fail
            _raise_broken(failed)
            raise
        if error is not None:
            _raise_broken(error)


def _raise_broken(error: BaseException) -> None:
    """Whatever goes wrong inside pycrdt leaves the document half changed; a Rust panic is a `BaseException` of its own."""
    if isinstance(error, ValueError | RuntimeError) or type(error).__name__ == "PanicException":
        raise DocumentBroken from error
