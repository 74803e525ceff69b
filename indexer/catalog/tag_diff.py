"""What two digests of a tag differ in: which two are meant, and the answer. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.core.digest_text import digest_in, is_pasted_digest, parse_digest, several
from indexer.core.errors import NotInIndex, UsageError
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.core.time_expression import parse_when
from indexer.manifests.image_comparison import Side, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.manifests.image_comparison import Comparison
    from indexer.manifests.ports import StoredManifest


_HEX = re.compile("[0-9a-fA-F]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class TagDiff:
    """The answer for one tag: two of its periods, and what is inside their digests.

    `advice` says how to fetch what was not fetched; None: nothing is missing.
    """

    old: Period
    new: Period
    comparison: Comparison
    advice: str | None


@dataclass(frozen=True, slots=True)
class Times:
    """What a typed time means.

    Attributes:
        now: the time.
        of_crawl: when a crawl ended; None: it is still running.
        check: raises if the index did not know the repository at a time yet.
    """

    now: datetime
    of_crawl: Callable[[int], datetime | None]
    check: Callable[[datetime], None]


def tag_diff(
    periods: Sequence[Period],
    start: str | None,
    end: str | None,
    times: Times,
    find: Callable[[str], StoredManifest | None],
) -> TagDiff:
    """Compare two digests of a tag.

    Args:
        periods: every digest that it had, oldest first; at least one.
        start: a time or a digest, full or short; None: the digest before the other one.
        end: the same; None: the last digest.
        times: what a time means.
        find: gives stored content by its digest; None: it is not stored.

    Raises:
        UsageError: what was typed is no time and no digest, a short digest fits several, or the
            index did not know the repository then.
        NotInIndex: the tag did not exist at that time, never had that digest, or only had one.
    """
    last = len(periods) - 1 if end is None else _place(periods, end, times)
    if start is not None:
        first = _place(periods, start, times)
    else:
        earlier = (n for n in range(last - 1, -1, -1) if _differs(periods[n], periods[last]))
        first = next(earlier, -1)
    new = periods[last]
    if first < 0:
        raise NotInIndex(
            f"{_name(new)} had no digest before {new.digest or 'this one'}, which it has since "
            f"{_time(new.started_at)}."
        )
    old = periods[first]
    found = compare(Side(old.digest, old.platforms), Side(new.digest, new.platforms), find)
    return TagDiff(old, new, found, _advice(old, new, found.not_fetched))


def _differs(one: Period, other: Period) -> bool:
    if one.digest is None or other.digest is None:
        return one.digest != other.digest or one.platforms != other.platforms
    return one.digest != other.digest


def _place(periods: Sequence[Period], typed: str, times: Times) -> int:
    """The position of the period that is meant: the latest with that digest, or of that time."""
    prefix = digest_in(typed)
    if prefix is not None:
        fitting = [
            n for n, each in enumerate(periods) if each.digest and prefix.begins(each.digest)
        ]
        digests = {str(periods[n].digest) for n in fitting}
        if len(digests) > 1:
            raise UsageError(several(prefix, digests))
        if fitting:
            return fitting[-1]
    name = _name(periods[0])
    time = _read(typed, name, times)
    times.check(time)
    found = [n for n, each in enumerate(periods) if each.started_at <= time]
    if not found:
        began = _time(periods[0].started_at)
        raise NotInIndex(f"{name} did not exist at {_time(time)}: it is known since {began}.")
    ended = periods[found[-1]].ended_at
    if ended is not None and ended <= time:
        raise NotInIndex(
            f"{name} did not exist at {_time(time)}: it was removed at {_time(ended)}."
        )
    return found[-1]


def _read(typed: str, name: str, times: Times) -> datetime:
    """A time as it was typed; of a crawl its end."""
    try:
        when = parse_when(typed, times.now)
    except UsageError:
        if _HEX.fullmatch(typed) is None and not is_pasted_digest(typed):
            raise
        prefix = parse_digest(typed)  # says what is wrong with one that is too short
        raise NotInIndex(
            f"{name} never had the digest {prefix}: 'indexer find {prefix}' lists the tags that "
            "had it."
        ) from None
    if when.change is not None:
        raise UsageError(
            "cannot use a change as a time: use the crawl that saw it, as in 'crawl:12'."
        )
    time = when.time if when.crawl is None else times.of_crawl(when.crawl)
    if time is None:
        raise UsageError(f"crawl {when.crawl} is still running: use a time instead.")
    return time


def _advice(old: Period, new: Period, missing: Sequence[str]) -> str | None:
    if not missing:
        return None
    which = old if old.digest in missing and new.digest not in missing else new
    home = "" if which.registry == DOCKER_HUB else f"{which.registry}/"
    image = shown(f"{home}{which.repository}@{which.digest}")
    return (
        f"the index has not fetched all of it: run 'indexer inspect {image} --platform "
        "linux/amd64', or set 'manifests' in the configuration and crawl."
    )


def _name(period: Period) -> str:
    return shown(f"{period.repository}:{period.tag}")


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
