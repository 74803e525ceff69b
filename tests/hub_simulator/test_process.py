from __future__ import annotations

import signal
import subprocess
import sys

import pytest

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
