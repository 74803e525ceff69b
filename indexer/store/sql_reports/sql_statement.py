"""Tokenizes and checks the text of one SQL statement: its parameters, and places in it. Pure.

The database checks all of this again; checking it here gives errors that point at the
place. PostgreSQL's driver takes numbered parameters, so names are replaced.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.core.errors import UsageError
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Raw = tuple[Any, ...]
"""A row as a driver returns it; its types depend on the statement."""

MOST_CHARACTERS = 1_000_000
"""The most characters of a statement; a person writes some hundred."""

_SHOWN_CHARACTERS = 100
"""The most characters of a line that is shown, around the place."""

_READS = ("SELECT", "WITH", "VALUES")

_TOKEN = re.compile(
    r"""
      (?P<space>   \s+ | --[^\n]* )
    | (?P<comment> /\* )
    | (?P<text>    [eE]'(?:[^'\\]|''|\\.)*' | [xXbB]?'(?:[^']|'')*'
                 | \$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$ )
    | (?P<quoted>  "(?:[^"]|"")*" | `[^`]*` )
    | (?P<odd>     [uU]&["'] )
    | (?P<open>    ["'`] )
    | (?P<cast>    :: )
    | (?P<param>   :[^\W\d]\w* )
    | (?P<word>    [^\W\d][\w$]* )
    | (?P<number>  \d[\w.]* )
    | (?P<sign>    . )
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A token: its kind, its text, and where it begins."""

    kind: str
    text: str
    place: int


class Statement(NamedTuple):
    """One statement.

    Attributes:
        text: as the user wrote it, without a final semicolon.
        tokens: without white space and comments.
    """

    text: str
    tokens: tuple[Token, ...]

    @property
    def parameters(self) -> list[str]:
        """The names of its parameters, each once, in order of appearance."""
        found = (token.text[1:] for token in self.tokens if token.kind == "param")
        return list(dict.fromkeys(found))

    def function_calls(self) -> dict[str, int]:
        """The functions that it calls, with their places: names before an opening bracket."""
        calls: dict[str, int] = {}
        for token, following in zip(self.tokens, self.tokens[1:], strict=False):
            if following.text != "(":
                continue
            if token.kind == "word":
                calls.setdefault(token.text.lower(), token.place)
            elif token.kind == "quoted":
                calls.setdefault(token.text[1:-1].replace('""', '"'), token.place)
        return calls


def read(text: str) -> Statement:
    """Read one statement that only queries.

    Raises:
        UsageError: it is empty, more than one statement, or does something else.
    """
    if len(text) > MOST_CHARACTERS:
        raise UsageError(f"the SQL is longer than {MOST_CHARACTERS:,} characters.")
    if "\0" in text:
        raise UsageError("the SQL holds a character that no database takes (NUL).")
    tokens = list(_tokens(text))
    ends = [index for index, token in enumerate(tokens) if token.text == ";"]
    if ends:
        rest = [token for token in tokens[ends[0] :] if token.text != ";"]
        if rest:
            raise refused(text, rest[0].place, "one statement at a time, and here is a second one")
        text = text[: tokens[ends[0]].place]
        tokens = tokens[: ends[0]]
    first = next((token for token in tokens if token.text != "("), None)
    if first is None:
        raise UsageError('there is no SQL: write a SELECT, as in "SELECT * FROM report_tags".')
    if first.text.upper() not in _READS:
        what = shown(first.text, 30).upper() if first.kind == "word" else "this"
        raise refused(
            text, first.place, f"only SELECT, WITH and VALUES are answered, and {what} is refused"
        )
    return Statement(text, tuple(tokens))


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        assert match is not None
        kind, start, place = str(match.lastgroup), place, match.end()
        if kind == "comment":
            place = _end_of_comment(text, start)
        elif kind == "odd":
            raise refused(text, start, "names and texts with U& are refused")
        elif kind == "open":
            raise refused(text, start, "a quote is opened and not closed")
        elif kind != "space":
            yield Token(kind, match[0], start)


def _end_of_comment(text: str, start: int) -> int:
    end = text.find("*/", start + 2)
    if end < 0:
        raise refused(text, start, "a comment is opened and not closed")
    if "/*" in text[start + 2 : end]:
        raise refused(text, start, "a comment within a comment is refused")
    return end + 2


def check_parameters(statement: Statement, given: Collection[str]) -> None:
    """Check that each parameter has a value, and each value a parameter.

    Raises:
        UsageError: one is missing.
    """
    wanted = statement.parameters
    for token in statement.tokens:
        if token.kind == "param" and token.text[1:] not in given:
            name = token.text[1:]
            raise refused(
                statement.text,
                token.place,
                f"{token.text} has no value: give it with --param {name}=VALUE, or a time with "
                f"--when {name}=WHEN",
            )
    for name in given:
        if name not in wanted:
            known = ", ".join(f":{each}" for each in wanted) or "none"
            raise UsageError(
                f"the SQL has no parameter :{shown(name, 60)}; those that it has: {known}."
            )


def numbered(statement: Statement) -> tuple[str, list[int]]:
    """The text with parameters as `$1`, `$2`, and for each character its place in the original."""
    numbers = {name: number for number, name in enumerate(statement.parameters, 1)}
    parts: list[str] = []
    places: list[int] = []
    done = 0
    for token in statement.tokens:
        if token.kind == "param":
            parts += statement.text[done : token.place], f"${numbers[token.text[1:]]}"
            places += [*range(done, token.place), *[token.place] * len(parts[-1])]
            done = token.place + len(token.text)
    parts.append(statement.text[done:])
    places += range(done, len(statement.text) + 1)
    return "".join(parts), places


def refused(text: str, place: int, why: str) -> UsageError:
    """An error that points at a place in the text."""
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    line = text[start : end if end >= 0 else len(text)]
    column = place - start
    cut = max(column - _SHOWN_CHARACTERS // 2, 0)
    piece = shown(line[cut : cut + _SHOWN_CHARACTERS].replace("\t", " "), _SHOWN_CHARACTERS)
    number = text.count("\n", 0, place) + 1
    return UsageError(
        f"{why} (line {number}, column {column + 1}):\n  {piece}\n  {' ' * (column - cut)}^"
    )
