"""Every address of the server, asked without the token, of what was or may be private.

Each route is classified in `TELLS`, so a new one cannot be forgotten here.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from starlette.routing import Route

from indexer.config import Settings
from indexer.core.model import Repository
from indexer.manifests.ports import ManifestPart, StoredManifest
from indexer.policies import evaluation
from indexer.policies.policy import Forbidden, Policy
from indexer.store import open_store
from indexer.web.access_rules import AccessRules
from indexer.web.app import application
from indexer.web.context import context_over
from tests.store.scribe import START, Scribe, digest, tag
from tests.support.databases import sqlite_index
from tests.web.serving import StillClock, bearer, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.store import Store
    from tests.web.serving import Running

STILL = Policy("still", forbid=frozenset({Forbidden.RETAG, Forbidden.REMOVE}))

REUSED = "acme/reused"
PUBLIC_FOR = timedelta(hours=24)

NAMES = ("docker.io/acme/reused", "docker.io/acme/closed")

NOTHING = "tells nothing of the index"
NUMBERS = "tells numbers of namespaces, without what is private or unverified"
LIST = "a list for programs: refused where it would leave out what is unverified"
PAGE = "a list for people: leaves out what is unverified, and says so"
NAMED = "about one repository: refused while it is unverified"

TELLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "/": (PAGE, ("/", "/?namespace=acme&include_baseline=true")),
    "/namespaces": (NUMBERS, ("/namespaces",)),
    "/repositories": (PAGE, ("/repositories",)),
    "/search": (PAGE, ("/search?q=reused", "/search?q=covert", "/search?q={digest}")),
    "/violations": (PAGE, ("/violations", "/violations?all=true")),
    "/violations/{number}": (NAMED, ("/violations/1",)),
    "/image/{path:path}": (NAMED, ("/image/{name}", "/image/{name}:latest")),
    "/compare/{path:path}": (NAMED, ("/compare/{name}?from=3d",)),
    "/diff/{path:path}": (NAMED, ("/diff/{name}:latest", "/diff/{name}:latest?to={digest}")),
    "/feed.atom": (LIST, ("/feed.atom?include_baseline=true",)),
    "/feed.json": (LIST, ("/feed.json?repository=acme/reused&include_baseline=true",)),
    "/metrics": (NUMBERS, ("/metrics",)),
    "/v2": (NOTHING, ("/v2",)),
    "/v2/{path:path}": (NAMED, (
        "/v2/{name}/tags/list", "/v2/{name}/manifests/latest", "/v2/{name}/manifests/{digest}",
        "/v2/{name}/blobs/{digest}", "/v2/{name}/referrers/{digest}",
    )),
    "/api/docs": (NOTHING, ("/api/docs",)),
    "/api/openapi.json": (NOTHING, ("/api/openapi.json",)),
    "/static/{name}": (NOTHING, ("/static/style.css",)),
    "/token": (NOTHING, ("/token",)),
    "/login": (NOTHING, ("/login",)),
    "/logout": (NOTHING, ()),
    "/hooks/dockerhub/{secret}": (NOTHING, ()),
    "/hooks/registry/{secret}": (NOTHING, ()),
    "/api/v1/check": (NOTHING, ()),  # `api/test_check.py` asks these two
    "/api/v1/outdated": (NOTHING, ()),
    "/hooks/github/{secret}": (NOTHING, ()),
    "/hooks/quay/{secret}": (NOTHING, ()),
    "/hooks/harbor/{secret}": (NOTHING, ()),
    "/healthz": (NOTHING, ("/healthz",)),
    "/readyz": (NOTHING, ("/readyz",)),
    "/api/v1/status": (NUMBERS, ("/api/v1/status",)),
    "/api/v1/crawls": (NUMBERS, ("/api/v1/crawls",)),
    "/api/v1/crawls/{crawl_id}": (NUMBERS, ("/api/v1/crawls/1",)),
    "/api/v1/repositories": (LIST, (
        "/api/v1/repositories", "/api/v1/repositories?label=what=do+not+tell",
    )),
    "/api/v1/violations": (LIST, ("/api/v1/violations", "/api/v1/violations?all=true")),
    "/api/v1/violations/{violation_id}": (NAMED, ("/api/v1/violations/1",)),
    "/api/v1/search": (LIST, ("/api/v1/search?q=reused",)),
    "/api/v1/digests/{digest:path}": (LIST, ("/api/v1/digests/{public}",)),
    "/api/v1/changes": (LIST, ("/api/v1/changes?include_baseline=true",)),
    "/api/v1/changes/events": (LIST, ("/api/v1/changes/events?after=0",)),
    "/api/v1/counters/{repository:path}": (NAMED, ("/api/v1/counters/{name}",)),
    "/api/v1/tags": (LIST, ("/api/v1/tags?tag=*", "/api/v1/tags?tag=*&limit=1")),
    "/api/v1/tags/{repository:path}": (NAMED, (
        "/api/v1/tags/{name}", "/api/v1/tags/{name}?as_of=2026-03-01T13:00",
    )),
    "/api/v1/settled/{repository:path}": (NAMED, ("/api/v1/settled/{name}?for=1s",)),
    "/api/v1/outdated/{repository:path}": (NAMED, ("/api/v1/outdated/{name}?tag=latest",)),
    "/api/v1/inspect/{repository:path}": (NAMED, (
        "/api/v1/inspect/{name}", "/api/v1/inspect/{name}?digest={digest}",
    )),
    "/api/v1/diff/{repository:path}": (NAMED, ("/api/v1/diff/{name}?tag=latest",)),
    "/api/v1/stats": (LIST, ("/api/v1/stats", "/api/v1/stats?namespace=acme")),
    "/api/v1/stats/{repository:path}": (NAMED, ("/api/v1/stats/{name}",)),
    "/api/v1/history/{repository:path}": (NAMED, ("/api/v1/history/{name}",)),
    "/api/v1/compare/{repository:path}": (NAMED, ("/api/v1/compare/{name}?earlier=3d",)),
}  # fmt: skip
"""Every route: what it may tell without the token, and addresses of it."""

CATALOG = "/v2/_catalog"
"""A list for programs, below a route of single repositories."""

SIGNS = ("covert", "do not tell", "acme/closed", digest("classified"), digest("closed"))
"""Of a private time, and of what is private now."""


def fill(store: Store) -> None:
    """A private repository whose name is used again in public, and a public one made private.

    The policy has a violation of each: 1 is of the private time, 2 of what is private now.
    """
    evaluation.begin(store.evaluations, [STILL], START)
    scribe = Scribe(store.archive, "acme", identity="alice")
    scribe.repositories[REUSED] = Repository(REUSED, START, "do not tell", private=True, pulls=7)
    scribe.crawl({"reused": [tag("covert", "classified")], "closed": [tag("latest", "closed")]})
    body = b'{"what": "do not tell"}'
    hidden = ManifestPart(StoredManifest(digest("classified"), "application/json", body), None)
    store.manifests.keep([hidden], tag("covert", "classified"), START, whole=True)
    del scribe.repositories[REUSED]
    scribe.crawl({"closed": [tag("latest", "closed"), tag("old", "closed")]})
    scribe.repositories["acme/closed"] = Repository("acme/closed", START, private=True)
    scribe.now += timedelta(days=1)
    scribe.crawl({"reused": [tag("latest", "public")], "closed": [tag("latest", "closed")]})
    looked = evaluation.locator(store.catalog)
    evaluation.evaluate(store.evaluations, [STILL], looked, scribe.now)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    url = sqlite_index(tmp_path_factory.mktemp("visible") / "index.db")
    with closing(open_store(url, create=False)) as store:
        fill(store)
        clock = StillClock(START + timedelta(days=1, hours=2))
        with running(store, clock=clock) as served:
            yield served


@pytest.fixture
def later(site: Running) -> Iterator[Running]:
    """The same two days later, without a crawl in between."""
    site.clock.time += 2 * PUBLIC_FOR
    yield site
    site.clock.time -= 2 * PUBLIC_FOR


def addresses(*kinds: str) -> list[str]:
    found = [each for kind, paths in TELLS.values() if kind in kinds for each in paths]
    return [
        path.format(name=name, digest=digest("classified"), public=digest("public"))
        for path in found
        for name in (NAMES if "{name}" in path else NAMES[:1])
    ] + [CATALOG] * (LIST in kinds)


def test_every_route_is_classified(tmp_path: Path) -> None:
    with closing(open_store(sqlite_index(tmp_path / "index.db"), create=False)) as store:
        context = context_over(store, clock=StillClock(), settings=Settings(), rules=AccessRules())
        guarded = application(context)
        context.close()
    assert set(paths(guarded)) == TELLS.keys()


def paths(routes: Any) -> Iterator[str]:
    """The paths of everything that a part of the application answers; each part holds others."""
    if isinstance(routes, Route):
        yield routes.path
        return
    inside = [getattr(routes, name, None) for name in ("_app", "original_router")]
    found = [*getattr(routes, "routes", ()), *(each for each in inside if each is not None)]
    assert found, f"{routes!r} is neither a route nor does it hold any: classify it"
    for each in found:
        yield from paths(each)


@pytest.mark.parametrize("address", addresses(NOTHING, NUMBERS, LIST, PAGE, NAMED))
def test_nothing_private_is_told_without_the_token(site: Running, address: str) -> None:
    with site.get(address, stream=True) as answer:
        is_stream = address.startswith("/api/v1/changes/events")
        text = "" if is_stream else answer.text
    assert answer.status_code in {200, 307, 401, 404}
    assert [sign for sign in SIGNS if sign in text and sign not in address] == []
    if "closed" in address or "/manifests/sha256" in address or "/blobs/" in address:
        # The registry API asks to log in, as it does for what does not exist.
        asked = address.startswith("/v2/") and "closed" in address
        assert answer.status_code == (401 if asked else 404)


@pytest.mark.parametrize("address", addresses(LIST, NAMED))
def test_what_is_unverified_is_refused_with_the_reason(later: Running, address: str) -> None:
    answer = later.get(address)
    if "closed" in address:  # it is known to be private
        assert answer.status_code == (401 if address.startswith("/v2/") else 404)
        return
    assert answer.status_code == 503, address
    assert "indexer crawl --verify acme" in answer.text


@pytest.mark.parametrize("address", addresses(PAGE))
def test_pages_leave_out_what_is_unverified_and_say_so(later: Running, address: str) -> None:
    text = later.get(address).text
    assert REUSED not in text.replace(address, "")
    assert "1 repository is left out" in text


@pytest.mark.parametrize("address", addresses(NUMBERS))
def test_numbers_are_told_without_what_is_unverified(later: Running, address: str) -> None:
    answer = later.get(address)
    assert answer.status_code == 200
    assert "reused" not in answer.text
    if "metrics" in address:
        assert 'indexer_namespace_repositories{namespace="acme",registry="docker.io"} 0.0' in (
            answer.text
        )


def test_who_has_the_token_is_told_everything(later: Running) -> None:
    found = later.json("/api/v1/history/docker.io/acme/reused", headers=bearer())["history"]
    assert [each["tag"] for each in found] == ["covert", "latest"]
    assert "acme/closed" in later.get(CATALOG, headers=bearer()).text


def test_violations_of_what_is_private_are_told_to_nobody_else(site: Running) -> None:
    for path in ("/violations/2", "/api/v1/violations/2", "/api/v1/violations/3"):
        assert site.get(path).status_code == 404
    assert site.json("/api/v1/violations?all=true")["violations"] == []
    assert "No open violations." in site.get("/violations").text
    found = site.json("/api/v1/violations", headers=bearer())["violations"]
    assert [(each["id"], each["tag"]) for each in found] == [(2, "old"), (1, "covert")]
    assert "acme/" in site.get("/violations", headers=bearer()).text


def test_pages_say_to_whom_and_since_when_a_hidden_repository_is_not_visible(empty: Store) -> None:
    scribe = Scribe(empty.archive, "acme", identity="alice")
    scribe.repositories["acme/app"] = Repository("acme/app", START, private=True)
    scribe.crawl({"app": [tag("1", "app")]})
    record = scribe.begin()
    scribe.list(record, [], removed=(), hidden=["acme/app"])
    scribe.finish(record)
    with running(empty) as served:
        for path in ("/namespaces", "/image/docker.io/acme/app"):
            text = served.get(path, headers=bearer()).text
            assert "ot visible to <bdi>alice</bdi> since <time" in text
            assert "alice" not in served.get(path).text
        of_tag = served.get("/image/docker.io/acme/app:1", headers=bearer()).text
        assert "Its repository is private, and not visible to alice since" in of_tag
