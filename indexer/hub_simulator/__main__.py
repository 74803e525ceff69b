"""A simulated Docker Hub in a process of its own: `python -m indexer.hub_simulator --help`."""

from __future__ import annotations

import argparse
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.hub_simulator import bulk_data
from indexer.hub_simulator.clock import WallClock
from indexer.hub_simulator.hub import Hub
from indexer.hub_simulator.library_data import library
from indexer.hub_simulator.populate import DAY_SECONDS, a_day_of_pushes, populate
from indexer.hub_simulator.quirks import AS_THE_HUB, OffsetBound
from indexer.hub_simulator.response_cache import CACHE_BYTES
from indexer.hub_simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import Sequence

MIB = 1024 * 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill the namespaces, print the address on the first line, serve until told to stop."""
    wanted = _parser().parse_args(arguments)
    hub = Hub(seed=wanted.seed, clock=WallClock())
    if wanted.library:
        library(hub)
    if wanted.team:
        hub.clock.advance(-DAY_SECONDS)  # the day passes when SIGUSR1 comes
        populate(hub)
        signal.signal(signal.SIGUSR1, lambda *_: _pass_a_day(hub))
    for namespace in () if wanted.team else wanted.namespaces:
        bulk_data.add_bulk(
            hub,
            namespace,
            repositories=wanted.repositories,
            tags=wanted.tags,
            platforms=wanted.platforms,
        )
    for number in (signal.SIGINT, signal.SIGTERM):
        # Shells make a process in the background ignore SIGINT; it has to stop all the same.
        signal.signal(number, signal.default_int_handler)
    simulator = Simulator(
        hub,
        rate_limit=replace(AS_THE_HUB, limit=wanted.rate_limit) if wanted.rate_limit else None,
        offset_bound=wanted.offset_bound,
        port=wanted.port,
        cache_bytes=wanted.cache_mib * MIB,
    )
    with simulator:
        try:
            if wanted.prepare and not wanted.team:
                for namespace in wanted.namespaces:
                    simulator.prepare(bulk_data.targets(hub, namespace))
            sys.stdout.write(f"{simulator.url}\n")
            sys.stdout.flush()
            while True:
                signal.pause()
        except KeyboardInterrupt:
            return 0


def _pass_a_day(hub: Hub) -> None:
    """Let the day of the demo pass; there is only one."""
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    a_day_of_pushes(hub)
    sys.stdout.write("A day has passed: people released, retagged, rebuilt and deleted.\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m indexer.hub_simulator", description=main.__doc__
    )
    parser.add_argument(
        "--library", action="store_true", help="add 'library', with its size of 2026"
    )
    parser.add_argument(
        "--team",
        action="store_true",
        help="hold 'acme' and 'tinkers', as in 'indexer demo', instead of --namespaces; SIGUSR1 "
        "lets a day of pushes pass",
    )
    parser.add_argument(
        "--rate-limit",
        type=int,
        default=AS_THE_HUB.limit,
        help="requests a minute, by default as on the Hub; 0: no limit",
    )
    parser.add_argument(
        "--offset-bound",
        type=_offset_bound,
        default=OffsetBound(),
        metavar="REPOSITORIES[,TAGS]",
        help="from which offset on anonymous clients are refused pages of repositories and of "
        "tags (one number: of both), by default as on the Hub; 0 or none: nowhere",
    )
    parser.add_argument(
        "--no-offset-bound",
        dest="offset_bound",
        action="store_const",
        const=None,
        help="let anonymous clients page to the end, as before August 2026",
    )
    parser.add_argument("--namespaces", nargs="+", default=["bench"], metavar="NAME")
    parser.add_argument("--repositories", type=int, default=100, help="in each namespace")
    parser.add_argument("--tags", type=int, default=100, help="in each repository")
    parser.add_argument("--platforms", type=int, default=8, help="of each tag")
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free port")
    parser.add_argument("--seed", type=int, default=0, help="of the digests")
    parser.add_argument(
        "--prepare", action="store_true", help="make all pages of 100 before printing the address"
    )
    parser.add_argument(
        "--cache-mib", type=int, default=CACHE_BYTES // MIB, help="for prepared pages"
    )
    return parser


def _offset_bound(text: str) -> OffsetBound:
    """Read `100,1000`, `50`, `none,500` or `0`.

    Raises:
        ValueError: it is none of these; argparse says so.
    """
    first, comma, second = text.partition(",")
    texts = (first, second if comma else first)
    repositories, tags = (None if each == "none" else int(each) or None for each in texts)
    if min(repositories or 0, tags or 0) < 0:
        raise ValueError(text)
    return OffsetBound(repositories, tags)


if __name__ == "__main__":
    sys.exit(main())
