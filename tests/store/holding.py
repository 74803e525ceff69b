"""Run as a process of its own: hold the crawl of a namespace until standard input ends.

    python holding.py DATABASE_URL NAMESPACE

Prints `held`, or the sentence that refuses it.
"""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime

from indexer.core.errors import Busy
from indexer.core.model import Mode
from indexer.store import open_store


def main(url: str, namespace: str) -> None:
    with closing(open_store(url, create=False)) as store:
        try:
            store.archive.begin(
                "docker.io",
                namespace,
                Mode.INCREMENTAL,
                "anonymous",
                datetime(2026, 3, 1, 13, tzinfo=UTC),
            )
        except Busy as busy:
            print(busy, flush=True)  # noqa: T201 - its result
            return
        print("held", flush=True)  # noqa: T201 - its result
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
