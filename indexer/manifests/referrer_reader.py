"""Asks a registry what refers to an image, in as few requests as its lists allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import Unreadable
from indexer.manifests import referrers
from indexer.manifests.signatures import Referrer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from indexer.manifests.ports import ManifestSource

MOST_READ = 20
"""The most manifests that are read to learn what refers to one image."""


def read_referrers(
    source: ManifestSource, repository: str, digest: str, tags: Collection[str]
) -> tuple[Referrer, ...]:
    """Ask a registry what refers to a digest: one request, if the list says what each one is.

    The list under the fallback tag is read if there is such a tag. If it has no signature, the
    referrers API is asked. If a list does not say what a referrer is, its manifest is read.

    Args:
        source: the registry.
        repository: its name there.
        digest: of the image.
        tags: the tags of the repository.

    Raises:
        SourceError: it cannot be read, or so many would have to be read that it stays unknown
            whether one of them is a signature.
    """
    told = _Told(source, repository, digest)
    tag = referrers.fallback_tag(digest)
    if tag in tags and (kept := source.manifest(repository, tag)) is not None:
        told.take(map(Referrer.of, referrers.listed(kept.media_type, kept.body)))
    if not told.has_signature:
        told.take(source.referrers(repository, digest) or ())
    return told.whole()


def completed(
    source: ManifestSource, repository: str, digest: str, listed: Iterable[Referrer]
) -> tuple[Referrer, ...]:
    """What the referrers API listed; the manifest of each that does not say what it is is read.

    Args:
        source: the registry.
        repository: its name there.
        digest: of the image.
        listed: what the API answered.

    Raises:
        SourceError: as `read_referrers`.
    """
    told = _Told(source, repository, digest)
    told.take(listed)
    return told.whole()


class _Told:
    """What refers to an image, each completed from its manifest where its list says too little."""

    def __init__(self, source: ManifestSource, repository: str, digest: str) -> None:
        self._source = source
        self._repository = repository
        self._digest = digest
        self._told: dict[str, Referrer] = {}
        self._unread: dict[str, Referrer] = {}
        self._number_read = 0

    @property
    def has_signature(self) -> bool:
        return any(each.is_signature for each in self._told.values())

    def take(self, listed: Iterable[Referrer]) -> None:
        for each in listed:
            if each.digest in self._told or each.digest in self._unread:
                continue
            if not each.is_vague:
                self._told[each.digest] = each
            elif self._number_read < MOST_READ:
                self._number_read += 1
                self._told[each.digest] = self._read(each)
            else:
                self._unread[each.digest] = each

    def _read(self, vague: Referrer) -> Referrer:
        """A referrer, completed from its own manifest if that can be read."""
        kept = self._source.manifest(self._repository, vague.digest)
        said = referrers.described(*kept, self._digest) if kept else None
        return vague if said is None else Referrer.of({**vague.descriptor, **said})

    def whole(self) -> tuple[Referrer, ...]:
        if self._unread and not self.has_signature:
            number = MOST_READ + len(self._unread)
            raise Unreadable(
                f"its registry does not say what {number} manifests are that refer to it, and no "
                f"more than {MOST_READ} are read."
            )
        return (*self._told.values(), *self._unread.values())
