"""Threads wait for the network, one thread computes, and no thread waits for ever."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from indexer.core.thread_pool import Idle, in_compute_thread, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 30
"""Within which everything has happened that ever will."""


def where() -> threading.Thread:
    return threading.current_thread()


def results(work: Callable[[int], object], jobs: int = 20, width: int = 3) -> dict[int, object]:
    return dict(in_threads(range(jobs), work, width))


def test_every_job_has_its_outcome_be_it_an_error() -> None:
    def work(job: int) -> int:
        if job % 3 == 0:
            raise ValueError(job)
        return job * job

    found = results(work)
    assert found.keys() == set(range(20))
    for job, outcome in found.items():
        if job % 3 == 0:
            assert isinstance(outcome, ValueError)
            assert outcome.args == (job,)
        else:
            assert outcome == job * job


def test_jobs_are_done_elsewhere_and_what_is_to_be_computed_is_computed_here() -> None:
    assert where() not in results(lambda _: where()).values()
    assert set(results(lambda _: in_compute_thread(where)).values()) == {where()}


def test_what_a_computation_raises_is_raised_where_it_was_asked_for() -> None:
    def work(job: int) -> object:
        try:
            return in_compute_thread(lambda: job // 0)
        except ZeroDivisionError:
            return where()

    assert where() not in results(work).values()


def test_without_anybody_who_takes_results_it_is_computed_where_it_is_asked_for() -> None:
    assert in_compute_thread(where) is where()


def test_threads_within_threads_leave_their_sums_to_whoever_started_them() -> None:
    def work(_: int) -> object:
        own = where()
        return all(
            outcome is own for _, outcome in in_threads("ab", lambda _: in_compute_thread(where), 2)
        )

    assert set(results(work).values()) == {True}


def test_a_waiting_thread_computes_itself_once_no_one_takes_results() -> None:
    begun, left, computing = threading.Semaphore(0), threading.Event(), []

    def work(job: int) -> int:
        if job:
            begun.release()
            assert left.wait(SECONDS)
            computing.append(in_compute_thread(where))
            finished.release()
        return job

    finished = threading.Semaphore(0)
    outcomes = in_threads(range(3), work, 3)
    assert next(outcomes) == (0, 0)
    for _ in range(2):
        assert begun.acquire(timeout=SECONDS)
    outcomes.close()  # type: ignore[attr-defined] # it is a generator
    left.set()
    for _ in range(2):
        assert finished.acquire(timeout=SECONDS)
    assert len(computing) == 2
    assert where() not in computing


def test_a_sum_that_was_left_when_the_results_were_given_up_is_computed_all_the_same() -> None:
    asked, finished = threading.Semaphore(0), threading.Semaphore(0)

    def work(job: int) -> int:
        if job:
            asked.release()
            in_compute_thread(lambda: job)  # nobody takes it: the results are taken no further
            finished.release()
        return job

    outcomes = in_threads(range(3), work, 3)
    while next(outcomes) != (0, 0):
        pass
    for _ in range(2):
        assert asked.acquire(timeout=SECONDS)
    outcomes.close()  # type: ignore[attr-defined] # it is a generator
    for _ in range(2):
        assert finished.acquire(timeout=SECONDS)


def test_ctrl_c_within_a_sum_ends_the_thread_that_computes_and_lets_the_other_one_go() -> None:
    told = threading.Event()

    def interrupted() -> None:
        raise KeyboardInterrupt

    def work(_: int) -> None:
        try:
            in_compute_thread(interrupted)
        finally:
            told.set()

    with pytest.raises(KeyboardInterrupt):
        results(work, jobs=1)
    assert told.wait(SECONDS)


def test_who_waits_for_an_outcome_does_something_useful_once() -> None:
    acted: list[threading.Thread] = []
    go = threading.Event()

    def act() -> None:
        acted.append(where())
        go.set()

    def work(job: int) -> int:
        assert go.wait(SECONDS)
        return job

    outcomes = in_threads(range(3), work, 3, idle=Idle(act, 0.0))
    assert {next(outcomes)[0] for _ in range(3)} == {0, 1, 2}
    assert acted[0] is where()
    assert 1 <= len(acted) <= 3
