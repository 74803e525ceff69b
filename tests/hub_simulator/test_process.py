from __future__ import annotations

import signal
import subprocess
import sys

import pytest
import requests

PATIENCE_SECONDS = 60


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_simulator_that_a_script_started_in_the_background_can_be_stopped(
    number: signal.Signals,
) -> None:
    # Shells let what they start with '&' ignore SIGINT, and so what that executes.
    line = "trap '' INT; exec \"$0\" -m indexer.hub_simulator --repositories 1 --tags 1"
    with subprocess.Popen(
        ["/bin/sh", "-c", line, sys.executable], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("http://127.0.0.1:")
            process.send_signal(number)
            assert process.wait(PATIENCE_SECONDS) == 0
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("options", "limit", "status"),
    [([], "180", 403), (["--rate-limit=0", "--no-offset-bound"], None, 200)],
)
def test_a_simulator_of_its_own_is_as_strict_as_the_hub_unless_it_is_told_otherwise(
    options: list[str], limit: str | None, status: int
) -> None:
    command = [sys.executable, "-m", "indexer.hub_simulator", "--repositories", "1", "--library"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = f"{process.stdout.readline().strip()}/v2/namespaces/library/repositories"
            with requests.Session() as session:
                session.trust_env = False
                page = session.get(f"{url}?page=2&page_size=100", timeout=PATIENCE_SECONDS)
        finally:
            process.terminate()
    assert (page.headers.get("X-RateLimit-Limit"), page.status_code) == (limit, status)
