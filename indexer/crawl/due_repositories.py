"""Which repositories a crawl opens, and why, in words. Pure: no network, no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.model import Mode
from indexer.crawl.selection import cycle, verify_selection
from indexer.crawl.wanted_names import WantedNames, read_filter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from indexer.core.model import ChangeRate, KnownRepository


EVERYTHING = WantedNames()

UNSETTLED = datetime.min.replace(tzinfo=UTC)
"""Recorded instead of the listed date if a repository's tags could not be read completely.

No repository is listed with this date, so it stays pending, even a repository without a date.
"""

MOST_LAG = timedelta(hours=24)
"""A list of tags that lags behind its repository's date for longer is believed."""

_FULL = "a full crawl reads everything"
_VERIFIED = "it is verified"
_UNDATED = "its registry lists no dates that tell what changed"
_IDLE = {_FULL, _VERIFIED, _UNDATED}
"""Reasons to open a repository of which nothing new is known."""


@dataclass(frozen=True, slots=True)
class DueRepository:
    """A repository whose tags are to be read.

    Attributes:
        repository: `namespace/repository`.
        last_updated: as listed; recorded as the date that its tags were read for.
        baseline: it belongs to its namespace's baseline.
        reason: why it is opened, in words.
        full: read every page of its tags.
        accepted: a person has accepted its removals, however many.
        was_read: its tags were read before.
        read_for: the listed date that they were read for.
    """

    repository: str
    last_updated: datetime | None
    baseline: bool
    reason: str
    full: bool
    accepted: bool = False
    was_read: bool = False
    read_for: datetime | None = None


class VerifyBudget(NamedTuple):
    """How many repositories a crawl may open only because time has passed.

    Attributes:
        number: the most repositories.
        change_rates: what was counted of each, by name: see `crawl.selection.verify_selection`.
        now: the time.
    """

    number: int
    change_rates: Mapping[str, ChangeRate]
    now: datetime


def repositories(
    known: Mapping[str, KnownRepository],
    mode: Mode,
    accepted: Collection[str] = (),
    *,
    wanted: WantedNames = EVERYTHING,
    lists_dates: bool = True,
    budget: VerifyBudget | None = None,
    since: int = 0,
    now: datetime | None = None,
) -> list[DueRepository]:
    """Choose the repositories to open, in the order in which they are read.

    First come those of which something new is known, most recently updated first; then those that
    were not read for longest. What the last crawl could not read comes last of its kind, so that
    it keeps no others from being read. With a budget for verifying, those that `verify_selection`
    chooses come last.

    Args:
        known: the present repositories, as recorded with this crawl's listing.
        mode: an incremental crawl opens what has a newer date or is pending, or whose tags the
            filter chooses otherwise than when they were read; the others open all.
        accepted: repositories whose removals a person accepts: they are opened as well.
        wanted: which repositories and tags are wanted now.
        lists_dates: the registry's lists carry dates that tell what changed.
        budget: how many repositories without a newer date are opened; None: all that the mode
            asks for.
        since: the number of the crawl that began the cycle: what was read since is not read again
            only because of the mode. 0: everything is. See `indexer.crawl.selection.cycle`.
        now: the time; without it no tags are read again because they may lag.
    """
    reasons = {
        name: reason
        for name, item in known.items()
        if (
            reason := _reason(item, accepted, wanted)
            or _of_lag(item, now)
            or _of_mode(item, mode, since, lists_dates=lists_dates)
        )
    }
    chosen: list[verify_selection.Choice] = []
    if budget is not None:
        idle = [name for name, reason in reasons.items() if reason in (_VERIFIED, _UNDATED)]
        change_rates = {
            name: budget.change_rates[name] for name in idle if name in budget.change_rates
        }
        chosen = verify_selection.choose(change_rates, budget.number, budget.now)
        for name in idle:
            del reasons[name]
    names = sorted(reasons, reverse=True, key=lambda name: (_date(known[name]), name))
    names.sort(key=lambda name: _turn(known[name], mode, is_idle=reasons[name] in _IDLE))
    in_order = [*((name, reasons[name]) for name in names), *chosen]
    return [_due(known[name], reason, mode, accepted) for name, reason in in_order]


def _date(item: KnownRepository) -> datetime:
    return item.last_updated or UNSETTLED


def _turn(item: KnownRepository, mode: Mode, *, is_idle: bool) -> tuple[bool, int]:
    """The turn of a repository: what is not idle, then the crawl that read or tried it last."""
    read = cycle.last_read(item, mode) if is_idle else 0
    return is_idle, max(read, item.failed_crawl)


def is_pending(item: KnownRepository) -> bool:
    """Whether the repository was listed with a date that its tags were not read for yet."""
    return not item.was_read or item.read_updated != item.last_updated


def _due(
    item: KnownRepository, reason: str, mode: Mode, accepted: Collection[str]
) -> DueRepository:
    return DueRepository(
        item.name,
        item.last_updated,
        item.baseline,
        reason,
        full=mode is Mode.FULL or item.name in accepted,
        accepted=item.name in accepted,
        was_read=item.was_read,
        read_for=item.read_updated,
    )


def _reason(item: KnownRepository, accepted: Collection[str], wanted: WantedNames) -> str | None:
    """What is known of a repository that makes it due, in words."""
    if item.hidden_since is not None:
        return None  # this account cannot read its tags
    reasons = (
        (not item.was_read, "its tags were never read"),
        (is_pending(item), "it was updated since its tags were read"),
        (item.name in accepted, "its removals are accepted"),
        (_is_filtered_anew(item, wanted), "other tags of it are wanted than when they were read"),
    )
    return next((reason for holds, reason in reasons if holds), None)


def _of_lag(item: KnownRepository, now: datetime | None) -> str | None:
    """Why its tags are read again, if they may lag behind its date, in words.

    A time too far ahead was written by a clock that was set back since.
    """
    if now is None or item.reread_at is None or item.hidden_since is not None:
        return None
    is_due = item.reread_at <= now or item.reread_at > now + MOST_LAG
    return "none of its tags was as new as its date" if is_due else None


def _of_mode(item: KnownRepository, mode: Mode, since: int, *, lists_dates: bool) -> str | None:
    """Why the mode makes a repository due of which nothing new is known, in words."""
    if item.hidden_since is not None or 0 < since <= cycle.last_read(item, mode):
        return None
    if mode is not Mode.INCREMENTAL:
        return _FULL if mode is Mode.FULL else _VERIFIED
    return None if lists_dates else _UNDATED


def _is_filtered_anew(item: KnownRepository, wanted: WantedNames) -> bool:
    """Whether its tags were last read with a filter that says something else of them."""
    if item.filters is None or item.filters == wanted.text:
        return False
    return read_filter(item.filters).of_tags(item.name) != wanted.of_tags(item.name)
