"""The default titles and texts: what changed, from what to what, when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.model import DANGLING, ChangeKind
from indexer.core.printable import shown
from indexer.notify.links import at_registry
from indexer.policies.violation import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.core.model import Change
    from indexer.notify.batching import MessageGroup, Tally
    from indexer.notify.event import Event
    from indexer.notify.links import Links

EXAMPLES = 20
"""The most changes that a summary's text lists."""

MOST_PLACES = 10
"""The most namespaces that a summary's text names."""

_HAPPENED = {
    ChangeKind.REPOSITORY_ADDED: "is a new repository",
    ChangeKind.REPOSITORY_REMOVED: "was removed, with all its tags",
    ChangeKind.TAG_ADDED: "is new",
    ChangeKind.TAG_REMOVED: "was removed",
    ChangeKind.TAG_RETAGGED: "was retagged",
}

_COUNTED = {
    ChangeKind.REPOSITORY_ADDED: ("repository", "added"),
    ChangeKind.REPOSITORY_REMOVED: ("repository", "removed"),
    ChangeKind.TAG_ADDED: ("tag", "added"),
    ChangeKind.TAG_REMOVED: ("tag", "removed"),
    ChangeKind.TAG_RETAGGED: ("tag", "retagged"),
}


def image(change: Change) -> str:
    """The image's name, as a person would type it."""
    return humanize.image(change.registry, change.repository, change.tag)


def title(event: Event) -> str:
    """One change in a line."""
    happened = f"{image(event.change)} {_HAPPENED[event.change.kind]}"
    return f"VIOLATION ({event.severity}): {happened}" if event.severity else happened


def text(event: Event, links: Links) -> str:
    """One change: before and after, when, its violations, and where to look closer."""
    return "\n".join(_lines(event, links))


def counted(tally: Tally) -> str:
    """Changes by kind: `998 tags retagged, 2 tags added`."""
    return ", ".join(
        f"{humanize.count(number, _COUNTED[kind][0])} {_COUNTED[kind][1]}"
        for kind, number in tally.kinds.most_common()
    )


def summary_title(tally: Tally) -> str:
    """A summary in a line."""
    changes = f"{humanize.count(tally.number, 'change')}: {counted(tally)}"
    number = tally.violations.total()
    return f"{humanize.count(number, 'VIOLATION')} in {changes}" if number else changes


def summary_text(group: MessageGroup, page: str | None, see_all: str) -> str:
    """A summary: counts by kind and namespace, some examples, and where all are listed."""
    assert group.tally is not None
    return "\n".join(_summary_lines(group, group.tally, page, see_all))


def _lines(event: Event, links: Links) -> Iterator[str]:
    change = event.change
    yield f"{image(change)} {_HAPPENED[change.kind]}{f' ({event.move})' if event.move else ''}."
    if change.tag is not None:
        yield f"  was  {_digest(change.old_digest, change.kind is ChangeKind.TAG_ADDED)}"
        yield f"  is   {_digest(change.new_digest, change.kind is ChangeKind.TAG_REMOVED)}"
    pusher = f" by {shown(change.pushed_by)}" if change.pushed_by else ""
    when = f" {_time(change.pushed_at)}" if change.pushed_at else ""
    pushed = f"pushed{when}{pusher}, " if when or pusher else ""
    remover = f" by {shown(change.removed_by)}" if change.removed_by else ""
    removed = f"removed {_time(change.removed_at)}{remover}, " if change.removed_at else ""
    if change.reason == DANGLING:
        yield "It is still listed, and its manifest cannot be fetched (404)."
    seen = f"{pushed}{removed}seen {_time(change.observed_at)} by crawl {change.crawl_id}."
    yield f"{seen[0].upper()}{seen[1:]}"
    for each in event.violations:
        found = each.found
        yield (
            f"Violation of the policy '{shown(found.policy)}' ({found.severity}): {found.sentence} "
            f"(violation {each.id})"
        )
        if there := links.violation(each.id):
            yield f"Violation: {there}"
    if page := links.page(change):
        yield f"Page: {page}"
    if there := at_registry(change):
        yield f"Registry: {there}"
    yield f"Look closer: {links.closer(change)}"


def _summary_lines(
    group: MessageGroup, tally: Tally, page: str | None, see_all: str
) -> Iterator[str]:
    first, last = tally.span
    seen = _time(first) if first == last else f"between {_time(first)} and {_time(last)}"
    yield f"{counted(tally)}, seen {seen}."
    if tally.violations:
        severities = [each for each in reversed(Severity) if tally.violations[each]]
        each = ", ".join(f"{tally.violations[severity]:,} {severity}" for severity in severities)
        yield f"Violations of policies: {each}."
    yield ""
    for place, number in tally.places.most_common(MOST_PLACES):
        yield f"  {number:>7,}  {shown(place)}"
    if len(tally.places) > MOST_PLACES:
        rest = sum(number for _, number in tally.places.most_common()[MOST_PLACES:])
        more = humanize.count(len(tally.places) - MOST_PLACES, "more namespace")
        yield f"  {rest:>7,}  in {more}"
    yield ""
    worst_first = sorted(group.listed, key=lambda item: -item.severity.rank if item.severity else 1)
    for item in worst_first[:EXAMPLES]:
        yield f"  {title(item)}"
    if tally.number > EXAMPLES:
        yield f"  and {tally.number - EXAMPLES:,} more"
    if page:
        yield f"Page: {page}"
    yield f"See all: {see_all}"


def _digest(value: str | None, is_nothing: bool) -> str:  # noqa: FBT001 - it is what follows
    if value is None:
        return "nothing" if is_nothing else "not known"
    return shown(value)


def _time(moment: datetime) -> str:
    return f"{humanize.short_time(moment)} UTC"
