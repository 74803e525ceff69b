"""One word for one thing, in all that users read: pages, help, messages."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.documents import pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

SAY_INSTEAD = {
    r"owed|owes": "pending",
    r"sweeps?": "a full crawl",
    r"standings?": "a verdict",
    r"vanish(ed|es)?": "removed",
    r"gone": "removed",
    r"news": "a change, or new",
    r"late": "overdue",
    r"(points?|pointed) elsewhere|points to something else": "retagged",
    r"(tags?|releases?)( that| must not| may not)? mov(e|es|ed)|moved tags?": "retagged",
    r"kinds? of moves?|moves? of a tag": "a kind of retag",
    r"(become|in|as|of) a digest of|digests? of changes": "a summary",
    r"(its|the) life|life of a tag|intervals? of (a|each) tag": "periods",
    r"(?<!there )(is|are) no(?! (longer|more|one|less))": "is not a",
    r"whoever": "a person who, the process that, or the passive",
    r"'s word|whose eyes": "as the registry says, the account",
    r"(lead|leads|leading) elsewhere|asked on|forgiven": "what happens, literally",
    r"all the same(?! (tag|digest|image))": "anyway",
    r"cannot be had|to be had": "cannot be read, or fetched",
    r"hence|thereby|whence|lest": "so, which is why",
    r"in vain|in silence|without a word": "without a message, or what happens",
    r"goes without saying|as far as was asked( for)?": "what is meant, literally",
    r"wants us to": "asks us to",
}
"""What is not said, and what is."""

IN_MESSAGES = {
    r"nobody|somebody": "no one, a person, the passive",
    r"of no use": "invalid, or what is wrong with it",
    r"as ever": "as usual",
    r"anew": "again",
    r"alike": "the same, similar",
    r"mend": "correct",
    r"anybody|everybody": "anyone, all users",
    r"as far as": "what is known, and what is not",
    r"whom": "who, in a sentence of its own",
    r"no (removal|change|error|answer|reason|list|file|time)( at all)?(?= (that|if|where)\b)": (
        "is not a ..."
    ),
    r"and the like": "and similar",
    r"it is not known whether": "cannot tell whether",
    r"nothing of (it|this|them)": "none of it, or what is not done",
    r"(?<!docker )once more": "again",
    r"what\?|whose\b[^'\"]*\?": "say what to give, not a question",
}
"""What a sentence of the program does not say besides, and what it says."""

IN_DOCSTRINGS = ("owed|owes", "sweeps?", "standings?", "vanish(ed|es)?", "gone", "news")
"""Of `SAY_INSTEAD`, what those who read the code do not meet either."""

_EXAMPLES = [pages.ROOT / "config.example.toml", *(pages.ROOT / "docs" / "examples").iterdir()]

_OLD_WORDS = {"CHANGELOG.md", "docs/upgrading.md"}
"""Say what things were called before."""


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(pages.read(path))


def _documents() -> Iterator[tuple[str, str]]:
    """Each page and example, by name."""
    for page in [*pages.PAGES, *_EXAMPLES]:
        if pages.name(page) not in _OLD_WORDS:
            yield pages.name(page), pages.read(page)


def _sentences() -> Iterator[tuple[str, str]]:
    """What the program says: its templates and the strings of its modules, by file."""
    for path in sorted((pages.ROOT / "indexer").rglob("*.html")):
        yield pages.name(path), re.sub(r"\{[%{].*?[%}]\}|<[^>]*>", " ", pages.read(path))
    for path in sorted((pages.ROOT / "indexer").rglob("*.py")):
        yield from ((pages.name(path), text) for text in _messages(path))


def _messages(path: Path) -> Iterator[str]:
    """The texts of a module but for its docstrings; those of commands are on a page."""
    for node in ast.walk(_tree(path)):
        for child in ast.iter_child_nodes(node):
            is_docstring = isinstance(node, ast.Expr)
            if (
                isinstance(child, ast.Constant)
                and isinstance(child.value, str)
                and not is_docstring
            ):
                yield child.value


def _docstrings() -> Iterator[tuple[str, str]]:
    """The docstrings of the program, by file; those of values too."""
    for path in sorted((pages.ROOT / "indexer").rglob("*.py")):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                yield pages.name(path), str(node.value.value)


def _found(texts: Iterable[tuple[str, str]], words: Mapping[str, str]) -> list[str]:
    """Where a text holds one of the words, and what it should say."""
    refused = {re.compile(rf"\b({word})\b", re.IGNORECASE): word for word in words}
    return [
        f"{where}: '{match[0]}' ({words[word]}): "
        f"{text[max(0, match.start() - 40) : match.end() + 40]!r}"
        for where, text in texts
        for pattern, word in refused.items()
        for match in pattern.finditer(text)
    ]


def test_one_word_is_used_for_one_thing() -> None:
    found = _found([*_documents(), *_sentences()], SAY_INSTEAD)

    assert not found, "\n".join(found)


def test_messages_say_plainly_what_is_wrong() -> None:
    found = _found(_sentences(), IN_MESSAGES)

    assert not found, "\n".join(found)


def test_docstrings_use_the_same_words() -> None:
    found = _found(_docstrings(), {word: SAY_INSTEAD[word] for word in IN_DOCSTRINGS})

    assert not found, "\n".join(found)


NOUNS = (
    "changes|crawls|days|digests|hours|images|items|layers|messages|namespaces|problems|requests"
    "|rows|rules|sinks|tags|tries|violations"
)


def test_a_number_and_its_noun_come_from_one_place() -> None:
    """`1 tags` is never said: `indexer.core.humanize.count` knows the plurals."""
    noun = re.compile(rf" (?:\w+ )?({NOUNS})\b(?!')")
    found = [
        f"{pages.name(path)}:{text.lineno}: {ast.unparse(number.value)}{words.value!r}"
        for path in sorted((pages.ROOT / "indexer").rglob("*.py"))
        for text in ast.walk(_tree(path))
        if isinstance(text, ast.JoinedStr)
        for number, words in pairwise(text.values)
        if isinstance(number, ast.FormattedValue)
        and isinstance(words, ast.Constant)
        and noun.match(str(words.value))
        and _may_be_one(number.value)
    ]

    assert not found, "\n".join(found)


def _may_be_one(number: ast.expr) -> bool:
    """Whether a value may be the number 1: not a constant, nor a word."""
    name = ast.unparse(number)
    is_word = name in {"command", "what", "of", "place"} or name.startswith(("count(", "words."))
    return not (name.isupper() or is_word or name.endswith("program"))
