"""`python -m tests.fuzz --seconds 600`: new mutants for every target in turn. This is `make fuzz`.

What ends otherwise than it may, or takes longer than a second of CPU, is shrunk, written into the
corpus as `found-…`, where `make test` reads it from then on, and shown.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.mutants import inputs
from tests.fuzz.targets import CORPUS, TARGETS
from tests.fuzz.test_targets import ends

AT_ONCE = 400
"""Mutants of one target before the next has its turn."""

MOST_SECONDS = 1.0
"""CPU seconds for one mutant; they have some kilobytes."""


class TooSlow(Exception):
    """A mutant took too long."""


def _round(name: str, number: int) -> bytes | None:
    """Try some mutants of a target; returns the smallest that breaks it, None if none does."""
    found: list[bytes] = []

    @seed(number)
    @settings(
        max_examples=AT_ONCE,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(name))
    def search(body: bytes) -> None:
        began = time.process_time()
        try:
            ends(TARGETS[name], body)
            if time.process_time() - began > MOST_SECONDS:
                raise TooSlow  # noqa: TRY301 - it is one of the faults that are sought
        except BaseException:
            found.append(body)
            raise

    try:
        search()
    except Exception:
        if not found:  # no mutant could be made
            raise
        traceback.print_exc()
        return found[-1]
    return None


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run until the time is over; the exit code is 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--target", choices=list(TARGETS), action="append")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    asked = parser.parse_args()
    names = asked.target or list(TARGETS)
    until = time.monotonic() + asked.seconds
    rounds, broken = 0, set[str]()
    _say(f"seed {asked.seed}")
    while time.monotonic() < until and (left := [name for name in names if name not in broken]):
        for place, name in enumerate(left):
            body = _round(name, asked.seed + rounds * len(TARGETS) + place)
            if body is not None:
                broken.add(name)
                file = CORPUS / name / f"found-{hashlib.sha256(body).hexdigest()[:12]}"
                file.write_bytes(body)
                _say(f"{name}: broken by {file}")
        rounds += 1
    _say(f"{rounds} rounds of {AT_ONCE} mutants; broken: {', '.join(sorted(broken)) or 'none'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
