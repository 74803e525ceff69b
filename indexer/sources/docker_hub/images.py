"""Turns the images of the Hub's tags into platforms. Pure.

A page has eight hundred images. They are checked together, column by column, without calling a
Python function for each; if that finds something invalid, tag by tag, and in the tag that has it
image by image.
"""

from __future__ import annotations

from itertools import chain, compress
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from indexer.core.platforms import SHA256_BYTES, PackedPlatforms, Platform
from indexer.core.reference import is_digest
from indexer.sources.docker_hub.bounds import (
    are_whole_numbers,
    is_short,
    whole_number,
    word,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.core.platforms import Place, Platforms

    _Texts = tuple[tuple[Any, ...], ...]
    """The four texts of each image of a tag, column by column."""

MOST_PLATFORMS = 200
"""Platforms kept of one tag; large public images have some twenty, attestations included."""

_MOST_LAYOUTS = 512
"""How many different sequences of platforms are cached; the tags of a repository share a few."""

_MOST_CACHED_PLATFORMS = 64
"""The platforms of the longest sequence that is cached."""

_SHA256 = "sha256:"
_CHARACTERS = len(_SHA256) + 2 * SHA256_BYTES


class Image(msgspec.Struct, gc=False):
    """One image of a tag, as sent."""

    architecture: Any = None
    os: Any = None
    variant: Any = None
    os_version: Any = None
    digest: Any = None
    size: Any = None


class _Layout:
    """The platforms of a tag, without their content."""

    def __init__(self, places: tuple[Place, ...]) -> None:
        self.places = places
        self._is_image = [place[0] != "unknown" or place[1] != "unknown" for place in places]
        self._are_images = all(self._is_image)

    def without_attestations(self, sizes: Sequence[int | None]) -> Sequence[int | None]:
        """The sizes of the images that are no build attestations."""
        return sizes if self._are_images else [*compress(sizes, self._is_image)]


class TagImages(NamedTuple):
    """The images of several tags, in the order of the tags.

    Attributes:
        platforms: the images of each tag.
        sizes: the bytes of each of them that is no attestation.
    """

    platforms: list[Platforms]
    sizes: list[Sequence[int | None]]


_layouts: dict[_Texts, _Layout] = {}


def images_of(tags: Sequence[Sequence[Image] | None]) -> TagImages:
    """The images of each tag, as they were sent with it, None for none."""
    images = [own[:MOST_PLATFORMS] if own else () for own in tags]
    every = [*chain.from_iterable(images)]
    found = TagImages([], [])
    if not every:
        return TagImages([()] * len(tags), [()] * len(tags))
    columns = [*zip(*map(msgspec.structs.astuple, every), strict=True)]
    architectures, oses, variants, versions, digests, sizes = columns
    keys = sha256_bytes(digests)
    if keys is None:
        for own in images:
            one = images_of([own]) if len(tags) > 1 else _one_by_one(own)
            found.platforms.extend(one.platforms)
            found.sizes.extend(one.sizes)
        return found
    if not are_whole_numbers(sizes):
        sizes = tuple(map(whole_number, sizes))
    layout = _Layout(())
    known: _Texts = ()
    end = 0
    for own in images:
        start, end = end, end + len(own)
        if not own:
            found.platforms.append(())
            found.sizes.append(())
            continue
        here = slice(start, end)
        texts: _Texts = (architectures[here], oses[here], variants[here], versions[here])
        if texts != known:  # mostly the tags of a page have the same platforms
            layout, known = _layout(texts), texts
        mine = sizes[here]
        found.platforms.append(
            PackedPlatforms(layout.places, mine, keys[start * SHA256_BYTES : end * SHA256_BYTES])
        )
        found.sizes.append(layout.without_attestations(mine))
    return found


def sha256_bytes(texts: Sequence[Any]) -> bytes | None:
    """The 32 bytes of each of these sha256 digests, joined; None unless all of them are that.

    `is_digest` for many at once, in a third of the time. Joined they must be `sha256:` and 64
    characters in turn, and each text must have the length of one digest. The characters must be
    what the bytes are written as, because `fromhex` also reads capitals and spaces.
    """
    try:
        joined = "".join(texts)
    except TypeError:
        return None
    if set(map(len, texts)) != {_CHARACTERS}:
        return None
    parts = joined.split(_SHA256)
    digits = "".join(parts)
    if len(parts) != len(texts) + 1 or set(map(len, parts)) != {0, 2 * SHA256_BYTES} or parts[0]:
        return None
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        return None
    return found if found.hex() == digits else None


def is_a_digest(text: object) -> bool:
    """Whether this is a text, and a sha256 or sha512 digest."""
    return isinstance(text, str) and is_digest(text)


def _one_by_one(images: Iterable[Image]) -> TagImages:
    """The images of one tag, some of whose digests are not sha256, or are missing."""
    platforms = tuple(
        Platform(
            *_place((image.architecture, image.os, image.variant, image.os_version)),
            image.digest if is_a_digest(image.digest) else None,
            whole_number(image.size),
        )
        for image in images
    )
    sizes = [each.size for each in platforms if not each.is_attestation]
    return TagImages([platforms], [sizes])


def _layout(columns: _Texts) -> _Layout:
    """The platforms of a tag, from the four texts of each image; equal ones share the objects."""
    try:
        return _layouts[columns]
    except (KeyError, TypeError):
        layout = _Layout(tuple(map(_place, zip(*columns, strict=True))))
    if len(columns[0]) <= _MOST_CACHED_PLATFORMS and all(map(is_short, chain(*columns))):
        if len(_layouts) >= _MOST_LAYOUTS:
            _layouts.clear()
        _layouts[columns] = layout
    return layout


def _place(texts: tuple[Any, ...]) -> Place:
    """A platform without its content, bounded: from its texts in the order of `Image`."""
    architecture, os, variant, os_version = map(word, texts)
    return os, architecture, variant or None, os_version or None
