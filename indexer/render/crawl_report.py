"""The report of a crawl for people."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.model import WHOLE_REGISTRY, ChangeKind, CrawlStatus
from indexer.core.printable import shown, without_name
from indexer.core.reference import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.core.model import Change, Crawl

MOST_SENTENCES = 10
"""How many errors of a crawl are shown; JSON has all that are stored."""

_LONGEST_SENTENCE = 500

_UNREAD = (CrawlStatus.FAILED, CrawlStatus.INCOMPLETE)

_VERBS = {
    ChangeKind.REPOSITORY_ADDED: ("repository", "added"),
    ChangeKind.REPOSITORY_REMOVED: ("repository", "removed"),
    ChangeKind.TAG_ADDED: ("tag", "added"),
    ChangeKind.TAG_REMOVED: ("tag", "removed"),
    ChangeKind.TAG_RETAGGED: ("tag", "retagged"),
}


def crawl_report(crawl: Crawl, examples: Sequence[Change], command: str) -> Iterator[str]:
    """Yield the lines about one crawl.

    Args:
        crawl: the crawl.
        examples: some of its changes, oldest first.
        command: the command line prefix to quote, with the options for this index.
    """
    yield f"{name_of(crawl)}: {crawl.status} ({crawl.mode} crawl {crawl.id})"
    if crawl.status is not CrawlStatus.FAILED:
        yield f"  {totals(crawl)}; {cost(crawl)}"
        yield from _news(crawl, examples, command)
    else:
        yield f"  nothing could be read; the index keeps what it had; {cost(crawl)}"
    place = f"{crawl.registry}/{crawl.namespace}"
    yield from problems([without_name(each, place) for each in crawl.errors])
    if crawl.status in _UNREAD and not crawl.repositories:
        is_whole = crawl.namespace == WHOLE_REGISTRY
        name = crawl.registry if is_whole else f"{crawl.registry}/{shown(crawl.namespace)}"
        yield f"  nothing was ever found there; if the name is wrong: '{command} forget {name}'"


def name_of(crawl: Crawl) -> str:
    """The namespace with its registry, or the part of it that was crawled."""
    return f"{crawl.registry}/{shown(crawl.part or crawl.namespace)}"


def totals(crawl: Crawl) -> str:
    """How many repositories and tags the index now knows in the namespace."""
    return (
        f"{humanize.count(crawl.repositories, 'repository')}, {humanize.count(crawl.tags, 'tag')}"
    )


def cost(crawl: Crawl) -> str:
    """Requests, bytes and seconds of the crawl."""
    spent = f"{humanize.count(crawl.spent.requests, 'request')}, {humanize.size(crawl.spent.bytes)}"
    if crawl.finished_at is None:
        return spent
    seconds = max((crawl.finished_at - crawl.started_at).total_seconds(), 0)
    return f"{spent}, {seconds:.1f} s"


def kinds(crawl: Crawl) -> str:
    """The changes by kind: `2 tags added, 1 tag retagged`; empty if there were none."""
    return ", ".join(
        f"{humanize.count(number, noun)} {verb}"
        for kind, (noun, verb) in _VERBS.items()
        if (number := crawl.changes.get(kind, 0))
    )


def outcome(crawl: Crawl) -> str:
    """What a crawl found, in words. Only one that is complete can say that nothing changed."""
    if found := kinds(crawl):
        return found
    if crawl.baseline:
        return "a baseline"
    if crawl.status is CrawlStatus.FAILED:
        return "nothing could be read"
    is_complete = crawl.status is CrawlStatus.COMPLETE
    return "nothing changed" if is_complete else "no changes in what was read"


def problems(sentences: Sequence[str], most: int = MOST_SENTENCES) -> Iterator[str]:
    """Yield the errors, and how many are left out."""
    for sentence in sentences[:most]:
        yield f"  ! {shown(sentence, _LONGEST_SENTENCE)}"
    if len(sentences) > most:
        yield f"  ! and {len(sentences) - most} more: see 'indexer status --format json'"


def change_line(change: Change, default_registry: str = DOCKER_HUB) -> str:
    """One change as one line."""
    name = humanize.image(change.registry, change.repository, change.tag, default_registry)
    line = f"{change.kind.value:<18}  {name}"
    digests = [
        humanize.short_digest(each) for each in (change.old_digest, change.new_digest) if each
    ]
    return f"{line}  {' -> '.join(digests)}" if digests else line


def _news(crawl: Crawl, examples: Sequence[Change], command: str) -> Iterator[str]:
    if crawl.baseline and crawl.baseline == crawl.repositories + crawl.tags:
        yield (
            f"  baseline: {totals(crawl)} recorded; later crawls report what changed "
            f"('{command} repos' lists them)"
        )
    elif crawl.baseline:
        added = humanize.count(crawl.baseline, "repository or tag", "repositories and tags")
        yield (
            f"  baseline: {added} added, not reported as changes (see them with: "
            f"{command} query --changed-since crawl:{crawl.id} --include-baseline)"
        )
    changes = sum(crawl.changes.values())
    if not changes:
        if not crawl.baseline:
            yield f"  {outcome(crawl)}"
        return
    yield f"  changes: {kinds(crawl)}"
    shown_ones = list(islice(examples, changes))
    for change in shown_ones:
        yield f"    {change_line(change, crawl.registry)}"
    if changes > len(shown_ones):
        yield f"    and {changes - len(shown_ones):,} more"
    yield f"  see them with: {command} query --changed-since crawl:{crawl.id}"
