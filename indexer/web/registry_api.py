"""`/v2/`: the registry API, read-only, from the index (OCI distribution specification 1.1).

Manifests, configurations and layers are in `indexer.web.registry_content`. On the site's own host
names, names of repositories begin with their registry: `docker.io/library/nginx`. On a host that
stands for one registry they do not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from indexer.catalog.answers import NotVerified
from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.core.reference import is_digest, is_repository
from indexer.core.registry_names import spelled
from indexer.manifests import referrers
from indexer.manifests.media_types import OCI_INDEX
from indexer.web.access import challenges
from indexer.web.context import browser_of, context_of, host_registry_of, visitor_of
from indexer.web.registry_content import manifests_and_blobs
from indexer.web.registry_content.refusals import Refused, present, refusal
from indexer.web.repository_lookup import find
from indexer.web.responses import NotKnown, SeveralKnown, json_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from indexer.store.catalog.browser import Browser

MOST_NAMES = 10_000
"""On one page, also where the client does not say how many it wants."""

_ROUTES = (
    ("tags", re.compile(r"(?P<name>.+)/tags/list")),
    ("manifest", re.compile(r"(?P<name>.+)/manifests/(?P<reference>[^/]+)")),
    ("blob", re.compile(r"(?P<name>.+)/blobs/(?P<reference>[^/]+)")),
    ("referrers", re.compile(r"(?P<name>.+)/referrers/(?P<reference>[^/]+)")),
)


class Names(NamedTuple):
    """A page of names, and the last of them where more follow."""

    names: list[str]
    more_after: str | None


async def answer(request: Request) -> Response:
    """Answer whatever is asked below `/v2/`."""
    try:
        return await _answer(request, request.path_params.get("path", ""))
    except Refused as refused:
        return refusal(refused)
    except NotVerified as refused:
        return refusal(Refused(503, "UNAVAILABLE", str(refused)))
    except NotKnown as unknown:
        if visitor_of(request).is_silent and not isinstance(unknown, SeveralKnown):
            return _ask_to_log_in(request, unknown)
        return refusal(Refused(404, "NAME_UNKNOWN", str(unknown)))
    except UsageError as wrong:
        return refusal(Refused(400, "NAME_INVALID", str(wrong)))


async def _answer(request: Request, path: str) -> Response:
    if path == "":
        return json_answer(request, {})
    if path == "_catalog":
        return await _catalog(request)
    for kind, pattern in _ROUTES:
        if match := pattern.fullmatch(path):
            return await _ANSWERS[kind](request, **match.groupdict())
    raise Refused(404, "NAME_INVALID", "the registry API has no such path.")


def _ask_to_log_in(request: Request, unknown: NotKnown) -> Response:
    """The answer to who sent no credentials, and asks for what others may see.

    Many clients send credentials only when they are asked for them. It is the same for what does
    not exist, so it tells nothing. Who has none gets a bearer token without rights, and then 404.
    """
    answer = refusal(Refused(401, "UNAUTHORIZED", f"{unknown} If it is private, log in."))
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

    def look() -> Names:
        with browser.snapshot():
            return catalog_page(browser, host_registry, last, number)

    page = await context_of(request).ask(look)
    headers = _next("/v2/_catalog", number, page.more_after)
    return json_answer(request, {"repositories": page.names}, headers)


def catalog_page(browser: Browser, host_registry: str | None, last: str, number: int) -> Names:
    """Names of repositories after `last`: of one registry, or of all with their registries."""
    if host_registry is not None:
        found = browser.names(host_registry, last, number + 1)
        return _page(found, number)
    names: list[str] = []
    # In the order of the whole names, of which each registry's have the same beginning.
    written = {f"{spelled(registry)}/": registry for registry in browser.registries()}
    for prefix, registry in sorted(written.items()):
        if len(names) > number:
            break
        if not last.startswith(prefix) and prefix < last:
            continue
        after = last.removeprefix(prefix) if last.startswith(prefix) else ""
        left = number + 1 - len(names)
        names += [prefix + name for name in browser.names(registry, after, left)]
    return _page(names, number)


def _page(found: list[str], number: int) -> Names:
    if number == 0:
        return Names([], None)
    return Names(found[:number], found[number - 1] if len(found) > number else None)


async def _tags(request: Request, name: str) -> Response:
    number, last = _paging(request)
    browser, host_registry = browser_of(request), host_registry_of(request)

    def look() -> Names:
        with browser.snapshot():
            place = present(browser, find(browser, name, host_registry))
            return _page(browser.tag_names(place, last, number + 1), number)

    page = await context_of(request).ask(look)
    headers = _next(f"/v2/{quote(name)}/tags/list", number, page.more_after)
    return json_answer(request, {"name": name, "tags": page.names}, headers)


async def _referrers(request: Request, name: str, reference: str) -> Response:
    browser, host_registry = browser_of(request), host_registry_of(request)
    if not is_digest(reference):
        raise Refused(400, "DIGEST_INVALID", f"'{shown(reference)}' is not a digest.")

    wanted = request.query_params.get("artifactType") or None

    def look() -> Response:
        place = present(browser, find(browser, name, host_registry))
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


_ANSWERS: dict[str, Callable[..., Awaitable[Response]]] = {
    "tags": _tags,
    "manifest": manifests_and_blobs.manifest,
    "blob": manifests_and_blobs.blob,
    "referrers": _referrers,
}


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
