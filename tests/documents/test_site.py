"""The documentation as a site: `make docs` builds it; here is what needs no MkDocs."""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING

import pytest
import yaml

from scripts import build_site
from tests.documents import pages

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = pages.ROOT / "mkdocs.yml"

YAML = re.compile(r"```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_each_page_is_in_the_navigation_once() -> None:
    named = re.findall(r"^ +- (\S+\.md)$", pages.read(CONFIGURATION), re.MULTILINE)

    assert sorted(named) == sorted(pages.name(page) for page in build_site.pages())


def test_nothing_is_loaded_from_other_hosts() -> None:
    assert re.search(r"^  font: false\b", pages.read(CONFIGURATION), re.MULTILINE)
    assert "extra_javascript" not in pages.read(CONFIGURATION)


def test_the_sources_hold_each_page_and_each_file_that_one_links_to(tmp_path: Path) -> None:
    build_site.lay_out(tmp_path)

    assert {page.relative_to(build_site.ROOT) for page in build_site.pages()} == {
        page.relative_to(tmp_path) for page in tmp_path.rglob("*.md")
    }
    for name in ("compose.yaml", "deploy/indexer.service", "docs/images/changes.png"):
        assert (tmp_path / name).read_bytes() == (build_site.ROOT / name).read_bytes()


def test_code_in_a_table_loses_the_backslash_that_github_takes_away() -> None:
    text = "| `--format table\\|json` | a\\|b |\n`x\\|y`\n"

    assert build_site.converted(text) == "| `--format table|json` | a\\|b |\n`x\\|y`\n"


@pytest.mark.parametrize("page", build_site.pages(), ids=pages.name)
def test_no_list_follows_a_paragraph_without_a_blank_line(page: Path) -> None:
    """GitHub shows such a list; Python-Markdown shows a paragraph."""
    text = re.sub(r"^```.*?^```$", "", pages.read(page), flags=re.MULTILINE | re.DOTALL)

    assert re.findall(r"^(?! *[-*|\d>#]| {2,}|$).*\n(?:[-*] |1\. ).*$", text, re.MULTILINE) == []


@pytest.mark.parametrize("page", build_site.pages(), ids=pages.name)
def test_each_piece_of_yaml_is_yaml(page: Path) -> None:
    for block in YAML.findall(pages.read(page)):
        assert list(yaml.safe_load_all(block))


@pytest.mark.nightly  # CI builds it each time, by 'make docs'
@pytest.mark.skipif(
    importlib.util.find_spec("mkdocs") is None, reason="MkDocs is not here: 'make docs' installs it"
)
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    assert build_site.main(["--outdir", str(tmp_path / "site")]) == 0
    assert (tmp_path / "site" / "docs" / "tutorial" / "index.html").is_file()
