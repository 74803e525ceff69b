"""Which tags share a digest, and what changed at each retag. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from indexer.manifests import retag_kind
from indexer.manifests.companion_tags import is_companion
from indexer.render.records import images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from indexer.core.catalog_entries import Period, TagEntry
    from indexer.manifests.retag_kind import RetagDetail

MOST_NAMES = 10
"""The most other tags of a digest that are named; more are only counted."""


class SharedTags(NamedTuple):
    """Other tags that point to the same content: some of their names, and how many more."""

    names: tuple[str, ...] = ()
    more: int = 0

    @classmethod
    def others(cls, names: Iterable[str], number: int, tag: str) -> SharedTags:
        """The tags other than `tag`, from the first names and the number of all (with `tag`)."""
        cut = [name for name in names if name != tag][:MOST_NAMES]
        return cls(tuple(cut), max(number - 1 - len(cut), 0))


@dataclass
class CompanionFilter:
    """Hides tags that tools create (signatures and the like) unless `lifted`, and counts them."""

    lifted: bool = False
    hidden: int = 0

    def hides(self, tag: str) -> bool:
        """Whether to hide a tag."""
        if self.lifted or not is_companion(tag):
            return False
        self.hidden += 1
        return True


class _Shared:
    """Tags by the digest that they point to, or pointed to."""

    def __init__(self) -> None:
        self._names: defaultdict[str, list[str]] = defaultdict(list)
        self._more: defaultdict[str, int] = defaultdict(int)

    def add(self, digest: str | None, tag: str) -> None:
        """Add a tag. Call it in the order of the tags' names."""
        if digest is None or tag in (names := self._names[digest]):
            return
        if len(names) > MOST_NAMES:  # one of them may be the tag itself
            self._more[digest] += 1
        else:
            names.append(tag)

    def others(self, digest: str | None, tag: str) -> SharedTags:
        """The other tags of a digest."""
        if digest is None:
            return SharedTags()
        named = self._names[digest]
        others = [name for name in named if name != tag]
        counted = self._more.get(digest, 0)
        if counted and tag not in named:  # it is one of those that were only counted
            counted -= 1
        cut = others[:MOST_NAMES]
        return SharedTags(tuple(cut), counted + len(others) - len(cut))


def tags(
    digests: Iterable[tuple[str, str | None]],
    look: Callable[[list[str]], Iterable[TagEntry]],
    companions: CompanionFilter,
) -> Iterator[images.Tag]:
    """Yield tags of a repository, each with other tags of the same digest.

    Args:
        digests: all its tags by name, and what they point to.
        look: returns some tags, in the order in which they are yielded, from the names of all.
        companions: decides which tags are hidden.
    """
    shared = _Shared()
    names = []
    for tag, digest in digests:
        shared.add(digest, tag)
        if not companions.hides(tag):
            names.append(tag)
    for entry in look(names):
        yield images.Tag.of(entry, *shared.others(entry.digest, entry.tag))


def history(
    wanted: Iterable[Period], every: Iterable[Period], companions: CompanionFilter
) -> Iterator[images.Period]:
    """Yield the digests that tags had, each with what changed, by tag and time.

    Args:
        wanted: the periods to show, by tag and time.
        every: the periods of all tags of the repository.
        companions: decides which tags are hidden.
    """
    shared = _Shared()
    for period in every:
        shared.add(period.digest, period.tag)
    before: Period | None = None
    for period in wanted:
        if not companions.hides(period.tag):
            same = shared.others(period.digest, period.tag)
            yield images.Period.of(period, moved(before, period), *same)
        before = period


def moved(before: Period | None, after: Period) -> RetagDetail | None:
    """What a retag changed; None if `after` does not directly follow `before`."""
    if before is None or before.tag != after.tag or before.ended_at != after.started_at:
        return None
    return retag_kind.between(before.platforms, after.platforms)
