"""Splits a Dockerfile into instructions as BuildKit does (its `parser` and `shell` packages).

No maintained library does this on every platform: the one that wraps BuildKit's own
parser has no wheel for half of them. Where it is installed, tests compare this module with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIRECTIVE = re.compile(r"#[ \t]*([a-zA-Z][a-zA-Z0-9]*)[ \t]*=[ \t]*(.+)")
_DIRECTIVES = frozenset({"syntax", "escape", "check"})
_COMMENT = re.compile(r"[ \t]*#")
_HEREDOC = re.compile(r"\d*<<(-?+)([^<]+)")
_WITH_HEREDOC = frozenset({"ADD", "COPY", "RUN"})
_FLAG = re.compile(r"--[^\s]+")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    Attributes:
        line: its first line, from 1.
        name: in upper case; for `ONBUILD COPY …` it is `COPY`.
        written: the name as it is written.
        flags: such as `--from=stage`.
        words: the rest, split at whitespace.
    """

    line: int
    name: str
    flags: tuple[str, ...]
    words: tuple[str, ...]
    written: str = ""


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile.

    Attributes:
        instructions: in order; unknown ones too.
        escape: the character that continues a line.
        syntax: the image that builds it, with its line, if it names one.
        unended: the lines of instructions with a here-document that does not end.
    """

    instructions: tuple[Instruction, ...]
    escape: str = "\\"
    syntax: tuple[str, int] | None = None
    unended: tuple[int, ...] = ()


def split(text: str) -> Dockerfile:
    """Split a Dockerfile into its instructions. Unknown instructions are kept."""
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    directives = _directives(lines)
    escape, _ = directives.get("escape", ("\\", 0))
    escape = escape if escape in {"\\", "`"} else "\\"
    whole = list(_logical(lines, escape))
    return Dockerfile(
        tuple(_instruction(each.line, each.text) for each in whole),
        escape,
        directives.get("syntax"),
        tuple(each.line for each in whole if not each.is_ended),
    )


class _Logical(NamedTuple):
    """An instruction on one line, with its first line's number, without its here-documents."""

    line: int
    text: str
    is_ended: bool


def _directives(lines: list[str]) -> dict[str, tuple[str, int]]:
    """The parser directives in the first comments, each with its line."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith("#!"):
            continue
        match = _DIRECTIVE.fullmatch(line.strip())
        if match is None or match[1].lower() not in _DIRECTIVES or match[1].lower() in found:
            break
        found[match[1].lower()] = match[2], number
    return found


def _logical(lines: list[str], escape: str) -> Iterator[_Logical]:
    mark = re.escape(escape)
    continued = re.compile(rf"(^|[^{mark}]){mark}[ \t]*$")  # a doubled mark does not continue
    number = 0
    while number < len(lines):
        first, parts = 0, []
        while number < len(lines):
            line = lines[number]
            number += 1
            if _COMMENT.match(line) or not line.strip():
                continue
            first = first or number
            cut = continued.sub(r"\1", line)
            parts.append(cut)
            if cut == line:
                break
        logical = "".join(parts).strip()
        if logical:
            number, is_ended = _after_heredocs(logical, lines, number)
            yield _Logical(first, logical, is_ended)


def _after_heredocs(logical: str, lines: list[str], number: int) -> tuple[int, bool]:
    """The line number after the here-documents of an instruction, and whether all of them end."""
    for strips, end in _heredocs(logical):
        while number < len(lines):
            line = lines[number]
            number += 1
            if (line.lstrip("\t") if strips else line) == end:
                break
        else:
            return number, False
    return number, True


def _heredocs(logical: str) -> Iterator[tuple[bool, str]]:
    """Yield for each here-document whether leading tabs are stripped, and its last line."""
    words, is_closed = _words(logical)
    if words and words[0].upper() == "ONBUILD":
        del words[0]
    if not is_closed or not words or words[0].upper() not in _WITH_HEREDOC:
        return
    for word in words[1:]:
        if (match := _HEREDOC.fullmatch(word)) and (end := _unquoted(match[2])):
            yield bool(match[1]), end


def _instruction(line: int, logical: str) -> Instruction:
    words, _ = _words(logical)
    name = words.pop(0)
    if name.upper() == "ONBUILD" and words:
        name = words.pop(0)
    flags = []
    while words and _FLAG.fullmatch(words[0]):
        flags.append(words.pop(0))
    return Instruction(line, name.upper(), tuple(flags), tuple(words), name)


def _words(text: str) -> tuple[list[str], bool]:
    """Split at whitespace outside of quotes, and say whether all quotes are closed.

    Quotes and backslashes stay. A backslash takes the special meaning from what follows it, but
    within single quotes (BuildKit's `shell.Lex`, which is always given the backslash here).
    """
    words: list[str] = []
    word, quote, is_escaped = "", "", False
    for character in text:
        if is_escaped:
            is_escaped = False
        elif character == "\\" and quote != "'":
            is_escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character.isspace():
            if word:
                words.append(word)
            word = ""
            continue
        word += character
    return [*words, word] if word else words, not quote


def _unquoted(word: str) -> str:
    """A word without its quotes, and without the backslashes that quote something."""
    plain, quote, place = "", "", 0
    while place < len(word):
        character, following = word[place], word[place + 1 : place + 2]
        if character == "\\" and quote != "'" and (not quote or following in {'"', "$", "\\"}):
            plain += following
            place += 1
        elif character == quote or (not quote and character in "'\""):
            quote = "" if quote else character
        else:
            plain += character
        place += 1
    return plain
