"""One registry's API, a request each: pages of names, digests, manifests, configurations.

Statuses become values and errors here. 404 is None: the thing does not exist. Any other status than
200 is an error, so that a refusal is never taken for absence.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import quote, unquote

from indexer.core.errors import Denied, Unreadable
from indexer.core.printable import shown
from indexer.core.reference import is_digest
from indexer.http import Request, located
from indexer.manifests import media_types
from indexer.manifests.manifest_digest import blob_digest, digest_matches, digest_of
from indexer.manifests.untrusted_json import NotReadable
from indexer.sources.oci import link_header, responses
from indexer.sources.oci.auth import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.http import Answer, CostMeter, Origin
    from indexer.sources.oci.connection import Connection
    from indexer.sources.oci.responses import Names

T = TypeVar("T")

PAGE_SIZE = 1_000
"""Names in a page: the most that distribution, GitHub, Azure and Amazon grant. Registries with
a lower limit return fewer; one that refuses is asked without a size."""

LONGEST_CURSOR = 4_096
"""The most characters of a link; real ones have some 100."""

MOST_HOPS = 3
"""The most redirects when a configuration is fetched."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_HEAD = frozenset({HTTPStatus.METHOD_NOT_ALLOWED.value, HTTPStatus.NOT_IMPLEMENTED.value})


class NamesPage(NamedTuple):
    """A page of a list of names.

    Attributes:
        names: the names.
        next: path and query of the next page; None on the last.
        after: the last name of this page, after which the next one begins in byte order; None
            where the list is not in that order.
    """

    names: Names
    next: str | None
    after: str | None


class Head(NamedTuple):
    """What a tag points to."""

    digest: str
    media_type: str


class Manifest(NamedTuple):
    """A manifest as sent, verified against its digest."""

    digest: str
    media_type: str
    body: bytes


