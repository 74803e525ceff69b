from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.end_to_end.program import Done, Program


def _complete(program: Program, line: str) -> Done:
    """What bash would be offered for the last word of a line."""
    words = line.split(" ")
    return program.good(
        _INDEXER_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1)
    )


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("indexer tags acme/w", ["acme/web", "acme/worker"]),
        ("indexer history acme/a", ["acme/api"]),
        ("indexer repos a", ["acme"]),
        ("indexer crawl a", ["acme"]),
        ("indexer query --kind tag_re", ["tag_removed", "tag_retagged"]),
        ("indexer query --repository acme/a", ["acme/api"]),
        ("indexer st", ["stats", "status"]),
        ("indexer tags acme/web --tag 1.", ["1.2", "1.1", "1.0"]),
        ("indexer query --namespace a", ["acme"]),
        ("indexer violations --policy Doc", []),
        ("indexer tags nobody/", []),
    ],
)
def test_names_are_completed_from_the_index(
    crawled: Program, line: str, offered: list[str]
) -> None:
    done = _complete(crawled, line)

    assert done.out.split() == offered
    assert done.err == ""


@pytest.mark.parametrize(
    ("words", "current", "offered"),
    [
        (["history", "acme/web", ":"], 3, ["1.2", "1.1", "1.0"]),
        (["history", "acme/web", ":", "1.1"], 4, ["1.1"]),
        (["diff", "acme/web", ":", "1.", "--from", "7d"], 4, ["1.2", "1.1", "1.0"]),
        (["history", "acme/web:1.1"], 2, ["acme/web:1.1"]),  # COMP_WORDBREAKS without the colon
        (["tags", "acme/web", "--tag", "1.1"], 4, ["1.1"]),
    ],
)
def test_bash_is_offered_what_follows_the_colon_at_which_it_took_a_name_apart(
    crawled: Program, words: list[str], current: int, offered: list[str]
) -> None:
    line = "\n".join(("indexer", *words))
    done = crawled.good(_INDEXER_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(current))

    assert (done.out.split(), done.err) == (offered, "")


def test_completing_makes_no_database_and_complains_of_nothing(program: Program) -> None:
    done = _complete(program, "indexer tags a")

    assert (done.out.strip(), done.err) == ("", "")
    assert not (program.folder / "indexer.db").exists()


def test_completing_with_a_broken_configuration_complains_of_nothing(crawled: Program) -> None:
    (crawled.folder / "indexer.toml").write_text("[[[", encoding="utf-8")

    done = _complete(crawled, "indexer tags a")

    assert (done.out.strip(), done.err) == ("", "")
