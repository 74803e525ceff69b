"""Turns the Hub's tags and repositories into model values. Pure.

Everything that is kept is bounded, and can be stored in any database.
"""

from __future__ import annotations

import itertools
import operator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from indexer.core.model import Platform, Repository, Tag
from indexer.core.printable import shown
from indexer.core.reference import is_digest, is_repository, is_tag
from indexer.http import Undecodable
from indexer.manifests import media_types
from indexer.sources.docker_hub import timestamps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DESCRIPTION_CHARACTERS = 1_000
"""Characters kept of a description; Docker Hub allows 100 (the long one is another field)."""

FULL_DESCRIPTION_CHARACTERS = 25_000
"""Characters kept of a full description: as many as Docker Hub allows (bytes, to be exact)."""

WORD_CHARACTERS = 100
"""Characters kept of an operating system, an architecture, a media type; real ones are shorter."""

MOST_PLATFORMS = 200
"""Platforms kept of one tag; large public images have some twenty, attestations included."""

MOST_CATEGORIES = 20
"""Kept of one repository; Docker Hub allows three."""

GREATEST_NUMBER = 2**63 - 1
"""The largest number that databases hold."""

_MOST_WORDS = 4_096
"""How many media types, users and statuses are cached; of a page nearly all are alike."""

_MOST_PLACES = 4_096
"""How many different platforms are cached; some hundred exist."""


class Image(msgspec.Struct, gc=False):
    """One image of a tag, as sent."""

    os: Any = None
    architecture: Any = None
    variant: Any = None
    os_version: Any = None
    digest: Any = None
    size: Any = None


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


_Place = tuple[str, str, str | None, str | None]

_places: dict[tuple[Any, ...], _Place] = {}
_words: dict[tuple[Any, Callable[[object], str | None]], str | None] = {}
_STRINGS = operator.attrgetter("os", "architecture", "variant", "os_version")


def tags_of(items: list[RawTag]) -> Iterator[Tag | Undecodable]:
    """Yield each tag of a page, or why it is invalid. Their images are checked together."""
    images = [item.images[:MOST_PLATFORMS] if item.images else [] for item in items]
    platforms = platforms_of([*itertools.chain.from_iterable(images)])
    digests = [item.digest for item in items]
    are_all = are_digests(digests)
    end = 0
    for item, own in zip(items, images, strict=True):
        start, end = end, end + len(own)
        try:
            yield _tag(item, platforms[start:end], is_checked=are_all)
        except Undecodable as trouble:
            yield trouble


def tag_of(item: RawTag) -> Tag:
    """Convert a tag.

    Raises:
        Undecodable: its name is not a valid tag.
    """
    return _tag(item, platforms_of(item.images[:MOST_PLATFORMS]) if item.images else ())


def repositories_of(
    items: list[RawRepository], namespace: str
) -> Iterator[Repository | Undecodable]:
    """Yield each repository of a page, or why it is invalid."""
    for item in items:
        try:
            yield repository_of(item, namespace)
        except Undecodable as trouble:
            yield trouble


def _tag(item: RawTag, platforms: tuple[Platform, ...], *, is_checked: bool = False) -> Tag:
    """Convert a tag; `is_checked`: what it has as its digest is one."""
    name = item.name
    if not isinstance(name, str) or not is_tag(name):
        raise _impossible(name, "a tag")
    digest, pushed = item.digest, item.tag_last_pushed
    updated = timestamps.read(item.last_updated)
    return Tag(
        name,
        last_updated=updated,
        digest=digest if is_checked or _is_digest(digest) else _only_digest(item, platforms),
        platforms=platforms,
        size=_size(platforms, item.full_size),
        media_type=_kept(item.media_type, _media_type),
        pushed_at=updated if pushed == item.last_updated else timestamps.read(pushed) or updated,
        pushed_by=_kept(item.last_updater_username, _word_or_none),
        last_pulled=timestamps.read(item.tag_last_pulled),
        status=_kept(item.tag_status, _word_or_none),
        content_type=_kept(item.content_type, _word_or_none),
    )


def _only_digest(item: RawTag, platforms: tuple[Platform, ...]) -> str | None:
    """The digest of a tag that is listed without one: that of its only image, if it has just one.

    Old tags are listed so. The manifest of one image is what such a tag points to, unless it is
    said to be an index, whose only image this would be.
    """
    if len(platforms) != 1 or item.media_type in media_types.INDEXES:
        return None
    return platforms[0].digest


def _kept(sent: Any, read: Callable[[object], str | None]) -> str | None:
    """What `read` makes of a short text, cached; equal texts share the same object."""
    try:
        return _words[sent, read]
    except (KeyError, TypeError):
        word = read(sent)
    if sent is None or (isinstance(sent, str) and len(sent) <= WORD_CHARACTERS):
        if len(_words) >= _MOST_WORDS:
            _words.clear()
        _words[sent, read] = word
    return word


