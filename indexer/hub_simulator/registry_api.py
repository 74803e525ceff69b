"""The registry of a simulated hub, for reading: tokens, lists of tags, manifests."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

from indexer.hub_simulator.accounts import ANYBODY
from indexer.hub_simulator.http import Answer
from indexer.hub_simulator.hub_json import encode
from indexer.hub_simulator.quirks import RateLimit
from indexer.hub_simulator.rate_limiter import Limiter
from indexer.hub_simulator.registry_lists import error, list_of
from indexer.hub_simulator.synthetic_manifests import INDEX

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.hub_simulator.accounts import Identity
    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.hub_lists import HubLists
    from indexer.hub_simulator.quirks import PullLimit
    from indexer.hub_simulator.rate_limiter import Budget
    from indexer.hub_simulator.registry_quirks import RegistryQuirks
    from indexer.hub_simulator.state import Manifest, Repo

TOKEN_SECONDS = 300
"""The value of `expires_in` from Docker's token service."""

PATH = re.compile(r"/v2/(?P<name>.+)/(?P<kind>tags|manifests|blobs|referrers)/(?P<reference>[^/]+)")


class _Grant(NamedTuple):
    """A registry token: its repositories, when it expires, and whose it is."""

    repositories: frozenset[str]
    until: datetime
    name: str | None


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
        self._grants: dict[str, _Grant] = {}
        self._serial = itertools.count(1)

    def answer(self, request: Request) -> Answer:
        """Answer a request, which needs a registry token, not one of the Hub."""
        if request.parts == ("token",):
            return self._token(request)
        found = PATH.fullmatch(request.path)
        name = found["name"] if found else None
        if not self._is_granted(request, name):
            return self._challenge(request, name)
        if request.parts == ("v2", "_catalog"):
            return self._catalog(request)
        if found is None:
            known = request.parts == ("v2",)
            return Answer(200, b"{}") if known else error(404, "UNSUPPORTED", "no such endpoint")
        repo = self._hub.find(found["name"])
        if repo is None:
            return error(404, "NAME_UNKNOWN", "repository name not known to registry")
        return self._look(repo, found["kind"], found["reference"], request)

    @property
    def _quirks(self) -> RegistryQuirks:
        return self._lists.quirks.registry

    def _catalog(self, request: Request) -> Answer:
        """The names of all repositories that are public."""
        repositories = (
            repo for home in self._hub.namespaces.values() for repo in home.repositories.values()
        )
        names = [repo.name for repo in repositories if not repo.item.is_private]
        return list_of("repositories", names, request, self._quirks, {})

    def _look(self, repo: Repo, kind: str, reference: str, request: Request) -> Answer:
        """Answer a request about a repository."""
        match kind:
            case "tags":
                if reference != "list":
                    return error(404, "UNSUPPORTED", "no such endpoint")
                return list_of("tags", repo.names, request, self._quirks, {"name": repo.name})
            case "manifests":
                return self._manifest(repo, reference, request)
            case "referrers":
                return _referrers(repo, reference)
            case _:
                return _blob(repo, reference)

    def _manifest(self, repo: Repo, reference: str, request: Request) -> Answer:
        """A manifest. `GET` counts as a pull; `HEAD` does not."""
        quirks, is_head = self._quirks, request.method == "HEAD"
        if is_head and quirks.head == "405":
            return error(405, "UNSUPPORTED", "method not allowed")
        manifest = repo.manifest(reference)
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
        if rule is not None and self._grants[request.authorization[1]].name is None:
            look = self._pulls.spend if is_pull else self._pulls.look
            budget = look(rule, None)
            limits = _limits(rule, budget)
            if is_pull and budget.is_spent:
                message = "You have reached your unauthenticated pull rate limit."
                return error(429, "TOOMANYREQUESTS", message).with_headers(*limits)
        if is_pull:
            self._hub.count_pull(repo.name, reference)
        if is_head and quirks.head == "octet-stream":
            return Answer(200, b"", content_type="application/octet-stream")
        headers = (("Docker-Content-Digest", manifest.digest), *limits)
        return Answer(200, manifest.body, headers, manifest.media_type)

    def _token(self, request: Request) -> Answer:
        scheme, credentials = request.authorization
        identity: Identity | None = ANYBODY
        if scheme.lower() == "basic":
            name, _, secret = _basic(credentials).partition(":")
            identity = self._hub.accounts.check(name, secret)
        if identity is None:
            return Answer(401, encode({"details": "incorrect username or password"}))
        asked = request.params.get("scope", "").split()
        names = [scope.split(":")[1] for scope in asked if scope.count(":") == 2]  # noqa: PLR2004 - type:name:actions
        granted = frozenset(name for name in names if self._may_pull(name, identity))
        now = self._hub.clock.now()
        until = type(now).fromtimestamp(now.timestamp() + TOKEN_SECONDS, now.tzinfo)
        token = f"registry-{next(self._serial)}"
        self._grants[token] = _Grant(granted, until, identity.name)
        answer = {
            "token": token,
            "access_token": token,
            "expires_in": TOKEN_SECONDS,
            "issued_at": now,
        }
        return Answer(200, encode(answer))

    def _may_pull(self, name: str, identity: Identity) -> bool:
        """Whether a token is granted; the real service grants it for unknown repositories, too."""
        repo = self._hub.find(name)
        return repo is None or not repo.item.is_private or repo.item.namespace in identity.sees

    def _is_granted(self, request: Request, name: str | None) -> bool:
        scheme, token = request.authorization
        if request.parts == ("v2", "_catalog") and self._quirks.catalog == "basic":
            name, _, secret = _basic(token).partition(":")
            return scheme.lower() == "basic" and self._hub.accounts.check(name, secret) is not None
        grant = self._grants.get(token) if scheme.lower() == "bearer" else None
        if grant is None or self._hub.clock.now() >= grant.until:
            return False
        if request.parts == ("v2", "_catalog"):
            return self._quirks.catalog == "token"
        return name is None or name in grant.repositories

    def _challenge(self, request: Request, name: str | None) -> Answer:
        scope = f',scope="repository:{name}:pull"' if name else ""
        if request.parts == ("v2", "_catalog"):
            if self._quirks.catalog == "basic":
                answer = error(401, "UNAUTHORIZED", "unauthorized: UnAuthorized")
                return answer.with_headers(("WWW-Authenticate", 'Basic realm="harbor"'))
            scope = ',scope="registry:catalog:*"'
        base = self._lists.quirks.realm_base or request.base
        challenge = f'Bearer realm="{base}/token",service="registry.docker.io"{scope}'
        answer = error(401, "UNAUTHORIZED", "authentication required")
        return answer.with_headers(("WWW-Authenticate", challenge))


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


def _referrers(repo: Repo, digest: str) -> Answer:
    """The referrers of a digest (OCI distribution 1.1): an index, which may be empty."""
    found: list[Manifest] = repo.referrers.get(digest, [])
    manifests = [
        {"mediaType": one.media_type, "digest": one.digest, "size": len(one.body)} for one in found
    ]
    body = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}
    return Answer(200, encode(body), content_type=INDEX)


def _blob(repo: Repo, reference: str) -> Answer:
    blob = repo.config(reference)
    if blob is None:
        return error(404, "BLOB_UNKNOWN", "blob unknown to registry")
    return Answer(200, blob, content_type="application/octet-stream")


def _basic(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
