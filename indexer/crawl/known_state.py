"""What an index holds of a namespace and of a repository, as a crawl compares with it. Pure."""

from __future__ import annotations

from enum import Enum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from indexer.core.model import KnownRepository, KnownTag, ListMemory


class KnownNamespace(NamedTuple):
    """The recorded state of a namespace.

    Attributes:
        memory: of its last listing; None before the baseline.
        repositories: the present repositories by name.
        revision: of the record, to notice a second writer.
        deleted: the repositories whose deletion the audit log names, and when.
        removed: the recorded repositories that are not present any more.
    """

    memory: ListMemory | None
    repositories: Mapping[str, KnownRepository]
    revision: int
    deleted: Mapping[str, datetime] = MappingProxyType({})
    removed: frozenset[str] = frozenset()


class Extent(Enum):
    """How much of a repository's tags was read."""

    PART = auto()
    """Some of them: the reading broke off, or only these were asked for."""
    VERIFIED = auto()
    """So much that the rest is known to be as it was."""
    FULL = auto()
    """Every page."""


def _nothing(names: Iterable[str]) -> None:
    del names


class KnownTags(NamedTuple):
    """The recorded state of a repository's tags.

    Attributes:
        memory: of the last listing; None if they were never read.
        tags: the present tags by name.
        revision: of the record, to notice a second writer.
        dangling: removed tags that were listed without a manifest when they were last asked for.
        removed: the other recorded tags that are not present any more and that are watched.
        dangling_once: the present tags that were listed without a manifest the last time; None:
            `tags` says it of each.
        expect: reads those of `tags` together that have some names, if they are read one by one
            when they are asked for.
    """

    memory: ListMemory | None
    tags: Mapping[str, KnownTag]
    revision: int
    dangling: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    dangling_once: frozenset[str] | None = None
    expect: Callable[[Iterable[str]], None] = _nothing

    @property
    def ever_dangling(self) -> frozenset[str]:
        """The tags that were listed without a manifest when they were last asked for."""
        once = self.dangling_once
        if once is None:
            once = frozenset(
                name for name, tag in self.tags.items() if tag.dangling_since is not None
            )
        return self.dangling | once
