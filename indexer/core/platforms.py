"""The images of a tag, one for each platform: as values, and in columns.

A page of a registry's list holds a hundred tags with eight images each. The columns are made and
stored for all of them at once; a `Platform` is made only when somebody asks for it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    Place = tuple[str, str, str | None, str | None]
    """A platform without its content: operating system, architecture, variant, OS version."""

_SHA256 = "sha256:"
SHA256_BYTES = 32


class Platform(NamedTuple):
    """One image of a tag."""

    os: str
    architecture: str
    variant: str | None = None
    os_version: str | None = None
    digest: str | None = None
    size: int | None = None

    @property
    def is_attestation(self) -> bool:
        """Build attestations show as `unknown/unknown`."""
        return self.os == "unknown" and self.architecture == "unknown"

    def __str__(self) -> str:
        """`linux/arm/v7`, as `docker --platform` writes it."""
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))


class PackedPlatforms(msgspec.Struct, frozen=True, gc=False, eq=False):
    """Images that all have a sha256 digest, in columns. Equal to the tuple of its `Platform`s.

    Attributes:
        places: the platform of each; tags with the same platforms share one tuple.
        sizes: the bytes of each; None where the size is not known.
        digests: 32 bytes for each.
    """

    places: tuple[Place, ...]
    sizes: tuple[int | None, ...]
    digests: bytes

    def __len__(self) -> int:
        """How many images there are."""
        return len(self.places)

    def __iter__(self) -> Iterator[Platform]:
        """Make the values."""
        for place, size, digits in zip(self.places, self.sizes, self._digits(), strict=True):
            yield Platform(*place, _SHA256 + digits, size)

    def __eq__(self, other: object) -> bool:
        """Compare with other images, in columns or not."""
        if isinstance(other, PackedPlatforms):
            mine = (self.digests, self.sizes, self.places)
            return mine == (other.digests, other.sizes, other.places)
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        """The hash of the equal tuple."""
        return hash(tuple(self))

    def fingerprint(self) -> bytes | None:
        """See `fingerprint`."""
        return _hashed({*self._digits()}, _SHA256) if self.digests else None

    def _digits(self) -> list[str]:
        """The hex digits of each digest."""
        return self.digests.hex(" ", SHA256_BYTES).split()


Platforms = tuple[Platform, ...] | PackedPlatforms
"""The images of a tag."""


def fingerprint(platforms: Platforms) -> bytes | None:
    """Identify content by the set of its platform digests, for tags without a digest of their own.

    Returns:
        16 bytes, the same for the same set in any order; None when any image lacks a digest or
        there is no image, because the content is then unknown.
    """
    if isinstance(platforms, PackedPlatforms):
        return platforms.fingerprint()
    digests = {platform.digest for platform in platforms}
    if not digests or None in digests:
        return None
    return _hashed({*filter(None, digests)}, "")


def _hashed(digests: set[str], prefix: str) -> bytes:
    """Hash a set of digests, each given without this prefix."""
    text = prefix + f"\n{prefix}".join(sorted(digests))
    return hashlib.sha256(text.encode()).digest()[:16]
