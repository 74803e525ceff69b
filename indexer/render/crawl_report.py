"""What a crawl did, for a person who may have to act on it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.model import ChangeKind, CrawlStatus
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.core.model import Change, Crawl

MOST_SENTENCES = 10
"""Errors of a crawl that are shown; `indexer status` and JSON have all that were kept."""

_LONGEST_SENTENCE = 500

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
        crawl: its row.
        examples: some of its changes, oldest first, to give an idea.
        command: how this program is called, options for the right index included.
    """
    yield f"{name_of(crawl)}: {crawl.status} ({crawl.mode} crawl {crawl.id})"
    if crawl.status is not CrawlStatus.FAILED:
        yield f"  {totals(crawl)}; {cost(crawl)}"
        yield from _news(crawl, examples, command)
    else:
        yield f"  nothing could be read, and what is known is kept; {cost(crawl)}"
    yield from problems(crawl.errors)


def name_of(crawl: Crawl) -> str:
    """The namespace with its registry."""
    return f"{crawl.registry}/{shown(crawl.namespace)}"


def totals(crawl: Crawl) -> str:
    """What is known of the namespace now."""
    return (
        f"{humanize.count(crawl.repositories, 'repository')}, {humanize.count(crawl.tags, 'tag')}"
    )


def cost(crawl: Crawl) -> str:
    """What the crawl took."""
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


def problems(sentences: Sequence[str], most: int = MOST_SENTENCES) -> Iterator[str]:
    """Yield what could not be read, and how many sentences are left out."""
    for sentence in sentences[:most]:
        yield f"  ! {shown(sentence, _LONGEST_SENTENCE)}"
    if len(sentences) > most:
        yield f"  ! and {len(sentences) - most} more: see 'indexer status --format json'"


def change_line(change: Change, home: str = DOCKER_HUB) -> str:
    """One change in a line."""
    name = humanize.image(change.registry, change.repository, change.tag, home)
    line = f"{change.kind.value:<18}  {name}"
    digests = [
        humanize.short_digest(each) for each in (change.old_digest, change.new_digest) if each
    ]
    return f"{line}  {' -> '.join(digests)}" if digests else line


def _news(crawl: Crawl, examples: Sequence[Change], command: str) -> Iterator[str]:
    if crawl.baseline:
        yield (
            f"  baseline: {totals(crawl)} recorded; from now on every difference is a change "
            f"('{command} repos' lists them)"
        )
    changes = sum(crawl.changes.values())
    if not changes:
        if not crawl.baseline:
            yield "  nothing changed"
        return
    yield f"  changes: {kinds(crawl)}"
    shown_ones = list(islice(examples, changes))
    for change in shown_ones:
        yield f"    {change_line(change, crawl.registry)}"
    if changes > len(shown_ones):
        yield f"    and {changes - len(shown_ones):,} more"
    yield f"  see them with: {command} query --changed-since crawl:{crawl.id}"