def _word_or_none(sent: object) -> str | None:
    return _word(sent) or None


def _media_type(sent: object) -> str | None:
    """The media type of a tag's manifest; old tags have that of their configuration instead."""
    word = _word(sent)
    return None if media_types.is_of_config(word) else word or None


def _size(platforms: tuple[Platform, ...], full_size: object) -> int | None:
    """The bytes of all platforms together, without attestations; None if one size is not known.

    The Hub's `full_size` is the size of the first image, so it is used only for a single image.
    """
    sizes = [each[5] for each in platforms if each[1] != "unknown" or each[0] != "unknown"]
    try:
        total = sum(sizes)  # type: ignore[arg-type] # a None among them raises
    except TypeError:
        return whole_number(full_size) if len(sizes) == 1 else None
    if not total:
        return whole_number(full_size)
    return total if total <= GREATEST_NUMBER else None


def repository_of(item: RawRepository, namespace: str) -> Repository:
    """Convert a repository of a namespace.

    Raises:
        Undecodable: its name is not a valid repository.
    """
    name = item.name
    if not isinstance(name, str) or "/" in name or not is_repository(name):
        raise _impossible(name, "a repository")
    return Repository(
        f"{namespace}/{name}",
        last_updated=timestamps.read(item.last_updated),
        description=_word(item.description, DESCRIPTION_CHARACTERS),
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
    return None if sent is UNSET else _word(sent, FULL_DESCRIPTION_CHARACTERS)


def _categories(sent: object) -> tuple[str, ...]:
    """The names of categories, `[{"name": ..., "slug": ...}, ...]` as sent; few, and bounded."""
    if not isinstance(sent, list):
        return ()
    names = (_word(each.get("name")) for each in sent[:MOST_CATEGORIES] if isinstance(each, dict))
    return tuple(name for name in names if name)


def platforms_of(images: list[Image]) -> tuple[Platform, ...]:
    """The platforms of images.

    A page has eight hundred images, so they are checked together, without calling a Python function
    for each: that takes half the time.
    """
    if not images:
        return ()
    digests = [image.digest for image in images]
    if not are_digests(digests):
        digests = [digest if _is_digest(digest) else None for digest in digests]
    sizes = [image.size for image in images]
    if not _are_whole_numbers(sizes):
        sizes = [whole_number(size) for size in sizes]
    try:
        places = [*map(_places.__getitem__, map(_STRINGS, images))]
    except (KeyError, TypeError):
        places = [_place(image) for image in images]
    wholes = map(operator.add, places, zip(digests, sizes, strict=True))
    return tuple(map(tuple.__new__, itertools.repeat(Platform), wholes))


def are_digests(texts: list[Any]) -> bool:
    """Whether all of these are sha256 digests: `is_digest` for many at once, in half the time.

    Joined they must match `sha256:` and 64 hex digits repeatedly, and each text must have the
    length of one digest.
    """
    try:
        joined = "".join(texts)
    except TypeError:
        return False
    parts = joined.split("sha256:")
    return (
        len(parts) == len(texts) + 1
        and not parts[0]
        and set(map(len, parts)) == {0, 64}
        and set(map(len, texts)) == {71}
        and not "".join(parts).encode(errors="replace").translate(None, b"0123456789abcdef")
    )


def _is_digest(text: object) -> bool:
    return isinstance(text, str) and is_digest(text)


def _place(image: Image) -> _Place:
    """The strings of a platform, bounded; equal platforms share the same objects."""
    key = _STRINGS(image)
    try:
        return _places[key]
    except (KeyError, TypeError):
        os, architecture, variant, os_version = map(_word, key)
    place = (os, architecture, variant or None, os_version or None)
    if all(
        part is None or (isinstance(part, str) and len(part) <= WORD_CHARACTERS) for part in key
    ):
        if len(_places) >= _MOST_PLACES:
            _places.clear()
        _places[key] = place
    return place


def _word(text: object, limit: int = WORD_CHARACTERS) -> str:
    """A string, bounded, without NUL, which PostgreSQL cannot store; empty for any other type."""
    return text[:limit].replace("\0", "\ufffd") if isinstance(text, str) else ""


def _are_whole_numbers(values: list[Any]) -> bool:
    """Whether `whole_number` would leave all of these unchanged."""
    return set(map(type, values)) == {int} and min(values) >= 0 and max(values) <= GREATEST_NUMBER


def whole_number(number: object) -> int | None:
    """A non-negative integer that fits into a database; None for anything else."""
    if type(number) is int or isinstance(number, float):  # not bool, which is an int
        return int(number) if 0 <= number <= GREATEST_NUMBER else None
    return None


def _impossible(name: object, kind: str) -> Undecodable:
    what = f"'{shown(name, 60)}'" if isinstance(name, str) else "an item without a name"
    return Undecodable(f"{what} is left out: it cannot be the name of {kind}")
