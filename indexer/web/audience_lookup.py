"""The index as `pins` look images up in it, for one audience."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.catalog.answers import NotVerified, RepositoryKey
from indexer.catalog.ports import Lookup
from indexer.core.errors import NotInIndex, UsageError
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from indexer.core.catalog_entries import Period, TagEntry, Unseen
    from indexer.core.reference import Reference
    from indexer.store.catalog.browser import Browser

_MOST_PERIODS = 10_000
"""The most periods of a tag that are looked at: the newest."""


class AudienceLookup(Lookup):
    """See `Lookup`. It suggests no similar names: a list of images may have many unknown ones."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def locate(self, reference: Reference) -> tuple[str, str]:
        """See `Lookup`.

        Raises:
            NotInIndex: the audience knows no such repository.
            UsageError: several registries have it, or it is not known to be public still.
        """
        try:
            return self._located(reference)
        except NotVerified as unverified:
            raise UsageError(str(unverified)) from None

    def _located(self, reference: Reference) -> tuple[str, str]:
        for name in reference.names:
            if reference.registry is not None:
                found = [reference.registry]
            else:
                found = self._browser.registries_of(name)
            found = [each for each in found if self._browser.repository(RepositoryKey(each, name))]
            if len(found) > 1:
                named = " or ".join(f"'{each}/{name}'" for each in found)
                raise UsageError(f"several registries have '{name}': write {named}.")
            if found:
                return found[0], name
        raise NotInIndex(f"the index knows no repository '{shown(reference.repository)}'.")

    def is_present(self, registry: str, repository: str) -> bool:
        """See `Lookup`."""
        found = self._browser.repository(RepositoryKey(registry, repository))
        return found is not None and found.removed_at is None

    def history(self, registry: str, repository: str, tag: str | None = None) -> Iterator[Period]:
        """See `Lookup`."""
        place = RepositoryKey(registry, repository)
        if tag is None:
            return iter(self._browser.history(place, None, ("", 0), _MOST_PERIODS))
        found = self._browser.tag_periods(place, tag, _MOST_PERIODS)[::-1]
        if not found:
            raise NotInIndex(f"{shown(repository)} never had a tag '{shown(tag)}'.")
        return iter(found)

    def holding(self, registry: str, repository: str, digest: str) -> list[Period]:
        """See `Lookup`."""
        return self._browser.holding(RepositoryKey(registry, repository), digest)

    def unwatched(
        self, registry: str, repository: str, tags: Collection[str]
    ) -> dict[str, datetime]:
        """See `Lookup`."""
        return self._browser.unwatched(RepositoryKey(registry, repository), tags)

    def unseen(self, registry: str, repository: str, tags: Collection[str] = ()) -> Unseen | None:
        """See `Lookup`."""
        return self._browser.unseen(RepositoryKey(registry, repository), tags)

    def tag_names(self, registry: str, repository: str) -> list[str]:
        """See `Lookup`."""
        return self._browser.all_tag_names(RepositoryKey(registry, repository))

    def named_tags(self, registry: str, repository: str, tags: Collection[str]) -> list[TagEntry]:
        """See `Lookup`."""
        return self._browser.named_tags(RepositoryKey(registry, repository), tags)
