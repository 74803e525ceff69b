"""Compare what was known with a listing; give the changes. Pure: no network, clock or database.

A diff says what the archive has to write in one transaction. Each item of `added`, `removed` and
`retagged` becomes a row of the change log; the others do not.

Content is compared by digest. Where the registry names no digest (old tags), the sets of platform
digests are compared. Where those are unknown too, no change is claimed, because an alarm needs
evidence. A new description or another number of pulls is no change.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.platforms import fingerprint
from indexer.crawl import baseline_gaps
from indexer.crawl.dangling import DanglingTags

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from indexer.core.model import Gaps, KnownRepository, KnownTag, Repository, Tag


@dataclass(frozen=True, slots=True)
class RepositoriesDiff:
    """What a listing of repositories changes.

    Attributes:
        added: repositories not present before (new, or back again): `repository_added`.
        removed: names proven to be removed: `repository_removed`. The periods of their tags end
            without rows of their own.
        updated: known, and listed or asked for, with another date, description, visibility or
            account.
        unlisted: names that exist although the list lacks them: they are kept. Each crawl asks for
            them, and what it learns is in `updated`.
        hidden: names of private repositories that `identity` no longer sees: kept, reported once.
        visible_again: names that were hidden: their tags are read anew; this is no change.
        made_private: names of those in `updated` that were public.
        published: names of those in `updated` that were private: their tags are read anew, for what
            was seen before was not public.
        unwatched: names that the configuration no longer wants: kept, and no longer read.
        watched_again: names that it wants again: their tags are read anew, as baseline.
        counted: known, listed and not updated, with counters (stars, pulls): new values are
            stored; this is no change.
        baseline: this is the namespace's first finished listing.
        first_sight: names of `added` that are baseline although the listing is not: a changed
            filter lets them in, or they are older than an incomplete first listing.
        identity: the account that listed them: stored with each listed repository.
    """

    added: tuple[Repository, ...] = ()
    removed: tuple[str, ...] = ()
    updated: tuple[Repository, ...] = ()
    unlisted: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    visible_again: tuple[str, ...] = ()
    made_private: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    unwatched: tuple[str, ...] = ()
    watched_again: tuple[str, ...] = ()
    counted: tuple[Repository, ...] = ()
    baseline: bool = False
    first_sight: frozenset[str] = frozenset()
    identity: str = ""

    def is_baseline(self, name: str) -> bool:
        """Whether an added repository was there already when the list was first read."""
        return self.baseline or name in self.first_sight

    @property
    def writes(self) -> bool:
        """Whether the diff writes more than counters."""
        return bool(
            self.added
            or self.removed
            or self.updated
            or self.unlisted
            or self.hidden
            or self.visible_again
            or self.unwatched
            or self.watched_again
        )


class WatchChange(NamedTuple):
    """What a changed filter does to a listing of repositories.

    Attributes:
        unwatched: known names that the configuration no longer wants.
        first_sight: names that are baseline if they are added.
    """

    unwatched: tuple[str, ...] = ()
    first_sight: frozenset[str] = frozenset()


class Found(NamedTuple):
    """Known repositories that exist, and that were not seen in the list.

    Attributes:
        items: by name, as they answered themselves.
        left_out: names of those that the list leaves out; of others it was shown only in part.
    """

    items: Mapping[str, Repository] = MappingProxyType({})
    left_out: tuple[str, ...] = ()


class Retag(NamedTuple):
    """A tag that now points to another digest. `old_digest` is None where it was never known."""

    tag: Tag
    old_digest: str | None


@dataclass(frozen=True, slots=True)
class TagsDiff:
    """What a listing of a repository's tags changes.

    Attributes:
        added: tags not present before: `tag_added`, and a new period.
        removed: names proven to be removed: `tag_removed`, and the end of their period.
        retagged: `tag_retagged`, the end of one period and the start of another.
        resolved: the same content, whose digest has become known: the period stays.
        touched: the same content with another date or size: only the present state changes.
        dropped: names that exist and are no longer wanted: their period ends, without a row.
        baseline: this is the first reading of a repository that belongs to the baseline.
        first_sight: names of `added` that are baseline although the reading is not: a changed
            filter lets them in, or they are older than an incomplete first reading.
        order: the names of all tags as listed, where the registry lists no dates.
        seen: unchanged tags with values that change without a push (last pulled, active or not):
            new values are stored; this is no change.
        dangling: tags that are listed without a manifest: see `indexer.crawl.dangling`.
    """

    added: tuple[Tag, ...] = ()
    removed: tuple[str, ...] = ()
    retagged: tuple[Retag, ...] = ()
    resolved: tuple[Tag, ...] = ()
    touched: tuple[Tag, ...] = ()
    dropped: tuple[str, ...] = ()
    baseline: bool = False
    first_sight: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()
    seen: tuple[Tag, ...] = ()
    dangling: DanglingTags = DanglingTags()  # noqa: RUF009 - frozen

    def is_baseline(self, name: str) -> bool:
        """Whether an added tag was there already when the list was first read."""
        return self.baseline or name in self.first_sight


def repositories(
    known: Mapping[str, KnownRepository],
    listed: Mapping[str, Repository],
    *,
    removed: Collection[str] = (),
    hidden: Collection[str] = (),
    found: Found = Found(),  # noqa: B008 - frozen
    watch: WatchChange = WatchChange(),  # noqa: B008 - frozen
    baseline: bool | Gaps,
    identity: str,
) -> RepositoriesDiff:
    """Compare a namespace as known with a listing of it.

    Args:
        known: the present repositories by name.
        listed: what was seen, by name. A known repository that is neither here nor in `removed` or
            `hidden` stays as it is.
        removed: names for which the registry answered 404.
        hidden: names of private repositories that the account no longer sees.
        found: known repositories that exist and that were not seen in the list.
        watch: what a changed filter does.
        baseline: True: everything added is baseline, because the list was never read before.
            Gaps: what the first listing left out is baseline.
        identity: the account that listed them.
    """
    added: list[Repository] = []
    updated: list[Repository] = []
    counted: list[Repository] = []
    for name, item in listed.items():
        if name not in known:
            added.append(item)
        elif _repository_differs(known[name], item, identity):
            updated.append(item)
        elif item.is_counted:
            counted.append(item)
    asked = [item for name, item in found.items.items() if _tells_anew(known[name], item, identity)]
    names = {item.name for item in asked}
    moved = [item for item in (*updated, *asked) if item.private != known[item.name].private]
    unlisted = {name for name in found.left_out if known[name].listed or name in names}
    return RepositoriesDiff(
        added=tuple(added),
        removed=tuple(sorted(removed)),
        updated=(*updated, *asked),
        unlisted=tuple(sorted(unlisted)),
        hidden=tuple(sorted(hidden)),
        visible_again=tuple(
            sorted(
                name
                for name in {*listed, *found.items}
                if name in known and known[name].hidden_since is not None
            )
        ),
        made_private=tuple(sorted(item.name for item in moved if item.private)),
        published=tuple(sorted(item.name for item in moved if not item.private)),
        unwatched=watch.unwatched,
        watched_again=tuple(
            sorted(
                name
                for name in {*listed, *found.items}
                if name in known and known[name].unwatched_since is not None
            )
        ),
        counted=tuple(counted),
        baseline=baseline is True,
        first_sight=watch.first_sight | baseline_gaps.filled(added, known, baseline),
        identity=identity,
    )


def _repository_differs(known: KnownRepository, listed: Repository, identity: str) -> bool:
    return not known.listed or _tells_anew(known, listed, identity)


def _tells_anew(known: KnownRepository, listed: Repository, identity: str) -> bool:
    return (
        known.last_updated != listed.last_updated
        or known.private != listed.private
        or known.seen_by != identity
        or known.description != listed.description
    )


def tags(
    known: Mapping[str, KnownTag],
    listed: Iterable[Tag],
    *,
    removed: Collection[str] = (),
    dropped: Collection[str] = (),
    baseline: bool | Gaps = False,
    first_sight: frozenset[str] = frozenset(),
    order: Collection[str] = (),
    dangling: DanglingTags = DanglingTags(),  # noqa: B008 - frozen
) -> TagsDiff:
    """Compare a repository's tags as known with a listing of them.

    Args:
        known: the present tags by name.
        listed: what was seen. A known tag that is neither here nor in `removed` or `dropped` stays
            as it is.
        removed: names that are proven to be removed.
        dropped: known names that are no longer wanted.
        baseline: True: everything added is baseline. Gaps: what the first reading left out is.
        first_sight: names that were not wanted before: they are baseline if they are added.
        order: the names of all tags as listed, if the order is to be stored.
        dangling: tags that are listed without a manifest.
    """
    added: list[Tag] = []
    retagged: list[Retag] = []
    resolved: list[Tag] = []
    touched: list[Tag] = []
    seen: list[Tag] = []
    for tag in listed:
        before = known.get(tag.name)
        if before is None:
            added.append(tag)
        elif _moved(before, tag):
            retagged.append(Retag(tag, before.digest))
        elif _tells_more(before, tag):
            resolved.append(tag)
        elif before.last_updated != tag.last_updated:
            touched.append(tag)
        elif tag.status is not None or tag.last_pulled is not None:
            seen.append(tag)
    return TagsDiff(
        added=tuple(added),
        removed=tuple(sorted(removed)),
        retagged=tuple(retagged),
        resolved=tuple(resolved),
        touched=tuple(touched),
        dropped=tuple(sorted(dropped)),
        baseline=baseline is True,
        first_sight=first_sight | baseline_gaps.filled(added, known, baseline),
        order=tuple(order),
        seen=tuple(seen),
        dangling=dangling,
    )


def _moved(before: KnownTag, tag: Tag) -> bool:
    """Whether there is evidence that the tag was retagged."""
    if before.digest and tag.digest:
        return before.digest != tag.digest
    after = fingerprint(tag.platforms)
    return bool(before.fingerprint and after and before.fingerprint != after)


def _tells_more(before: KnownTag, tag: Tag) -> bool:
    """Whether the tag's digest, or those of its platforms, became known."""
    if before.digest is None and tag.digest is not None:
        return True
    return (before.digest or before.fingerprint) is None and fingerprint(tag.platforms) is not None
