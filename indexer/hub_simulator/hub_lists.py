"""The Hub's lists of repositories and tags: filtered, ordered, bounded by offset, in pages.

They may be answered from an old copy, as by a cache or by a replica that lags behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from indexer.hub_simulator import hub_json, pagination
from indexer.hub_simulator.http import Answer, gzipped
from indexer.hub_simulator.hub_refusals import (
    NO_REPOSITORY_ORDERING,
    NO_TAG_ORDERING,
    NOT_FOUND,
    PAST_THE_END,
    TOO_FAR,
)
from indexer.hub_simulator.pagination import NEWEST, REPOSITORY_ORDERINGS, TAG_ORDERINGS
from indexer.hub_simulator.state import Namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from indexer.hub_simulator.accounts import Identity
    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.pagination import Ask, Listed, Sorting
    from indexer.hub_simulator.quirks import ListQuirks, OffsetBound, Quirks
    from indexer.hub_simulator.response_cache import ResponseCache
    from indexer.hub_simulator.state import Repo, Sketch


ListKind = Literal["repositories", "tags"]

BOTH: tuple[ListKind, ...] = ("repositories", "tags")


@dataclass(frozen=True, slots=True, eq=False)
class ListCopy:
    """All lists of a hub as they were at a moment. Each copy is a value of its own.

    Attributes:
        repositories: the items of each list of repositories, by namespace.
        tags: the items of each list of tags, by `namespace/repository`.
    """

    repositories: Mapping[str, Sequence[hub_json.Repository]]
    tags: Mapping[str, Sequence[hub_json.Tag | Sketch]]

    @classmethod
    def of(cls, hub: Hub) -> ListCopy:
        """The lists of a hub as they are now."""
        with hub.lock:
            homes = dict(hub.namespaces)
            return cls(
                {
                    space: tuple(repo.item for repo in home.repositories.values())
                    for space, home in homes.items()
                },
                {
                    f"{space}/{short}": tuple(repo.listed())
                    for space, home in homes.items()
                    for short, repo in home.repositories.items()
                },
            )

    @classmethod
    def empty(cls) -> ListCopy:
        """Lists of which each is empty."""
        return cls({}, {})


@dataclass(slots=True)
class ServedCopy:
    """A copy from which lists are answered.

    Attributes:
        copy: the copy.
        kinds: which lists.
        times: how many more answers.
    """

    copy: ListCopy
    kinds: Sequence[ListKind] = BOTH
    times: int = 1

    def take(self, kind: ListKind) -> ListCopy | None:
        """The copy, if it answers one more request for a list of this kind."""
        if self.times <= 0 or kind not in self.kinds:
            return None
        self.times -= 1
        return self.copy


class _List(NamedTuple):
    """A list before it is ordered: its key, and how to get its items."""

    key: tuple[Hashable, ...]
    sorting: Sorting
    items: Callable[[], Sequence[Listed]]


class HubLists:
    """Answers requests for lists. The caller holds the hub's lock.

    Args:
        hub: the state.
        prepared: the cache of finished bodies.
        quirks: how lists differ from the documentation; may be set at any time.
        bound: from which offset anonymous requests are refused; may be set at any time.

    Attributes:
        served: the old copy that lists are answered from; None: they are as they are now.
    """

    def __init__(
        self, hub: Hub, prepared: ResponseCache, quirks: Quirks, bound: OffsetBound
    ) -> None:
        self.quirks = quirks
        self.bound = bound
        self.served: ServedCopy | None = None
        self._hub = hub
        self._prepared = prepared

    def repositories(self, request: Request, identity: Identity, space: str) -> Answer:
        """A page of a namespace's repositories.

        Raises:
            BadPage: a parameter cannot be read.
        """
        quirks = self.quirks.repositories
        ask = pagination.Ask.of(request, quirks)
        sorting = REPOSITORY_ORDERINGS.get(ask.ordering) if ask.ordering else NEWEST
        if sorting is None:
            return NO_REPOSITORY_ORDERING
        home = self._hub.namespaces.get(space)
        if home is None:
            if self.quirks.unknown_namespace == "404":
                return NOT_FOUND
            home = Namespace(space)
        if _is_beyond(self.bound.repositories, ask, identity):
            return TOO_FAR
        sees_all = home.name in identity.sees
        copy = self.served.take("repositories") if self.served else None

        def listed() -> list[hub_json.Repository]:
            held: Iterable[hub_json.Repository] = (each.item for each in home.repositories.values())
            return [
                affiliated(item) if sees_all else item
                for item in (held if copy is None else copy.repositories.get(home.name, ()))
                if (not item.is_private or identity.may_see(home.name, f"{home.name}/{item.name}"))
                and ask.names(item.name, quirks)
            ]

        key = ("repositories", home.name, home.revision, sees_all, identity.only, copy)
        return self._page(request, ask, quirks, _List(key, sorting, listed))

    def tags(self, request: Request, identity: Identity, repo: Repo) -> Answer:
        """A page of a repository's tags.

        Raises:
            BadPage: a parameter cannot be read.
        """
        quirks = self.quirks.tags
        ask = pagination.Ask.of(request, quirks)
        sorting = TAG_ORDERINGS.get(ask.ordering) if ask.ordering else NEWEST
        if sorting is None:
            return NO_TAG_ORDERING
        if _is_beyond(self.bound.tags, ask, identity):
            return TOO_FAR

        copy = self.served.take("tags") if self.served else None
        name = f"{repo.item.namespace}/{repo.item.name}"

        def listed() -> list[hub_json.Tag | Sketch]:
            held = repo.listed() if copy is None else copy.tags.get(name, ())
            return [tag for tag in held if ask.names(tag.name, quirks)]

        key = ("tags", repo.id, repo.revision, copy)
        return self._page(request, ask, quirks, _List(key, sorting, listed))

    def _page(self, request: Request, ask: Ask, quirks: ListQuirks, wanted: _List) -> Answer:
        """A page of a list, from the cache, or made now and cached."""
        packed = request.accepts_gzip
        order_key = (*wanted.key, wanted.sorting, ask.name, quirks)
        alone = (*order_key, ask.page, ask.size, packed)
        linked = (*alone, request.base, request.target)
        body = self._prepared.find(alone) or self._prepared.find(linked)
        if body is None:
            items = self._prepared.order(
                order_key, lambda: pagination.in_order(wanted.items(), wanted.sorting, quirks)
            )
            page = pagination.page_of(items, ask, request, quirks)
            if page is None:
                return PAST_THE_END
            body = gzipped(hub_json.encode(page)) if packed else hub_json.encode(page)
            if isinstance(quirks.count_offset, int):
                # Without links the body does not depend on the request's URL.
                self._prepared.keep(linked if page.next or page.previous else alone, body)
        return Answer(200, body, gzipped=packed)


def _is_beyond(bound: int | None, ask: Ask, identity: Identity) -> bool:
    """Whether an anonymous request pages further than the Hub allows."""
    return bound is not None and identity.name is None and ask.offset >= bound


def affiliated(item: hub_json.Repository) -> hub_json.Repository:
    """The repository as members of its namespace see it."""
    return msgspec.structs.replace(item, affiliation="owner")
