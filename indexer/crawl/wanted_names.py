"""Which repositories and tags the configuration wants, and what a change of it means. Pure.

The filter is recorded with each reading of a list (`ListMemory.filters`). What a wider filter lets
in may have existed all the time, so it is recorded as baseline. What a narrower filter leaves out
is not removed but *not watched*; if it is wanted again, that is baseline too.
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
    """Whether a pattern has wildcards."""
    return not _GLOB.isdisjoint(pattern)


@dataclass(frozen=True, slots=True)
class WantedNames:
    """Names and globs (of `fnmatch`) of what is indexed. An empty field is no condition.

    Attributes:
        repositories: `library/nginx`, `base/*`; with a `:` only these tags of it, `nginx:1.2*`.
        tags: tags of any repository.
        exclude: what is left out, whatever the others say: with a `:` tags in repositories, with
            a `/` repositories, otherwise tags.
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
        if not (self.repositories or self.tags or self.exclude):
            return ""
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

    def of_tags(self, repository: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """What this says of the tags of a repository that it wants: two of the same are equal.

        Returns:
            Patterns of which a tag fits one (none: no condition), those of `tags`, and those that
            leave tags out.
        """
        mine = [each for each in self.repositories if _chooses(each, repository, None)]
        tails = frozenset(pattern.partition(":")[2] for pattern in mine)
        unwanted: set[str] = set()
        for pattern in self.exclude:
            name, colon, tail = pattern.partition(":")
            if colon and fnmatchcase(repository, name):
                unwanted.add(tail)
            elif not colon and "/" not in name:
                unwanted.add(pattern)
        return frozenset() if "" in tails else tails, frozenset(self.tags), frozenset(unwanted)

    def within(self, namespace: str) -> WantedNames:
        """The filter with only the repositories that may lie in one namespace of Docker Hub."""
        here = [
            pattern
            for pattern in self.repositories
            if fnmatchcase(namespace, pattern.partition("/")[0]) or "/" not in pattern
        ]
        return dataclasses.replace(self, repositories=tuple(here))

    def named_repositories(self) -> tuple[str, ...] | None:
        """The repositories, if each is named without wildcards; None if a list has to be read."""
        names = [pattern.partition(":")[0] for pattern in self.repositories]
        if not names or any(map(is_glob, names)):
            return None
        return tuple(name for name in dict.fromkeys(names) if self.has(name))

    def named_tags(self, repository: str) -> tuple[str, ...] | None:
        """The tags of a repository, if it and each tag is named without wildcards; else None."""
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


def as_remembered(
    memory: ListMemory | None, text: str, repository: str | None = None
) -> ListMemory | None:
    """What this reading may assume of the last one.

    No shortcut is taken if the filter changed: then the count of the list cannot be compared with
    what is known.

    Args:
        memory: of the last reading.
        text: the filter now.
        repository: whose tags; None for repositories.
    """
    if memory is None or memory.filters == text:
        return memory
    if repository is not None and memory.filters is not None:
        before = read_filter(memory.filters)
        is_same = before.of_tags(repository) == read_filter(text).of_tags(repository)
        if is_same and before.has(repository):
            return memory
    return dataclasses.replace(memory, newest=None)


def left_out_before(
    memory: ListMemory | None, text: str, names: Iterable[str], repository: str | None = None
) -> frozenset[str]:
    """The names that the filter of the last reading left out: if they are added, it is baseline.

    Args:
        memory: of the last reading.
        text: the filter now.
        names: of repositories; with `repository`, of its tags.
        repository: whose tags; None for repositories.
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
