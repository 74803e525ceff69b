"""Selects one image of an index, by the rules of skopeo, podman and buildah."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.manifests import media_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.manifests.manifest_parser import Child, Manifest

_PART = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_LEAST_PARTS, _MOST_PARTS = 2, 3

_VARIANTS = {"arm": ("v8", "v7", "v6", "v5"), "arm64": ("v8",)}
"""Variants, from the most capable to the most compatible; other architectures have none."""

_MACHINES = {
    "x86_64": ("amd64", ""),
    "amd64": ("amd64", ""),
    "aarch64": ("arm64", "v8"),
    "arm64": ("arm64", "v8"),
    "armv8l": ("arm", "v8"),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "i386": ("386", ""),
    "i686": ("386", ""),
    "loongarch64": ("loong64", ""),
    "mips64": ("mips64le", ""),
}
"""Architectures by the kernel's name for the machine, where it differs from the image's name."""


class WantedPlatform(NamedTuple):
    """A platform to select; without a variant any variant that fits."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, self))


def parse(text: str) -> WantedPlatform:
    """Read `linux/arm/v7`.

    Raises:
        UsageError: it is not a platform.
    """
    parts = text.split("/")
    if not _LEAST_PARTS <= len(parts) <= _MOST_PARTS or not all(map(_PART.fullmatch, parts)):
        raise UsageError(
            f"'{shown(text, 60)}' is not a platform: write OS/ARCHITECTURE or "
            "OS/ARCHITECTURE/VARIANT, as 'linux/arm64' or 'linux/arm/v7'."
        )
    return WantedPlatform(*parts)


def of_machine(machine: str) -> WantedPlatform:
    """The platform of a Linux machine, from `uname -m`."""
    architecture, variant = _MACHINES.get(machine.lower(), (machine.lower(), ""))
    return WantedPlatform("linux", architecture, variant)


def choose(index: Manifest, wanted: WantedPlatform) -> Child | None:
    """The image for a platform: the first that fits best; None if none fits.

    In an OCI index an entry without a platform is taken if nothing else fits.
    """
    for variant in _acceptable(wanted):
        for child in index.children:
            place = child.platform
            if place and (place.os, place.architecture, place.variant or "") == (
                wanted.os,
                wanted.architecture,
                variant,
            ):
                return child
    if index.media_type == media_types.OCI_INDEX:
        return next((child for child in index.children if child.platform is None), None)
    return None


def _acceptable(wanted: WantedPlatform) -> Iterator[str]:
    known = _VARIANTS.get(wanted.architecture, ())
    if not wanted.variant:
        yield ""
        yield from known
        return
    if wanted.variant in known:
        yield from known[known.index(wanted.variant) :]
    else:
        yield wanted.variant
    yield ""
