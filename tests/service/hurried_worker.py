"""A worker that shares small crawls, and takes others for dead soon: run as a process by tests."""

from __future__ import annotations

from indexer.bootstrap import index_and_sources
from indexer.cli.logging_setup import set_up
from indexer.config import ServiceManager, load
from indexer.service.worker import Worker, WorkerOptions


def main() -> None:
    """Work until told to end."""
    set_up(as_json=True)
    settings = load()
    with index_and_sources.opened(settings, create=True) as store:
        Worker(
            settings,
            store=store,
            clock=index_and_sources.SystemClock(),
            manager=ServiceManager(),
            options=WorkerOptions(least=12, size=4, beat=0.5, dead=2.5),
        ).run()


if __name__ == "__main__":
    main()
