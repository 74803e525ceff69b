"""Manifests that are generated from a key, with correct digests.

A manifest's digest is the SHA-256 of its body, so clients of the simulated registry can verify it.
The body is generated again from the key at each request.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from indexer.hub_simulator.hub_json import Image, Layer, encode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

OLD_CONFIG = "application/vnd.docker.container.image.v1+json"
"""The media type that the Hub gives for tags pushed from 2017 to 2021: that of a configuration."""

MANIFEST_BYTES = 640
"""Bytes of every image manifest: padded, so that an index can be made without its manifests."""

ATTESTATION = "unknown/unknown"
"""The platform of a build attestation."""

PLATFORMS = (
    "linux/amd64",
    "linux/arm64/v8",
    "linux/arm/v7",
    "linux/arm/v6",
    "linux/386",
    "linux/ppc64le",
    "linux/s390x",
    "linux/riscv64",
    "linux/mips64le",
    "windows/amd64:10.0.20348.2700",
)
"""If a number of platforms is asked for, these are taken, in order."""


def sha256(body: bytes) -> str:
    """The digest of a body."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


class Platform(NamedTuple):
    """A platform, written `os/architecture[/variant][:os version]`."""

    os: str
    architecture: str
    variant: str | None
    os_version: str | None

    @classmethod
    def parse(cls, text: str) -> Platform:
        """Read `linux/arm/v7` or `windows/amd64:10.0.20348.2700`."""
        name, _, os_version = text.partition(":")
        os, _, rest = name.partition("/")
        architecture, _, variant = rest.partition("/")
        return cls(os, architecture, variant or None, os_version or None)


def platforms_of(wanted: int | Sequence[str]) -> tuple[Platform, ...]:
    """The platforms for a number or for names.

    Beyond the known platforms, a number is filled up with attestations.
    """
    if isinstance(wanted, int):
        names: Sequence[str] = PLATFORMS[:wanted]
        names = (*names, *[ATTESTATION] * (wanted - len(names)))
    else:
        names = wanted
    return tuple(Platform.parse(name) for name in names)


def config(key: str) -> bytes:
    """The configuration of the image with this key."""
    return f'{{"config":{{"Labels":{{"key":"{key}"}}}}}}'.encode()


def image_manifest(key: str) -> bytes:
    """The manifest of the image with this key: one configuration, one layer."""
    return _manifest(key, size_of(key))


def _manifest(key: str, size: int) -> bytes:
    """See `image_manifest`; `size` is that of its layer."""
    body = config(key)
    layer = hashlib.sha256(key.encode()).hexdigest()
    return (
        (
            f'{{"schemaVersion":2,"mediaType":"{MANIFEST}",'
            f'"config":{{"mediaType":"{CONFIG}","digest":"{sha256(body)}","size":{len(body)}}},'
            f'"layers":[{{"mediaType":"{LAYER}","digest":"sha256:{layer}","size":{size}}}]}}'
        )
        .ljust(MANIFEST_BYTES)
        .encode()
    )


def size_of(key: str) -> int:
    """A size between 2 and 90 MB, in bytes, which depends on the key only."""
    return 2_000_000 + int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest()) % (
        88_000_000
    )


def layers_of(key: str) -> tuple[Layer, ...]:
    """The layers of the image with this key, with the lines of the Dockerfile."""
    digest = sha256(key.encode())
    return (Layer(digest, size_of(key), "ADD rootfs.tar.xz / # buildkit"),)


def images(key: str, platforms: Sequence[Platform], pushed: datetime | None) -> tuple[Image, ...]:
    """The images of a push: one for each platform, with content generated from `key`."""
    made = []
    for number, platform in enumerate(platforms):
        own = image_key(key, number)
        size = size_of(own)
        image = Image(
            os=platform.os,
            architecture=platform.architecture,
            variant=platform.variant,
            os_version=platform.os_version,
            digest=sha256(_manifest(own, size)),
            size=size,
            last_pushed=pushed,
        )
        made.append(image)
    return tuple(made)


def image_key(key: str, number: int) -> str:
    """The key of the image at `number` in the push with `key`."""
    return f"{key}/{number}"


def without_digest(image: Image) -> Image:
    """The image as an old tag lists it: no digest, no dates."""
    return Image(
        os=image.os,
        architecture=image.architecture,
        variant=image.variant,
        os_version=image.os_version,
        size=image.size,
    )


def index(children: Sequence[Image]) -> bytes:
    """The index (manifest list) of these images, which must have their digests."""
    first = next((one.digest for one in children if one.os != "unknown"), None)
    manifests = ",".join(
        f'{{"mediaType":"{MANIFEST}","digest":"{image.digest}","size":{MANIFEST_BYTES},'
        f'"platform":{_platform(image.os, image.architecture, image.variant, image.os_version)}'
        f"{_annotations(first) if image.os == 'unknown' else ''}}}"
        for image in children
    )
    return f'{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{manifests}]}}'.encode()


@cache
def _platform(os: str, architecture: str, variant: str | None, os_version: str | None) -> str:
    """A platform as an index writes it."""
    platform = {"architecture": architecture, "os": os}
    if variant:
        platform["variant"] = variant
    if os_version:
        platform["os.version"] = os_version
    return encode(platform).decode()


def _annotations(of: object) -> str:
    """The annotations of a build attestation for the image with this digest."""
    notes = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": of,
    }
    return f',"annotations":{encode(notes).decode()}'
