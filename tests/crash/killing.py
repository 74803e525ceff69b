"""A crawl in a process of its own, and its end by SIGKILL at a moment that chance chooses."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from random import Random

    from indexer.hub_simulator import Received, Simulator
    from tests.end_to_end.program import Program

KILLS = 200 if os.environ.get("INDEXER_SOAK") else 15
"""On each database, at night."""

MODES = ((), (), ("--verify",), ("--full",))

SECONDS_TO_START = 1.0
"""About what the program takes until its first request, on a slow machine."""

SECONDS_TO_WRITE = 0.03
"""About what it is busy for between two requests, and after the last one."""


def killed(program: Program, simulator: Simulator, chance: Random, requests: int) -> bool:
    """Start a crawl, and kill it; whether it came to that before its end.

    Args:
        program: what runs it.
        simulator: what it crawls; its log is cleared.
        chance: chooses the mode, and the moment: a little after any of its requests, or before.
        requests: about how many it will send.
    """
    simulator.clear()
    number = chance.randint(0, requests)
    after = chance.random() * (SECONDS_TO_WRITE if number else SECONDS_TO_START)
    with program.start("crawl", "-q", *chance.choice(MODES)) as process:
        timer = threading.Timer(after, process.kill)

        def aim(received: Received) -> None:
            if received.number == number:
                timer.start()

        if number:
            simulator.on_request(aim)
        else:
            timer.start()
        _, messages = process.communicate(timeout=60)
        timer.cancel()
    assert process.returncode in {0, -signal.SIGKILL}, messages
    return process.returncode != 0


def until_alone(url: str) -> None:
    """Wait until the server has noticed that the programs that used a database are gone.

    SQLite has no server: there is nothing to wait for.
    """
    if url.startswith("sqlite"):
        return
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    others = (
        "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(address, autocommit=True) as connection:
        while True:
            row = connection.execute(others).fetchone()
            if row is None or row[0] == 0:
                return
