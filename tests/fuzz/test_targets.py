"""Each reader of strangers' text ends with a result or a refusal, whatever it is given.

The samples of `corpus/` are read as they are, and in some mutants: a few here, many at night, and
as many as there is time for in `make fuzz`, which adds what it finds to the corpus.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import targets
from tests.fuzz.mutants import inputs
from tests.fuzz.targets import CORPUS, TARGETS
from tests.support.selection import examples

if TYPE_CHECKING:
    from tests.fuzz.targets import Target

SOME = settings(
    max_examples=examples(25, at_night=3_000),
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
)


def ends(target: Target, body: bytes) -> None:
    """Whether it is read or refused; any other exception goes on."""
    with contextlib.suppress(*target.refusals):
        target.read(body)


def test_each_target_has_samples_and_each_sample_a_target() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} == set(TARGETS)
    assert all(list(targets.corpus(name)) for name in TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_the_first_sample_is_accepted(name: str) -> None:
    """A target that refuses everything would prove nothing."""
    TARGETS[name].read(next(targets.corpus(name)))


@pytest.mark.parametrize("name", TARGETS)
def test_every_sample_is_read_or_refused(name: str) -> None:
    for body in targets.corpus(name):
        ends(TARGETS[name], body)


@pytest.mark.parametrize("name", TARGETS)
@SOME
@given(data=st.data())
def test_mutants_are_read_or_refused(name: str, data: st.DataObject) -> None:
    ends(TARGETS[name], data.draw(inputs(name)))
