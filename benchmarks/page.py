"""Writes docs/benchmarks.md: the measurements, the machine and the date."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.measure import Verdict

HEAD = """\
# Benchmarks

<!-- Written by `make bench`; do not edit. -->

For developers: the speed and the memory that are aimed at, and what was measured.

Measured in one run on {date}, on {machine}, with {software}.
{scale}{only}
Most numbers are ratios: the program's time divided by that of something simpler (a bare loop,
an import, the database's driver alone), measured alternately. So they depend little on the machine.

*Before* is what was measured when the goal was set. Where a goal is not met, the row gives the
reason and what a later measurement may not exceed.
"""

TABLE = """
## {title}

| what | before | goal | now | |
| --- | ---: | ---: | ---: | --- |
"""

TITLES = {
    "startup": "Starting commands",
    "crawling": "Crawling",
    "ingesting": "Writing tags",
    "comparing": "Comparing unchanged tags",
    "sizing": "The size of an index",
    "querying": "Asking, and deleting",
    "large": "Large things",
    "docker_registry": "Beside docker-registry",
    "serving": "Answers while others work",
    "browsing": "Pages",
    "whole_hub": "The whole Docker Hub",
}
"""What is said above the rows of each part."""


def text(found: Mapping[str, Sequence[Verdict]], scale: float, *, is_all: bool) -> str:
    """The whole page.

    Args:
        found: what was measured, by part.
        scale: of the sizes.
        is_all: all parts were measured.
    """
    only = "" if is_all else f"Only these parts were measured: {', '.join(found)}.\n"
    head = HEAD.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=_machine(),
        software=f"Python {platform.python_version()} and SQLite {sqlite3.sqlite_version}",
        scale="" if scale == 1 else f"The sizes were {scale:g} times those that are promised.\n",
        only=only,
    )
    return head + "".join(_table(TITLES[part], verdicts) for part, verdicts in found.items())


def _table(title: str, verdicts: Sequence[Verdict]) -> str:
    return TABLE.format(title=title) + "".join(
        f"| {each.what} | {each.before} | {each.goal:g} | {each.value:.2f} | {each.remark} |\n"
        for each in verdicts
    )


def _machine() -> str:
    """The processor, how many cores, and the memory."""
    model = platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        lines = cpus.read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, {platform.system()}"
