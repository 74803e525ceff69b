"""What is shipped is what git tracks, and works where no checkout is near."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

INTO_THE_WHEEL = {"indexer/": "indexer/", "migrations/": "indexer/migrations/"}
ALEMBIC = "alembic.ini"


class Built(NamedTuple):
    sdist: Path
    wheel: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The wheel, by way of the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return Built(sdist, wheel)


@pytest.fixture(scope="module")
def tracked() -> set[str]:
    """What git tracks, and what it will once it is added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    if listed.returncode != 0:
        reason = "git knows nothing of this copy of the sources"
        if "CI" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    names = listed.stdout.decode().split("\0")
    return {name for name in names if name and (ROOT / name).is_file()}


def test_the_wheel_ships_exactly_what_git_tracks(built: Built, tracked: set[str]) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}

    wanted = {
        there + name.removeprefix(here)
        for name in tracked
        for here, there in INTO_THE_WHEEL.items()
        if name.startswith(here)
    }
    assert shipped == wanted | {f"indexer/{ALEMBIC}"}


def test_the_source_distribution_ships_exactly_what_git_tracks(
    built: Built, tracked: set[str]
) -> None:
    with tarfile.open(built.sdist) as archive:
        names = [member.name for member in archive if member.isfile()]

    assert {name.partition("/")[2] for name in names} == tracked | {"PKG-INFO"}


def test_an_unpacked_wheel_makes_its_database_by_itself(built: Built, tmp_path: Path) -> None:
    program, elsewhere = tmp_path / "program", tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.unpack_archive(built.wheel, program, "zip")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(program),
        "PYTHONSAFEPATH": "1",
        "INDEXER_DATABASE_URL": "sqlite:///tried.db",
    }
    ask = "import indexer; print(indexer.__file__)"

    where = _run(["-c", ask], elsewhere, environment)
    made = _run(["-m", "indexer", "db", "upgrade"], elsewhere, environment)
    found = _run(["-m", "indexer", "db", "current"], elsewhere, environment)

    assert Path(where.strip()).is_relative_to(program)
    assert (elsewhere / "tried.db").is_file()
    assert made == found != ""


def _run(arguments: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
