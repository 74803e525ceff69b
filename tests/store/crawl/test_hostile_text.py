"""Text that means something to a database, a shell or a terminal comes back as it was."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.errors import UsageError
from indexer.core.model import Repository
from indexer.core.reference import Reference
from tests.store.scribe import START, Scribe, changes, image, tag

if TYPE_CHECKING:
    from indexer.store import Store

TEXTS = [
    "it's",
    '"quoted"',
    "'; DROP TABLE repository; --",
    "100% %s %(name)s %%",
    "{braces} ${variable} $1 $$",
    ":bound ?1 @name",
    "back\\slash \\n \\x00 \\u0000",
    "line\nbreak\r\ntab\t",
    "\x01\x1b[31mred\x1b[0m\x7f",
    "\u202eright to left\u2066",
    "é ü ß 漢字 😀 👩‍👩‍👧 \U0010ffff",
    "e\u0301 is not \u00e9",
    "NULL",
    "",
    " leading and trailing ",
    "x" * 1_000,
    "😀" * 1_000,
]


@pytest.fixture
def hostile(store: Store) -> Store:
    """An index in which each text stands wherever a registry's text may stand."""
    scribe = Scribe(store.archive)
    names = [f"{number:02}" for number in range(len(TEXTS))]
    for name, text in zip(names, TEXTS, strict=True):
        full = f"library/{name}"
        scribe.repositories[full] = Repository(full, START, text)
    platforms = [image(f"linux/{name}", name)._replace(os=text) for name, text in _numbered()]
    tags = [
        tag(text, text, media_type=text, platforms=(platform,))
        for text, platform in zip(TEXTS, platforms, strict=True)
    ]
    scribe.crawl(dict.fromkeys(names, tags))
    return store


def _numbered() -> list[tuple[str, str]]:
    return [(f"{number:02}", text) for number, text in enumerate(TEXTS)]


def test_descriptions_come_back_as_they_were(hostile: Store) -> None:
    assert [each.description for each in hostile.catalog.repositories()] == TEXTS


def test_names_of_tags_and_platforms_come_back_as_they_were(hostile: Store) -> None:
    entries = list(hostile.catalog.tags("docker.io", "library/00"))
    assert [each.tag for each in entries] == sorted(TEXTS, key=str.encode)
    assert {each.tag: each.platforms[0].os for each in entries} == dict(
        zip(TEXTS, TEXTS, strict=True)
    )


def test_each_text_can_be_asked_for(hostile: Store) -> None:
    for text in TEXTS:
        found = hostile.catalog.history("docker.io", "library/00", text)
        assert [each.tag for each in found] == [text]
        if not set(text) & set("*?["):
            named = changes(hostile, tag=text, repository="library/00")
            assert [each.tag for each in named] == [text]
        assert changes(hostile, repository=text, registry=text, namespace=text) == [], text
        names = hostile.catalog.repository_names(text, 5)
        assert names == ([] if text else _first_names()), text


def _first_names() -> list[str]:
    return [f"library/{number:02}" for number in range(5)]


def test_an_invalid_name_is_refused_in_one_bounded_line(hostile: Store) -> None:
    def locate(text: str) -> object:
        return hostile.catalog.locate(Reference(text, text))

    def tags(text: str) -> object:
        return hostile.catalog.tags("docker.io", f"library/{text}")

    def history(text: str) -> object:
        return hostile.catalog.history("docker.io", "library/00", f"no {text}")

    for text, ask in itertools.product(TEXTS, (locate, tags, history)):
        with pytest.raises(UsageError) as refused:
            ask(text)
        sentence = str(refused.value)
        assert sentence.isprintable(), text
        assert len(sentence) < 2_000, text


def test_identities_and_errors_come_back_as_they_were(store: Store) -> None:
    for text in TEXTS:
        scribe = Scribe(store.archive, identity=text)
        done = scribe.finish(scribe.begin(), errors=(text, *TEXTS))
        assert (done.identity, done.errors) == (text, (text, *TEXTS))
        assert store.catalog.crawl(done.id) == done


def test_bytes_that_are_not_utf_8_are_refused_as_such(hostile: Store) -> None:
    """A command line may hold some; Python hands them on like this."""
    told = "'caf\ufffd' is not valid text: it holds a character that does not exist."
    for ask in (
        lambda: list(hostile.catalog.changes(ChangeFilter(tag="caf\udce9"))),
        lambda: hostile.catalog.repository_names("caf\udce9", 5),
        lambda: hostile.catalog.history("docker.io", "library/00", "caf\udce9"),
    ):
        with pytest.raises(UsageError) as refused:
            ask()
        assert str(refused.value) == told
