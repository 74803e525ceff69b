"""Reads a registry's rate limit from the headers of an answer. Never raises. Pure."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.model import RateLimit

if TYPE_CHECKING:
    from collections.abc import Mapping

TOO_MANY_REQUESTS = 429

_NUMBER = re.compile(r"\d{1,15}(?:\.\d{0,9})?", re.ASCII)


class LimitHeaders(NamedTuple):
    """What the headers of one answer say of the rate limit.

    Attributes:
        refused: the answer was a 429.
        wait: for how many seconds it asks us to wait; None if it does not say.
        limit: the limit that it states; None if it states none.
        reset_in: seconds until a new window begins; None if it does not say.
    """

    refused: bool = False
    wait: float | None = None
    limit: RateLimit | None = None
    reset_in: float | None = None


def read(status: int, headers: Mapping[str, str], now: datetime) -> LimitHeaders:
    """Read the headers of an answer.

    Args:
        status: of the answer.
        headers: looked up by any spelling of their names.
        now: our time. Where the answer carries a `Date`, times are taken relative to that, because
            the registry's clock set them and ours may differ.
    """
    limit = _limit(headers)
    after, moment = headers.get("Retry-After", ""), headers.get("X-Retry-After")
    if not (after or moment or (limit and limit.reset_at)):
        return LimitHeaders(status == TOO_MANY_REQUESTS, None, limit)
    server_now = http_date(headers.get("Date", "")) or now
    wait = retry_after(after, server_now)
    if wait is None:
        wait = _until(_moment(moment), server_now)
    reset_in = _until(limit.reset_at, server_now) if limit else None
    return LimitHeaders(status == TOO_MANY_REQUESTS, wait, limit, reset_in)


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds to wait, from the value of `Retry-After`: a number of seconds or an HTTP date."""
    text = text.strip()
    seconds = _number(text)
    return seconds if seconds is not None else _until(http_date(text), now)


def http_date(text: str) -> datetime | None:
    """An HTTP date in any of its three forms; None if it is not one."""
    if not text:
        return None
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _limit(headers: Mapping[str, str]) -> RateLimit | None:
    limit, remaining = (
        _number(headers.get(f"X-RateLimit-{name}")) for name in ("Limit", "Remaining")
    )
    reset_at = _moment(headers.get("X-RateLimit-Reset"))
    if limit is None and remaining is None and reset_at is None:
        return None
    return RateLimit(
        None if limit is None else int(limit),
        None if remaining is None else int(remaining),
        reset_at,
    )


def _number(text: str | None) -> float | None:
    if not text or not _NUMBER.fullmatch(text.strip()):
        return None
    return float(text)


def _moment(text: str | None) -> datetime | None:
    """A unix time as a datetime; None if it is not one."""
    seconds = _number(text)
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _until(moment: datetime | None, now: datetime) -> float | None:
    if moment is None:
        return None
    return max(0.0, math.ceil((moment - now).total_seconds() * 1000) / 1000)
