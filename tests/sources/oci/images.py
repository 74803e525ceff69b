"""Images of every kind, made here: layers, configurations, manifests, indexes, artifacts.

Nothing in them is real but their digests: what is pushed can be verified by whoever pulls it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from indexer.manifests import media_types

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"

KEY = {
    "kty": "EC",
    "crv": "P-256",
    "kid": "KEXN:DBND:WUHJ:SYXI:RUNJ:BI6E:W5SS:U63U:CR75:7MVA:7KRJ:Z4XP",
    "x": "V-fyZJuZmxmP9Ono4LLL2lVtO3IJJkx8HjhmzvYpauc",
    "y": "l3BmL8_zvO0BvftTeSqyATzbKvvuEFuCoGZ_1Cg6fww",
}
"""A public key that nobody has the other half of: skopeo wants to see one, and does not use it."""


def sha256(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def encode(value: object) -> bytes:
    return json.dumps(value, indent=3).encode()


@dataclass(frozen=True)
class Made:
    """A manifest with everything that must be pushed before it."""

    body: bytes
    media_type: str
    blobs: tuple[bytes, ...] = ()
    children: tuple[Made, ...] = ()
    platform: dict[str, Any] | None = None
    annotations: dict[str, str] | None = None

    @property
    def digest(self) -> str:
        return sha256(self.body)

    @property
    def descriptor(self) -> dict[str, Any]:
        parts: dict[str, Any] = {
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": len(self.body),
        }
        if self.platform:
            parts["platform"] = self.platform
        if self.annotations:
            parts["annotations"] = self.annotations
        return parts


def layer(text: str) -> tuple[bytes, str]:
    """A layer with one file, compressed, and the digest of what it is uncompressed."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        info = tarfile.TarInfo("hello")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text.encode()))
    return gzip.compress(plain.getvalue(), mtime=0), sha256(plain.getvalue())


@dataclass
class Recipe:
    """What an image is made from."""

    text: str = "hello"
    layers: int = 1
    os: str = "linux"
    architecture: str = "amd64"
    variant: str = ""
    os_version: str = ""
    created: str | None = "2024-05-06T07:08:09.120000000Z"
    settings: Mapping[str, Any] | None = field(
        default_factory=lambda: {"Env": ["PATH=/usr/bin"], "Labels": {"b": "2", "a": "<1> & 'x'"}}
    )
    more: Mapping[str, Any] = field(default_factory=dict)
    docker: bool = False
    annotations: dict[str, str] | None = None

    def made(self) -> Made:
        """The image as a manifest."""
        layers = [layer(f"{self.text}/{number}") for number in range(self.layers)]
        config = encode(self._config([diff for _, diff in layers]))
        config_type = media_types.SCHEMA2_CONFIG if self.docker else media_types.OCI_CONFIG
        media_type = media_types.SCHEMA2 if self.docker else media_types.OCI_MANIFEST
        body = encode(
            {
                "schemaVersion": 2,
                "mediaType": media_type,
                "config": described(config, config_type),
                "layers": [
                    described(body, DOCKER_LAYER if self.docker else LAYER) for body, _ in layers
                ],
            }
        )
        platform = {"os": self.os, "architecture": self.architecture}
        platform |= {"variant": self.variant} if self.variant else {}
        platform |= {"os.version": self.os_version} if self.os_version else {}
        blobs = (config, *(body for body, _ in layers))
        return Made(body, media_type, blobs, platform=platform, annotations=self.annotations)

    def _config(self, diffs: Sequence[str]) -> dict[str, Any]:
        config: dict[str, Any] = {} if self.created is None else {"created": self.created}
        config |= {"architecture": self.architecture, "os": self.os}
        config |= {"variant": self.variant} if self.variant else {}
        config |= {"os.version": self.os_version} if self.os_version else {}
        config |= {} if self.settings is None else {"config": dict(self.settings)}
        history = [{"created": "2024-01-01T00:00:00Z", "created_by": f"RUN {d}"} for d in diffs]
        config |= {"rootfs": {"type": "layers", "diff_ids": list(diffs)}, "history": history}
        return config | dict(self.more)


