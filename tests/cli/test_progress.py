"""Progress of a crawl, without a terminal to draw on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from indexer.cli.context import CommandContext
from indexer.cli.options import Common
from indexer.cli.progress import Progress
from indexer.core.model import Cost, RateLimit
from indexer.crawl.ports import Source

if TYPE_CHECKING:
    import pytest


class LimitedSource(Source):
    """A source of which only the limit is of interest."""

    @property
    def rate_limit(self) -> RateLimit | None:
        return RateLimit(180, 113, None)


def watched(total: int, problems: int = 0, *, quiet: bool = False) -> None:
    progress = Progress(CommandContext(Common(quiet=quiet)))
    with progress.shown(LimitedSource()):  # type: ignore[abstract] # the rest is never asked
        progress.listing("docker.io", "ansible")
        progress.opening(total)
        for number in range(problems):
            progress.problem(f"ansible/r{number} could not be read.")
        for done in range(1, total + 1):
            progress.opened(f"ansible/r{done}", done, Cost(done + 1, 0))
        progress.waiting(datetime(2026, 3, 2, 9, 14, 5, tzinfo=UTC), "hub.docker.com: 429")


def test_a_thousand_repositories_are_told_in_ten_lines(capsys: pytest.CaptureFixture[str]) -> None:
    watched(1_000)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "docker.io/ansible: listing its repositories"
    assert lines[1] == "docker.io/ansible: 1,000 repositories to read"
    assert lines[2] == "docker.io/ansible: 100 of 1,000 repositories, 101 requests, 113 left"
    assert lines[11] == "docker.io/ansible: 1,000 of 1,000 repositories, 1,001 requests, 113 left"
    assert lines[12] == (
        "docker.io/ansible: waiting until 2026-03-02 09:14:05 UTC (hub.docker.com: 429)"
    )
    assert len(lines) == 13


def test_one_repository_is_not_told_as_several(capsys: pytest.CaptureFixture[str]) -> None:
    watched(1)
    lines = capsys.readouterr().err.splitlines()
    assert lines[1] == "docker.io/ansible: 1 repository to read"
    assert lines[2] == "docker.io/ansible: 1 of 1 repository, 2 requests, 113 left"


def test_an_unchanged_namespace_has_nothing_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    watched(0)
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_problems_are_told_as_they_come_but_not_without_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watched(1, problems=50)
    told = [line for line in capsys.readouterr().err.splitlines() if "could not" in line]
    assert len(told) == 10


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    watched(10, problems=3, quiet=True)
    output = capsys.readouterr()
    assert (output.out, output.err) == ("", "")


def test_a_problem_does_not_repeat_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(CommandContext(Common()))
    progress.listing("docker.io", "library")
    progress.problem("library: there is no repository 'library/nosuch'")
    progress.problem("library/nginx: 503")
    assert capsys.readouterr().err.splitlines()[1:] == [
        "docker.io/library: there is no repository 'library/nosuch'",
        "docker.io/library: library/nginx: 503",
    ]
