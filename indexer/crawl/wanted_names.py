"""Which repositories and tags are wanted, and what it means that this changes. Pure.

The filter of a list is recorded with its reading (`ListMemory.filters`). What only a wider filter
lets in was there before, as far as anybody knows: it is recorded as baseline. What a narrower one
leaves out is not gone, it is *not watched since*, and comes back without news.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.core.model import ListMemory

_GLOB = frozenset("*?[")


def is_glob(pattern: str) -> bool:
    """Whether a pattern is more than a name."""
    return not _GLOB.isdisjoint(pattern)


@dataclass(frozen=True, slots=True)
class WantedNames:
    """Names and globs (`fnmatch`'s) of what is indexed; what is empty is no condition.

    Attributes:
        repositories: `library/nginx`, `base/*`; with a `:` only these tags of it, `nginx:1.2*`.
        tags: of any repository.
        exclude: wins. With a `:` of tags in repositories, with a `/` of repositories, else of tags.
    """

    repositories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def has(self, repository: str, tag: str | None = None) -> bool:
        """Whether a repository is wanted, or a tag in it."""
        if any(_excludes(pattern, repository, tag) for pattern in self.exclude):
            return False
        if self.repositories and not any(
            _chooses(pattern, repository, tag) for pattern in self.repositories
        ):
            return False
        return (
            tag is None or not self.tags or any(fnmatchcase(tag, pattern) for pattern in self.tags)
        )

    @property
    def text(self) -> str:
        """The filter as it is recorded; empty where everything is wanted."""
        given = {
            name: sorted(value)
            for name, value in dataclasses.asdict(self).items()
            if value and not (name == "repositories" and "*" in value)
        }
        return json.dumps(given, separators=(",", ":")) if given else ""

    @property
    def chooses_repositories(self) -> bool:
        """Whether some repositories may be left out."""
        if self.repositories and "*" not in self.repositories:
            return True
        return any("/" in pattern and ":" not in pattern for pattern in self.exclude)

    @property
    def chooses_tags(self) -> bool:
        """Whether some tags of a wanted repository may be left out."""
        return bool(
            self.tags
            or any(":" in pattern for pattern in self.repositories)
            or any(":" in pattern or "/" not in pattern for pattern in self.exclude)
        )

    def within(self, namespace: str) -> WantedNames:
        """What of it concerns one namespace of Docker Hub."""
        here = [
            pattern
            for pattern in self.repositories
            if fnmatchcase(namespace, pattern.partition("/")[0]) or "/" not in pattern
        ]
        return dataclasses.replace(self, repositories=tuple(here))

    def named_repositories(self) -> tuple[str, ...] | None:
        """The repositories, if each is named; None if a list tells."""
        names = [pattern.partition(":")[0] for pattern in self.repositories]
        if not names or any(map(is_glob, names)):
            return None
        return tuple(name for name in dict.fromkeys(names) if self.has(name))

    def named_tags(self, repository: str) -> tuple[str, ...] | None:
        """The tags of a repository, if it and each of them is named; None if a list tells."""
        named: Iterable[str] = self.tags
        mine = [each for each in self.repositories if _chooses(each, repository, None)]
        tails = [pattern.partition(":")[2] for pattern in mine]
        if any(is_glob(pattern.partition(":")[0]) for pattern in mine) or not mine:
            return None
        if all(tails):
            named = tails
        names = tuple(dict.fromkeys(named))
        if not names or any(map(is_glob, names)):
            return None
        return tuple(name for name in names if self.has(repository, name))


NOTHING = WantedNames(exclude=("*",)).text
"""The filter of the tags of a repository that is not watched."""


@lru_cache(256)
def read_filter(text: str) -> WantedNames:
    """The filter that was recorded as `WantedNames.text`."""
    if not text:
        return WantedNames()
    return WantedNames(**{name: tuple(value) for name, value in json.loads(text).items()})


def as_remembered(memory: ListMemory | None, text: str, *, is_partial: bool) -> ListMemory | None:
    """What the last reading allows this one to assume.

    No shortcut is taken where the filter changed, or where the list holds what nobody wants
    (`is_partial`): what is known is then no measure of what the list should count.
    """
    if memory is None or not (is_partial or memory.filters != text):
        return memory
    return dataclasses.replace(memory, newest=None)


def left_out_before(
    memory: ListMemory | None, text: str, names: Iterable[str], repository: str | None = None
) -> frozenset[str]:
    """The names that the last reading of a list did not want: what becomes of them is no news.

    Args:
        memory: of the last reading.
        text: the filter now.
        names: of repositories, or of tags in
        repository: this one.
    """
    if memory is None or memory.filters is None or memory.filters == text:
        return frozenset()
    before = read_filter(memory.filters)
    if repository is None:
        return frozenset(name for name in names if not before.has(name))
    return frozenset(name for name in names if not before.has(repository, name))


def _chooses(pattern: str, repository: str, tag: str | None) -> bool:
    name, colon, tail = pattern.partition(":")
    if not fnmatchcase(repository, name):
        return False
    return tag is None or not colon or fnmatchcase(tag, tail)


def _excludes(pattern: str, repository: str, tag: str | None) -> bool:
    name, colon, tail = pattern.partition(":")
    if colon:
        return tag is not None and fnmatchcase(repository, name) and fnmatchcase(tag, tail)
    if "/" in pattern:
        return fnmatchcase(repository, pattern)
    return tag is not None and fnmatchcase(tag, pattern)
