"""A registry in memory, and a source that reads it without HTTP: for the tests of the crawl."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from msgspec import structs

from indexer.core.errors import Missing, OffsetRefused, SourceError
from indexer.core.model import ANONYMOUS, Cost, Repository, Tag
from indexer.core.reference import DOCKER_HUB
from indexer.crawl.list_sides import Order, Side, Window
from indexer.crawl.listing import Page
from indexer.crawl.ports import ResolvedDigests, Source
from indexer.crawl.wanted_names import WantedNames

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from indexer.core.model import KnownTag, RateLimit
    from indexer.crawl.pagination import Item, PageRequest

T = TypeVar("T", bound="Item")

START = datetime(2026, 5, 4, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Held:
    """A repository, and its tags by name."""

    item: Repository
    tags: dict[str, Tag] = field(default_factory=dict)


@dataclass
class MemoryRegistry:
    """A registry in memory, and the actions of its users. Each action takes ten minutes.

    Repositories are named in full. A namespace exists if `namespaces` has it.

    Attributes:
        bound: the least offset of a page that is refused to the anonymous; None: none is.
        filters: `name=` is heeded.
        tells: the names that `tags/list` tells of those that are there; None: it cannot be asked.
        bare: `namespace/repository:tag` of tags that are listed without a digest.
        left_out: repositories, and `namespace/repository:tag`, that exist and that no list shows.
    """

    now: datetime = START
    page_size: int = 100
    namespaces: set[str] = field(default_factory=lambda: {"acme"})
    held: dict[str, Held] = field(default_factory=dict)
    acts: int = 0
    bound: int | None = None
    filters: bool = True
    tells: Callable[[Sequence[str]], Sequence[str]] | None = None
    bare: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)

    def copied(self, *, tags: Collection[str] | None = None) -> MemoryRegistry:
        """The registry as it is now, for a cache; with only these tags of each repository."""
        held = {
            name: Held(
                each.item,
                {tag: item for tag, item in each.tags.items() if tags is None or tag in tags},
            )
            for name, each in self.held.items()
        }
        return replace(self, held=held)

    def add(self, name: str, *tags: str, private: bool = False) -> None:
        """Make a repository with these tags."""
        date = self._acts()
        self.held[name] = Held(Repository(name, date, private=private, registered_at=date))
        for tag in tags:
            self.push(name, tag)

    def add_many(self, number: int, *tags: str) -> list[str]:
        """Make `acme/r000`, `acme/r001`, …, each newer than the one before."""
        names = [f"acme/r{place:03}" for place in range(number)]
        for name in names:
            self.add(name, *tags)
        return names

    def push(self, name: str, tag: str, content: str | None = None) -> None:
        """Push new content, or the given one, under a tag. The dates of both move."""
        date = self._acts()
        digest = hashlib.sha256((content or f"content {self.acts}").encode()).hexdigest()
        held = self.held[name]
        held.tags[tag] = Tag(tag, date, f"sha256:{digest}", pushed_at=date)
        held.item = replace(held.item, last_updated=date)

    def delete_tag(self, name: str, tag: str) -> None:
        """Delete a tag, which moves no date."""
        del self.held[name].tags[tag]

    def remove(self, name: str) -> Held:
        """Remove a repository, and return what it held."""
        return self.held.pop(name)

    def set_private(self, name: str, *, private: bool) -> None:
        """Make a repository private or public, which moves no date."""
        self.held[name].item = replace(self.held[name].item, private=private)

    def undate(self, name: str) -> None:
        """List a repository without a date."""
        self.held[name].item = replace(self.held[name].item, last_updated=None)

    def _acts(self) -> datetime:
        self.acts += 1
        self.now += 10 * MINUTE
        return self.now


@dataclass
class MemorySource(Source):
    """A registry as one account sees it.

    Attributes:
        who: the identity; `sees_private`: whether it sees private repositories.
        sees: the private repositories that it sees; None: all.
        asked: the requests, as `repositories 2`, `repository acme/api`, `tags acme/api 1`,
            `names acme/api` or `tag acme/api:latest`.
        trouble: globs over requests, with an error for each: the first that matches is raised, as
            often as it is listed.
        before: called with each request before it is answered.
        wants_only: the repositories and tags that are wanted.
        singles: tags that may be asked for one by one.
        resolves: tags without a digest that may be asked for it, as `head acme/api:latest`.
        cached: a copy of the registry from which lists are answered, as by a cache or a replica;
        cache_hits: how many more lists are.
    """

    of: MemoryRegistry
    who: str = ANONYMOUS
    sees_private: bool = False
    sees: frozenset[str] | None = None
    asked: list[str] = field(default_factory=list)
    trouble: list[tuple[str, BaseException]] = field(default_factory=list)
    before: Callable[[str], None] = lambda _request: None
    wants_only: WantedNames = WantedNames()  # noqa: RUF009 - frozen
    singles: int = 0
    resolves: int = 0
    cached: MemoryRegistry | None = None
    cache_hits: int = 1_000_000

    @property
    def wanted(self) -> WantedNames:
        """See `Source`."""
        return self.wants_only

    @property
    def registry(self) -> str:
        """See `Source`."""
        return DOCKER_HUB

    @property
    def identity(self) -> str:
        """See `Source`."""
        return self.who

    @property
    def spent(self) -> Cost:
        """See `Source`."""
        return Cost(len(self.asked))

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `Source`."""
        return None

    def repositories(self, namespace: str, ask: PageRequest) -> Page[Repository] | None:
        """See `Source`."""
        self._ask(f"repositories {ask.cursor or 1}")
        if namespace not in self.of.namespaces:
            raise Missing(f"there is no namespace '{namespace}'")
        seen = [each.item for each in self._seen(namespace, self._answering())]
        return self._page([each for each in seen if each.name not in self.of.left_out], ask)

    def repository(self, name: str) -> Repository | None:
        """See `Source`."""
        self._ask(f"repository {name}")
        held = self._find(name)
        return held.item if held else None

    def tags(self, repository: str, ask: PageRequest) -> Page[Tag] | None:
        """See `Source`."""
        self._ask(f"tags {repository} {ask.cursor or 1}")
        held = self._find(repository, self._answering())
        if held is None:
            raise Missing(f"there are no tags of '{repository}'")
        shown = [
            self._listed(repository, tag)
            for tag in held.tags.values()
            if f"{repository}:{tag.name}" not in self.of.left_out
        ]
        return self._page(shown, ask)

    def resolve(
        self, repository: str, listed: Mapping[str, Tag], known: Mapping[str, KnownTag]
    ) -> ResolvedDigests:
        """See `Source`. A registry that fails is not asked again."""
        del known
        held, found = self._find(repository), {}
        bare = [name for name, tag in listed.items() if tag.digest is None]
        for name in bare[: self.resolves]:
            self.resolves -= 1
            try:
                self._ask(f"head {repository}:{name}")
            except SourceError:
                self.resolves = 0
                break
            if held is not None and name in held.tags:
                found[name] = structs.replace(listed[name], digest=held.tags[name].digest)
        return ResolvedDigests(found)

    def _listed(self, repository: str, tag: Tag) -> Tag:
        is_bare = f"{repository}:{tag.name}" in self.of.bare
        return structs.replace(tag, digest=None) if is_bare else tag

    def tag_names(self, repository: str) -> Sequence[str] | None:
        """See `Source`."""
        held = self._find(repository)
        if self.of.tells is None or held is None:
            return None
        self._ask(f"names {repository}")
        return self.of.tells(list(held.tags))

    @property
    def most_singles(self) -> int:
        """See `Source`."""
        return self.singles

    def tag(self, repository: str, name: str) -> Tag | None:
        """See `Source`."""
        self._ask(f"tag {repository}:{name}")
        held = self._find(repository)
        found = held.tags.get(name) if held else None
        return self._listed(repository, found) if found else None

    def _ask(self, request: str) -> None:
        self.before(request)
        self.asked.append(request)
        for place, (glob, error) in enumerate(self.trouble):
            if fnmatchcase(request, glob):
                del self.trouble[place]
                raise error

    def _answering(self) -> MemoryRegistry:
        """The registry, or the copy, that answers this request for a list."""
        if self.cached is None or self.cache_hits <= 0:
            return self.of
        self.cache_hits -= 1
        return self.cached

    def _find(self, name: str, shown: MemoryRegistry | None = None) -> Held | None:
        held = (shown or self.of).held.get(name)
        return held if held and self._is_shown(held) else None

    def _is_shown(self, held: Held) -> bool:
        may_see = self.sees_private and (self.sees is None or held.item.name in self.sees)
        return may_see or not held.item.private

    def _seen(self, namespace: str, shown: MemoryRegistry) -> list[Held]:
        held = [each for name, each in shown.held.items() if name.startswith(f"{namespace}/")]
        return [each for each in held if self._is_shown(each)]

    def _page(self, items: Sequence[T], ask: PageRequest) -> Page[T] | None:
        bound = self.of.bound if self.who == ANONYMOUS else None
        window = ask.window or Window(Side(Order.NEWEST), int(ask.cursor or 1), self.of.page_size)
        number, size = window.page, min(window.size, self.of.page_size)
        if bound is not None and (number - 1) * size >= bound:
            raise OffsetRefused("it is shown only in part (403)", (number - 1) * size)
        is_newest_first = (window.side.order is Order.NEWEST) != ask.opposite_order
        text = window.side.contains if self.of.filters else ""
        found = [item for item in items if text in item.name.rpartition("/")[2]]
        listed = sorted(found, key=_age, reverse=is_newest_first)
        here = listed[(number - 1) * size : number * size]
        if not here and number > 1:
            return None
        following = str(number + 1) if number * size < len(listed) else None
        return Page(tuple(here), len(listed), following)


def _age(item: Item) -> tuple[datetime, str]:
    return item.last_updated or datetime.min.replace(tzinfo=UTC), item.name
