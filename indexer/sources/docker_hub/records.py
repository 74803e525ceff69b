"""Turns the Hub's tags and repositories into model values. Pure.

Everything that is kept is bounded, and can be stored in any database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from indexer.core.model import Repository, Tag
from indexer.core.printable import shown
from indexer.core.reference import is_repository, is_tag
from indexer.http import Undecodable
from indexer.manifests import media_types
from indexer.sources.docker_hub import timestamps
from indexer.sources.docker_hub.bounds import GREATEST_NUMBER, is_short, whole_number, word
from indexer.sources.docker_hub.images import (
    Image,  # noqa: TC001 - msgspec reads the annotation
    images_of,
    is_a_digest,
    sha256_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from indexer.core.platforms import Platforms

DESCRIPTION_CHARACTERS = 1_000
"""Characters kept of a description; Docker Hub allows 100 (the long one is another field)."""

FULL_DESCRIPTION_CHARACTERS = 25_000
"""Characters kept of a full description: as many as Docker Hub allows (bytes, to be exact)."""

MOST_CATEGORIES = 20
"""Kept of one repository; Docker Hub allows three."""

_MOST_WORDS = 4_096
"""How many media types, users and statuses are cached of each kind (and one page more);
of a page nearly all are alike."""


class RawTag(msgspec.Struct, gc=False):
    """A tag, as sent."""

    name: Any = None
    last_updated: Any = None
    tag_last_pushed: Any = None
    digest: Any = None
    media_type: Any = None
    full_size: Any = None
    images: list[Image] | None = None
    last_updater_username: Any = None
    tag_last_pulled: Any = None
    tag_status: Any = None
    content_type: Any = None


class RawRepository(msgspec.Struct, gc=False):
    """A repository, as sent."""

    name: Any = None
    last_updated: Any = None
    description: Any = None
    is_private: Any = None
    pull_count: Any = None
    star_count: Any = None
    storage_size: Any = None
    date_registered: Any = None
    categories: Any = None
    full_description: Any = UNSET


_words: dict[Callable[[object], str | None], dict[Any, str | None]] = {}


def tags_of(items: Sequence[RawTag]) -> tuple[list[Tag], list[str]]:
    """The tags of a page, converted together, column by column; and why others are invalid."""
    rejected = [_impossible(item.name, "a tag") for item in items if not _is_tag(item.name)]
    if rejected:
        items = [item for item in items if _is_tag(item.name)]
    images = images_of([item.images for item in items])
    updated = timestamps.read_all([item.last_updated for item in items])
    tags = map(
        Tag,
        [item.name for item in items],
        updated,
        _digests(items, images.platforms),
        images.platforms,
        map(_size, images.sizes, [item.full_size for item in items]),
        _kept([item.media_type for item in items], _media_type),
        _pushed(items, updated),
        _kept([item.last_updater_username for item in items], _word_or_none),
        timestamps.read_all([item.tag_last_pulled for item in items]),
        _kept([item.tag_status for item in items], _word_or_none),
        _kept([item.content_type for item in items], _word_or_none),
    )
    return [*tags], rejected


def tag_of(item: RawTag) -> Tag:
    """Convert a tag.

    Raises:
        Undecodable: its name is not a valid tag.
    """
    tags, rejected = tags_of([item])
    if rejected:
        raise Undecodable(rejected[0])
    return tags[0]


def _is_tag(name: object) -> bool:
    return isinstance(name, str) and is_tag(name)


def _digests(items: Sequence[RawTag], images: Sequence[Platforms]) -> list[str | None]:
    """The digest of each tag."""
    sent = [item.digest for item in items]
    if sha256_bytes(sent) is not None:
        return sent
    return [
        digest if is_a_digest(digest) else _only_digest(item, own)
        for digest, item, own in zip(sent, items, images, strict=True)
    ]


def _only_digest(item: RawTag, platforms: Platforms) -> str | None:
    """The digest of a tag that is listed without one: that of its only image, if it has just one.

    Old tags are listed so. The manifest of one image is what such a tag points to, unless it is
    said to be an index, whose only image this would be.
    """
    if len(platforms) != 1 or word(item.media_type) in media_types.INDEXES:
        return None
    (only,) = platforms
    return only.digest


def _pushed(items: Sequence[RawTag], updated: list[datetime | None]) -> list[datetime | None]:
    """When each tag was pushed; where that is not said, when it was updated."""
    pushed = timestamps.read_all([item.tag_last_pushed for item in items])
    return [date or other for date, other in zip(pushed, updated, strict=True)]


def _kept(sent: Sequence[Any], read: Callable[[object], str | None]) -> list[str | None]:
    """What `read` makes of short texts, cached; equal texts share the same object."""
    known = _words.setdefault(read, {})
    try:
        return [*map(known.__getitem__, sent)]
    except (KeyError, TypeError):
        words = [*map(read, sent)]
    if len(known) > _MOST_WORDS:
        known.clear()
    known.update((text, kept) for text, kept in zip(sent, words, strict=True) if is_short(text))
    return words


def _word_or_none(sent: object) -> str | None:
    return word(sent) or None


def _media_type(sent: object) -> str | None:
    """The media type of a tag's manifest; old tags have that of their configuration instead."""
    text = word(sent)
    return None if media_types.is_of_config(text) else text or None


