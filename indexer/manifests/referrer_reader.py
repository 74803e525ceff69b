"""Asks a registry what refers to an image, in as few requests as its lists allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import Unreadable
from indexer.manifests import referrers
from indexer.manifests.signatures import Referrer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

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
        SourceError: it cannot be read, or so many would have to be read that it stays unknown
            whether one of them is a signature.
    """
    told: list[Referrer] = []
    unread: list[Referrer] = []
    number_read = 0

    def note(found: Iterable[Referrer]) -> None:
        nonlocal number_read
        for each in found:
            if not each.is_vague:
                told.append(each)
            elif number_read < MOST_READ:
                number_read += 1
                told.append(_told(each, digest, source.manifest(repository, each.digest)))
            else:
                unread.append(each)

    tag = referrers.fallback_tag(digest)
    if tag in tags and (kept := source.manifest(repository, tag)) is not None:
        note(map(Referrer.of, referrers.listed(kept.media_type, kept.body)))
    if not any(each.is_signature for each in told):
        known = {each.digest for each in (*told, *unread)}
        listed = source.referrers(repository, digest) or ()
        note(each for each in listed if each.digest not in known)
    if unread and not any(each.is_signature for each in told):
        raise Unreadable(
            f"its registry does not say what {MOST_READ + len(unread)} manifests are that refer to "
            f"it, and no more than {MOST_READ} are read."
        )
    return (*told, *unread)


def _told(vague: Referrer, subject: str, kept: StoredManifest | None) -> Referrer:
    """A referrer, completed from its own manifest if that can be read."""
    said = referrers.described(*kept, subject) if kept else None
    return vague if said is None else Referrer.of({**vague.descriptor, **said})
