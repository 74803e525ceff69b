"""One registry's API: pages of names, digests, manifests, configurations.

Statuses become values and errors here. 404 is None: the thing does not exist. Any other status than
200 is an error, so that a refusal is never taken for absence. And no 404 of a `HEAD` is an absence.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from indexer.core.errors import Unreadable
from indexer.core.printable import shown
from indexer.core.reference import is_digest
from indexer.http import Request
from indexer.manifests import media_types
from indexer.manifests.manifest_digest import blob_digest, digest_matches, digest_of
from indexer.manifests.untrusted_json import NotReadable
from indexer.sources.next_page import query_of
from indexer.sources.oci import link_header, responses
from indexer.sources.oci.name_lists import NameList, NameLists
from indexer.sources.oci.registry_requests import RegistryRequests
from indexer.sources.oci.scopes import Purpose

if TYPE_CHECKING:
    from indexer.http import CostMeter
    from indexer.manifests.signatures import Referrer
    from indexer.sources.oci.connection import Connection
    from indexer.sources.oci.name_lists import NamesPage

MOST_REFERRER_PAGES = 10
"""The most pages of what refers to one digest."""

_NO_HEAD = frozenset({HTTPStatus.METHOD_NOT_ALLOWED.value, HTTPStatus.NOT_IMPLEMENTED.value})


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
        self._requests = RegistryRequests(connection, meter)
        self._lists = NameLists(self._requests)
        self._head_lies = False
        """It said 404 to `HEAD` of what `GET` has: for this crawl it is asked by `GET`."""

    def catalog(self, cursor: str | None, *, proves_end: bool = False) -> NamesPage | None:
        """A page of the registry's repositories; None if a later page is not there any more.

        Raises:
            Denied: this account may not see it.
            Unreadable: the registry has no catalog.
        """
        purpose = Purpose("catalog")
        whole = NameList("/v2/_catalog", responses.catalog, purpose, "its catalog")
        page = self._lists.page(whole, cursor, proves_end=proves_end)
        if page is None and cursor is None:
            raise Unreadable(
                f"{self._client.host} has no catalog (404): name its repositories in the "
                "configuration, as 'repositories'."
            )
        return page

    def tags(
        self, repository: str, cursor: str | None, *, proves_end: bool = False
    ) -> NamesPage | None:
        """A page of a repository's tags.

        None if the registry does not know the repository, or this page any more.
        """
        return self._lists.page(_tags_of(repository), cursor, proves_end=proves_end)

    def has(self, repository: str) -> bool:
        """Whether the registry knows a repository."""
        return self._lists.exists(_tags_of(repository))

    def head(self, repository: str, reference: str, *, settles: bool = True) -> Head | None:
        """What a tag points to, without pulling it; None if there is no such tag.

        Args:
            repository: its name.
            reference: a tag or a digest.
            settles: what answers 404 to `HEAD` is asked for by `GET`: some proxies and Nexus say
                404 to every `HEAD` of a manifest.
        """
        if self._connection.answers_head and not self._head_lies:
            request = Request(
                self._manifest_at(repository, reference),
                responses.nothing,
                method="HEAD",
                accept=media_types.ACCEPT,
            )
            answer = self._requests.fetch(request, Purpose("manifests", repository))
            named = responses.digest(answer.headers)
            if answer.status == HTTPStatus.NOT_FOUND:
                return self._settled(repository, reference) if settles else None
            # Artifactory calls a manifest a stream of bytes; then even a digest may be of another.
            is_manifest = not media_types.is_octet_stream(answer.headers.get("Content-Type", ""))
            if answer.status == HTTPStatus.OK and named and is_manifest:
                return Head(named, responses.media_type(answer.headers))
            if answer.status in _NO_HEAD:
                self._connection.answers_head = False
            elif answer.status != HTTPStatus.OK:
                raise self._requests.refused(answer, f"{repository}:{reference}")
        return self._read(repository, reference)

    def _settled(self, repository: str, reference: str) -> Head | None:
        """What a tag points to of which `HEAD` says 404: `GET` has the last word."""
        found = self._read(repository, reference)
        self._head_lies |= found is not None
        return found

    def _read(self, repository: str, reference: str) -> Head | None:
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
        answer = self._requests.fetch(request, Purpose("manifests", repository))
        if self._requests.is_absent(answer, subject):
            return None
        if answer.value is None:
            raise self._requests.refused(answer, subject)
        named = reference if is_digest(reference) else responses.digest(answer.headers)
        digest = self._verified(answer.value, named, subject)
        return Manifest(digest, responses.media_type(answer.headers), answer.value)

    def _verified(self, body: bytes, named: str | None, subject: str) -> str:
        """The digest of a manifest, which must equal the named one."""
        try:
            if named is None:
                return digest_of(body)
            trouble = (
                None if digest_matches(named, body) else f"it does not match its digest {named}"
            )
        except NotReadable as why:
            trouble = str(why)
        if trouble or named is None:
            raise Unreadable(
                f"{self._client.host} sends an invalid manifest for {shown(subject)}: {trouble}."
            )
        return named

    def referrers(self, repository: str, digest: str) -> tuple[Referrer, ...] | None:
        """What refers to a digest (OCI distribution 1.1); None if the registry has no such API.

        A registry must answer with an empty list if nothing does, so any other answer than a list
        means that it has none.

        Raises:
            Denied: this account may not see it.
            Unreadable: only a part of the list can be read.
        """
        base = f"{self._client.origin.prefix}/v2/{quote(repository)}/referrers/{digest}"
        subject = f"what refers to {digest} in {shown(repository)}"
        found: dict[str, Referrer] = {}
        target = base
        for _ in range(MOST_REFERRER_PAGES):
            request = Request(target, responses.content, accept=media_types.OCI_INDEX)
            answer = self._requests.fetch(request, Purpose("manifests", repository))
            if answer.status == HTTPStatus.FORBIDDEN:
                raise self._requests.refused(answer, subject)
            listed = None
            if answer.value is not None:
                listed = responses.referrers(responses.media_type(answer.headers), answer.value)
            if listed is None and target == base:
                return None
            if listed is None:
                raise self._requests.refused(answer, f"more of {subject}")
            found.update((each.digest, each) for each in listed)
            query = query_of(link_header.following(answer.headers.get("Link", "")) or "")
            if query is None:
                return tuple(found.values())
            target = f"{base}?{query}"
        raise Unreadable(f"{self._client.host} gives an endless list of {subject}.")

    def blob(self, repository: str, digest: str) -> bytes | None:
        """A configuration; None if there is none.

        Raises:
            Unreadable: it does not match its digest, or redirects to a URL that is not followed.
        """
        target = f"{self._client.origin.prefix}/v2/{quote(repository)}/blobs/{digest}"
        request = Request(target, responses.content)
        answer = self._requests.fetch(request, Purpose("blobs", repository))
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if answer.value is None:
            raise self._requests.refused(answer, f"the configuration {digest} of {repository}")
        if blob_digest(answer.value, digest.partition(":")[0]) != digest:
            raise Unreadable(
                f"{self._client.host} sends a configuration for {shown(repository)} that does not "
                f"match its digest {digest}."
            )
        return answer.value

    def _manifest_at(self, repository: str, reference: str) -> str:
        return f"{self._client.origin.prefix}/v2/{quote(repository)}/manifests/{reference}"


def _tags_of(repository: str) -> NameList:
    path = f"/v2/{quote(repository)}/tags/list"
    return NameList(path, responses.tags, Purpose("tags", repository), f"the tags of {repository}")
