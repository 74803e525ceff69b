"""`make bench`: measure the goals for speed and memory; exit code 1 if a promise is broken.

A promise is a goal, or the limit that is given where a goal is not met.

python -m benchmarks [--scale 0.01] [--only NAME]... [--page FILE]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    browsing,
    comparing,
    crawling,
    docker_registry,
    ingesting,
    large,
    measure,
    page,
    querying,
    serving,
    sizing,
    startup,
    whole_hub,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Verdict

BENCHMARKS: dict[str, Callable[[float], Iterator[Verdict]]] = {
    "startup": startup.verdicts,
    "crawling": crawling.verdicts,
    "ingesting": ingesting.verdicts,
    "comparing": comparing.verdicts,
    "sizing": sizing.verdicts,
    "querying": querying.verdicts,
    "large": large.verdicts,
    "docker_registry": docker_registry.verdicts,
    "serving": serving.verdicts,
    "browsing": browsing.verdicts,
    "whole_hub": whole_hub.verdicts,
}


def main() -> int:
    """Print each verdict as it is measured, and write all of them into a page."""
    wanted = _parser().parse_args()
    found: dict[str, list[Verdict]] = {}
    measure.compile_program()
    for name in wanted.only or BENCHMARKS:
        for verdict in BENCHMARKS[name](wanted.scale):
            print(verdict, flush=True)
            found.setdefault(name, []).append(verdict)
    if wanted.page:
        text = page.text(found, wanted.scale, is_all=not wanted.only)
        wanted.page.write_text(text, encoding="utf-8")
    return 0 if all(each.holds for verdicts in found.values() for each in verdicts) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes; 0.01 takes seconds")
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="may be repeated")
    parser.add_argument("--page", type=Path, metavar="FILE", help="the file to write the page to")
    return parser


if __name__ == "__main__":
    sys.exit(main())
