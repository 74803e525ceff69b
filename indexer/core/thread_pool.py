"""Runs jobs in threads that never keep the program from ending.

The threads wait for registries in parallel, but Python computes in one thread at a time. When
several threads compute in turn, each waits for the lock and returns to a cold processor cache:
measured, that cost a crawl a third of its time. So long computations are handed to the one thread
that takes the results (`in_compute_thread`).
"""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Job = TypeVar("Job")
Result = TypeVar("Result")


class Idle(NamedTuple):
    """What a thread does once if it waits longer than so many `seconds` for an outcome."""

    act: Callable[[], None]
    seconds: float


def in_threads(
    jobs: Iterable[Job],
    work: Callable[[Job], Result],
    width: int,
    idle: Idle | None = None,
) -> Iterator[tuple[Job, Result | BaseException]]:
    """Run `work` on each job in at most `width` threads; yield each job with its outcome, as done.

    Jobs are drawn lazily in the calling thread, at most `2 * width` ahead of what was yielded, so
    memory stays bounded. Once the iterator is closed no more jobs are drawn. The threads are
    daemons: a hanging request ends with the process (concurrent.futures would wait for it).

    Args:
        jobs: what to do.
        work: how, in a thread.
        width: the most threads.
        idle: what the calling thread does when it waits for an outcome.
    """
    todo: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Job, Result | BaseException] | _Sum[Any]] = queue.SimpleQueue()
    desk = _Desk(done.put)

    def serve() -> None:
        _here.desk = desk
        while (job := todo.get()) is not None:
            try:
                done.put((job, work(job)))
            except BaseException as error:  # noqa: BLE001 - handed to the caller, who judges it
                done.put((job, error))

    started = in_flight = 0
    try:
        for job in jobs:
            if started < width:
                threading.Thread(target=serve, name=f"reader-{started}", daemon=True).start()
                started += 1
            todo.put(job)
            in_flight += 1
            if in_flight >= 2 * width:
                yield _outcome(done, idle)
                in_flight -= 1
        while in_flight:
            yield _outcome(done, idle)
            in_flight -= 1
    finally:
        desk.close()
        with contextlib.suppress(queue.Empty):
            while True:
                todo.get_nowait()
        for _ in range(started):
            todo.put(None)


def _outcome(done: queue.SimpleQueue[Result | _Sum[Any]], idle: Idle | None) -> Result:
    """The next outcome; while waiting for it, run the computations that threads handed over."""
    while True:
        try:
            item = done.get(timeout=idle.seconds if idle else None)
        except queue.Empty:
            assert idle is not None
            idle.act()
            idle = None
            continue
        if not isinstance(item, _Sum):
            return item
        item.do()


def in_compute_thread(work: Callable[[], Result]) -> Result:
    """Run a long computation in the thread that takes the results, or here if there is none."""
    desk: _Desk | None = getattr(_here, "desk", None)
    return work() if desk is None else desk.computed(work)


class _Sum(Generic[Result]):
    """A computation that another thread handed over and waits for."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        # An Event is made of Python, and waking a thread with it takes ten times as long.
        self._settled: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._outcome: tuple[Result | None, BaseException | None] | None = None

    def do(self) -> None:
        """Compute it. Exceptions go to the waiting thread, except those that must end this one."""
        try:
            self._outcome = self._work(), None
        except BaseException as error:
            self._outcome = None, error
            if not isinstance(error, Exception):
                raise
        finally:
            self._settled.put(None)

    def leave(self) -> None:
        """Tell the waiting thread to compute it itself."""
        self._settled.put(None)

    def result(self) -> Result:
        """Wait for the result."""
        self._settled.get()
        if self._outcome is None:
            return self._work()
        value, error = self._outcome
        if error is not None:
            raise error
        return value  # type: ignore[return-value] # no error: it is the result


class _Desk:
    """Takes computations from threads, as long as a thread takes results."""

    def __init__(self, put: Callable[[_Sum[Any]], None]) -> None:
        self._put = put
        self._lock = threading.Lock()
        self._waiting: set[_Sum[Any]] = set()
        self._is_closed = False

    def computed(self, work: Callable[[], Result]) -> Result:
        """Have it computed there; compute it here if no thread takes results any more."""
        given = _Sum(work)
        with self._lock:
            if self._is_closed:
                given.leave()
            else:
                self._waiting.add(given)
                self._put(given)
        try:
            return given.result()
        finally:
            self._waiting.discard(given)

    def close(self) -> None:
        """No thread takes results any more."""
        with self._lock:
            self._is_closed = True
        for given in [*self._waiting]:
            given.leave()


_here = threading.local()
