"""A worker that shares small crawls, and takes others for dead soon: run as a process by tests."""

from __future__ import annotations

from indexer import wiring
from indexer.cli.logs import set_up
from indexer.config import ServiceManager, load
from indexer.workers.service import Habits, Worker


def main() -> None:
    """Work until told to end."""
    set_up(as_json=True)
    settings = load()
    with wiring.opened(settings, create=True) as store:
        Worker(
            settings,
            store=store,
            clock=wiring.SystemClock(),
            manager=ServiceManager(),
            habits=Habits(least=12, size=4, beat=0.5, dead=2.5),
        ).run()


if __name__ == "__main__":
    main()
