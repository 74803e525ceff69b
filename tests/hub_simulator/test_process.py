from __future__ import annotations

import signal
import subprocess
import sys

import pytest
import requests

from indexer.hub_simulator.__main__ import main

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


@pytest.mark.parametrize(
    ("option", "repositories", "tags"),
    [
        ("--offset-bound=30", 403, 403),
        ("--offset-bound=none,20", 200, 403),
        ("--offset-bound=30,0", 403, 200),
        ("--offset-bound=0", 200, 200),
        ("--offset-bound=31,41", 200, 200),
    ],
)
def test_the_offset_bound_of_each_list_is_an_option(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
    repositories: int,
    tags: int,
) -> None:
    answers: list[int] = []

    def ask_and_stop() -> None:
        url = f"{capsys.readouterr().out.strip()}/v2/namespaces/bench/repositories"
        with requests.Session() as session:
            session.trust_env = False
            for path in ("", "/repo-00000/tags"):
                page = session.get(f"{url}{path}?page=2&page_size=30", timeout=PATIENCE_SECONDS)
                answers.append(page.status_code)
        raise KeyboardInterrupt

    monkeypatch.setattr(signal, "pause", ask_and_stop)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert main(["--repositories=50", "--tags=50", "--platforms=1", option]) == 0
    assert answers == [repositories, tags]


@pytest.mark.parametrize("bound", ["many", "-1", "1,2,3", ""])
def test_an_offset_bound_that_is_no_number_is_refused(
    capsys: pytest.CaptureFixture[str], bound: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([f"--offset-bound={bound}"])
    assert "--offset-bound" in capsys.readouterr().err