def described(body: bytes, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "size": len(body), "digest": sha256(body)}


def index(*children: Made, docker: bool = False) -> Made:
    """An index of these; of Docker's kind it is a manifest list."""
    media_type = media_types.SCHEMA2_LIST if docker else media_types.OCI_INDEX
    manifests = [child.descriptor for child in children]
    body = encode({"schemaVersion": 2, "mediaType": media_type, "manifests": manifests})
    return Made(body, media_type, children=children)


def attestation(about: Made) -> Made:
    """What BuildKit says about an image, as it stands beside it in an index."""
    statement = json.dumps({"subject": about.digest}).encode()
    config = encode({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {}})
    body = encode(
        {
            "schemaVersion": 2,
            "mediaType": media_types.OCI_MANIFEST,
            "config": described(config, media_types.OCI_CONFIG),
            "layers": [described(statement, "application/vnd.in-toto+json")],
        }
    )
    return Made(
        body,
        media_types.OCI_MANIFEST,
        (config, statement),
        platform={"os": "unknown", "architecture": "unknown"},
        annotations={
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": about.digest,
        },
    )


def artifact(text: str = "chart") -> Made:
    """Something that is no image: as Helm pushes it."""
    config, content = encode({"name": text}), text.encode()
    body = encode(
        {
            "schemaVersion": 2,
            "mediaType": media_types.OCI_MANIFEST,
            "config": described(config, "application/vnd.cncf.helm.config.v1+json"),
            "layers": [described(content, "application/vnd.cncf.helm.chart.content.v1.tar+gzip")],
        }
    )
    return Made(body, media_types.OCI_MANIFEST, (config, content))


def referring(about: Made, kind: str, annotations: Mapping[str, str]) -> Made:
    """A manifest that refers to another, as cosign 3 attaches it."""
    sent = {
        "schemaVersion": 2,
        "mediaType": media_types.OCI_MANIFEST,
        "artifactType": kind,
        "subject": about.descriptor,
        "annotations": dict(annotations),
    }
    return Made(encode(sent), media_types.OCI_MANIFEST)


def schema1(*texts: str, name: str = "team/old", tag: str = "1", signed: bool = False) -> Made:
    """An image as registries kept it before 2016: newest layer first, its history as text."""
    blobs = tuple(layer(text)[0] for text in texts)
    ids = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    past = []
    for number, own in enumerate(ids):
        parent = ids[number + 1] if number + 1 < len(ids) else None
        entry: dict[str, Any] = {"id": own, "created": "2015-06-07T08:09:10.5Z"}
        entry |= {"parent": parent} if parent else {}
        if number == 0:
            entry |= {
                "architecture": "amd64",
                "os": "linux",
                "docker_version": "1.6.2",
                "config": {"Env": ["A=1"], "Labels": {"old": "yes"}},
            }
        past.append({"v1Compatibility": json.dumps(entry)})
    plain = json.dumps(
        {
            "schemaVersion": 1,
            "name": name,
            "tag": tag,
            "architecture": "amd64",
            "fsLayers": [{"blobSum": sha256(body)} for body in blobs],
            "history": past,
        },
        indent=3,
    ).encode()
    if signed:
        return Made(sign(plain), media_types.SCHEMA1_SIGNED, blobs)
    return Made(plain, media_types.SCHEMA1, blobs)


def sign(plain: bytes, *, signature: str = "bm9ib2R5IGNoZWNrcyB0aGlz") -> bytes:
    """Put a signature into a manifest of schema 1, as libtrust does; nobody checks it any more."""
    assert plain.endswith(b"\n}")
    head, tail = plain[:-2], plain[-2:]
    protected = json.dumps(
        {"formatLength": len(head), "formatTail": unpadded(tail), "time": "2015-06-07T08:09:10Z"}
    ).encode()
    signatures = [
        {
            "header": {"alg": "ES256", "jwk": KEY},
            "signature": signature,
            "protected": unpadded(protected),
        }
    ]
    added = b',\n   "signatures": ' + json.dumps(signatures).encode()
    return head + added + tail


def unpadded(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()
