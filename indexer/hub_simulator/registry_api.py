"""The registry over a hub, as far as looking goes: tokens, lists of tags, manifests."""

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

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.hub_simulator.accounts import Identity
    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.state import Repo

TOKEN_SECONDS = 300
"""What Docker's token service says in `expires_in`."""

PATH = re.compile(r"/v2/(?P<name>.+)/(?P<kind>tags|manifests|blobs)/(?P<reference>[^/]+)")


class _Grant(NamedTuple):
    """A registry token: the repositories that it opens, until when."""

    repositories: frozenset[str]
    until: datetime


def error(status: int, code: str, message: str) -> Answer:
    """An error as registries word it."""
    return Answer(status, encode({"errors": [{"code": code, "message": message, "detail": None}]}))


class Registry:
    """Answers the registry's requests, and its token service's. Hold the hub's lock meanwhile."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._grants: dict[str, _Grant] = {}
        self._serial = itertools.count(1)

    def answer(self, request: Request) -> Answer:
        """Answer a request; whoever asks proves it by a registry token, not by the Hub's."""
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
        look = {"tags": _tag_list, "manifests": _manifest, "blobs": _blob}[found["kind"]]
        return look(repo, found["reference"], request)

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
        self._grants[token] = _Grant(granted, until)
        answer = {
            "token": token,
            "access_token": token,
            "expires_in": TOKEN_SECONDS,
            "issued_at": now,
        }
        return Answer(200, encode(answer))

    def _may_pull(self, name: str, identity: Identity) -> bool:
        """A token for what is not there is granted too, and opens nothing: as the real one does."""
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
        challenge = f'Bearer realm="{request.base}/token",service="registry.docker.io"{scope}'
        answer = error(401, "UNAUTHORIZED", "authentication required")
        return answer.with_headers(("WWW-Authenticate", challenge))


def _tag_list(repo: Repo, reference: str, request: Request) -> Answer:
    """All tags by name, or `n` after `last` with a `Link` to the rest."""
    if reference != "list":
        return error(404, "UNSUPPORTED", "no such endpoint")
    last = request.params.get("last", "")
    names = sorted(name for name in repo.tags if name > last)
    size = request.params.get("n", "")
    shown = names[: int(size)] if size.isdecimal() else names
    answer = Answer(200, encode({"name": repo.name, "tags": shown or None}))
    if len(shown) < len(names) and shown:
        link = f'<{request.path}?n={size}&last={quote(shown[-1])}>; rel="next"'
        return answer.with_headers(("Link", link))
    return answer


def _manifest(repo: Repo, reference: str, _: Request) -> Answer:
    manifest = repo.manifest(reference)
    if manifest is None:
        return error(404, "MANIFEST_UNKNOWN", "manifest unknown")
    headers = (("Docker-Content-Digest", manifest.digest),)
    return Answer(200, manifest.body, headers, manifest.media_type)


def _blob(repo: Repo, reference: str, _: Request) -> Answer:
    blob = repo.config(reference)
    if blob is None:
        return error(404, "BLOB_UNKNOWN", "blob unknown to registry")
    return Answer(200, blob, content_type="application/octet-stream")


def _basic(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
