"""Manifests of schema 1, signed as Docker's registries kept them until 2016."""

from __future__ import annotations

import base64
import hashlib
import json

from indexer.hub_simulator.synthetic_manifests import sha256

SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"

_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "kid": "PYYO:TEWU:V7JH:26JV:AQTZ:LJC3:SXVJ:XGHA:34F2:2LAQ:ZRMK:Z7Q6",
    "x": "V-fyZJuZmxmP9Ono4LLL2lVtO3IJJkx8HjhmzvYpauc",
    "y": "l3BmL8_zvO0BvftTeSqyATzbKvvuEFuCoGZ_1Cg6fww",
}


def signed(name: str, tag: str, key: str) -> tuple[str, bytes]:
    """A signed manifest: its digest, and its body.

    The digest is of the payload: of the text as it was before libtrust put the signatures into it
    (distribution, manifest version 2, schema 1). Nobody checks the signature itself any more.
    """
    image = hashlib.sha256(key.encode()).hexdigest()
    history = {
        "id": image,
        "created": "2015-06-07T08:09:10Z",
        "architecture": "amd64",
        "os": "linux",
    }
    payload = json.dumps(
        {
            "schemaVersion": 1,
            "name": name,
            "tag": tag,
            "architecture": "amd64",
            "fsLayers": [{"blobSum": f"sha256:{image}"}],
            "history": [{"v1Compatibility": json.dumps(history)}],
        },
        indent=3,
    ).encode()
    head, tail = payload[:-2], payload[-2:]
    protected = {
        "formatLength": len(head),
        "formatTail": _url(tail),
        "time": "2015-06-07T08:09:10Z",
    }
    signature = {
        "header": {"alg": "ES256", "jwk": _KEY},
        "signature": _url(image.encode()),
        "protected": _url(json.dumps(protected).encode()),
    }
    added = b',\n   "signatures": ' + json.dumps([signature]).encode()
    return sha256(payload), head + added + tail


def _url(body: bytes) -> str:
    """Base64 as JSON web signatures use it."""
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()
