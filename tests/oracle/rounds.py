"""A round: the histories that belong to a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.oracle.histories import (
    CAPPED_HISTORIES,
    CLOCK_HISTORIES,
    HISTORIES,
    OPEN_HISTORIES,
    PAST_HISTORIES,
)
from tests.oracle.past import play_past
from tests.oracle.play import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.grounds import Ground
    from tests.oracle.histories import History


KindName = Literal["plain", "capped", "clocks", "open", "past"]

_OF = {
    "plain": HISTORIES,
    "capped": CAPPED_HISTORIES,
    "clocks": CLOCK_HISTORIES,
    "open": OPEN_HISTORIES,
    "past": PAST_HISTORIES,
}


def play_round(
    number: int,
    grounds: Callable[[], Ground],
    *,
    histories: int,
    kind: KindName = "plain",
) -> None:
    """Play so many histories of a seed, each on a ground that `grounds` gives.

    The same seed means the same histories, on each ground. What fails is made as small as can
    be and printed, as plain data that `play` takes. Of the kind `capped` are histories of
    lists that are shown in part to whoever has no account, of the kind `clocks` those in which the
    computer's clock jumps, of the kind `open` those of tags that are listed without a digest, whose
    registry is down at times, of the kind `past` those of lists that are old copies.

    Raises:
        AssertionError: something did not hold. Two different things come as an ExceptionGroup.
    """

    @seed(number)
    @settings(
        max_examples=histories,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),  # they are large on purpose
    )
    @given(history=_OF[kind])
    def played(history: History) -> None:
        (play_past if kind == "past" else play)(history, grounds())

    played()
