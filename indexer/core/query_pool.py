"""Threads that ask the index, in an order in which quick questions do not wait for slow ones.

In the order of their arrival, a hundred clients that ask for long lists (and then read them slowly,
or not at all) made a question of some milliseconds wait for a hundred of them. So each question is
due when it arrives, and later by a multiple of how long such questions took lately, as far as is
known when a thread is free: quick ones go before slow ones, and none waits for ever. Slow ones take
only some of the threads: Python computes in one thread at a time, and each that computes for long
makes a quick question wait for its turn.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Executor, Future
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LATER = 50.0
"""By how many times its usual duration a question may be put off: 5 seconds for one of 0.1."""

MOST_LATER = 5.0
"""By how many seconds at most: when there is too much to do, everything takes long."""

WEIGHT = 0.2
"""The share of the latest duration in what is expected."""

SLOW_SECONDS = 0.01
"""A question that is expected to compute for longer is slow."""

SLOW_SHARE = 4
"""One thread in so many answers slow questions at the same time as the others quick ones."""


class QueryPool(Executor):
    """Runs functions in threads, those first that are usually quick.

    Args:
        threads: how many run at the same time at most; they are started when they are needed.
        name: how the threads' names begin.
        monotonic: a time in seconds that never goes back.
        computed: for how many seconds this thread has computed.
    """

    def __init__(
        self,
        threads: int,
        name: str,
        monotonic: Callable[[], float],
        computed: Callable[[], float],
    ) -> None:
        self._monotonic = monotonic
        self._computed = computed
        # A token for each question that waits: a queue of C is cheaper to wait at than a condition.
        self._tokens: SimpleQueue[None] = SimpleQueue()
        self._guard = threading.Lock()
        self._waiting: dict[object, deque[_Work]] = {}
        self._expected: dict[object, tuple[float, float]] = {}
        """Of each kind: seconds, and for how many of them it computes."""
        self._is_closed = False
        self._most = threads
        self._most_slow = max(threads // SLOW_SHARE, 1)
        self._slow = 0
        self._put_off = 0
        """Questions without a token: slow ones that waited when enough of them ran."""
        self._name = name
        self._threads: list[threading.Thread] = []
        self._idle = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See `concurrent.futures`."""
        work = _Work(partial(fn, *args, **kwargs), self._monotonic())
        with self._guard:
            if self._is_closed:
                raise RuntimeError("the pool is closed")
            self._waiting.setdefault(work.kind, deque()).append(work)
            self._call_a_thread()
        self._tokens.put(None)
        return work.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as there
        """See `concurrent.futures`."""
        with self._guard:
            self._is_closed = True
            if cancel_futures:
                for works in self._waiting.values():
                    for work in works:
                        work.future.cancel()
            tokens, self._put_off = len(self._threads) + self._put_off, 0
        for _ in range(tokens):
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
        work = self._next()
        while work is not None:
            self._do(work)
            done, work = work, None  # it holds the answer
            work = self._put_off_before(done) or self._next()
            del done

    def _do(self, work: _Work) -> None:
        if not work.future.set_running_or_notify_cancel():
            return
        started, computed = self._monotonic(), self._computed()
        try:
            result = work.function()
        except BaseException as error:  # noqa: BLE001 - the future raises it for who asked
            work.future.set_exception(error)
        else:
            work.future.set_result(result)
        self._learn(work.kind, self._monotonic() - started, self._computed() - computed)

    def _next(self) -> _Work | None:
        """The next question; None: the pool is closed, and none is left."""
        while True:
            try:
                self._tokens.get_nowait()
            except Empty:
                with self._guard:
                    self._idle += 1
                self._tokens.get()
            with self._guard:
                work = self._take()
                if work is not None or self._is_closed:
                    return work
                self._put_off += 1

    def _put_off_before(self, done: _Work) -> _Work | None:
        """After a question: another one in place of one that was put off, if it may run now."""
        with self._guard:
            self._slow -= done.is_slow
            work = self._take() if self._put_off else None
            self._put_off -= work is not None
            return work

    def _take(self) -> _Work | None:
        """The question that is due first; None: there is none, or only slow ones, too many."""
        best, first_due = None, 0.0
        may_be_slow = self._slow < self._most_slow or self._is_closed
        for kind, works in self._waiting.items():
            seconds, computed = self._expected.get(kind, (0.0, 0.0))
            due = works[0].arrived + min(LATER * seconds, MOST_LATER)
            if (may_be_slow or computed <= SLOW_SECONDS) and (best is None or due < first_due):
                best, first_due = kind, due
        if best is None:
            return None
        works = self._waiting[best]
        work = works.popleft()
        if not works:
            del self._waiting[best]
        work.is_slow = self._expected.get(best, (0.0, 0.0))[1] > SLOW_SECONDS
        self._slow += work.is_slow
        return work

    def _learn(self, kind: object, seconds: float, computed: float) -> None:
        """Note how long a question took. Threads that overwrite each other's note do no harm.

        On a busy machine everything takes long; a slow question is one that computes for long.
        """
        before, computed_before = self._expected.get(kind, (seconds, computed))
        self._expected[kind] = (
            before + WEIGHT * (seconds - before),
            computed_before + WEIGHT * (computed - computed_before),
        )


class _Work:
    """A question that waits for its thread."""

    def __init__(self, function: partial[Any], arrived: float) -> None:
        self.function = function
        self.arrived = arrived
        self.future: Future[Any] = Future()
        self.kind = _kind(function)
        self.is_slow = False


def _kind(function: partial[Any]) -> object:
    """What questions of one kind have in common: the code that asks them, and how much they ask.

    A page of a thousand takes longer than one of ten: numbers count by their powers of two.
    """
    inner: Any = function
    sizes: list[int] = []
    while isinstance(inner, partial):
        sizes += (each.bit_length() for each in inner.args if type(each) is int)
        inner = inner.func
    return getattr(inner, "__code__", inner), *sizes
