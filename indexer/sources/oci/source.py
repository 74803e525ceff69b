"""Any OCI distribution registry as a source. See `indexer.crawl.ports.Source`.

One crawl covers the whole registry. Its lists hold names and nothing else, so every repository is
read in every crawl, and every tag is asked for its digest by `HEAD`, which does not count as a
pull. A crawl costs the pages of the catalog, a list for each repository, and a request for each
tag.

Each tag is asked at a different moment, so the result is no snapshot of the repository: no registry
says what all its tags pointed to at one moment.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec.structs import replace

from indexer.core.errors import Missing, SourceError, SourceLost, Unavailable
from indexer.core.humanize import count
from indexer.core.model import ANONYMOUS, Repository, Tag
from indexer.core.printable import shown
from indexer.core.thread_pool import in_threads
from indexer.crawl.listing import Page
from indexer.crawl.ports import ResolvedDigests, Source
from indexer.crawl.wanted_names import WantedNames
from indexer.http import CostMeter
from indexer.sources.oci.api import RegistryApi
from indexer.sources.oci.contents import RegistryContents
from indexer.sources.oci.tag_selection import TagSelection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from indexer.core.model import Cost, KnownTag, RateLimit
    from indexer.crawl.listing import PageRequest
    from indexer.manifests.ports import ManifestSource
    from indexer.sources.oci.connection import Connection
    from indexer.sources.oci.name_lists import NamesPage

PATIENCE = 5
"""After so many failed digests in a row, the repository is left for the next crawl."""

MOST_SENTENCES = 3
"""The most sentences about tags of one repository that failed; further ones are counted."""

log = logging.getLogger("indexer.sources")


class OciSource(Source):
    """A registry, asked during one crawl.

    Args:
        connection: shared by all crawls of this registry with this account, as is the rate limit.
        registry: the registry's name, as stored.
        wanted: which repositories and tags are indexed; if each repository is named, without a
            glob, the catalog is not asked for.
        selection: how many tags are asked for their digest.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        registry: str,
        wanted: WantedNames = WantedNames(),  # noqa: B008 - frozen
        selection: TagSelection = TagSelection(),  # noqa: B008 - frozen
    ) -> None:
        self._connection = connection
        self._registry = registry
        self._wanted = wanted
        self._names = wanted.named_repositories()
        self._selection = selection
        self._meter = CostMeter()
        self.api = RegistryApi(connection, self._meter)
        self._listed: list[str] = []
        self._first_pages: dict[str, NamesPage | SourceError | None] = {}

    @property
    def registry(self) -> str:
        """See `Source`."""
        return self._registry

    @property
    def identity(self) -> str:
        """See `Source`."""
        credentials = self._connection.auth.credentials
        return credentials.username if credentials else ANONYMOUS

    @property
    def lists_dates(self) -> bool:
        """See `Source`. A registry's lists hold names and nothing else."""
        return False

    @property
    def spent(self) -> Cost:
        """See `Source`."""
        return self._meter.spent

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `Source`."""
        return self._connection.client.limiter.rate_limit

    @property
    def contents(self) -> ManifestSource:
        """See `Source`."""
        return RegistryContents(self._connection, self._meter)

    @property
    def wanted(self) -> WantedNames:
        """See `Source`."""
        return self._wanted

    def repositories(self, namespace: str, ask: PageRequest) -> Page[Repository] | None:
        """See `Source`. `namespace` stands for the whole registry; its value is ignored."""
        del namespace
        if self._names is not None:
            return self._configured(self._names, proves_end=ask.proves_end)
        if ask.cursor is None:
            self._listed = []
        page = self.api.catalog(ask.cursor, proves_end=ask.proves_end)
        if page is None:
            return None
        if ask.cursor is None and not (page.names.items or page.names.rejected or page.next):
            log.warning(
                "the catalog of %s is empty: if it has repositories, list them as 'repositories' "
                "(some registries, such as Google's, leave them out of their catalog)",
                shown(self._registry, 100),
            )
        names = [name for name in page.names.items if self.wants(name)]
        self._listed += names
        self._connection.auth.expect(self._listed)
        return Page(
            tuple(self._repository(name) for name in names),
            None,
            page.next,
            page.names.rejected,
            after=page.after,
            fault=page.fault,
        )

    def _configured(self, names: Sequence[str], *, proves_end: bool) -> Page[Repository]:
        """The repositories that are named, if the registry knows them.

        The first page of each one's tags shows that, and is kept for the request of the tags. If it
        fails, the repository is listed: the request of its tags will report the error, and what is
        read at last belongs to the baseline as the others do.

        Raises:
            SourceError: none of them could be asked for.
        """
        self._connection.auth.expect(names)
        outcomes = in_threads(
            names,
            lambda name: self.api.tags(name, None, proves_end=proves_end),
            self._connection.width,
        )
        for name, outcome in outcomes:
            if isinstance(outcome, SourceLost) or not isinstance(
                outcome, tuple | SourceError | None
            ):
                raise outcome
            self._first_pages[name] = outcome
        failed = [kept for kept in self._first_pages.values() if isinstance(kept, SourceError)]
        if failed and len(failed) == len(names):
            raise failed[0]
        absent = [name for name in names if self._first_pages[name] is None]
        return Page(
            tuple(self._repository(name) for name in names if name not in absent),
            None,
            None,
            absent=tuple(absent),
        )

    def repository(self, name: str) -> Repository | None:
        """See `Source`. A name of the configuration is asked for again: one 404 proves nothing."""
        return self._repository(name) if self.api.has(name) else None

    def repository_by_tags(self, name: str, tags: Collection[str]) -> Repository | None:
        """See `Source`. The list of tags is 404 at some registries if a repository has none.

        It is also what a named repository is found by: a manifest is the second, independent answer
        (an absence rests on two). On Docker Hub a `GET` of it would be a pull.
        """
        settles = not self._connection.spares_pulls
        exists = any(self.api.head(name, tag, settles=settles) for tag in tags)
        return self._repository(name) if exists else None

    def tags(self, repository: str, ask: PageRequest) -> Page[Tag] | None:
        """See `Source`. The tags come without digests: see `resolve`.

        No list of names proves an absence: many registries cut theirs, or keep them in a cache.
        """
        page = self._tags_page(repository, ask)
        if page is not None:
            tags = tuple(
                Tag(name, None) for name in page.names.items if self.wants(repository, name)
            )
            return Page(
                tags,
                None,
                page.next,
                page.names.rejected,
                after=page.after,
                proves_absence=False,
                fault=page.fault,
            )
        if ask.cursor is not None:
            return None
        if self._names is not None:
            raise Missing(f"{self._registry} has no tags of '{shown(repository)}' (404).")
        # Listed in the catalog and unknown here: some registries answer so if there are no tags.
        return Page((), None, None, proves_absence=False)

    def _tags_page(self, repository: str, ask: PageRequest) -> NamesPage | None:
        if ask.cursor is None and repository in self._first_pages:
            kept = self._first_pages.pop(repository)
            if isinstance(kept, SourceError):
                raise kept
            return kept
        return self.api.tags(repository, ask.cursor, proves_end=ask.proves_end)

    def tag(self, repository: str, name: str) -> Tag | None:
        """See `Source`."""
        head = self.api.head(repository, name)
        if head is None:
            return None
        return Tag(name, None, digest=head.digest, media_type=head.media_type or None)

    def resolve(
        self, repository: str, listed: Mapping[str, Tag], known: Mapping[str, KnownTag]
    ) -> ResolvedDigests:
        """See `Source`. Each tag costs a request; the configuration limits their number."""
        del known
        asked, left_out = self._selection.asked(list(listed))
        resolved: dict[str, Tag] = {}
        dangling: list[str] = []
        failed: list[str] = []
        in_a_row = 0
        for name, outcome in self._each(repository, asked):
            if isinstance(outcome, SourceError):
                in_a_row = in_a_row + 1 if isinstance(outcome, Unavailable) else 0
                if isinstance(outcome, SourceLost) or in_a_row >= PATIENCE:
                    raise outcome
                failed.append(f"{name} is kept as it was: {outcome}")
            elif isinstance(outcome, BaseException):
                raise outcome
            elif outcome is None:
                dangling.append(name)
            else:
                in_a_row = 0
                resolved[name] = replace(
                    listed[name], digest=outcome.digest, media_type=outcome.media_type
                )
        return ResolvedDigests(
            resolved, tuple(dangling), tuple(self._problems(failed, left_out, asked))
        )

    def _each(
        self, repository: str, names: Sequence[str]
    ) -> Iterator[tuple[str, Tag | BaseException | None]]:
        return in_threads(names, lambda name: self.tag(repository, name), self._connection.width)

    def _problems(self, failed: list[str], left_out: int, asked: Sequence[str]) -> Iterator[str]:
        yield from failed[:MOST_SENTENCES]
        if len(failed) > MOST_SENTENCES:
            yield f"{len(failed) - MOST_SENTENCES} more of its tags could not be read"
        if left_out:
            yield (
                f"only the digests of the {len(asked)} newest of its "
                f"{count(len(asked) + left_out, 'tag')} were read: raise 'max_tags', or choose "
                "with 'tags' or 'newest'"
            )

    def _repository(self, name: str) -> Repository:
        # A registry does not say who else may see it: what an account sees counts as private.
        return Repository(name, None, private=self.identity != ANONYMOUS)
