"""Messages on standard error: for people and for programs."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from indexer.cli.logging_setup import set_up

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    log = logging.getLogger("indexer")
    before = log.handlers[:], log.level, log.propagate
    yield
    log.handlers[:], log.level, log.propagate = before


def test_a_message_for_people_is_safe_to_print(capsys: pytest.CaptureFixture[str]) -> None:
    log = set_up()
    log.info("reading \x1b[2J%s", "a\x07")
    log.error("first\nsecond")
    log.debug("not asked for")
    assert capsys.readouterr().err == (
        "reading \ufffd[2Ja\ufffd\nindexer: first\nindexer: second\n"
    )


def test_quiet_leaves_only_what_went_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    log = set_up(quiet=True)
    log.info("progress")
    log.error("trouble.")
    assert capsys.readouterr().err == "indexer: trouble.\n"


def test_verbose_shows_each_request_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(verbose=True)
    logging.getLogger("indexer.http").debug("GET /v2/: %d", 200)
    moment, rest = capsys.readouterr().err.split(" ", 1)
    assert len(moment) == len("12:00:00.000")
    assert rest == "GET /v2/: 200\n"


def test_json_lines_carry_what_the_program_knows(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(verbose=True, as_json=True)
    logging.getLogger("indexer.http").debug("GET %s", "/", extra={"status": 200, "ms": 1.5})
    entry = json.loads(capsys.readouterr().err)
    assert entry.pop("time").endswith("Z")
    assert entry == {
        "level": "debug",
        "logger": "indexer.http",
        "message": "GET /",
        "status": 200,
        "ms": 1.5,
    }
