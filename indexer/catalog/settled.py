"""Has a tag settled? The newest digest that it kept for long enough, from its periods. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.core.digest_age import kept, settled
from indexer.core.humanize import exact_span
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from indexer.core.catalog_entries import Period, Unseen
    from indexer.core.digest_age import Kept

UNNAMED = "latest"
"""The tag that is meant if none is named."""


@dataclass(frozen=True, slots=True)
class SettledTag:
    """The answer for one tag.

    Attributes:
        registry: its registry.
        repository: with its namespace.
        tag: its name.
        found: the newest digest that it kept for long enough; None: there is none, or the tag is
            not there any more.
        current: what it points to now; None: nothing.
        sentence: the reason, for a person.
    """

    registry: str
    repository: str
    tag: str
    found: Kept | None
    current: Kept | None
    sentence: str


def settled_tag(
    place: tuple[str, str],
    tag: str,
    periods: Sequence[Period],
    least: timedelta,
    now: datetime,
    *,
    unwatched_since: datetime | None = None,
    unseen: Unseen | None = None,
) -> SettledTag:
    """Find the newest digest that a tag kept for at least so long.

    A digest of a tag that was removed, or whose repository no crawl looks at any more, is never the
    answer: nobody vouches for it.

    Args:
        place: registry and repository.
        tag: its name.
        periods: every digest that it had, oldest first; at least one.
        least: how long.
        now: the time.
        unwatched_since: since when the configuration does not want it; None: it does.
        unseen: that crawls do not look at its repository any more.
    """
    name = shown(f"{place[1]}:{tag}")
    history = kept(periods)
    current = history[-1] if history[-1].ended_at is None else None
    if current is None:
        ended = _time(periods[-1].ended_at)
        why = f"{name} was removed at {ended}."
        if unwatched_since is not None:
            why = f"{name} is not watched since {_time(unwatched_since)}."
        return SettledTag(*place, tag, None, None, why)
    found = settled(history, least, now)
    points = f"points to {current.digest or 'an unknown digest'}; {_age(current)}"
    if found is None:
        began = _time(periods[0].started_at)
        why = f"{name} kept no digest for {exact_span(least)}. It {points}."
        why += f" The index knows the tag since {began}."
    elif found == current:
        why = f"{name} points to it; {_age(current)}."
    else:
        why = f"{name} pointed to it until {_time(found.ended_at)}; {_age(found)}. Now it {points}."
    if unseen is not None and found is not None:
        return SettledTag(*place, tag, None, current, unseen.instead_of(why))
    return SettledTag(*place, tag, found, current, why)


def _age(item: Kept) -> str:
    return f"its age counts from {_time(item.age_since)}, {item.age_by.words}"


def _time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
