"""Run as a process of its own: open an index, and be killed before a statement of the migration.

    python dying.py DATABASE_URL NUMBER

Opens it and prints `done` if it has fewer statements.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from indexer.store import open_store


def main(url: str, number: str) -> None:
    statements = itertools.count()

    def count(*_: object) -> None:
        if next(statements) == int(number):
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(Engine, "before_cursor_execute", count)
    sa.event.listen(Engine, "commit", count)
    open_store(url, create=True).close()
    print("done", next(statements))  # noqa: T201 - its result


if __name__ == "__main__":
    main(*sys.argv[1:])
