"""A disk that is full: a sentence, nothing broken, and the next crawl goes on from there."""

from __future__ import annotations

import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.store import open_store
from tests.crash.hindered import assert_told, run, small_files
from tests.crash.test_kills import is_sound
from tests.crash.world import differences, indexed, logged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.crash.world import World
    from tests.end_to_end.program import Done, Program

KIB = 1_024
NO_WRITING = "cannot be read or written: check that its disk has room, and works"


@pytest.fixture(params=["sqlite"])
def database_url(tmp_path: Path) -> str:
    """In a folder of its own, which may be a disk of its own."""
    (tmp_path / "disk").mkdir()
    return f"sqlite:///{tmp_path}/disk/index.db"


@contextmanager
def disk(folder: Path, size: int) -> Iterator[None]:
    """Let a folder be a disk of so many bytes; a free one once it is left."""
    made = _mount("-t", "tmpfs", "-o", f"size={size}", "indexer-test", str(folder))
    if made.returncode:
        pytest.skip("this user may not mount a small disk; the limits of files are tested anyway")
    try:
        yield
    finally:
        copy = folder.with_name("copy")
        copy.mkdir(exist_ok=True)
        for file in folder.iterdir():
            (copy / file.name).write_bytes(file.read_bytes())
        subprocess.run(["umount", str(folder)], check=True)
        for file in copy.iterdir():
            file.replace(folder / file.name)


def _mount(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["mount", *arguments], check=False, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no 'mount' here; the limits of files are tested anyway")


def judge(world: World, program: Program, url: str) -> None:
    """What is there is right as far as it goes, and the next crawl repairs the rest."""
    assert is_sound(url)
    if (program.folder.parent / "disk" / "index.db").stat().st_size:
        with closing(open_store(url, create=True)) as store:
            log = list(store.catalog.changes(ChangeFilter(baseline=True)))
        assert logged(log) <= differences({}, world.state)
    program.good("crawl", "-q")
    with closing(open_store(url, create=False)) as store:
        log = list(store.catalog.changes(ChangeFilter(baseline=True)))
        assert indexed(store) == world.state
        assert logged(log) == differences({}, world.state)


def test_a_disk_that_is_full_from_the_start(
    world: World, program: Program, database_url: str, tmp_path: Path
) -> None:
    with disk(tmp_path / "disk", 16 * KIB):
        assert_told(run(program, "crawl", "-q"), "index.db' ", " room")
    judge(world, program, database_url)


@pytest.mark.parametrize("step", [300, pytest.param(50, marks=pytest.mark.nightly)])
def test_a_disk_that_is_full_at_any_moment(
    world: World, program: Program, database_url: str, tmp_path: Path, step: int
) -> None:
    ends: list[int] = []
    for size in range(500 * KIB, 1_101 * KIB, step * KIB):
        for file in (tmp_path / "disk").iterdir():
            file.unlink()
        with disk(tmp_path / "disk", size):
            done = run(program, "crawl", "-q")
            if done.code:
                assert_told(done, "index.db' ", " room")
        ends.append(done.code)
        judge(world, program, database_url)
        world.day()
    assert 2 in ends


@pytest.mark.parametrize("most", [8 * KIB, 300 * KIB, 500 * KIB])
def test_a_file_that_may_not_grow(
    world: World, program: Program, database_url: str, most: int
) -> None:
    """As by a quota, or a limit of the service manager."""
    done: Done = run(program, "crawl", "-q", through=small_files(most))
    assert_told(done, "index.db' ", NO_WRITING)
    judge(world, program, database_url)
