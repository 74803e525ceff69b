"""Build a release into a folder: distributions, their bill of materials, checksums and notes.

This is `make release`.

The version stands in one place, `indexer/__init__.py`; what is new stands in `CHANGELOG.md`. The
distributions are built twice and compared byte by byte, so that anybody can build the same from
the same commit, and twine reads them as PyPI will. Nothing is published here: that is the
release workflow's job, and it passes `--tag`, which refuses a version that has no section yet.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import indexer
from scripts.sbom import bill_of_materials

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent

NOTES = "RELEASE_NOTES.md"
CHECKSUMS = "SHA256SUMS"
BILL = "hub-indexer.cdx.json"

_SECTION = re.compile(
    r"^## \[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL
)
_ANNOUNCED = re.compile(r"^It becomes (\S+)\.\n+", re.MULTILINE)


class Refused(Exception):
    """This cannot be released; the message says why."""


class Notes(NamedTuple):
    """What is new in one version.

    Attributes:
        text: Markdown.
        date: of the release, as the changelog has it; None while it is not released.
    """

    text: str
    date: str | None


def notes(changelog: str, version: str) -> Notes:
    """Take what is new in a version from the changelog's text.

    Args:
        changelog: in the form of Keep a Changelog.
        version: as `1.2.0`. Its own section is taken, or *Unreleased* where that says "It becomes
            1.2.0.".

    Raises:
        Refused: the changelog does not speak of this version, or says nothing of it.
    """
    sections = {name: (date or None, text) for name, date, text in _SECTION.findall(changelog)}
    date, text = sections.get(version, (None, ""))
    if version not in sections:
        unreleased = sections.get("Unreleased", (None, ""))[1]
        announced = _ANNOUNCED.search(unreleased)
        if announced is None or announced[1] != version:
            raise Refused(f"CHANGELOG.md has no section [{version}]: give Unreleased that number.")
        text = _ANNOUNCED.sub("", unreleased, count=1)
    if not text.strip():
        raise Refused(f"CHANGELOG.md says nothing of {version}.")
    return Notes(text.strip() + "\n", date)


def refuse_unless_ready(tag: str, version: str, found: Notes) -> None:
    """Compare a tag of git with what is about to be released under it.

    Raises:
        Refused: the tag is another version's, or the version's section has no date yet.
    """
    if tag != f"v{version}":
        raise Refused(f"The tag is {tag}, and indexer/__init__.py says {version}.")
    if found.date is None:
        raise Refused(f"CHANGELOG.md has no date for [{version}] yet.")


def build(folder: Path) -> list[Path]:
    """Build the source distribution and, from it, the wheel, with the commit's time in both.

    Returns:
        The two files.

    Raises:
        CalledProcessError: the build failed; what it said is in its `output`.
    """
    environment = {**os.environ, **_commit_time()}
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return sorted([*folder.glob("*.tar.gz"), *folder.glob("*.whl")])


def checksum(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Do all of it, and say what was made; 1 if it is refused."""
    parser = argparse.ArgumentParser(description="Build a release, check it, write its notes.")
    parser.add_argument("--outdir", type=Path, default=ROOT / "dist")
    parser.add_argument("--tag", help="git's tag; a version without a dated section is refused")
    given = parser.parse_args(arguments)
    version = indexer.__version__
    try:
        found = notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version)
        if given.tag:
            refuse_unless_ready(given.tag, version, found)
        files = _built_alike(given.outdir)
        subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *files], check=True)
    except subprocess.CalledProcessError as error:
        print(error.stdout or "", error.stderr or "", error, file=sys.stderr)
        return 1
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    bill = given.outdir / BILL
    lock = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    bill.write_text(bill_of_materials(lock, version, _made_at()), encoding="utf-8")
    sums = "".join(f"{checksum(file)}  {file.name}\n" for file in [*files, bill])
    (given.outdir / CHECKSUMS).write_text(sums, encoding="utf-8")
    (given.outdir / NOTES).write_text(found.text, encoding="utf-8")
    print(sums, end="")
    print(f"{version} is in {given.outdir}, with {CHECKSUMS} and {NOTES}.")
    if found.date is None:
        print("This is a rehearsal: CHANGELOG.md has no dated section for it yet.")
    return 0


def _built_alike(folder: Path) -> list[Path]:
    """Build twice; the first stays in `folder`, without what was there of other builds."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("*.tar.gz"), *folder.glob("*.whl")]:
        old.unlink()
    files = build(folder)
    with tempfile.TemporaryDirectory() as scratch:
        again = build(Path(scratch))
        if [*map(checksum, files)] != [*map(checksum, again)]:
            raise Refused("Two builds of the same sources differ.")
    return files


def _made_at() -> datetime:
    """The commit's time; now where git knows none."""
    seconds = {**os.environ, **_commit_time()}.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else datetime.now(UTC)


def _commit_time() -> dict[str, str]:
    """The time that goes into the archives; nothing where git knows none, as in an sdist."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return {}
    git = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        said = subprocess.run(git, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"SOURCE_DATE_EPOCH": said} if said else {}


if __name__ == "__main__":
    sys.exit(main())
