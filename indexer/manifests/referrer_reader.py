"""Asks a registry what refers to an image, in as few requests as its lists allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.manifests import referrers
from indexer.manifests.signatures import Referrer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from indexer.manifests.ports import ManifestSource, StoredManifest

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
        SourceError: it cannot be read.
    """

    def told(found: Iterable[Referrer]) -> list[Referrer]:
        return [_told(each, digest, read) if each.is_vague else each for each in found]

    budget = MOST_READ

    def read(reference: str) -> StoredManifest | None:
        nonlocal budget
        budget -= 1
        return source.manifest(repository, reference) if budget >= 0 else None

    found: list[Referrer] = []
    tag = referrers.fallback_tag(digest)
    if tag in tags and (kept := source.manifest(repository, tag)) is not None:
        found = told(map(Referrer.of, referrers.listed(kept.media_type, kept.body)))
    if not any(each.is_signature for each in found):
        known = {each.digest for each in found}
        listed = source.referrers(repository, digest) or ()
        found += told(each for each in listed if each.digest not in known)
    return tuple(found)


def _told(vague: Referrer, subject: str, read: Callable[[str], StoredManifest | None]) -> Referrer:
    """A referrer, completed from its own manifest if that can be read."""
    kept = read(vague.digest)
    said = referrers.described(*kept, subject) if kept else None
    return vague if said is None else Referrer.of({**vague.descriptor, **said})
