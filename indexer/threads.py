"""Work in threads that never keeps a program from ending."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, TypeVar

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
    done: queue.SimpleQueue[tuple[Job, Result | BaseException]] = queue.SimpleQueue()

    def serve() -> None:
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
                yield done.get()
                in_flight -= 1
        while in_flight:
            yield done.get()
            in_flight -= 1
    finally:
        with contextlib.suppress(queue.Empty):
            while True:
                todo.get_nowait()
        for _ in range(started):
            todo.put(None)
