"""Work in threads that never keeps a program from ending.

Threads wait for registries side by side; Python computes in one of them at a time, whatever they
do. Where two compute in turn, each waits for the other, and finds on its return that what it had
at hand is in another processor's cache: that cost a crawl a third of its time. So what takes long
to compute is done by the one thread that takes the results, and handed back (`in_compute_thread`).
"""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_threads(
    jobs: Iterable[Job], work: Callable[[Job], Result], width: int
) -> Iterator[tuple[Job, Result | BaseException]]:
    """Do `work` on each job in at most `width` threads; yield each job with its outcome, as done.

    Jobs are drawn lazily in the calling thread, at most `2 * width` ahead of what was yielded, so
    memory stays bounded. Closing the iterator draws no more jobs. The threads are daemons: after
    Ctrl-C a request that hangs is abandoned with the process (concurrent.futures would wait).
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
                yield _outcome(done)
                in_flight -= 1
        while in_flight:
            yield _outcome(done)
            in_flight -= 1
    finally:
        desk.close()
        with contextlib.suppress(queue.Empty):
            while True:
                todo.get_nowait()
        for _ in range(started):
            todo.put(None)


def _outcome(done: queue.SimpleQueue[Result | _Sum[Any]]) -> Result:
    """The next one; until it comes, what threads want to have computed."""
    while isinstance(item := done.get(), _Sum):
        item.do()
    return item


def in_compute_thread(work: Callable[[], Result]) -> Result:
    """Do what takes long to compute: in the thread that takes the results, where there is one."""
    desk: _Desk | None = getattr(_here, "desk", None)
    return work() if desk is None else desk.computed(work)


class _Sum(Generic[Result]):
    """Something to compute for another thread, which waits for it."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._settled = threading.Event()
        self._outcome: tuple[Result | None, BaseException | None] | None = None

    def do(self) -> None:
        """Compute it. What is raised is the other thread's, but for what is to end this one."""
        try:
            self._outcome = self._work(), None
        except BaseException as error:
            self._outcome = None, error
            if not isinstance(error, Exception):
                raise
        finally:
            self._settled.set()

    def leave(self) -> None:
        """Let whoever waits for it compute it."""
        self._settled.set()

    def result(self) -> Result:
        """Wait for what came of it."""
        self._settled.wait()
        if self._outcome is None:
            return self._work()
        value, error = self._outcome
        if error is not None:
            raise error
        return value  # type: ignore[return-value] # without an error it is what came of it


class _Desk:
    """Where threads leave what is to be computed, as long as anybody is there."""

    def __init__(self, put: Callable[[_Sum[Any]], None]) -> None:
        self._put = put
        self._lock = threading.Lock()
        self._waiting: set[_Sum[Any]] = set()
        self._is_closed = False

    def computed(self, work: Callable[[], Result]) -> Result:
        """Have it computed; compute it oneself where nobody is there any more."""
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
        """Nobody takes results any more."""
        with self._lock:
            self._is_closed = True
        for given in [*self._waiting]:
            given.leave()


_here = threading.local()
