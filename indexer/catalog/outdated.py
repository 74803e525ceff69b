"""Is there a newer version of a tag? Compares it with the tags of its repository. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from indexer.core.humanize import count
from indexer.core.newer_versions import Level, Versions
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from indexer.core.catalog_entries import TagEntry, Unseen
    from indexer.core.newer_versions import NewerTags


class Currency(StrEnum):
    """Whether an image is the newest of its kind."""

    CURRENT = "current"
    OUTDATED = "outdated"
    UNVERSIONED = "unversioned"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Outdated:
    """The answer for one tag.

    Attributes:
        status: in one word.
        sentence: the reason, for a person.
        registry: where the index knows the repository from; None: it does not.
        repository: as the index names it.
        tag: its name; None: none was named.
        now: what it points to now.
        patch, minor, major: the newest tag of each level.
        compared: how many tags of its shape there are.
        update: the level of the newest tag.
    """

    status: Currency
    sentence: str
    registry: str | None = None
    repository: str | None = None
    tag: str | None = None
    now: TagEntry | None = None
    patch: TagEntry | None = None
    minor: TagEntry | None = None
    major: TagEntry | None = None
    compared: int = 0
    update: Level | None = None

    @property
    def newest(self) -> TagEntry | None:
        """The newest tag; None: none is newer."""
        return self.major or self.minor or self.patch


def outdated_tags(
    place: tuple[str, str],
    wanted: Collection[str],
    names: Sequence[str],
    look_up: Callable[[Collection[str]], Sequence[TagEntry]],
) -> dict[str, Outdated]:
    """Find the newer versions of tags of one repository.

    Args:
        place: registry and repository.
        wanted: the tags in use.
        names: all present tags.
        look_up: gives those of some tags that are present; it is called once.
    """
    versions = Versions(names)
    found = {tag: versions.newer(tag) for tag in wanted}
    chosen = {name for each in found.values() if each for _, name in each.by_level}
    entries = {entry.tag: entry for entry in look_up({*chosen, *wanted})}
    return {tag: _judged(place, tag, found[tag], entries) for tag in wanted}


def unless_unseen(found: Outdated, unseen: Unseen | None) -> Outdated:
    """An answer, unless it says that a tag is the newest where no crawl looks any more."""
    if unseen is None or found.status is not Currency.CURRENT:
        return found
    why = unseen.instead_of(found.sentence)
    return replace(found, status=Currency.UNKNOWN, sentence=why)


def _judged(
    place: tuple[str, str], tag: str, found: NewerTags | None, entries: Mapping[str, TagEntry]
) -> Outdated:
    now = entries.get(tag)
    name = shown(f"{place[1]}:{tag}")
    missing = f"the index knows no present tag '{shown(tag)}' of {place[1]}"
    if found is None:
        if now is None:
            return Outdated(Currency.UNKNOWN, f"{missing}.", *place, tag)
        why = f"{name} is not a version, so no tag counts as newer."
        return Outdated(Currency.UNVERSIONED, why, *place, tag, now)
    there = {level: entries[each] for level, each in found.by_level if each in entries}
    newest = next(((level, there[level]) for level in reversed(Level) if level in there), None)
    if newest is None:
        others = count(found.compared, "tag")
        why = f"{name} is the newest of the {others} of its shape."
        if now is None:
            why = f"{missing}, and none of its shape that is newer."
        status = Currency.UNKNOWN if now is None else Currency.CURRENT
        return Outdated(status, why, *place, tag, now, compared=found.compared)
    level, entry = newest
    why = f"{shown(entry.tag)} is newer, by a {level} version."
    if not found.is_of_shape:
        why = f"{why[:-1]}; none of the same prefix and suffix is."
    if now is None:
        why += f" T{missing[1:]}."
    patch, minor, major = (there.get(each) for each in Level)
    return Outdated(
        Currency.OUTDATED,
        why,
        *place,
        tag,
        now,
        patch,
        minor,
        major,
        compared=found.compared,
        update=level,
    )
