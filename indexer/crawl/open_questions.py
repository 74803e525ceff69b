"""Tags of which a list does not say whether they were retagged, and which nobody could ask. Pure.

A known tag is listed with a new date and without a digest, and the registry behind the list did not
tell the digest: it was down, or the crawl had no request left for it. If the new date were recorded
with the old digest, no later crawl would ask again, and the retag would be lost. So the tag stays
as it was, the date that the next head is compared with stays before it, and the repository stays
pending. The crawl is incomplete: the index may hold a wrong digest.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from indexer.core.humanize import count
from indexer.core.platforms import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from indexer.core.model import KnownTag, ListMemory, Tag

EXAMPLES = 3
"""Tags that one sentence names."""


def is_open(before: KnownTag | None, tag: Tag) -> bool:
    """Whether a listed tag may have been retagged, and nothing that is known tells.

    Args:
        before: as recorded.
        tag: as listed, with its digest if that could be asked for.
    """
    if before is None or tag.digest is not None or before.last_updated == tag.last_updated:
        return False
    if before.digest is None and before.fingerprint is None:
        return False  # its content was never known
    return before.fingerprint is None or fingerprint(tag.platforms) is None


def left_open(known: Mapping[str, KnownTag], listed: Iterable[Tag]) -> list[Tag]:
    """The listed tags that may have been retagged, as far as is known."""
    bare = (tag for tag in listed if tag.digest is None)
    return [tag for tag in bare if is_open(known.get(tag.name), tag)]


def memory_with(memory: ListMemory, questions: Sequence[Tag]) -> ListMemory:
    """The memory of a listing from which the next head is read down to these tags."""
    dates = [tag.last_updated for tag in questions]
    return dataclasses.replace(
        memory,
        newest=_earliest([memory.newest, *dates]),
        exact=memory.exact and None not in dates,
    )


def _earliest(dates: Iterable[datetime | None]) -> datetime | None:
    return min((date for date in dates if date is not None), default=None)


def unidentified(target: str, tags: Sequence[str]) -> str:
    """The sentence about tags of whose content nothing is known."""
    number = len(tags)
    more = f" and {number - EXAMPLES:,} more" if number > EXAMPLES else ""
    return (
        f"{target}: the registry's lists tell no digest of {count(number, 'tag')}, so a retag "
        f"would not be noticed: {', '.join(tags[:EXAMPLES])}{more}; raise 'resolve' and crawl "
        "with --full"
    )


def sentence(repository: str, questions: Sequence[Tag]) -> str:
    """The sentence about tags that are kept as they were."""
    number = len(questions)
    what = count(number, "tag was", "tags were")
    examples = ", ".join(tag.name for tag in questions[:EXAMPLES])
    more = f" and {number - EXAMPLES:,} more" if number > EXAMPLES else ""
    return (
        f"{repository}: {what} pushed again, and the new digest could not be read: "
        f"{examples}{more}; the known digest is kept, and the next crawl asks again (if this "
        "stays so, raise 'resolve')"
    )
