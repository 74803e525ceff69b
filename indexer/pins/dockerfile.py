"""Finds the images that a Dockerfile uses."""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB, parse_reference
from indexer.pins.dockerfile_parser import split
from indexer.pins.image_names import named
from indexer.pins.pin import Pin
from indexer.pins.variable_expansion import NotSet, expand

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from indexer.pins.dockerfile_parser import Dockerfile, Instruction
    from indexer.pins.source_file import SourceFile, Values

_NAME = re.compile(r"(?:.*[._-])?(?:docker|container)file(?:[._-].*)?")

_FROM = re.compile(rb"^[ \t]*FROM[ \t]", re.MULTILINE)

_INSTRUCTIONS = frozenset(
    {
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    }
)
"""Those of the Dockerfile reference. BuildKit refuses others."""

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

MOST_COMPARED = 200_000
"""How often the names of a file's stages are compared with names for any platform; 400 of both."""

_PLATFORM = re.compile(rf"\$(?:({'|'.join(_PLATFORMS)})\b|\{{({'|'.join(_PLATFORMS)})\}})")


def is_name(file: SourceFile) -> bool:
    """Whether the name is like `Dockerfile`, `Dockerfile-dev` or `api.Containerfile`.

    `dockerfile.py` is so named too; therefore it must begin with an instruction, or be empty.
    """
    if not _NAME.fullmatch(file.base):
        return False
    first = next(iter(split(file.text).instructions), None)
    if first is None or first.name != "FROM":
        return first is None or first.name in _INSTRUCTIONS
    return len(first.words) == 1 or bool(_stage(first.words))