def _size(sizes: Sequence[int | None], full_size: object) -> int | None:
    """The bytes of all platforms together, without attestations; None if one size is not known.

    The Hub's `full_size` is the size of the first image, so it is used only for a single image.
    """
    try:
        total = sum(sizes)  # type: ignore[arg-type] # a None among them raises
    except TypeError:
        return whole_number(full_size) if len(sizes) == 1 else None
    if not total:
        return whole_number(full_size)
    return total if total <= GREATEST_NUMBER else None


def repositories_of(
    items: Sequence[RawRepository], namespace: str
) -> tuple[list[Repository], list[str]]:
    """The repositories of a page; and why others are invalid."""
    found: list[Repository] = []
    rejected: list[str] = []
    for item in items:
        try:
            found.append(repository_of(item, namespace))
        except Undecodable as trouble:
            rejected.append(trouble.what)
    return found, rejected


def repository_of(item: RawRepository, namespace: str) -> Repository:
    """Convert a repository of a namespace.

    Raises:
        Undecodable: its name is not a valid repository.
    """
    name = item.name
    if not isinstance(name, str) or "/" in name or not is_repository(name):
        raise Undecodable(_impossible(name, "a repository"))
    return Repository(
        f"{namespace}/{name}",
        last_updated=timestamps.read(item.last_updated),
        description=word(item.description, DESCRIPTION_CHARACTERS),
        private=item.is_private is True,
        pulls=whole_number(item.pull_count),
        stars=whole_number(item.star_count),
        storage_size=whole_number(item.storage_size),
        categories=_categories(item.categories),
        registered_at=timestamps.read(item.date_registered),
        full_description=_full_description(item.full_description),
    )


def _full_description(sent: object) -> str | None:
    """The long text, bounded; empty where there is none, None where lists leave it out."""
    return None if sent is UNSET else word(sent, FULL_DESCRIPTION_CHARACTERS)


def _categories(sent: object) -> tuple[str, ...]:
    """The names of categories, `[{"name": ..., "slug": ...}, ...]` as sent; few, and bounded."""
    if not isinstance(sent, list):
        return ()
    names = (word(each.get("name")) for each in sent[:MOST_CATEGORIES] if isinstance(each, dict))
    return tuple(name for name in names if name)


def _impossible(name: object, kind: str) -> str:
    what = f"'{shown(name, 60)}'" if isinstance(name, str) else "an item without a name"
    return f"{what} is left out: it cannot be the name of {kind}"
