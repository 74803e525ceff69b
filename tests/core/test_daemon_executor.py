from __future__ import annotations

import threading

import pytest

from indexer.core.daemon_executor import DaemonExecutor

PATIENCE_SECONDS = 30


def test_work_is_done_in_few_threads_that_keep_no_program_from_ending() -> None:
    executor = DaemonExecutor(2, "some")
    found = [executor.submit(threading.current_thread) for _ in range(9)]
    threads = {each.result(PATIENCE_SECONDS) for each in found}
    assert all(thread.daemon and thread.name.startswith("some-") for thread in threads)
    assert 1 <= len(threads) <= 2
    executor.shutdown()


def test_an_error_is_raised_where_the_result_is_waited_for() -> None:
    executor = DaemonExecutor(1, "some")
    with pytest.raises(ZeroDivisionError):
        executor.submit(divmod, 1, 0).result(PATIENCE_SECONDS)
    assert executor.submit(divmod, 7, 2).result(PATIENCE_SECONDS) == (3, 1)
    executor.shutdown()


def test_what_waits_at_the_end_is_cancelled_and_nobody_waits_for_what_runs() -> None:
    executor, begun, goes_on = DaemonExecutor(1, "some"), threading.Event(), threading.Event()

    def long() -> bool:
        begun.set()
        return goes_on.wait(PATIENCE_SECONDS)

    runs = executor.submit(long)
    assert begun.wait(PATIENCE_SECONDS)
    waits = executor.submit(long)
    executor.shutdown(cancel_futures=True)
    assert waits.cancelled()
    goes_on.set()
    assert runs.result(PATIENCE_SECONDS)
