from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

import indexer
from indexer.cli.app import app
from indexer.config import load
from indexer.core.model import ChangeKind, CrawlStatus, Mode
from indexer.crawl.listing import CLOCK_MARGIN
from indexer.http import client
from indexer.http.response_body import MOST_BYTES
from indexer.ratelimit.backoff import MOST_REFUSALS
from indexer.ratelimit.limiter import PATIENCE_SECONDS
from tests.documents import pages

if TYPE_CHECKING:
    from pathlib import Path

each_page = pytest.mark.parametrize("page", pages.PAGES, ids=pages.name)


@each_page
def test_every_link_within_the_repository_leads_to_something(page: Path) -> None:
    text = pages.read(page)
    broken = []
    for link in pages.links(text):
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        there = (page.parent / target).resolve() if target else page
        if not there.exists() or (anchor and anchor not in pages.anchors(pages.read(there))):
            broken.append(link)

    assert not broken


@each_page
def test_every_command_that_a_page_shows_is_understood(page: Path) -> None:
    shown = [text for text in pages.commands(pages.read(page)) if not _is_a_pattern(text)]

    refused = {text: trouble for text in shown if (trouble := _trouble(shlex.split(text)))}

    assert not refused


def test_a_command_with_a_mistake_would_be_found() -> None:
    assert _trouble(["crawl", "ansible", "--fulll"])
    assert _trouble(["craw", "ansible"])
    assert _trouble(["query", "--changed-since", "24h", "--format", "xml"])
    assert pages.commands("```\n. x/bin/indexer crawl a --verify | wc\n```\n") == [
        "crawl a --verify"
    ]


@pytest.mark.parametrize(
    "page", [page for page in pages.PAGES if ".github" not in page.parts], ids=pages.name
)
def test_a_page_says_at_its_top_whom_it_is_for(page: Path) -> None:
    top = pages.read(page).splitlines()[:12]

    assert [line for line in top if line.startswith("For ")]


def test_documentation_is_indexed() -> None:
    docs = pages.ROOT / "docs"
    indexes = {docs / folder / "README.md" for folder in ("", "decisions", "recipes")}

    linked = {
        (index.parent / link).resolve()
        for index in indexes
        for link in pages.links(pages.read(index))
    }

    to_find = {page for page in pages.PAGES if ".github" not in page.parts}
    assert to_find - {docs / "README.md"} <= linked


def test_the_pages_that_are_generated_are_what_the_code_says() -> None:
    path = pages.ROOT / "docs" / "generate_cli.py"
    spec = importlib.util.spec_from_file_location("generate_cli", path)
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)

    assert generator.main(["--check"]) is None


def test_the_changelog_speaks_of_this_version() -> None:
    text = pages.read(pages.ROOT / "CHANGELOG.md")

    newest = re.search(
        r"^## \[(\d+\.\d+\.\d+)\]|^It becomes (\d+\.\d+\.\d+)\.$", text, re.MULTILINE
    )

    assert newest is not None
    assert indexer.__version__ in newest.groups()


def test_the_changelog_says_each_thing_once() -> None:
    """A union merge of two edits doubles entries without a conflict."""
    newest = pages.read(pages.ROOT / "CHANGELOG.md").split("\n## [")[1]
    entries = re.findall(r"^- .*\n(?:  .*\n)*|^#{3,} .*\n", newest, re.MULTILINE)

    said = Counter(" ".join(entry.split()) for entry in entries)

    assert len(said) > 100
    assert [entry for entry, times in said.items() if times > 1] == []


def test_each_version_has_an_upgrade_note() -> None:
    notes = pages.read(pages.ROOT / "docs" / "upgrading.md")

    assert f"## To {indexer.__version__}\n" in notes


def test_a_goal_of_speed_or_memory_that_is_not_met_has_a_reason() -> None:
    text = pages.read(pages.ROOT / "docs" / "benchmarks.md")

    rows = re.findall(
        r"^\| .+? \| .*? \| ([\d.e+]+) \| (-?[\d.]+|inf) \| (.*) \|$", text, re.MULTILINE
    )
    unmet = [remark for goal, now, remark in rows if float(now) > float(goal)]

    assert len(rows) > 70
    assert all(re.search(r"not met \(at most [\d.e+]+\): .", remark) for remark in unmet)
    assert "Only these parts" not in text
    assert "missed" not in text


def test_contributors_are_told_of_every_module() -> None:
    house = pages.fenced(pages.read(pages.ROOT / "CONTRIBUTING.md"), "")[1]
    package = pages.ROOT / "indexer"
    modules = {path.name for path in package.glob("*.py")} - {"__init__.py"}
    packages = {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}

    missing = {name for name in modules | packages if f"{name} " not in house}

    assert not missing


def test_every_status_mode_and_kind_is_explained() -> None:
    text = pages.read(pages.ROOT / "docs" / "how-it-works.md")

    assert [kind for kind in ChangeKind if f"| `{kind}` |" not in text] == []
    assert [status for status in CrawlStatus if f"| `{status}` |" not in text] == []
    assert [mode for mode in Mode if mode is not Mode.INCREMENTAL and f"--{mode}" not in text] == []


@pytest.mark.parametrize(
    "claim",
    [
        f"more than {CLOCK_MARGIN.seconds} seconds",
        f"`tries`, {client.TRIES}",
        f"`timeout` ({client.TIMEOUT_SECONDS:g} seconds)",
        f"`patience` ({PATIENCE_SECONDS / 60:g} minutes)",
        f"after {MOST_REFUSALS} waits",
        f"from {client.FIRST_PAUSE_SECONDS:g} to {client.LONGEST_PAUSE_SECONDS:g} seconds",
        f"{client.MOST_PAUSES_SECONDS:g} seconds in all",
        f"{MOST_BYTES // 1024 // 1024} MiB",
    ],
)
def test_the_numbers_that_are_written_down_are_those_of_the_code(claim: str) -> None:
    text = " ".join(pages.read(pages.ROOT / "docs" / "how-it-works.md").split())

    assert claim in text


@each_page
def test_every_piece_of_configuration_that_a_page_shows_is_accepted(
    page: Path, tmp_path: Path
) -> None:
    for number, block in enumerate(pages.fenced(pages.read(page), "toml")):
        tomllib.loads(block)
        file = tmp_path / f"{number}.toml"
        file.write_text(block, encoding="utf-8")

        assert load(file).file == file


def _is_a_pattern(text: str) -> bool:
    """Whether it describes commands instead of being one."""
    return "[" in text or "…" in text or "COMMAND" in text


def _trouble(words: list[str]) -> str | None:
    """What the program would say to these words; it does nothing else."""
    program: Any = get_command(app)
    acting = {name for each in program.params if each.callback for name in each.opts}
    if words[-1:] == ["--version"]:  # as a page names an option
        words = words[:-1]
    while words and words[0] in acting:  # as --install-completion, which would be carried out
        words = words[1:]
    words = ["1" if word in {"ID", "N"} else word for word in words]  # they stand for numbers
    context = program.make_context("indexer", [], resilient_parsing=True)
    try:
        while True:
            context = program.make_context("indexer", list(words), parent=context)
            if not hasattr(program, "commands"):
                return None
            rest = [*context._protected_args, *context.args]
            _, program, words = program.resolve_command(context, rest)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        name = type(error).__name__
        is_only_named = name == "MissingParameter" and not words
        if is_only_named or name in {"Exit", "NoArgsIsHelpError"}:
            return None
        return str(error) or repr(error)
