"""A hint wakes the daemon; waiting is another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.service.hint_watch import HintWatch
from indexer.store.coordination.hint_signal import HintSignal

if TYPE_CHECKING:
    from collections.abc import Callable


class Scripted(HintSignal):
    """Says what it is told to; at the end of its script it calls `end`."""

    def __init__(self, *says: bool | Exception, end: Callable[[], None] = lambda: None) -> None:
        self.says = list(says)
        self.end = end
        self.closed = 0

    def arrived(self) -> bool:
        """See `HintSignal`."""
        if not self.says:
            self.end()
            return True
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    def close(self) -> None:
        """See `HintSignal`."""
        self.closed += 1


def test_the_daemon_is_woken_for_each_hint_until_it_stops() -> None:
    signal, woken = Scripted(True, False, True), []
    watch = HintWatch(signal, lambda: woken.append(1))
    signal.end = watch.stop
    watch.run()
    assert (len(woken), signal.closed) == (2, 1)


def test_what_cannot_wait_ends_and_is_closed() -> None:
    signal, woken = Scripted(True, RuntimeError("no more")), []
    HintWatch(signal, lambda: woken.append(1)).run()
    assert (len(woken), signal.closed) == (1, 1)
