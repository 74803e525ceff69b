"""`/v2/…/manifests/` and `/v2/…/blobs/`: manifests, configurations, and layers that pass through.

    is it stored?               it is sent
    does something name it?     `[serve] fetch`: the registry is asked for it, once, and it is kept
    is it a layer?              `[serve] blobs = "pass"`: the registry says where it is, or sends it

What belongs to a repository the index alone decides, for the audience that asks. So nothing of a
private repository is asked for on behalf of who may not see it, and layers of none.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from indexer.core.errors import ConfigError, Missing, RateLimited, SourceError
from indexer.core.printable import shown
from indexer.core.reference import is_digest, is_tag
from indexer.manifests.media_types import INDEXES, MANIFESTS, is_of_config
from indexer.manifests.ports import NamedPart, PartKind, StoredManifest
from indexer.web.context import browser_of, context_of, host_registry_of, sees_private
from indexer.web.registry_content.layer_response import LayerResponse
from indexer.web.registry_content.refusals import Refused, present
from indexer.web.repository_lookup import find
from indexer.web.responses import JSON, tagged

if TYPE_CHECKING:
    from starlette.requests import Request

    from indexer.catalog.answers import RepositoryKey
    from indexer.store.catalog.browser import Browser
    from indexer.web.context import AppContext

log = logging.getLogger("indexer.web")

MANIFEST_TYPES = MANIFESTS | INDEXES

RETRY_SECONDS = 60
"""Seconds after which a client may ask again for what could not be fetched."""

_RANGE = re.compile(r"bytes=\d{0,18}-\d{0,18}", re.ASCII)
"""One part. More than one, or another unit, may be answered with the whole (RFC 9110, 14.2)."""

OCTETS = "application/octet-stream"


async def manifest(request: Request, name: str, reference: str) -> Response:
    """A manifest, by tag or digest."""
    if not (is_tag(reference) or is_digest(reference)):
        raise Refused(404, "MANIFEST_UNKNOWN", f"'{shown(reference)}' is neither tag nor digest.")
    site, browser = context_of(request), browser_of(request)
    is_head = bool(request.scope.get("indexer.head"))

    def look() -> Response | tuple[RepositoryKey, NamedPart]:
        with browser.snapshot():
            place = present(browser, find(browser, name, host_registry_of(request)))
            part = _manifest_of(browser, place, name, reference)
            kept = browser.content(place, part.digest)
        if kept is not None and (part.parent is None or kept.media_type in MANIFEST_TYPES):
            return _sent(request, kept)
        if part.kind is not PartKind.MANIFEST:
            what = f"'{part.digest}' is a {part.kind}, not a manifest: ask for it below 'blobs/'."
            raise Refused(404, "MANIFEST_UNKNOWN", what)
        if is_head:
            return _head(part)
        if site.on_demand is None:
            raise Refused(404, "MANIFEST_UNKNOWN", _NOT_FETCHED, {"digest": part.digest})
        return place, part

    found = await site.ask(look)
    if isinstance(found, Response):
        return found
    place, part = found
    return _sent(request, await _fetched(request, place, part, "MANIFEST_UNKNOWN"))


def _manifest_of(browser: Browser, place: RepositoryKey, name: str, reference: str) -> NamedPart:
    """What is asked for, as the index knows it.

    Raises:
        Refused: it knows no such thing in this repository.
    """
    digest: str | None = reference
    target = browser.pointed_to(place, reference) if is_digest(reference) else None
    if not is_digest(reference):
        target = browser.pointer(place, reference)
        digest = target.digest if target else None
        if digest is None:
            why = f"has no tag '{shown(reference)}'" if target is None else _NO_DIGEST
            raise Refused(404, "MANIFEST_UNKNOWN", f"{shown(name)} {why}.")
    assert digest is not None
    if target is not None:
        kind = target.media_type or ""
        return NamedPart(digest, PartKind.MANIFEST, kind, None, None, digest)
    part = browser.named(place, digest)
    if part is None:
        raise Refused(404, "MANIFEST_UNKNOWN", f"{shown(name)} {_NEVER}.")
    return part


def _sent(request: Request, content: StoredManifest) -> Response:
    headers = {"Docker-Content-Digest": content.digest}
    return tagged(request, content.body, content.media_type or JSON, headers)


def _head(part: NamedPart, media_type: str | None = None) -> Response:
    """What is known of content that was not fetched."""
    headers = {"Docker-Content-Digest": part.digest}
    kind = media_type or part.media_type
    # Old indexes hold the media type of a configuration, as Docker Hub gave it for old tags.
    if kind and not is_of_config(kind):
        headers["Content-Type"] = kind
    answer = Response(headers=headers)
    if part.size is None:
        del answer.headers["Content-Length"]  # it is not known, and not 0
    else:
        answer.headers["Content-Length"] = str(part.size)
    return answer


async def blob(request: Request, name: str, reference: str) -> Response:
    """A configuration, or a layer."""
    if not is_digest(reference):
        raise Refused(400, "DIGEST_INVALID", f"'{shown(reference)}' is not a digest.")
    site, browser = context_of(request), browser_of(request)

    def look() -> StoredManifest | tuple[RepositoryKey, NamedPart]:
        with browser.snapshot():
            place = present(browser, find(browser, name, host_registry_of(request)))
            return _stored_blob(browser, place, reference) or (
                place,
                _blob_named(site, browser, place, reference),
            )

    found = await site.ask(look)
    if not isinstance(found, StoredManifest):
        place, part = found
        is_head = bool(request.scope.get("indexer.head"))
        if part.kind is PartKind.LAYER or site.on_demand is None:
            return await _passed(request, place, part, is_head=is_head)
        if is_head:
            return _head(part, OCTETS)
        found = await _fetched(request, place, part, "BLOB_UNKNOWN")
    return tagged(request, found.body, OCTETS, {"Docker-Content-Digest": reference})


def _stored_blob(browser: Browser, place: RepositoryKey, digest: str) -> StoredManifest | None:
    """A stored configuration.

    Raises:
        Refused: it is a manifest.
    """
    kept = browser.content(place, digest)
    is_manifest = kept is not None and kept.media_type in MANIFEST_TYPES
    if is_manifest or browser.pointed_to(place, digest):
        raise Refused(404, "BLOB_UNKNOWN", _A_MANIFEST)
    return kept


def _blob_named(site: AppContext, browser: Browser, place: RepositoryKey, digest: str) -> NamedPart:
    """A configuration or a layer that is not stored and may be asked for.

    Raises:
        Refused: there is none, or it may not.
    """
    part = browser.named(place, digest)
    if part is None or part.kind is PartKind.MANIFEST:
        raise Refused(404, "BLOB_UNKNOWN", _A_MANIFEST if part else _NOT_NAMED)
    if part.kind is PartKind.LAYER or site.on_demand is None:
        if site.layers_of is None:
            raise Refused(404, "BLOB_UNKNOWN", _NO_LAYERS)
        if site.public.named(place, digest) is None:
            raise Refused(404, "BLOB_UNKNOWN", _PRIVATE)
    return part


async def _fetched(
    request: Request, place: RepositoryKey, part: NamedPart, code: str
) -> StoredManifest:
    """What the registry has, which is kept.

    Raises:
        Refused: it does not have it, or cannot be asked.
    """
    site = context_of(request)
    assert site.on_demand is not None
    try:
        return await site.fetch(site.on_demand.fetch, place.registry, place.repository, part)
    except (SourceError, ConfigError) as error:
        raise _refused(request, place, error, code) from None


async def _passed(
    request: Request, place: RepositoryKey, part: NamedPart, *, is_head: bool
) -> Response:
    """A layer: where it is, or its bytes, as the registry says or sends them."""
    site = context_of(request)
    assert site.layers_of is not None
    layers_of, name = site.layers_of, place.repository
    headers = {"Docker-Content-Digest": part.digest}
    unknown = Refused(404, "BLOB_UNKNOWN", f"{place.registry} does not have it any more.")
    try:
        if is_head:
            there = await site.fetch(
                lambda: layers_of(place.registry, name).has_layer(name, part.digest)
            )
            if not there:
                raise unknown
            return _head(part, OCTETS)
        asked = request.headers.get("range", "")
        part_of_it = asked if _RANGE.fullmatch(asked) else None
        found = await site.fetch(
            lambda: layers_of(place.registry, name).layer(name, part.digest, part_of_it)
        )
    except (SourceError, ConfigError) as error:
        raise _refused(request, place, error, "BLOB_UNKNOWN") from None
    if found is None:
        raise unknown
    if found.location is not None:
        # It may be signed, and then it grants access for some minutes.
        lasting = {"Location": found.location, "Cache-Control": "no-store"}
        return Response(status_code=307, headers={**headers, **lasting})
    return LayerResponse(found, headers, site.layer_pool, place.registry)


def _refused(request: Request, place: RepositoryKey, error: Exception, code: str) -> Refused:
    """What a client is told of a failure; who has the token is told why."""
    registry = place.registry
    if isinstance(error, Missing):
        return Refused(404, code, f"{registry} does not have it any more.")
    log.warning("%s: %s", shown(str(place)), error)
    retry = {"Retry-After": str(RETRY_SECONDS)}
    if isinstance(error, RateLimited):
        why = f"{registry} allows no more pulls now: try later."
        return Refused(HTTPStatus.TOO_MANY_REQUESTS, "TOOMANYREQUESTS", why, headers=retry)
    why = str(error) if sees_private(request) else f"{registry} cannot deliver it now: try later."
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE", why, headers=retry)


_NO_DIGEST = "has that tag, but does not know its digest yet"
_NEVER = "never pointed to it, nor to an index that holds it"
_NOT_FETCHED = (
    "the index has not fetched this manifest: set 'manifests' of the [[registry]] to fetch it in "
    "advance, or [serve] fetch to fetch it on demand."
)
_A_MANIFEST = "that is a manifest: ask for it below 'manifests/'."
_NOT_NAMED = "no manifest of this repository that the index holds refers to it."
_NO_LAYERS = (
    'the index has configurations that were fetched, and no layers: [serve] blobs = "pass" '
    "passes them on."
)
_PRIVATE = "layers of private repositories are not passed on."
