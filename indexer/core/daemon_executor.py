"""An executor whose threads never keep the program from ending.

`concurrent.futures` waits for its threads at the end of the program, however long a registry takes.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from concurrent.futures import Executor, Future
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

Job = tuple[Future[T], "Callable[[], T]"]


class DaemonExecutor(Executor):
    """Runs work in daemon threads.

    Args:
        width: the most threads; further work waits.
        name: what the names of the threads begin with.
    """

    def __init__(self, width: int, name: str) -> None:
        self._width = width
        self._name = name
        self._started = 0
        self._lock = threading.Lock()
        self._todo: queue.SimpleQueue[Job[object] | None] = queue.SimpleQueue()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """See `Executor`."""
        future: Future[T] = Future()
        self._todo.put((future, partial(fn, *args, **kwargs)))  # type: ignore[arg-type] # its own future
        with self._lock:
            if self._started < self._width:
                name = f"{self._name}-{self._started}"
                threading.Thread(target=self._serve, name=name, daemon=True).start()
                self._started += 1
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as there
        """See `Executor`; it never waits."""
        del wait
        with contextlib.suppress(queue.Empty):
            while cancel_futures:
                job = self._todo.get_nowait()
                if job is not None:
                    job[0].cancel()
        for _ in range(self._started):
            self._todo.put(None)

    def _serve(self) -> None:
        while (job := self._todo.get()) is not None:
            future, work = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits for it
                future.set_exception(error)
            else:
                future.set_result(result)
