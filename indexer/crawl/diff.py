"""What was known, and a listing: the changes. Pure: no network, no clock, no database.

A diff is an intent: what the archive is to write, in one transaction, with a change row for each
item of `added`, `removed` and `retagged`, and none for the others.

Content is compared by digest. Where the registry names no digest (old tags), the sets of
platform digests are compared; where those are unknown as well nothing is claimed, for an alarm
needs evidence. Only pulled, renamed or counted otherwise: no change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.model import fingerprint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from indexer.core.model import KnownRepository, KnownTag, Repository, Tag


@dataclass(frozen=True, slots=True)
class RepositoriesDiff:
    """What a listing of repositories changes.

    Attributes:
        added: not present before (new, or back again): `repository_added`.
        removed: names proven gone: `repository_removed`; their tags' periods end silently.
        updated: known and listed, with another date, description, visibility or observer.
        unlisted: names that are kept although the list does not hold them.
        hidden: names of private ones that are not visible to `identity` any more: kept, told once.
        visible_again: names that were hidden: their tags are read anew, and it is no change.
        unwatched: names that the configuration does not want any more: kept, not watched since.
        watched_again: names that it wants again: their tags are read anew, as baseline.
        counted: known, listed and not updated, with counters: they are written down, where they
            moved, and are no change.
        baseline: this is the namespace's first finished listing.
        first_sight: those of `added` that are baseline although the listing is not: a changed
            filter brought them into sight, or they are older than a first reading that had gaps.
        identity: whose eyes saw it: stored with each repository that was listed.
    """

    added: tuple[Repository, ...] = ()
    removed: tuple[str, ...] = ()
    updated: tuple[Repository, ...] = ()
    unlisted: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    visible_again: tuple[str, ...] = ()
    unwatched: tuple[str, ...] = ()
    watched_again: tuple[str, ...] = ()
    counted: tuple[Repository, ...] = ()
    baseline: bool = False
    first_sight: frozenset[str] = frozenset()
    identity: str = ""

    def is_baseline(self, name: str) -> bool:
        """Whether a repository that was added is no news."""
        return self.baseline or name in self.first_sight

    @property
    def writes(self) -> bool:
        """Whether more of any repository is touched than its counters."""
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
    """What a filter that was changed does to a listing of repositories.

    Attributes:
        unwatched: names that nobody wants to know of any more.
        first_sight: names that are no news if they are added.
    """

    unwatched: tuple[str, ...] = ()
    first_sight: frozenset[str] = frozenset()


class Retag(NamedTuple):
    """A tag that points to other content now. `old_digest` is None where it was never known."""

    tag: Tag
    old_digest: str | None


@dataclass(frozen=True, slots=True)
class TagsDiff:
    """What a listing of a repository's tags changes.

    Attributes:
        added: not present before: `tag_added`, and a new period.
        removed: names proven gone: `tag_removed`, and the end of their period.
        retagged: `tag_retagged`, the end of one period and the start of another.
        resolved: the same content, whose digest has become known: the period stays.
        touched: the same content with another date or size: only the present state changes.
        dropped: names that are there and no longer wanted: their period ends, without a row.
        baseline: the first reading of a repository that belongs to the baseline.
        first_sight: tags that are no news although the reading is no baseline: a changed filter
            brought them into sight, or they are older than a first reading that had gaps.
        order: all tags as the registry lists them, where that says nothing of their dates.
        seen: none of these, with what moves without a push (when it was pulled, whether it is
            active): that is written down, where it moved, and is no change.
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

    def is_baseline(self, name: str) -> bool:
        """Whether an added tag was there already when the list was first read."""
        return self.baseline or name in self.first_sight


def repositories(
    known: Mapping[str, KnownRepository],
    listed: Mapping[str, Repository],
    *,
    gone: Collection[str] = (),
    hidden: Collection[str] = (),
    found: Collection[str] = (),
    watch: WatchChange = WatchChange(),  # noqa: B008 - frozen
    baseline: bool | datetime,
    identity: str,
) -> RepositoriesDiff:
    """Compare a namespace as known with a listing of it.

    Args:
        known: the present repositories by name.
        listed: what was seen; what it does not hold stays as it is, unless named in
        gone: names that the registry itself calls absent, or
        hidden: names that are private, and not visible any more.
        found: names that exist without being listed.
        watch: what a filter that was changed does.
        baseline: whether what is added was there before: all of it, for nothing was ever listed;
            or what is no newer than a date: the newest when the list was first read, never whole.
        identity: whose eyes saw `listed`.
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
    return RepositoriesDiff(
        added=tuple(added),
        removed=tuple(sorted(gone)),
        updated=tuple(updated),
        unlisted=tuple(sorted(name for name in found if known[name].listed)),
        hidden=tuple(sorted(hidden)),
        visible_again=tuple(
            sorted(
                name
                for name in {*listed, *found}
                if name in known and known[name].hidden_since is not None
            )
        ),
        unwatched=watch.unwatched,
        watched_again=tuple(
            sorted(
                name
                for name in {*listed, *found}
                if name in known and known[name].unwatched_since is not None
            )
        ),
        counted=tuple(counted),
        baseline=baseline is True,
        first_sight=watch.first_sight | _gaps(added, baseline=baseline),
        identity=identity,
    )


def _repository_differs(known: KnownRepository, listed: Repository, identity: str) -> bool:
    return (
        not known.listed
        or known.last_updated != listed.last_updated
        or known.private != listed.private
        or known.seen_by != identity
        or known.description != listed.description
    )


def tags(
    known: Mapping[str, KnownTag],
    listed: Iterable[Tag],
    *,
    gone: Collection[str] = (),
    dropped: Collection[str] = (),
    baseline: bool | datetime = False,
    first_sight: frozenset[str] = frozenset(),
    order: Collection[str] = (),
) -> TagsDiff:
    """Compare a repository's tags as known with a listing of them.

    Args:
        known: the present tags by name.
        listed: what was seen; what it does not hold stays as it is, unless named in
        gone: names that are proven gone.
        dropped: names that are known and no longer wanted.
        baseline: whether what is added was there: all of it, or what is no newer than a date.
        first_sight: names that were not wanted before: what becomes of them is no news.
        order: of all tags, as listed, if it is to be kept.
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
        removed=tuple(sorted(gone)),
        retagged=tuple(retagged),
        resolved=tuple(resolved),
        touched=tuple(touched),
        dropped=tuple(sorted(dropped)),
        baseline=baseline is True,
        first_sight=first_sight | _gaps(added, baseline=baseline),
        order=tuple(order),
        seen=tuple(seen),
    )


def _gaps(added: Iterable[Repository | Tag], *, baseline: bool | datetime) -> frozenset[str]:
    """The names of what was there already, by its own date."""
    if isinstance(baseline, bool):
        return frozenset()
    dates = ((item.name, item.last_updated) for item in added)
    return frozenset(name for name, date in dates if date is not None and date <= baseline)


def _moved(before: KnownTag, tag: Tag) -> bool:
    """Whether there is evidence that the tag points to other content than before."""
    if before.digest and tag.digest:
        return before.digest != tag.digest
    after = fingerprint(tag.platforms)
    return bool(before.fingerprint and after and before.fingerprint != after)


def _tells_more(before: KnownTag, tag: Tag) -> bool:
    """Whether the same content can be named now that could not be named before."""
    if before.digest is None and tag.digest is not None:
        return True
    return (before.digest or before.fingerprint) is None and fingerprint(tag.platforms) is not None
