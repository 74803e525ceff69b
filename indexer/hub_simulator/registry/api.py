"""The registry of a simulated hub, for reading: tokens, lists of tags, manifests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.hub_simulator.http import Answer
from indexer.hub_simulator.quirks import RateLimit
from indexer.hub_simulator.rate_limiter import Limiter
from indexer.hub_simulator.registry import referrers
from indexer.hub_simulator.registry.auth import RegistryAuth
from indexer.hub_simulator.registry.lists import error, list_of
from indexer.hub_simulator.synthetic_manifests import INDEX, sha256

if TYPE_CHECKING:
    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.hub_lists import HubLists
    from indexer.hub_simulator.quirks import PullLimit
    from indexer.hub_simulator.rate_limiter import Budget
    from indexer.hub_simulator.registry.quirks import RegistryQuirks
    from indexer.hub_simulator.state import Manifest, Repo

PATH = re.compile(r"/v2/(?P<name>.+)/(?P<kind>tags|manifests|blobs|referrers)/(?P<reference>[^/]+)")


class Registry:
    """Answers requests to the registry and its token service. The caller holds the hub's lock.

    Args:
        hub: the state.
        lists: holds the quirks.
        pull_limit: how many manifests anonymous clients may get; None: no limit.
    """

    def __init__(self, hub: Hub, lists: HubLists, pull_limit: PullLimit | None) -> None:
        self._hub = hub
        self._lists = lists
        self._pulls = Limiter(hub.clock)
        self._pull_rule: RateLimit | None = None
        if pull_limit is not None:
            self._pull_rule = RateLimit(pull_limit.limit, pull_limit.window)
        self._auth = RegistryAuth(hub, lists)

    def answer(self, request: Request) -> Answer:
        """Answer a request, which needs a registry token, not one of the Hub."""
        if self._quirks.lost is not None:
            return Answer(404, self._quirks.lost)
        found = PATH.fullmatch(request.path)
        name = found["name"] if found else None
        instead = (
            self._auth.token(request)
            or self._redirect(request, name)
            or self._auth.refusal(request, name)
        )
        if instead is not None:
            return instead
        if request.parts == ("v2", "_catalog"):
            return self._catalog(request)
        if found is None:
            known = request.parts == ("v2",)
            return Answer(200, b"{}") if known else error(404, "UNSUPPORTED", "no such endpoint")
        repo = self._hub.find(found["name"])
        if repo is None:
            return error(404, "NAME_UNKNOWN", "repository name not known to registry")
        return self._look(repo, found["kind"], found["reference"], request)

    def _redirect(self, request: Request, name: str | None) -> Answer | None:
        """The redirect of a list or manifest; None if it is answered here."""
        there = self._quirks.leads_to
        if there is None or name is None or name.startswith(there.partition("/v2/")[2]):
            return None
        location = f"{there.format(base=request.base)}/{request.target.removeprefix('/v2/')}"
        return Answer(307, b"", (("Location", location),))

    @property
    def _quirks(self) -> RegistryQuirks:
        return self._lists.quirks.registry

    def _catalog(self, request: Request) -> Answer:
        """The names of all repositories that this account sees."""
        identity = self._auth.identity(request)
        repositories = (
            repo for home in self._hub.namespaces.values() for repo in home.repositories.values()
        )
        names = [
            repo.name
            for repo in repositories
            if not repo.item.is_private or identity.may_see(repo.item.namespace, repo.name)
        ]
        names = [] if self._quirks.catalog == "empty" else names
        return list_of("repositories", names, request, self._quirks, {})

    def _look(self, repo: Repo, kind: str, reference: str, request: Request) -> Answer:
        """Answer a request about a repository."""
        quirks = self._quirks
        under_tags = referrers.under_tags(repo) if quirks.lacks_referrers else {}
        match kind:
            case "tags":
                if reference != "list":
                    return error(404, "UNSUPPORTED", "no such endpoint")
                return list_of(
                    "tags",
                    [*repo.names, *under_tags],
                    request,
                    quirks,
                    {"name": repo.name, **quirks.extra},
                )
            case "manifests":
                manifest = under_tags.get(reference) or repo.manifest(reference)
                return self._manifest(repo, reference, manifest, request)
            case "referrers" if quirks.lacks_referrers:
                return error(404, "UNSUPPORTED", "no such endpoint")
            case "referrers":
                found = referrers.index_of(repo.referrers.get(reference, []))
                return Answer(200, found, content_type=INDEX)
            case _:
                return _blob(repo, reference)

    def _manifest(
        self, repo: Repo, reference: str, manifest: Manifest | None, request: Request
    ) -> Answer:
        """A manifest. `GET` counts as a pull; `HEAD` does not."""
        quirks, is_head = self._quirks, request.method == "HEAD"
        if is_head and quirks.head == "405":
            return error(405, "UNSUPPORTED", "method not allowed")
        is_lost = is_head and quirks.head == "404"
        if manifest is None or is_lost or f"{repo.name}:{reference}" in quirks.dangling:
            return error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        if not _accepts(request, manifest.media_type):
            kind = "index" if manifest.media_type == INDEX else "manifest"
            message = f"OCI {kind} found, but accept header does not support OCI {kind}s"
            return error(404, "MANIFEST_UNKNOWN", message)
        limits: tuple[tuple[str, str], ...] = ()
        is_pull = request.method == "GET"
        rule = self._pull_rule
        if rule is not None and self._auth.identity(request).name is None:
            look = self._pulls.spend if is_pull else self._pulls.look
            budget = look(rule, None)
            limits = _limits(rule, budget)
            if is_pull and budget.is_spent:
                message = "You have reached your unauthenticated pull rate limit."
                return error(429, "TOOMANYREQUESTS", message).with_headers(*limits)
        if is_pull:
            self._hub.count_pull(repo.name, reference)
        if is_head and quirks.head in {"octet-stream", "octet-stream with digest"}:
            octets = Answer(200, b"", content_type="application/octet-stream")
            lie = ("Docker-Content-Digest", sha256(b"another"))
            return octets if quirks.head == "octet-stream" else octets.with_headers(lie)
        headers = (("Docker-Content-Digest", manifest.digest), *limits)
        return Answer(200, manifest.body, headers, manifest.media_type)


def _accepts(request: Request, media_type: str) -> bool:
    """Whether a client accepts this media type; without `Accept` it accepts all."""
    accept = request.headers.get("accept", "*/*")
    return "*/*" in accept or media_type in accept


def _limits(rule: RateLimit, budget: Budget) -> tuple[tuple[str, str], ...]:
    """The headers of a manifest's answer about the pulls that are left."""
    window = int(rule.window)
    return (
        ("ratelimit-limit", f"{rule.limit};w={window}"),
        ("ratelimit-remaining", f"{budget.remaining};w={window}"),
        ("docker-ratelimit-source", "127.0.0.1"),
    )


def _blob(repo: Repo, reference: str) -> Answer:
    blob = repo.config(reference)
    if blob is None:
        return error(404, "BLOB_UNKNOWN", "blob unknown to registry")
    return Answer(200, blob, content_type="application/octet-stream")
