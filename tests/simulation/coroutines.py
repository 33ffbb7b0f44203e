"""Coroutines of the product in virtual time: what they wait for is an answer that the simulated world gives."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
Done = Callable[[Value | Exception], None]


class Answered(Generic[Value]):
    """What is awaited: `ask` is told whom to give the answer, a value or what is raised."""

    def __init__(self, ask: Callable[[Done[Value]], None]) -> None:
        self.ask = ask

    def __await__(self) -> Generator[Answered[Value], Value, Value]:
        return (yield self)


def drive(
    work: Coroutine[Answered[Any], Any, Value], done: Done[Value], guard: Callable[[Done[Any]], Done[Any]]
) -> None:
    """Run a coroutine to its end; `guard` makes of whoever takes an answer one that takes none once its node has died."""

    def go_on(answer: Any) -> None:
        try:
            waiting = work.throw(answer) if isinstance(answer, Exception) else work.send(answer)
        except StopIteration as end:
            done(end.value)
        except Exception as error:  # noqa: BLE001 - whatever it raised is its outcome, for `done` to judge
            done(error)
        else:
            waiting.ask(guard(go_on))

    go_on(None)
