"""The registry of a simulated hub, for reading: tokens, lists of tags, manifests."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from indexer.hub_simulator.accounts import ANYBODY
from indexer.hub_simulator.http import Answer
from indexer.hub_simulator.hub_json import encode
from indexer.hub_simulator.quirks import RateLimit
from indexer.hub_simulator.rate_limiter import Limiter
from indexer.hub_simulator.synthetic_manifests import INDEX

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.hub_simulator.accounts import Identity
    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.hub_lists import HubLists
    from indexer.hub_simulator.quirks import PullLimit
    from indexer.hub_simulator.rate_limiter import Budget
    from indexer.hub_simulator.state import Manifest, Repo

TOKEN_SECONDS = 300
"""The value of `expires_in` from Docker's token service."""

PATH = re.compile(r"/v2/(?P<name>.+)/(?P<kind>tags|manifests|blobs|referrers)/(?P<reference>[^/]+)")


class _Grant(NamedTuple):
    """A registry token: its repositories, when it expires, and whose it is."""

    repositories: frozenset[str]
    until: datetime
    name: str | None


def error(status: int, code: str, message: str) -> Answer:
    """An error in the form that registries use."""
    return Answer(status, encode({"errors": [{"code": code, "message": message, "detail": None}]}))


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
        if found is None:
            known = request.parts == ("v2",)
            return Answer(200, b"{}") if known else error(404, "UNSUPPORTED", "no such endpoint")
        repo = self._hub.find(found["name"])
        if repo is None:
            return error(404, "NAME_UNKNOWN", "repository name not known to registry")
        return self._look(repo, found["kind"], found["reference"], request)

    def _look(self, repo: Repo, kind: str, reference: str, request: Request) -> Answer:
        """Answer a request about a repository."""
        match kind:
            case "tags":
                return _tag_list(repo, reference, request, pages=self._lists.quirks.registry_pages)
            case "manifests":
                return self._manifest(repo, reference, request)
            case "referrers":
                return _referrers(repo, reference)
            case _:
                return _blob(repo, reference)

    def _manifest(self, repo: Repo, reference: str, request: Request) -> Answer:
        """A manifest. `GET` counts as a pull; `HEAD` does not."""
        manifest = repo.manifest(reference)
        if manifest is None:
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
        grant = self._grants.get(token) if scheme.lower() == "bearer" else None
        if grant is None or self._hub.clock.now() >= grant.until:
            return False
        if request.parts == ("v2", "_catalog"):
            return False
        return name is None or name in grant.repositories

    def _challenge(self, request: Request, name: str | None) -> Answer:
        scope = f',scope="repository:{name}:pull"' if name else ""
        if request.parts == ("v2", "_catalog"):
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


def _tag_list(repo: Repo, reference: str, request: Request, *, pages: bool) -> Answer:
    """All tags by name; with `pages`, `n` of them after `last`, and a `Link` to the next page."""
    if reference != "list":
        return error(404, "UNSUPPORTED", "no such endpoint")
    last = request.params.get("last", "") if pages else ""
    names = sorted(name for name in repo.names if name > last)
    size = request.params.get("n", "") if pages else ""
    shown = names[: int(size)] if size.isdecimal() else names
    answer = Answer(200, encode({"name": repo.name, "tags": shown or None}))
    if len(shown) < len(names) and shown:
        link = f'<{request.path}?n={size}&last={quote(shown[-1])}>; rel="next"'
        return answer.with_headers(("Link", link))
    return answer


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
