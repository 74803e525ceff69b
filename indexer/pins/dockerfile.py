"""Finds the images that a Dockerfile uses."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from indexer.core.printable import shown
from indexer.pins.dockerfile_parser import split
from indexer.pins.image_names import named
from indexer.pins.pin import Pin
from indexer.pins.variable_expansion import NotSet, expand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.dockerfile_parser import Instruction
    from indexer.pins.source_file import SourceFile, Values

_NAMES = ("dockerfile", "containerfile")

_PLATFORMS = {
    "TARGETPLATFORM": "linux/amd64",
    "TARGETOS": "linux",
    "TARGETARCH": "amd64",
    "TARGETVARIANT": "",
    "BUILDPLATFORM": "linux/amd64",
    "BUILDOS": "linux",
    "BUILDARCH": "amd64",
    "BUILDVARIANT": "",
}
"""Variables that BuildKit sets itself, with example values: stage names may depend on them."""

_PLATFORM = re.compile(rf"\$(?:({'|'.join(_PLATFORMS)})\b|\{{({'|'.join(_PLATFORMS)})\}})")


def is_name(file: SourceFile) -> bool:
    """Whether the name is like `Dockerfile`, `Dockerfile.dev`, `api.Containerfile`."""
    base = file.base
    return any(
        base == each or base.startswith(f"{each}.") or base.endswith(f".{each}") for each in _NAMES
    )


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images of a Dockerfile: see `images_of_text`."""
    return images_of_text(file.text, given)


def images_of_text(text: str, given: Values) -> Iterator[Pin]:
    """Yield the images of a Dockerfile in order: its syntax, FROM, COPY --from, RUN --mount.

    Args:
        text: the file.
        given: values for its ARGs; they override the defaults.
    """
    file = split(text)
    if file.syntax is not None:
        name, line = file.syntax
        yield named(name.split()[0], "syntax", line)
    stages = _Stages(file.escape, given)
    for instruction in file.instructions:
        yield from stages.images(instruction)


class _Stages:
    """The stages seen so far, and the values of ARGs."""

    def __init__(self, escape: str, given: Values) -> None:
        self._escape = escape
        self._given = given
        self._globals = {**_PLATFORMS, **given}
        self._values = self._globals
        self._names: set[str] = set()
        self._count = 0

    def images(self, instruction: Instruction) -> Iterator[Pin]:
        match instruction.name:
            case "ARG":
                self._set(instruction)
            case "ENV":
                self._set(instruction)
            case "FROM":
                yield from self._from(instruction)
            case "COPY" | "ADD":
                for flag in instruction.flags:
                    if flag.startswith("--from="):
                        yield from self._other(flag[7:], "COPY --from", instruction.line)
            case "RUN":
                for flag in instruction.flags:
                    if flag.startswith("--mount="):
                        yield from self._mounted(flag[8:], instruction.line)

    def _set(self, instruction: Instruction) -> None:
        """Record the values of `ARG NAME=default` or `ENV`; an unreadable one has no value."""
        for word in instruction.words:
            name, has_default, default = word.partition("=")
            if instruction.name == "ARG" and name in self._given:
                self._values[name] = self._given[name]
            elif has_default:
                try:
                    self._values[name] = self._expanded(default)
                except NotSet:
                    self._values.pop(name, None)
            elif self._count and name in self._globals:
                self._values[name] = self._globals[name]

    def _from(self, instruction: Instruction) -> Iterator[Pin]:
        words = instruction.words
        self._values = self._globals  # FROM sees only the ARGs before the first FROM
        pin = self._image(words[0] if words else "", "FROM", instruction.line)
        if pin is not None:
            yield pin
        self._count += 1
        self._values = dict(_PLATFORMS)
        if len(words) == len(("IMAGE", "AS", "NAME")) and words[1].upper() == "AS":
            self._names.add(words[2].lower())

    def _mounted(self, options: str, line: int) -> Iterator[Pin]:
        for option in options.strip("\"'").split(","):
            name, _, value = option.partition("=")
            if name.strip().lower() == "from":
                yield from self._other(value, "RUN --mount", line)

    def _other(self, written: str, where: str, line: int) -> Iterator[Pin]:
        """The pin for a value that is a stage's name or number, or an image."""
        if written.isdecimal() and int(written[:9]) < self._count:
            return
        self._values = {**self._globals, **self._values}
        pin = self._image(written, where, line)
        if pin is not None:
            yield pin

    def _image(self, written: str, where: str, line: int) -> Pin | None:
        """The pin for a word; None for a stage of this file, and for an empty word."""
        try:
            name = self._expanded(written)
        except NotSet as problem:
            return Pin(written, where, problem=f"'{shown(written)}': {problem}.", line=line)
        if name.lower() in self._names or name == "scratch" or self._is_stage(written):
            return None
        return named(name, where, line, written)

    def _is_stage(self, written: str) -> bool:
        """Whether the word names a stage of this file for any platform: `build-${TARGETARCH}`."""
        pattern = _PLATFORM.sub("*", written).lower()
        return pattern != written.lower() and any(
            fnmatchcase(name, pattern) for name in self._names
        )

    def _expanded(self, word: str) -> str:
        whole = expand(word, self._values, escape=self._escape)
        return whole.replace('"', "").replace("'", "")
