"""Play new histories until the time is over: `python -m tests.oracle.soak --seconds 3600`.

A history that fails is made as small as can be and printed, with the seed that makes it again:
`python -m tests.oracle.soak --seed 17 --rounds 1`.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
import traceback
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.store import open_store
from tests.databases import postgresql_url
from tests.oracle.rounds import play_round

ROUND = 50
"""Histories that belong to one seed, on one database."""


def main(arguments: list[str] | None = None) -> int:
    """Play; 1 if a history failed."""
    options = _options(arguments)
    ends = time.monotonic() + options.seconds
    for number in itertools.count(options.seed):
        is_over = time.monotonic() > ends or number >= options.seed + options.rounds
        if number > options.seed and is_over:
            break
        if not passes(number):
            print(  # noqa: T201 - it is a program
                f"\nThe seed that makes it again: "
                f"python -m tests.oracle.soak --seed {number} --rounds 1",
                file=sys.stderr,
            )
            return 1
    return 0


def passes(number: int) -> bool:
    """Play a seed's histories on each database; whether all was well."""
    for kind in ("sqlite", "postgresql"):
        began = time.monotonic()
        with TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'index.db'}" if kind == "sqlite" else postgresql_url()
            with closing(open_store(url, create=True)) as store:
                try:
                    play_round(number, store, histories=ROUND)
                except Exception:  # noqa: BLE001 - whatever it is, the seed must be told
                    traceback.print_exc()
                    return False
        took = time.monotonic() - began
        print(f"seed {number}, {kind}: {ROUND} histories, {took:.0f} s", flush=True)  # noqa: T201 - the same
    return True


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="begin no round after that")
    parser.add_argument("--seed", type=int, default=None, help="of the first round")
    parser.add_argument("--rounds", type=int, default=sys.maxsize, help="at most")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = time.time_ns() % 1_000_000 * 1_000
        print(f"beginning with seed {options.seed}")  # noqa: T201 - the same
    return options


if __name__ == "__main__":
    sys.exit(main())