class RegistryApi:
    """A registry; requests are counted on one meter. Safe to call from threads."""

    def __init__(self, connection: Connection, meter: CostMeter) -> None:
        self._connection = connection
        self._client = connection.client
        self._meter = meter

    def catalog(self, cursor: str | None) -> NamesPage:
        """A page of the registry's repositories.

        Raises:
            Denied: this account may not see it.
            Unreadable: the registry has no catalog.
        """
        purpose = Purpose("catalog")
        page = self._names("/v2/_catalog", cursor, responses.catalog, purpose, "its catalog")
        if page is None:
            raise Unreadable(
                f"{self._client.host} has no catalog (404): name its repositories in the "
                "configuration, as 'repositories'."
            )
        return page

    def tags(self, repository: str, cursor: str | None) -> NamesPage | None:
        """A page of a repository's tags; None if the registry does not know the repository."""
        path = f"/v2/{quote(repository)}/tags/list"
        subject = f"the tags of {repository}"
        return self._names(path, cursor, responses.tags, Purpose("tags", repository), subject)

    def head(self, repository: str, reference: str) -> Head | None:
        """What a tag points to, without pulling it; None if there is no such tag."""
        if self._connection.answers_head:
            request = Request(
                self._manifest_at(repository, reference),
                responses.nothing,
                method="HEAD",
                accept=media_types.ACCEPT,
            )
            answer = self._fetch(request, Purpose("manifests", repository))
            named = responses.digest(answer.headers)
            if answer.status == HTTPStatus.NOT_FOUND:
                return None
            if answer.status == HTTPStatus.OK and named:
                return Head(named, responses.media_type(answer.headers))
            if answer.status in _NO_HEAD:
                self._connection.answers_head = False
            elif answer.status != HTTPStatus.OK:
                raise self._refused(answer, f"{repository}:{reference}")
        manifest = self.manifest(repository, reference)
        return Head(manifest.digest, manifest.media_type) if manifest else None

    def manifest(self, repository: str, reference: str) -> Manifest | None:
        """A manifest by tag or digest; None if there is none. It may count as a pull.

        Raises:
            Unreadable: it does not match its digest.
        """
        target = self._manifest_at(repository, reference)
        request = Request(target, responses.content, accept=media_types.ACCEPT)
        subject = f"{repository}{'@' if is_digest(reference) else ':'}{reference}"
        answer = self._fetch(request, Purpose("manifests", repository))
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if answer.value is None:
            raise self._refused(answer, subject)
        named = reference if is_digest(reference) else responses.digest(answer.headers)
        digest = self._verified(answer.value, named, subject)
        return Manifest(digest, responses.media_type(answer.headers), answer.value)

    def _verified(self, body: bytes, named: str | None, subject: str) -> str:
        """The digest of a manifest, which must equal the named one."""
        try:
            if named is None:
                return digest_of(body)
            trouble = (
                None if digest_matches(named, body) else f"it is not what its digest {named} names"
            )
        except NotReadable as why:
            trouble = str(why)
        if trouble or named is None:
            raise Unreadable(
                f"{self._client.host} sends a manifest for {shown(subject)} that is of no use: "
                f"{trouble}."
            )
        return named

    def blob(self, repository: str, digest: str) -> bytes | None:
        """A configuration; None if there is none.

        Raises:
            Unreadable: it does not match its digest, or redirects to a URL that is not followed.
        """
        target = f"{self._client.origin.prefix}/v2/{quote(repository)}/blobs/{digest}"
        purpose = Purpose("blobs", repository)
        answer = self._fetch(Request(target, responses.content, follow=False), purpose)
        origin = self._client.origin
        for _ in range(MOST_HOPS):
            if answer.status not in _REDIRECTS:
                break
            origin, target = self._whither(origin, target, answer.headers.get("Location", ""))
            request = Request(target, responses.content, follow=False, is_signed=True)
            if origin.is_at(self._client.origin):
                answer = self._fetch(request, purpose)
            else:  # without a token: the digest verifies it, whoever sends it
                answer = self._connection.at(origin).fetch(request, self._meter)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if answer.value is None:
            raise self._refused(answer, f"the configuration {digest} of {repository}")
        if blob_digest(answer.value, digest.partition(":")[0]) != digest:
            raise Unreadable(
                f"{self._client.host} sends a configuration for {shown(repository)} that is not "
                f"what its digest {digest} names."
            )
        return answer.value

    def _whither(self, origin: Origin, target: str, location: str) -> tuple[Origin, str]:
        """The target of a redirect to a configuration: on the same origin, or anywhere on https."""
        within = origin.target(target.partition("?")[0], location)
        if within is not None:
            return origin, within
        found = located(location)
        if found is None or not (found[0].scheme == "https" or self._connection.insecure):
            raise Unreadable(
                f"{self._client.host} redirects us to {self._client.origin.origin_of(location)} "
                "for a configuration, which we do not follow."
            )
        return found

    def _manifest_at(self, repository: str, reference: str) -> str:
        return f"{self._client.origin.prefix}/v2/{quote(repository)}/manifests/{reference}"

    def _names(
        self,
        path: str,
        cursor: str | None,
        decode: Callable[[bytes], Names],
        purpose: Purpose,
        subject: str,
    ) -> NamesPage | None:
        base = self._client.origin.prefix + path
        size = f"?n={PAGE_SIZE}" if self._connection.grants_size else ""
        target = f"{base}{size}" if cursor is None else self._following(base, cursor)
        answer = self._fetch(Request(target, decode), purpose)
        if answer.status == HTTPStatus.BAD_REQUEST and cursor is None and size:
            self._connection.grants_size = False
            answer = self._fetch(Request(base, decode), purpose)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if answer.value is None:
            raise self._refused(answer, subject)
        link = link_header.following(answer.headers.get("Link", ""))
        if link is None:
            return NamesPage(answer.value, None, None)
        there = self._following(base, link)
        after = link_header.resumes_after(there.partition("?")[2])
        return NamesPage(answer.value, there, after if after == answer.value.until else None)

    def _following(self, base: str, cursor: str) -> str:
        """The target of a link: its query is used, its path only checked to be the same list."""
        host, origin = self._client.host, self._client.origin
        if len(cursor) > LONGEST_CURSOR:
            raise Unreadable(f"{host} names a next page too long to be asked for.")
        there = origin.target(base, cursor)
        if there is None:
            raise Unreadable(
                f"{host} sends us to {origin.origin_of(cursor)} for the next page, which we do not "
                "follow: nothing is asked of another host."
            )
        found, _, query = there.partition("?")
        # Some registries behind a proxy name a path that differs from the requested one.
        known = {unquote(base), unquote(base.removeprefix(origin.prefix))}
        if unquote(found).rstrip("/") not in known or not query:
            raise Unreadable(
                f"{host} names a next page that is of another list: '{shown(found, 100)}'."
            )
        return f"{base}?{quote(query, safe='=&%+,:;@/?-._~')}"

    def _fetch(self, request: Request[T], purpose: Purpose) -> Answer[T]:
        with self._connection.gate:
            answer = self._connection.door.fetch(request, purpose, self._meter)
        self._connection.heard(responses.pull_limit(answer.headers))
        return answer

    def _refused(self, answer: Answer[T], subject: str) -> Exception:
        status, host, what = answer.status, self._client.host, shown(subject, 300)
        code = responses.error_code(answer.body)
        told = f"{status}, {code}" if code else str(status)
        if status != HTTPStatus.FORBIDDEN:
            return Unreadable(f"{host} answers {told} where {what} was asked for.")
        credentials = self._connection.door.credentials
        if credentials is None:
            return Denied(
                f"{host} refuses to show {what} ({told}): configure 'username' and "
                "'password_env' for it."
            )
        return Denied(
            f"{host} refuses to show {what} ({told}) to '{shown(credentials.username, 100)}': ask "
            "its owner for the permission to read it."
        )
