"""`make bench`: all promises about speed and memory; exit code 1 if one is not kept."""

from __future__ import annotations

import itertools
import sys

from benchmarks import crawling, startup


def main() -> int:
    """Print each verdict as it comes."""
    kept = True
    for verdict in itertools.chain(startup.verdicts(), crawling.verdicts()):
        print(verdict, flush=True)
        kept = kept and verdict.holds
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
