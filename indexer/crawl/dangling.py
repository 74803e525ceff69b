"""Tags that are listed but whose manifests do not exist: `GET` answers 404. Pure.

Registries keep a name in a list after its manifest was deleted (distribution/distribution#1293).
One such answer does not prove a removal, because a replica may lag. If the next crawl finds the
same, the tag is reported as removed, once, with that reason. Both crawls are complete.

The name stays listed afterwards. So a tag that is known as dangling is not reported as added until
its manifest exists again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.core import humanize

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from indexer.crawl.known_state import KnownTags

EXAMPLES = 3
"""Tags that one sentence names."""


class DanglingTags(NamedTuple):
    """What a reading found of tags that are listed without a manifest.

    Attributes:
        now: names that are dangling now, known or not.
        still: names that were dangling already at the last reading.
        sound: names that were dangling, and are not any more.
    """

    now: frozenset[str] = frozenset()
    still: frozenset[str] = frozenset()
    sound: frozenset[str] = frozenset()


def compared(
    known: KnownTags, now: Sequence[str], had: Collection[str], listed: Collection[str] | None
) -> DanglingTags:
    """Compare the tags that are dangling now with those that were dangling before.

    Args:
        known: of the repository.
        now: names that are listed, and whose manifests answered 404.
        had: names whose manifests were read.
        listed: all names of the list; None if it is not known to be whole.
    """
    before = known.ever_dangling
    sound = before.intersection(had)
    if listed is not None:
        sound |= before.difference(listed)
    sound = sound.difference(now)
    return DanglingTags(frozenset(now), before.difference(sound), sound)


def again(known: KnownTags, now: Sequence[str]) -> tuple[str, ...]:
    """Known tags that are dangling in two readings in a row: each counts as removed."""
    return tuple(
        name for name in now if name in known.tags and known.tags[name].dangling_since is not None
    )


def notices(repository: str, known: KnownTags, now: Sequence[str]) -> tuple[str, ...]:
    """The sentence about known tags that are found dangling for the first time."""
    fresh = [name for name in now if name in known.tags and not again(known, (name,))]
    return (_notice(repository, fresh),) if fresh else ()


def _notice(repository: str, names: Sequence[str]) -> str:
    number = len(names)
    what = humanize.count(number, "tag is", "tags are")
    examples = ", ".join(names[:EXAMPLES])
    more = f" and {number - EXAMPLES:,} more" if number > EXAMPLES else ""
    return (
        f"{repository}: {what} listed without a manifest (404): {examples}{more}; if the next "
        "crawl finds the same, this is a removal"
    )
