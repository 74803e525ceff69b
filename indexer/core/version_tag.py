"""Reads tags as versions. Pure.

A tag is `PREFIX NUMBERS [PRE-RELEASE] [BUILD] [SUFFIX]`:

    1.27.3-alpine       three numbers, the suffix `-alpine`
    v2.0.0-rc.1         the prefix `v`, three numbers, a pre-release
    21.0.1_12-jre       three numbers, the build 12, the suffix `-jre`
    24.04, 2024.01.5    two numbers; three, of which the first is a year
    bookworm-20240110   the prefix `bookworm-`, a date: three numbers
    4.9.0.12            four numbers
    4.0.9-ls230         three numbers, the build 230 with the word `-ls`
    9.4-1214.1726694543 two numbers, the build 1214 of that time
    v20240802-66b1150   a date, and a commit, which does not count

Two tags have the same shape if prefix and suffix are the same, there are as many numbers, both
have a build or neither, and both begin with a year or neither. So `1.27` is compared with `1.29`
and not with `1.29.4`, as Renovate does it. A build counts as the last number.

A word before a single number is not a version, but a build, a pull request or a release by name:
`build-10234`, `pr-7`, `debian-12`.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.version_order import pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.core.version_order import Piece

_PRERELEASE = (
    r"[-_.]?(?:alpha|beta|rc|cr|preview|pre|milestone|snapshot|ea)(?:[-_.]?\d{1,9}){0,3}"
    r"|[-_.]?(?:dev|m)\d{1,9}|[ab]\d{1,9}"
)
_BUILD_WORD = r"[-_](?:ls|build|eksbuild)[-_.]?"
"""Of linuxserver.io, of many, of Amazon."""

_BUILD = r"\d{1,14}(?:\.\d{9,12})?"
"""A number, or the time of a build; of Red Hat with its seconds since 1970."""

_TAG = re.compile(
    rf"""(?P<prefix>\D*)
    (?:(?P<date>\d{{4}}-\d\d-\d\d)(?:T(?P<time>\d\d-\d\d-\d\d)Z)?
      |(?P<numbers>\d{{1,9}}(?:\.\d{{1,9}}){{0,3}}))
    (?P<prerelease>(?:{_PRERELEASE})(?![^-_.+]))?
    (?:(?:[-_]|-r|(?P<word>{_BUILD_WORD}))(?P<build>{_BUILD})(?![^-_.+]))?
    (?P<suffix>[-_+].*|\.[A-Za-z].*)?""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_REVISION = re.compile(rf"(.*(?:-r|{_BUILD_WORD}))(\d{{1,9}})", re.ASCII)
"""The end of `-debian-12-r7`: a build behind the suffix."""

_COMMIT = re.compile(
    r"(?<=[-_.+])(?:g[0-9a-f]{7,40}|(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40})(?=[-_.+]|$)", re.ASCII
)
"""`4e83c1a`, `g4e83c1a`; digits alone are a build, letters alone a word."""

_DISTRIBUTION = re.compile(
    r"(?<=[-_.])(alpine|debian|ubuntu|ubi|rockylinux|almalinux|fedora)(-?\d{1,4}(?:\.\d{1,4}){0,2})?"
    r"(?=[-_.+]|$)",
    re.ASCII,
)
"""What an image is built on, with its version."""

_SHORT_DATE = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
_ZEROS = str.maketrans("123456789", "0" * 9)
"""No pattern here tells one digit from another."""

_YEARS = range(1990, 2100)
_LONGEST_NUMBER = 4
"""A longer single number is a build or a commit, if it is not a date."""

_PLAIN_PREFIXES = ("", "v", "version-", "release-")
"""May stand before a single number."""


class Shape(NamedTuple):
    """What is the same in tags that are compared."""

    prefix: str
    suffix: str
    numbers: int
    has_build: bool
    has_year: bool