def is_content(file: SourceFile) -> bool:
    """Whether a file without a telling name has instructions only, and FROM, in upper case."""
    if file.is_named_yaml or not _FROM.search(file.content):
        return False
    found = split(file.text).instructions
    names = {each.name for each in found}
    return (
        "FROM" in names
        and names <= _INSTRUCTIONS
        and all(each.written.isupper() for each in found if each.name == "FROM")
    )


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images of a Dockerfile: see `images_of_text`."""
    return images_of_text(file.text, given, file.contexts)


def images_of_text(text: str, given: Values, contexts: Iterable[str] = ()) -> Iterator[Pin]:
    """Yield the images of a Dockerfile in order: its syntax, FROM, COPY --from, RUN --mount.

    What BuildKit would refuse is told with its line.

    Args:
        text: the file.
        given: values for its ARGs; they override the defaults.
        contexts: the names of additional build contexts, which stand for what they name
            (`docker build --build-context`).
    """
    file = split(text)
    if file.syntax is not None:
        name, line = file.syntax
        yield named(name.split()[0], "syntax", line)
    stages = _Stages(file, given, contexts)
    for instruction in file.instructions:
        yield from stages.images(instruction)
        if instruction.line in file.unended:
            problem = f"a here-document of {instruction.name} does not end."
            yield Pin("", instruction.name, problem=problem, line=instruction.line)
    if not stages.count:
        yield Pin("", "Dockerfile", problem="it has no FROM: it builds nothing.")


class _Stages:
    """The stages seen so far, and the values of ARGs. `count` is the number of the stages."""

    def __init__(self, file: Dockerfile, given: Values, contexts: Iterable[str]) -> None:
        self._escape = file.escape
        self._all = [each for each in file.instructions if each.name == "FROM"]
        self._all_names = {name for each in self._all if (name := _stage(each.words))}
        self._contexts = {_usual(each) for each in contexts}
        self._given = given
        self._globals = {**_PLATFORMS, **given}
        self._values = self._globals
        self._names: set[str] = set()
        self._compared = 0
        self.count = 0

    def images(self, instruction: Instruction) -> Iterator[Pin]:
        match instruction.name:
            case "ARG" | "ENV":
                self._set(instruction)
            case "FROM":
                yield from self._from(instruction)
            case "COPY" | "ADD":
                for value in _values(instruction, "--from="):
                    yield from self._other(value, "COPY --from", instruction.line)
            case "RUN":
                for value in _values(instruction, "--mount="):
                    yield from self._mounted(value, instruction.line)
            case name if name not in _INSTRUCTIONS:
                problem = f"'{shown(name, 30)}' is not an instruction of a Dockerfile."
                yield Pin(name, "Dockerfile", problem=problem, line=instruction.line)

    def _set(self, instruction: Instruction) -> None:
        """Record the values of `ARG NAME=default` or `ENV`; an unreadable one has no value."""
        for word in instruction.words:
            name, has_default, default = word.partition("=")
            if instruction.name == "ARG" and name in self._given:
                self._values[name] = self._given[name]
            elif has_default:
                try:
                    self._values[name] = self._expanded(default, self._values)
                except NotSet:
                    self._values.pop(name, None)
            elif self.count and name in self._globals:
                self._values[name] = self._globals[name]

    def _from(self, instruction: Instruction) -> Iterator[Pin]:
        words = instruction.words
        self._values = self._globals  # FROM sees only the ARGs before the first FROM
        name = _stage(words)
        if len(words) > 1 and not name:
            problem = "after FROM comes an image, and then nothing, or AS and a name."
            yield Pin(" ".join(words), "FROM", problem=problem, line=instruction.line)
        else:
            image = words[0] if words else ""
            if pin := self._image(image, "FROM", instruction.line, self._names, self._values):
                yield pin
        self.count += 1
        self._values = dict(_PLATFORMS)
        self._names |= {name} if name else set()

    def _mounted(self, options: str, line: int) -> Iterator[Pin]:
        for option in options.strip("\"'").split(","):
            name, _, value = option.partition("=")
            if name.strip().lower() == "from":
                yield from self._other(value, "RUN --mount", line)

    def _other(self, written: str, where: str, line: int) -> Iterator[Pin]:
        """The pin for a value that is a stage's name or number, or an image."""
        if written.isdecimal() and int(written[:9]) < len(self._all):
            return
        values = ChainMap(self._values, self._globals)
        if pin := self._image(written, where, line, self._all_names, values):
            yield pin

    def _image(
        self, written: str, where: str, line: int, stages: Collection[str], values: Values
    ) -> Pin | None:
        """The pin for a word; None for one of the stages, and for a build context."""
        try:
            name = self._expanded(written, values)
            if name.lower() in stages or name == "scratch" or self._is_any(written, stages):
                return None
        except NotSet as problem:
            return Pin(written, where, problem=f"'{shown(written)}': {problem}.", line=line)
        if self._contexts and _usual(name) in self._contexts:
            return None
        return named(name, where, line, written)

    def _is_any(self, written: str, stages: Collection[str]) -> bool:
        """Whether a word names one of the stages for any platform: `build-${TARGETARCH}`."""
        pattern = _PLATFORM.sub("*", written).lower()
        if pattern == written.lower():
            return False
        self._compared += len(stages)
        if self._compared > MOST_COMPARED:
            raise NotSet("the file has too many stages to find those for each platform")
        return any(fnmatchcase(name, pattern) for name in stages)

    def _expanded(self, word: str, values: Values) -> str:
        whole = expand(word, values, escape=self._escape)
        return whole.replace('"', "").replace("'", "")


def _values(instruction: Instruction, flag: str) -> list[str]:
    return [each.removeprefix(flag) for each in instruction.flags if each.startswith(flag)]


def _stage(words: Sequence[str]) -> str:
    """The name of the stage that FROM begins, in lower case; empty if it has none."""
    is_named = len(words) == len(("IMAGE", "AS", "NAME")) and words[1].upper() == "AS"
    return words[2].lower() if is_named else ""


def _usual(name: str) -> str:
    """A name as build contexts are compared: `docker.io/library/alpine:latest` is `alpine`."""
    try:
        reference = parse_reference(name)
    except UsageError:
        return name.lower()
    host = None if reference.registry == DOCKER_HUB else reference.registry
    tag = None if reference.tag == "latest" else reference.tag
    return str(replace(reference, registry=host, tag=tag))
