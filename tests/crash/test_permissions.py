"""A database that may not be written, or not even read: a sentence that says what to check."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.crash.hindered import as_anybody, assert_told, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.end_to_end.program import Program

WRITABLE = "may not be written: check the permissions of the file and of its folder"
OPENED = "cannot be opened: check that its folder is there and may be written"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    (tmp_path / "index").mkdir()
    return f"sqlite:///{tmp_path}/index/index.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    """Let a file or folder have other permissions for a while."""
    before = path.stat().st_mode
    path.chmod(bits)
    try:
        yield
    finally:
        path.chmod(before)


def hindered(program: Program, *arguments: str) -> object:
    return run(program, *arguments, through=as_anybody())


def test_a_database_that_may_only_be_read_is_not_crawled_into(
    program: Program, folder: Path
) -> None:
    program.good("crawl", "-q")
    with mode(folder / "index.db", 0o444):
        assert_told(run(program, "crawl", "-q", through=as_anybody()), "index.db' ", WRITABLE)
    program.good("crawl", "-q")


def test_a_database_that_may_only_be_read_can_be_asked(program: Program, folder: Path) -> None:
    program.good("crawl", "-q")
    with mode(folder / "index.db", 0o444):
        done = run(program, "repos", "--format", "csv", through=as_anybody())
    assert done.code == 0, done
    assert done.out == program.good("repos", "--format", "csv").out


def test_a_folder_that_may_not_be_written(program: Program, folder: Path) -> None:
    program.good("crawl", "-q")
    (folder / "index.db-lock").unlink()
    with mode(folder, 0o555):
        done = run(program, "crawl", "-q", through=as_anybody())
    assert_told(done, "index.db")
    assert any(why in done.err for why in (WRITABLE, OPENED, "check the permissions")), done
    program.good("crawl", "-q")


def test_a_folder_in_which_no_index_can_be_made(program: Program, folder: Path) -> None:
    with mode(folder, 0o555):
        assert_told(run(program, "crawl", "-q", through=as_anybody()), "index.db' ", OPENED)
    assert list(folder.iterdir()) == []
    program.good("crawl", "-q")


def test_a_folder_that_may_not_even_be_entered(program: Program, folder: Path) -> None:
    program.good("crawl", "-q")
    with mode(folder, 0o000):
        for command in (("crawl", "-q"), ("status",)):
            assert_told(run(program, *command, through=as_anybody()), "index.db' ")
    program.good("crawl", "-q")


def test_a_lock_file_that_may_not_be_opened(program: Program, folder: Path) -> None:
    program.good("crawl", "-q")
    with mode(folder / "index.db-lock", 0o000):
        done = run(program, "crawl", "-q", through=as_anybody())
    assert_told(done, "lock file", "index.db-lock' cannot be opened", "check the permissions")
