"""The message about private repositories that became hidden. Templates do not apply to it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.humanize import agreed, iso
from indexer.core.printable import shown
from indexer.notify.message import Message

if TYPE_CHECKING:
    from indexer.notify.event import HiddenRepositories
    from indexer.notify.links import Links

HIDDEN = "hidden"
"""The last part of the CloudEvent's type: `indexer.hidden`."""

EXAMPLES = 20
"""The most repositories that the text names."""

MOST_LISTED = 1_000
"""The most repositories that the JSON lists."""


def hidden_message(found: HiddenRepositories, sink: str, links: Links) -> Message:
    """One message for everything that one crawl found hidden.

    Args:
        found: the part of it that the sink wants.
        sink: its name.
        links: what links in the text begin with.
    """
    page = links.namespace(found.registry, found.namespace)
    title, text = _title(found), _text(found, page)
    return Message(
        id=_id(found, sink),
        type=HIDDEN,
        subject=f"{found.registry}/{found.namespace}",
        time=found.since,
        title=title,
        text=text,
        data={
            "hidden": {
                "registry": found.registry,
                "namespace": found.namespace,
                "account": found.account,
                "since": iso(found.since),
                "crawl_id": found.crawl_id,
                "count": len(found.repositories),
                "repositories": list(found.repositories[:MOST_LISTED]),
            },
            "page": page,
            "title": title,
            "text": text,
            "sink": sink,
        },
        severity="",
        first=found.first,
        last=found.last,
        changes=0,
    )


def _title(found: HiddenRepositories) -> str:
    number = len(found.repositories)
    place = humanize.image(found.registry, found.repositories[0], None)
    if number > 1:
        what = humanize.count(number, "private repository")
        place = f"{what} of {humanize.image(found.registry, found.namespace, None)}"
    is_or_are = agreed(number, "is", "are")
    return f"{place} {is_or_are} no longer visible to {shown(found.account)}"


def _text(found: HiddenRepositories, page: str | None) -> str:
    names = [f"  {shown(each)}" for each in found.repositories[:EXAMPLES]]
    if len(found.repositories) > EXAMPLES:
        names.append(f"  and {len(found.repositories) - EXAMPLES:,} more")
    since = humanize.short_time(found.since)
    lines = (
        f"{_title(found)} since {since} UTC, as crawl {found.crawl_id} found:",
        *names,
        "Reason: deleted, or the account has lost its rights. The index reports no removal.",
        "If deleted, run 'indexer accept'; if not, give the account its rights back.",
        *([f"Page: {page}"] if page else []),
    )
    return "\n".join(lines)


def _id(found: HiddenRepositories, sink: str) -> str:
    """An id that is the same for the same repositories, and differs between two indexes."""
    named = (sink, found.registry, found.namespace, iso(found.since) or "", *found.repositories)
    digest = hashlib.sha256("\n".join(named).encode(errors="replace")).hexdigest()
    return f"hidden-{found.first}-{found.last}-{digest[:16]}"
