"""Docker Hub as a source: sends the requests, and turns statuses into values and errors."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs, quote, urlencode

from indexer.core.errors import (
    Denied,
    Missing,
    OffsetRefused,
    SourceError,
    SourceLost,
    Unreadable,
)
from indexer.core.model import ANONYMOUS, Repository
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.crawl import open_questions
from indexer.crawl.list_sides import Order, Side, Window
from indexer.crawl.listing import Page, PageRequest
from indexer.crawl.ports import ResolvedDigests, Source
from indexer.crawl.wanted_names import WantedNames
from indexer.http import CostMeter, Request
from indexer.sources.docker_hub import audit_log, responses
from indexer.sources.docker_hub.digest_resolver import DigestResolver, unmoved
from indexer.sources.next_page import query_of
from indexer.sources.oci.api import RegistryApi
from indexer.sources.oci.contents import RegistryContents

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from indexer.core.audit_event import AuditEvent
    from indexer.core.immutable_tags import Immutability
    from indexer.core.model import Cost, KnownTag, RateLimit, Tag
    from indexer.http import Answer, HttpClient
    from indexer.manifests.ports import ManifestSource
    from indexer.sources.docker_hub.auth import HubLogin
    from indexer.sources.oci.connection import Connection

T = TypeVar("T")

HUB_URL = "https://hub.docker.com"

PAGE_SIZE = 100
"""The largest page size that the Hub accepts (Docker's OpenAPI file)."""

MOST_NAMED_TAGS = 10
"""The most tags of one repository that are asked for by name; for more, the list is read."""

_ORDERINGS = {
    Order.NEWEST: "last_updated",
    Order.OLDEST: "-last_updated",
    Order.NAME: "name",
    Order.NAME_REVERSED: "-name",
    Order.MOST_PULLED: "pull_count",
    Order.LEAST_PULLED: "-pull_count",
}
"""Values of `ordering`, as observed on both lists. Docker's documentation says the opposite for the
dates and pulls of repositories."""

_NAMESPACES = "/v2/namespaces/"


class HubSource(Source):
    """A Docker Hub, asked during one crawl.

    Args:
        client: shared by all crawls of this registry with this account, and with it the rate limit.
        login: the account's token, shared too; None: anonymous.
        registry: the registry's name, as stored.
        registry_connection: the registry behind the Hub, shared too; None: there is none to ask.
        resolve: how many tags without a digest it is asked for.
        wanted: which repositories and tags are indexed. What is named, without a glob, is asked
            for by its name, and no list is read.
    """

    def __init__(
        self,
        client: HttpClient,
        login: HubLogin | None = None,
        *,
        registry: str = DOCKER_HUB,
        registry_connection: Connection | None = None,
        resolve: int = 0,
        wanted: WantedNames = WantedNames(),  # noqa: B008 - frozen
    ) -> None:
        self._client = client
        self._login = login
        self._registry = registry
        self._wanted = wanted
        self._meter = CostMeter()
        self._registry_connection = registry_connection
        self._most_singles = resolve
        self._resolver = None
        if registry_connection is not None and resolve:
            api = RegistryApi(registry_connection, self._meter)
            self._resolver = DigestResolver(api, budget=resolve, width=registry_connection.width)

    @property
    def registry(self) -> str:
        """See `Source`."""
        return self._registry

    @property
    def identity(self) -> str:
        """See `Source`."""
        return self._login.credentials.username if self._login else ANONYMOUS

    @property
    def uses_organisation_token(self) -> bool:
        """Whether we ask with an organisation access token."""
        return self._login is not None and self._login.uses_organisation_token

    @property
    def contents(self) -> ManifestSource | None:
        """See `Source`. Manifests come from the registry, not from the Hub."""
        return (
            RegistryContents(self._registry_connection, self._meter)
            if self._registry_connection
            else None
        )

    @property
    def spent(self) -> Cost:
        """See `Source`."""
        return self._meter.spent

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `Source`."""
        return self._client.limiter.rate_limit

    @property
    def wanted(self) -> WantedNames:
        """See `Source`."""
        return self._wanted

    @property
    def repository_orders(self) -> tuple[Order, ...]:
        """See `Source`."""
        return (Order.NAME, Order.NAME_REVERSED, Order.MOST_PULLED, Order.LEAST_PULLED)

    def repositories(self, namespace: str, ask: PageRequest) -> Page[Repository] | None:
        """See `Source`."""
        names = self._wanted.within(namespace).named_repositories()
        if names is not None and ask.cursor is None:
            return self._named_repositories(names)
        path = _repositories(namespace)
        target = self._page(path, ask)
        page = self._get(target, responses.repositories(namespace), f"namespace '{namespace}'")
        if page is None and ask.cursor is None:
            raise Missing(
                f"there is no namespace '{shown(namespace)}' on {self._registry}: check the "
                "spelling" + ("." if self._login else ", or give credentials if it is private.")
            )
        return page

    def _named_repositories(self, names: Sequence[str]) -> Page[Repository]:
        """Repositories that are asked for by their names, as one list of one page."""
        found: list[Repository] = []
        rejected: list[str] = []
        absent: list[str] = []
        refused: SourceError | None = None
        for name in names:
            try:
                item = self.repository(name)
            except SourceLost:
                raise
            except SourceError as error:
                refused = error
                rejected.append(f"{shown(name)}: {error}")
                continue
            if item is not None:
                found.append(item)
            else:
                absent.append(name)
        if refused is not None and not found:
            raise refused
        return Page(tuple(found), None, None, tuple(rejected), absent=tuple(absent))

    def repository(self, name: str) -> Repository | None:
        """See `Source`. A named one is asked for again, because one 404 proves nothing."""
        return self._get(self._at(_repository(name)), responses.repository(name), name)

    def repository_by_tags(self, name: str, tags: Collection[str]) -> Repository | None:
        """See `Source`. A list is the other answer, but for repositories that are named.

        Of those the Hub's own `GET` of a tag is asked for; it is no pull.
        """
        if self._wanted.within(name.partition("/")[0]).named_repositories() is None:
            return None
        exists = any(self.tag(name, tag) is not None for tag in tags)
        return Repository(name, None) if exists else None

    def knows_namespace(self, namespace: str) -> bool:
        """See `Source`. Users and organisations have different paths, so both are asked for."""
        trouble: SourceError | None = None
        for kind in ("users", "orgs"):
            path = self._at(f"/v2/{kind}/{quote(namespace, safe='')}/")
            try:
                if self._get(path, responses.account, f"namespace '{namespace}'") is not None:
                    return True
            except SourceLost:
                raise
            except SourceError as error:  # the other path may still answer
                trouble = error
        if trouble is not None:
            raise trouble
        return False

    def audit_events(self, namespace: str, since: datetime | None) -> Sequence[AuditEvent]:
        """See `Source`."""
        events: list[AuditEvent] = []
        for number in range(1, audit_log.MOST_PAGES + 1):
            target = self._at(audit_log.target(namespace, since, number))
            subject = f"the audit log of '{namespace}'"
            page = self._get(target, audit_log.page_of(namespace), subject)
            if page is None:
                raise Missing(f"{self._registry} has no audit log of '{shown(namespace)}' (404).")
            events += page.events
            if not page.is_full:
                break
        return events

    def tags(self, repository: str, ask: PageRequest) -> Page[Tag] | None:
        """See `Source`."""
        names = self._wanted.named_tags(repository)
        if names is not None and len(names) <= MOST_NAMED_TAGS and ask.cursor is None:
            found = (self.tag(repository, name) for name in names)
            tags = tuple(item for item in found if item is not None)
            return Page(tags, None, None, proves_absence=False)
        path = f"{_repository(repository)}/tags"
        target = self._page(path, ask)
        page = self._get(target, responses.tags, f"the tags of {repository}")
        if page is None and ask.cursor is None:
            raise Missing(f"{self._registry} has no tags of '{shown(repository)}' (404).")
        return page

    def tag_names(self, repository: str) -> tuple[str, ...] | None:
        """See `Source`. They come from the registry; None if it does not answer."""
        if self._registry_connection is None:
            return None
        try:
            return (
                RegistryContents(self._registry_connection, self._meter).tag_names(repository)
                or None
            )
        except SourceError:  # without an answer nothing is known
            return None

    @property
    def most_singles(self) -> int:
        """See `Source`."""
        return self._most_singles

    def tag(self, repository: str, name: str) -> Tag | None:
        """See `Source`."""
        path = f"{_repository(repository)}/tags/{quote(name, safe='')}"
        return self._get(self._at(path), responses.tag(name), f"{repository}:{name}")

    @property
    def describes_fully(self) -> bool:
        """See `Source`."""
        return True

    def immutability(self, repository: str) -> Immutability | None:
        """See `Source`."""
        return self._get(self._at(_repository(repository)), responses.immutability, repository)

    def resolve(
        self, repository: str, listed: Mapping[str, Tag], known: Mapping[str, KnownTag]
    ) -> ResolvedDigests:
        """See `Source`."""
        if self._resolver is None:
            return ResolvedDigests()
        resolved = self._resolver.resolve(repository, listed, known)
        if not resolved.tags:
            return resolved
        try:
            head = self.tags(repository, PageRequest())
        except SourceError:  # tags stay without a digest until their page is read again
            head = None
        sure = unmoved(resolved, listed, head) if head else ResolvedDigests()
        return resolved._replace(
            tags={**sure.tags, **self._asked_again(repository, resolved, sure, listed, known)}
        )

    def _asked_again(
        self,
        repository: str,
        resolved: ResolvedDigests,
        sure: ResolvedDigests,
        listed: Mapping[str, Tag],
        known: Mapping[str, KnownTag],
    ) -> dict[str, Tag]:
        """Digests of moved tags that the head does not confirm, and that the tag itself does.

        In a list that is not newest first, the head says nothing of the tags on other pages.
        """
        open_ones = [listed[name] for name in resolved.tags if name not in sure.tags]
        found: dict[str, Tag] = {}
        for tag in open_questions.left_open(known, open_ones):
            try:
                now = self.tag(repository, tag.name)
            except SourceLost:
                raise
            except SourceError:  # it stays open
                continue
            if now is not None and (now.last_updated, now.platforms) == (
                tag.last_updated,
                tag.platforms,
            ):
                found[tag.name] = resolved.tags[tag.name]
        return found

    def _at(self, path: str) -> str:
        return self._client.origin.prefix + path

    def _page(self, path: str, ask: PageRequest) -> str:
        """The target of a page of the list at `path`."""
        if ask.window is not None:
            return f"{self._at(path)}?{_query(ask.window, opposite_order=ask.opposite_order)}"
        if ask.cursor is not None:
            return self._following(path, ask.cursor)
        first = Window(Side(Order.NEWEST), 1, PAGE_SIZE)
        return f"{self._at(path)}?{_query(first, opposite_order=ask.opposite_order)}"

    def _following(self, path: str, cursor: str) -> str:
        """The target of `next`: its query, asked of the same list."""
        query = query_of(cursor)
        if query is None:
            raise Unreadable(f"{self._client.host} gives an invalid link to the next page.")
        return f"{self._at(path)}?{query}"

    def _get(self, target: str, decode: Callable[[bytes], T], subject: str) -> T | None:
        """Send a request; None if and only if the answer is 404."""
        request = Request(target, decode)
        answer = (self._login or self._client).fetch(request, self._meter)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if answer.value is not None:
            return answer.value
        offset = _offset(target)
        if answer.status == HTTPStatus.FORBIDDEN and offset:
            raise self._refused_offset(answer, shown(subject), offset)
        raise self._refusal(answer, shown(subject))

    def _refused_offset(self, answer: Answer[T], subject: str, offset: int) -> OffsetRefused:
        said = shown(responses.message(answer.body), 120)
        shows = f"{self._client.host} shows {subject} only in part ({said or '403'})"
        if self._login is not None:
            return OffsetRefused(f"{shows} to '{shown(self.identity, 100)}'.", offset)
        return OffsetRefused(
            f"{shows}: any free account sees all; run 'docker login', or configure 'username' and "
            f"'password_env' for {self._registry}.",
            offset,
        )

    def _refusal(self, answer: Answer[T], subject: str) -> Exception:
        status, host = answer.status, self._client.host
        if status not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return Unreadable(f"{host} answers {status} for {subject}.")
        refuses = f"{host} refuses to show {subject} ({status})"
        if self._login is None:
            return Denied(
                f"{refuses}: if it is private, configure 'username' and 'password_env' for "
                f"{self._registry}."
            )
        who = shown(self.identity, 100)
        if self.uses_organisation_token:
            return Denied(
                f"{refuses} to the organisation token of '{who}': give the token the scope to "
                "list and read repositories."
            )
        return Denied(f"{refuses} to '{who}': ask its owner for the permission to read it.")


def _repositories(namespace: str) -> str:
    return f"{_NAMESPACES}{quote(namespace, safe='')}/repositories"


def _repository(name: str) -> str:
    namespace, _, short = name.partition("/")
    return f"{_repositories(namespace)}/{quote(short, safe='')}"


def _query(window: Window, *, opposite_order: bool) -> str:
    """The query of a page."""
    order = window.side.order
    if opposite_order and order in {Order.NEWEST, Order.OLDEST}:
        order = Order.OLDEST if order is Order.NEWEST else Order.NEWEST
    query: dict[str, str | int] = {"page_size": window.size, "page": window.page}
    if window.side.contains:
        query["name"] = window.side.contains
    return urlencode(query | {"ordering": _ORDERINGS[order]})


def _offset(target: str) -> int:
    """The number of items before a page, from its query; 0 if the query names no page."""
    query = parse_qs(target.partition("?")[2])
    try:
        page, size = int(query["page"][0]), int(query["page_size"][0])
    except (KeyError, ValueError):
        return 0
    return max(page - 1, 0) * min(size, PAGE_SIZE)
