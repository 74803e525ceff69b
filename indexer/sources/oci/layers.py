"""A registry as the port `indexer.manifests.ports.LayerSource`: layers, passed on and not kept.

Registries redirect to a signed address of their storage, which needs no credentials. It is not
asked here: who pulls the layer gets it. Others send the bytes themselves.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from indexer.http import CostMeter, Request
from indexer.manifests.ports import LayerBytes, LayerSource
from indexer.sources.oci import responses
from indexer.sources.oci.registry_requests import RegistryRequests
from indexer.sources.oci.scopes import Purpose

if TYPE_CHECKING:
    from indexer.sources.oci.connection import Connection

ANYTHING = "*/*"

_LENGTH = re.compile(r"[0-9]{1,18}")
"""Bytes of a layer. Python refuses to read a number of thousands of digits."""


class RegistryLayers(LayerSource):
    """The layers of a registry.

    Args:
        connection: shared by all users of this registry with this account.
    """

    def __init__(self, connection: Connection) -> None:
        self._requests = RegistryRequests(connection, CostMeter())

    def layer(
        self, repository: str, digest: str, byte_range: str | None = None
    ) -> LayerBytes | None:
        """See `LayerSource`."""
        request = Request(
            self._at(repository, digest),
            responses.nothing,
            accept=ANYTHING,
            byte_range=byte_range,
            streams=True,
        )
        answer, location = self._requests.fetch_here(request, Purpose("blobs", repository))
        if location is not None:
            return LayerBytes(location)
        if answer.stream is not None:
            return LayerBytes(
                chunks=answer.stream.chunks(),
                length=_length(answer.headers.get("Content-Length", "")),
                content_range=answer.headers.get("Content-Range")
                if answer.status == HTTPStatus.PARTIAL_CONTENT
                else None,
                close=answer.stream.close,
            )
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and byte_range is not None:
            return self.layer(repository, digest)
        raise self._requests.refused(answer, _subject(repository, digest))

    def has_layer(self, repository: str, digest: str) -> bool:
        """See `LayerSource`."""
        request = Request(
            self._at(repository, digest), responses.nothing, method="HEAD", accept=ANYTHING
        )
        answer, location = self._requests.fetch_here(request, Purpose("blobs", repository))
        if location is not None or answer.status == HTTPStatus.OK:
            return True
        if answer.status == HTTPStatus.NOT_FOUND:
            return False
        raise self._requests.refused(answer, _subject(repository, digest))

    def _at(self, repository: str, digest: str) -> str:
        return f"{self._requests.prefix}/v2/{quote(repository)}/blobs/{digest}"


def _subject(repository: str, digest: str) -> str:
    return f"the layer {digest} of {repository}"


def _length(header: str) -> int | None:
    """The size of a body in bytes; None if the header does not say it."""
    return int(header) if _LENGTH.fullmatch(header) else None
