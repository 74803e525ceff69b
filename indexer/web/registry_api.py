"""`/v2/`: the registry API, read-only, from the index (OCI distribution specification 1.1).

It has manifests and configurations, but no layers. On the site's own host names, names of
repositories begin with their registry: `docker.io/library/nginx`. On a host that stands for one
registry they do not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from starlette.responses import Response

from indexer.catalog.answers import NotVerified
from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.core.reference import is_digest, is_repository, is_tag
from indexer.manifests import referrers
from indexer.manifests.media_types import INDEXES, MANIFESTS, OCI_INDEX, is_of_config
from indexer.web.access import challenges
from indexer.web.context import browser_of, context_of, host_registry_of, visitor_of
from indexer.web.repository_lookup import find
from indexer.web.responses import JSON, NotKnown, SeveralKnown, json_answer, tagged

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from indexer.catalog.answers import RepositoryKey
    from indexer.store.catalog.browser import Browser

MOST_NAMES = 10_000
"""On one page, also where the client does not say how many it wants."""

_ROUTES = (
    ("tags", re.compile(r"(?P<name>.+)/tags/list")),
    ("manifest", re.compile(r"(?P<name>.+)/manifests/(?P<reference>[^/]+)")),
    ("blob", re.compile(r"(?P<name>.+)/blobs/(?P<reference>[^/]+)")),
    ("referrers", re.compile(r"(?P<name>.+)/referrers/(?P<reference>[^/]+)")),
)


class Refused(Exception):
    """An error of the specification: its status, its code, and a sentence."""

    def __init__(self, status: int, code: str, message: str, detail: object = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.detail = detail


class Names(NamedTuple):
    """A page of names, and the last of them where more follow."""

    names: list[str]
    more_after: str | None


async def answer(request: Request) -> Response:
    """Answer whatever is asked below `/v2/`."""
    try:
        return await _answer(request, request.path_params.get("path", ""))
    except Refused as refused:
        return _refusal(refused)
    except NotVerified as refused:
        return _refusal(Refused(503, "UNAVAILABLE", str(refused)))
    except NotKnown as unknown:
        if visitor_of(request).is_silent and not isinstance(unknown, SeveralKnown):
            return _ask_to_log_in(request, unknown)
        return _refusal(Refused(404, "NAME_UNKNOWN", str(unknown)))
    except UsageError as wrong:
        return _refusal(Refused(400, "NAME_INVALID", str(wrong)))


async def _answer(request: Request, path: str) -> Response:
    if path == "":
        return json_answer(request, {})
    if path == "_catalog":
        return await _catalog(request)
    for kind, pattern in _ROUTES:
        if match := pattern.fullmatch(path):
            return await _ANSWERS[kind](request, **match.groupdict())
    raise Refused(404, "NAME_INVALID", "the registry API has no such path.")


def _refusal(refused: Refused) -> Response:
    error = {"code": refused.code, "message": str(refused), "detail": refused.detail}
    return Response(
        msgspec.json.encode({"errors": [error]}), status_code=refused.status, media_type=JSON
    )


def _ask_to_log_in(request: Request, unknown: NotKnown) -> Response:
    """The answer to who sent no credentials, and asks for what others may see.

    Many clients send credentials only when they are asked for them. It is the same for what does
    not exist, so it tells nothing. Who has none gets a bearer token without rights, and then 404.
    """
    sentence = f"{str(unknown).rstrip('.')}, or you must log in to see it."
    answer = _refusal(Refused(401, "UNAUTHORIZED", sentence))
    name = next(
        (m["name"] for _, p in _ROUTES if (m := p.fullmatch(request.path_params["path"]))), ""
    )
    wanted = f"repository:{name}:pull" if is_repository(name) else None
    answer.headers["WWW-Authenticate"] = challenges.of_registry(
        request.scope, context_of(request).rules, wanted
    )
    return answer


async def _catalog(request: Request) -> Response:
    number, last = _paging(request)
    browser, host_registry = browser_of(request), host_registry_of(request)
    page = await context_of(request).ask(catalog_page, browser, host_registry, last, number)
    headers = _next("/v2/_catalog", number, page.more_after)
    return json_answer(request, {"repositories": page.names}, headers)


def catalog_page(browser: Browser, host_registry: str | None, last: str, number: int) -> Names:
    """Names of repositories after `last`: of one registry, or of all with their registries."""
    if host_registry is not None:
        found = browser.names(host_registry, last, number + 1)
        return _page(found, number)
    names: list[str] = []
    # In the order of the whole names, of which each registry's have the same beginning.
    for prefix in sorted(f"{registry}/" for registry in browser.registries()):
        if len(names) > number:
            break
        if not last.startswith(prefix) and prefix < last:
            continue
        after = last.removeprefix(prefix) if last.startswith(prefix) else ""
        left = number + 1 - len(names)
        names += [prefix + name for name in browser.names(prefix[:-1], after, left)]
    return _page(names, number)


def _page(found: list[str], number: int) -> Names:
    if number == 0:
        return Names([], None)
    return Names(found[:number], found[number - 1] if len(found) > number else None)


async def _tags(request: Request, name: str) -> Response:
    number, last = _paging(request)
    browser, host_registry = browser_of(request), host_registry_of(request)

    def look() -> Names:
        place = _present(browser, find(browser, name, host_registry))
        return _page(browser.tag_names(place, last, number + 1), number)

    page = await context_of(request).ask(look)
    headers = _next(f"/v2/{quote(name)}/tags/list", number, page.more_after)
    return json_answer(request, {"name": name, "tags": page.names}, headers)


async def _manifest(request: Request, name: str, reference: str) -> Response:
    browser, host_registry = browser_of(request), host_registry_of(request)
    if not (is_tag(reference) or is_digest(reference)):
        raise Refused(404, "MANIFEST_UNKNOWN", f"'{shown(reference)}' is neither tag nor digest.")
    is_head = bool(request.scope.get("indexer.head"))

    def look() -> Response:
        place = _present(browser, find(browser, name, host_registry))
        pointer = None if is_digest(reference) else browser.pointer(place, reference)
        digest = pointer.digest if pointer else reference if is_digest(reference) else None
        if digest is None:
            why = f"has no tag '{shown(reference)}'" if pointer is None else _NO_DIGEST
            raise Refused(404, "MANIFEST_UNKNOWN", f"{shown(name)} {why}.")
        kept = browser.content(place, digest)
        pointer = pointer or browser.pointed_to(place, digest)
        if kept is not None and (pointer or kept.media_type in _MANIFESTS):
            headers = {"Docker-Content-Digest": digest}
            return tagged(request, kept.body, kept.media_type or JSON, headers)
        if pointer is None:
            raise Refused(404, "MANIFEST_UNKNOWN", f"{shown(name)} never pointed there.")
        if not is_head:
            raise Refused(404, "MANIFEST_UNKNOWN", _NOT_FETCHED, {"digest": digest})
        return _head(digest, pointer.media_type)

    return await context_of(request).ask(look)


def _head(digest: str, media_type: str | None) -> Response:
    """What is known of a manifest that was not fetched."""
    headers = {"Docker-Content-Digest": digest, "Cache-Control": "no-cache"}
    # Old indexes hold the media type of a configuration, as Docker Hub gave it for old tags.
    if media_type is not None and not is_of_config(media_type):
        headers["Content-Type"] = media_type
    answer = Response(headers=headers)
    del answer.headers["Content-Length"]  # it is not known, and not 0
    return answer


async def _blob(request: Request, name: str, reference: str) -> Response:
    browser, host_registry = browser_of(request), host_registry_of(request)
    if not is_digest(reference):
        raise Refused(400, "DIGEST_INVALID", f"'{shown(reference)}' is not a digest.")

    def look() -> Response:
        place = _present(browser, find(browser, name, host_registry))
        kept = browser.content(place, reference)
        if kept is None or kept.media_type in _MANIFESTS or browser.pointed_to(place, reference):
            raise Refused(404, "BLOB_UNKNOWN", "the index has configurations but no layers.")
        headers = {"Docker-Content-Digest": reference}
        return tagged(request, kept.body, "application/octet-stream", headers)

    return await context_of(request).ask(look)


async def _referrers(request: Request, name: str, reference: str) -> Response:
    browser, host_registry = browser_of(request), host_registry_of(request)
    if not is_digest(reference):
        raise Refused(400, "DIGEST_INVALID", f"'{shown(reference)}' is not a digest.")

    wanted = request.query_params.get("artifactType") or None

    def look() -> Response:
        place = _present(browser, find(browser, name, host_registry))
        # Where a registry does not list them itself, clients keep the list under such a tag.
        pointer = browser.pointer(place, referrers.fallback_tag(reference))
        kept = browser.content(place, pointer.digest) if pointer and pointer.digest else None
        under_tag = referrers.listed(kept.media_type, kept.body) if kept else []
        read = (referrers.described(*each, reference) for each in browser.artifacts(place))
        asked = (each.descriptor for each in browser.referrers(place, reference))
        lists = (filter(None, read), asked, under_tag)  # the last may say less
        found = referrers.merged(lists, wanted)
        content = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": found}
        headers = {"Content-Type": OCI_INDEX}
        if wanted is not None:
            headers["OCI-Filters-Applied"] = "artifactType"
        return json_answer(request, content, headers)

    return await context_of(request).ask(look)


_MANIFESTS = MANIFESTS | INDEXES

_NO_DIGEST = "has that tag, but does not know its digest yet"
_NOT_FETCHED = "the index knows this image but has not fetched its manifest."

_ANSWERS: dict[str, Callable[..., Awaitable[Response]]] = {
    "tags": _tags,
    "manifest": _manifest,
    "blob": _blob,
    "referrers": _referrers,
}


def _present(browser: Browser, place: RepositoryKey) -> RepositoryKey:
    """The place, if there is such a repository now."""
    found = browser.repository(place)
    if found is None or found.removed_at is not None:
        raise NotKnown(f"the index knows no repository '{shown(str(place))}'.")
    return place


def _paging(request: Request) -> tuple[int, str]:
    """`n` and `last`, as the client gave them."""
    given = request.query_params.get("n")
    number = MOST_NAMES
    if given is not None:
        if not (given.isascii() and given.isdigit()):
            raise Refused(400, "PAGINATION_NUMBER_INVALID", "n must be a whole number.")
        number = min(int(given[:9]), MOST_NAMES)
    return number, request.query_params.get("last", "")


def _next(path: str, number: int, more_after: str | None) -> dict[str, str]:
    if more_after is None:
        return {}
    return {"Link": f'<{path}?{urlencode({"n": number, "last": more_after})}>; rel="next"'}
