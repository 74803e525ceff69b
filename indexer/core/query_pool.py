"""Threads that ask the index, in an order in which quick questions do not wait for slow ones.

In the order of their arrival, a hundred clients that ask for long lists (and then read them slowly,
or not at all) made a question of some milliseconds wait for a hundred of them. So each question is
due when it arrives, and later by a multiple of how long such questions took lately: quick ones go
before slow ones, and none waits for ever.
"""

from __future__ import annotations

import heapq
import threading
from concurrent.futures import Executor, Future
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LATER = 50.0
"""By how many times its usual duration a question may be put off: 5 seconds for one of 0.1."""

WEIGHT = 0.2
"""The share of the latest duration in what is expected."""


class QueryPool(Executor):
    """Runs functions in threads, those first that are usually quick.

    Args:
        threads: how many run at the same time.
        name: how the threads' names begin.
        monotonic: a time in seconds that never goes back.
    """

    def __init__(self, threads: int, name: str, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._guard = threading.Condition()
        self._waiting: list[tuple[float, int, _Work]] = []
        self._numbers = count()
        self._expected: dict[str, float] = {}
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}_{number}", daemon=True)
            for number in range(threads)
        ]
        for each in self._threads:
            each.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See `concurrent.futures`."""
        work = _Work(partial(fn, *args, **kwargs))
        with self._guard:
            if self._is_closed:
                raise RuntimeError("the pool is closed")
            due = self._monotonic() + LATER * self._expected.get(work.kind, 0.0)
            heapq.heappush(self._waiting, (due, next(self._numbers), work))
            self._guard.notify()
        return work.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as there
        """See `concurrent.futures`."""
        with self._guard:
            self._is_closed = True
            if cancel_futures:
                for _, _, work in self._waiting:
                    work.future.cancel()
            self._guard.notify_all()
        if wait:
            for each in self._threads:
                each.join()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            if not work.future.set_running_or_notify_cancel():
                continue
            started = self._monotonic()
            try:
                result = work.function()
            except BaseException as error:  # noqa: BLE001 - the future raises it for who asked
                work.future.set_exception(error)
            else:
                work.future.set_result(result)
            self._learn(work.kind, self._monotonic() - started)
            del work  # it holds the answer

    def _next(self) -> _Work | None:
        with self._guard:
            while not self._waiting:
                if self._is_closed:
                    return None
                self._guard.wait()
            return heapq.heappop(self._waiting)[2]

    def _learn(self, kind: str, seconds: float) -> None:
        with self._guard:
            before = self._expected.get(kind, seconds)
            self._expected[kind] = before + WEIGHT * (seconds - before)


class _Work:
    """A question that waits for its thread."""

    def __init__(self, function: partial[Any]) -> None:
        self.function = function
        self.future: Future[Any] = Future()
        self.kind = _kind(function)


def _kind(function: partial[Any]) -> str:
    """What questions of one kind have in common: the function that asks them."""
    inner: Any = function
    while isinstance(inner, partial):
        inner = inner.func
    return f"{inner.__module__}.{inner.__qualname__}"