class VersionTag(NamedTuple):
    """A tag that reads as a version.

    Attributes:
        shape: its shape.
        family: its shape without a `v`, and without the version of its distribution.
        distribution: the version of its distribution; empty: none is named.
        numbers: its numbers, from the major one on.
        is_release: it is no pre-release.
        prerelease: the identifiers of its pre-release.
        build: the numbers of its build.
    """

    shape: Shape
    family: Shape
    distribution: tuple[int, ...]
    numbers: tuple[int, ...]
    is_release: bool
    prerelease: tuple[Piece, ...]
    build: tuple[int, ...]

    @property
    def order(self) -> tuple[object, ...]:
        """What tags of the same shape are compared by: a newer one is greater."""
        return self.numbers, self.is_release, self.prerelease, self.build

    def follows(self, other: VersionTag) -> bool:
        """Whether it is newer than one of the same family, on no older distribution."""
        if not self.is_release and other.is_release:
            return False
        if not other.distribution or self.distribution == other.distribution:
            return self.order > other.order
        # Builds are counted anew on another one.
        is_later = self.order[:3] >= other.order[:3]
        return self.distribution > other.distribution and is_later


def parse(tag: str) -> VersionTag | None:
    """Read a tag; None if it is not a version."""
    found = _TAG.fullmatch(tag)
    if found is None:
        return None
    numbers = _numbers(found)
    if not numbers:
        return None
    suffix, build = _suffix_and_build(found)
    suffix = _COMMIT.sub("*", (found["word"] or "") + suffix)
    on = _DISTRIBUTION.search(suffix)
    prerelease = (found["prerelease"] or "").lower()
    has_year = numbers[0] in _YEARS
    shape = Shape(found["prefix"], suffix, len(numbers), build is not None, has_year)
    return VersionTag(
        shape,
        shape._replace(
            prefix="" if shape.prefix == "v" else shape.prefix,
            suffix=_DISTRIBUTION.sub(r"\1", suffix),
        ),
        _integers(on[2]) if on and on[2] else (),
        numbers,
        not prerelease,
        tuple(pieces(prerelease)),
        _integers(build or ""),
    )


class Alike(NamedTuple):
    """Tags of which only the newest can be the newest version of a level.

    Attributes:
        version: the newest.
        name: the same as a text.
        tags: how many there are.
    """

    version: VersionTag
    name: str
    tags: int


def newest_alike(names: Iterable[str]) -> Iterator[Alike]:
    """Read only the newest of the tags that are alike, for the tags of a large repository.

    Two tags are alike if one becomes the other by other digits, behind the first two numbers and
    not in the suffix. Then they have the same shape, and as each number has as many digits, the
    newest of them is the last by name.
    """
    of_layout: dict[str, list[str]] = {}
    for name in names:
        of_layout.setdefault(name.translate(_ZEROS), []).append(name)
    for layout, those in of_layout.items():
        if (found := _TAG.fullmatch(layout)) is None:
            continue
        fixed = itemgetter(*_fixed_parts(found))
        alike: dict[object, list[str]] = {}
        for name in those:
            alike.setdefault(fixed(name), []).append(name)
        for each in alike.values():
            last = max(each)
            if version := parse(last):
                yield Alike(version, last, len(each))


def _fixed_parts(found: re.Match[str]) -> list[slice]:
    """Where tags that are alike have the same digits: the first two numbers, and the suffix."""
    if found["date"]:
        parts = [slice(found.start("date") + len("0000-00"))]
    else:
        first_two = ".".join(found["numbers"].split(".")[:2])
        parts = [slice(found.start("numbers") + len(first_two))]
    suffix, _ = _suffix_and_build(found)
    if "0" in suffix:
        start = found.start("suffix")
        parts.append(slice(start, start + len(suffix)))
    return parts


def _suffix_and_build(found: re.Match[str]) -> tuple[str, str | None]:
    """The suffix of a tag, without the build behind it, and the build."""
    suffix, build = found["suffix"] or "", found["build"]
    if build is None and (revised := _REVISION.fullmatch(suffix)):
        return revised[1], revised[2]
    return suffix, build


def _integers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text, re.ASCII)))


def _numbers(found: re.Match[str]) -> tuple[int, ...]:
    """The numbers of a tag; none if they are those of no version."""
    if found["date"]:
        return tuple(map(int, [*found["date"].split("-"), *(found["time"] or "0-0-0").split("-")]))
    words = found["numbers"].split(".")
    if len(words) > 1:
        return tuple(map(int, words))
    (word,) = words
    if date := _SHORT_DATE.fullmatch(word):
        return tuple(map(int, date.groups()))
    is_short = len(word) <= _LONGEST_NUMBER and (word == "0" or not word.startswith("0"))
    return (int(word),) if is_short and found["prefix"].lower() in _PLAIN_PREFIXES else ()
