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
from queue import Empty, SimpleQueue
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
        threads: how many run at the same time at most; they are started when they are needed.
        name: how the threads' names begin.
        monotonic: a time in seconds that never goes back.
    """

    def __init__(self, threads: int, name: str, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        # A token for each question that waits: a queue of C is cheaper to wait at than a condition.
        self._tokens: SimpleQueue[None] = SimpleQueue()
        self._guard = threading.Lock()
        self._waiting: list[tuple[float, int, _Work]] = []
        self._numbers = count()
        self._expected: dict[object, float] = {}
        self._is_closed = False
        self._most = threads
        self._name = name
        self._threads: list[threading.Thread] = []
        self._idle = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See `concurrent.futures`."""
        work = _Work(partial(fn, *args, **kwargs))
        with self._guard:
            if self._is_closed:
                raise RuntimeError("the pool is closed")
            due = self._monotonic() + LATER * self._expected.get(work.kind, 0.0)
            heapq.heappush(self._waiting, (due, next(self._numbers), work))
            self._call_a_thread()
        self._tokens.put(None)
        return work.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as there
        """See `concurrent.futures`."""
        with self._guard:
            self._is_closed = True
            if cancel_futures:
                for _, _, work in self._waiting:
                    work.future.cancel()
        for _ in self._threads:
            self._tokens.put(None)
        if wait:
            for each in self._threads:
                each.join()

    def _call_a_thread(self) -> None:
        """Start a thread if all are at work: one that works alone is quicker than eight in turn."""
        if self._idle:
            self._idle -= 1
        elif len(self._threads) < self._most:
            name = f"{self._name}_{len(self._threads)}"
            self._threads.append(threading.Thread(target=self._run, name=name, daemon=True))
            self._threads[-1].start()

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
        """The next question; None: the pool is closed, and none is left."""
        try:
            self._tokens.get_nowait()
        except Empty:
            with self._guard:
                self._idle += 1
            self._tokens.get()
        with self._guard:
            return heapq.heappop(self._waiting)[2] if self._waiting else None

    def _learn(self, kind: object, seconds: float) -> None:
        """Note how long a question took. Threads that overwrite each other's note do no harm."""
        before = self._expected.get(kind, seconds)
        self._expected[kind] = before + WEIGHT * (seconds - before)


class _Work:
    """A question that waits for its thread."""

    def __init__(self, function: partial[Any]) -> None:
        self.function = function
        self.future: Future[Any] = Future()
        self.kind = _kind(function)


def _kind(function: partial[Any]) -> object:
    """What questions of one kind have in common: the code that asks them."""
    inner: Any = function
    while isinstance(inner, partial):
        inner = inner.func
    return getattr(inner, "__code__", inner)
