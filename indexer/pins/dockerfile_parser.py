"""Splits a Dockerfile into instructions as BuildKit does (its `parser` and `shell` packages).

No maintained library does this on every platform: the one that wraps BuildKit's own
parser has no wheel for half of them. Where it is installed, tests compare this module with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIRECTIVE = re.compile(r"#[ \t]*([a-zA-Z][a-zA-Z0-9]*)[ \t]*=[ \t]*(.+?)[ \t]*")
_DIRECTIVES = frozenset({"syntax", "escape", "check"})
_COMMENT = re.compile(r"[ \t]*#")
_HEREDOC = re.compile(r"\d*<<(-?)([^<]+)")
_WITH_HEREDOC = frozenset({"ADD", "COPY", "RUN"})
_FLAG = re.compile(r"--[^\s]+")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    Attributes:
        line: its first line, from 1.
        name: in upper case; for `ONBUILD COPY …` it is `COPY`.
        flags: such as `--from=stage`.
        words: the rest, split at whitespace.
    """

    line: int
    name: str
    flags: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile. `syntax` is the image that builds it, with its line, if it names one."""

    instructions: tuple[Instruction, ...]
    escape: str = "\\"
    syntax: tuple[str, int] | None = None


def split(text: str) -> Dockerfile:
    """Split a Dockerfile into its instructions. Unknown instructions are kept."""
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    directives = _directives(lines)
    escape, _ = directives.get("escape", ("\\", 0))
    escape = escape if escape in {"\\", "`"} else "\\"
    whole = tuple(_instruction(line, logical) for line, logical in _logical(lines, escape))
    return Dockerfile(whole, escape, directives.get("syntax"))


def _directives(lines: list[str]) -> dict[str, tuple[str, int]]:
    """The parser directives in the first comments, each with its line."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines, 1):
        match = _DIRECTIVE.fullmatch(line.strip())
        if match is None or match[1].lower() not in _DIRECTIVES or match[1].lower() in found:
            break
        found[match[1].lower()] = match[2], number
    return found


def _logical(lines: list[str], escape: str) -> Iterator[tuple[int, str]]:
    """Yield each instruction on one line, with its first line's number; here-documents left out."""
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
            yield first, logical
            number = _after_heredocs(logical, lines, number)


def _after_heredocs(logical: str, lines: list[str], number: int) -> int:
    """The line number after the here-documents of an instruction."""
    for strips, end in _heredocs(logical):
        while number < len(lines):
            line = lines[number]
            number += 1
            if (line.lstrip("\t") if strips else line) == end:
                break
    return number


def _heredocs(logical: str) -> Iterator[tuple[bool, str]]:
    """Yield for each here-document whether leading tabs are stripped, and its last line."""
    words = blanks_apart(logical)
    if words and words[0].upper() == "ONBUILD":
        del words[0]
    if not words or words[0].upper() not in _WITH_HEREDOC:
        return
    for word in words[1:]:
        if match := _HEREDOC.fullmatch(word):
            end = match[2].replace('"', "").replace("'", "")
            if end:
                yield bool(match[1]), end


def _instruction(line: int, logical: str) -> Instruction:
    words = blanks_apart(logical)
    name = words.pop(0).upper()
    if name == "ONBUILD" and words:
        name = words.pop(0).upper()
    flags = []
    while words and _FLAG.fullmatch(words[0]):
        flags.append(words.pop(0))
    return Instruction(line, name, tuple(flags), tuple(words))


def blanks_apart(text: str) -> list[str]:
    """Split at whitespace outside of quotes; the quotes stay."""
    words: list[str] = []
    word, quote = "", ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character.isspace():
            if word:
                words.append(word)
            word = ""
            continue
        word += character
    return [*words, word] if word else words
