"""What is published: its name, its version, its notes, and that anybody can build the same."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import zipfile
from datetime import UTC, datetime
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest

import indexer
from indexer.http.client import user_agent
from scripts import release, sbom

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

PROJECT = (release.ROOT / "pyproject.toml").read_text(encoding="utf-8")

CHANGELOG = """\
# Changelog

## [Unreleased]

It becomes 1.1.0.

### Added

- a moon

## [1.0.0] - 2026-01-02

### Fixed

- the sun

## [0.9.0] - 2025-01-02

"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, as `make release` makes it: built twice and compared, and read by twine."""
    folder = tmp_path_factory.mktemp("dist")
    (folder / "indexer-0.0.1.tar.gz").touch()  # of an earlier build
    assert release.main(["--outdir", str(folder)]) == 0
    return folder


def metadata(dist: Path) -> Message:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        return message_from_bytes(archive.read(name))


def test_a_release_is_both_distributions_with_their_checksums_and_notes(dist: Path) -> None:
    version = indexer.__version__

    assert {path.name for path in dist.iterdir()} == {
        f"hub_indexer-{version}-py3-none-any.whl",
        f"hub_indexer-{version}.tar.gz",
        "RELEASE_NOTES.md",
        "SHA256SUMS",
        "hub-indexer.cdx.json",
    }
    for line in (dist / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest


def test_the_bill_of_materials_has_what_the_lock_pins_and_its_hashes(dist: Path) -> None:
    lock = (release.ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    bill = json.loads((dist / release.BILL).read_text(encoding="utf-8"))

    pinned = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", lock, re.MULTILINE))
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["version"] == indexer.__version__
    assert {part["name"]: part["version"] for part in bill["components"]} == pinned
    hashes = [each["content"] for part in bill["components"] for each in part["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", lock))


def test_the_same_lock_gives_the_same_bill_and_an_empty_one_none() -> None:
    lock = (release.ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    at = datetime(2026, 3, 2, tzinfo=UTC)

    assert sbom.bill_of_materials(lock, "1.0", at) == sbom.bill_of_materials(lock, "1.0", at)
    with pytest.raises(sbom.Invalid):
        sbom.bill_of_materials("", "1.0", at)


def test_the_distribution_has_a_name_of_its_own_and_its_version_from_the_package(
    dist: Path,
) -> None:
    found = metadata(dist)

    assert (found["Name"], found["Version"]) == ("hub-indexer", indexer.__version__)
    assert found.get_all("Provides-Extra") == ["parquet"]
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith("entry_points.txt")]
        assert b"indexer = indexer.__main__:main" in archive.read(name)


def test_the_notes_are_what_the_changelog_says_of_this_version(dist: Path) -> None:
    text = (release.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    written = (dist / "RELEASE_NOTES.md").read_text(encoding="utf-8")

    assert written.strip() in text
    assert re.match(r"### \w+\n", written)


def test_notes_are_taken_from_the_section_of_the_version() -> None:
    assert release.notes(CHANGELOG, "1.0.0") == ("### Fixed\n\n- the sun\n", "2026-01-02")


def test_notes_of_a_version_that_is_announced_are_taken_from_unreleased() -> None:
    assert release.notes(CHANGELOG, "1.1.0") == ("### Added\n\n- a moon\n", None)


@pytest.mark.parametrize(
    ("version", "why"),
    [("2.0.0", r"has no section \[2\.0\.0\]"), ("0.9.0", r"says nothing of 0\.9\.0")],
)
def test_a_version_without_notes_is_refused(version: str, why: str) -> None:
    with pytest.raises(release.Refused, match=why):
        release.notes(CHANGELOG, version)


def test_a_tag_that_is_another_versions_is_refused() -> None:
    found = release.notes(CHANGELOG, "1.0.0")
    release.refuse_unless_ready("v1.0.0", "1.0.0", found)

    with pytest.raises(release.Refused, match=r"The tag is v1\.0\.1, and .* says 1\.0\.0"):
        release.refuse_unless_ready("v1.0.1", "1.0.0", found)


def test_a_tag_whose_section_has_no_date_is_refused() -> None:
    with pytest.raises(release.Refused, match=r"no date for \[1\.1\.0\]"):
        release.refuse_unless_ready("v1.1.0", "1.1.0", release.notes(CHANGELOG, "1.1.0"))


def test_a_refused_release_builds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main(["--outdir", str(tmp_path / "dist"), "--tag", "v99.0.0"]) == 1

    assert not (tmp_path / "dist").exists()
    assert "The tag is v99.0.0" in capsys.readouterr().err


def test_registries_are_told_where_to_read_about_us() -> None:
    page = re.escape(str(tomllib.loads(PROJECT)["project"]["urls"]["Homepage"]))

    assert re.fullmatch(rf"indexer/{re.escape(indexer.__version__)} \(\+{page}\)", user_agent())
