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
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from indexer.store import open_store
from tests.oracle.grounds import RealGround, ShortGround
from tests.oracle.rounds import play_round
from tests.support.databases import postgresql_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.oracle.grounds import Ground

ROUND = {"short": 400, "sqlite": 40, "postgresql": 40}
"""Histories that belong to one seed, on each ground: see `tests.oracle.grounds`. Half as many more
are of lists that are shown in part, and as many of a clock that jumps.
"""


def main(arguments: list[str] | None = None) -> int:
    """Play; 1 if a history failed."""
    options = _options(arguments)
    ends = time.monotonic() + options.seconds
    for number in itertools.count(options.seed):
        is_over = time.monotonic() > ends or number >= options.seed + options.rounds
        if number > options.seed and is_over:
            break
        if not passes(number, options.on):
            print(  # noqa: T201 - it is a program
                f"\nThe seed that makes it again: "
                f"python -m tests.oracle.soak --seed {number} --rounds 1",
                file=sys.stderr,
            )
            return 1
    return 0


def passes(number: int, kinds: list[str]) -> bool:
    """Play a seed's histories on each kind of ground; whether all was well."""
    for kind in kinds:
        began = time.monotonic()
        try:
            with _grounds(kind) as grounds:
                play_round(number, grounds, histories=ROUND[kind])
                play_round(number, grounds, histories=ROUND[kind] // 2, kind="capped")
                play_round(number, grounds, histories=ROUND[kind] // 2, kind="clocks")
                play_round(number, grounds, histories=ROUND[kind] // 2, kind="open")
        except Exception:  # noqa: BLE001 - whatever it is, the seed must be told
            traceback.print_exc()
            return False
        took = time.monotonic() - began
        told = f"seed {number}, {kind}: {ROUND[kind] * 5 // 2} histories, {took:.0f} s"
        print(told, flush=True)  # noqa: T201 - the same
    return True


@contextmanager
def _grounds(kind: str) -> Iterator[Callable[[], Ground]]:
    if kind == "short":
        yield ShortGround
        return
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'index.db'}" if kind == "sqlite" else postgresql_url()
        with closing(open_store(url, create=True)) as store:
            yield lambda: RealGround(store)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="begin no round after that")
    parser.add_argument("--seed", type=int, default=None, help="of the first round")
    parser.add_argument("--rounds", type=int, default=sys.maxsize, help="at most")
    parser.add_argument("--on", nargs="+", choices=ROUND, default=list(ROUND), help="grounds")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = time.time_ns() % 1_000_000 * 1_000
        print(f"beginning with seed {options.seed}")  # noqa: T201 - the same
    return options


if __name__ == "__main__":
    sys.exit(main())
