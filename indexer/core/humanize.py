"""Formats times, ages, sizes and numbers, for people and for programs."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB

if TYPE_CHECKING:
    from datetime import datetime, timedelta

NOTHING = "-"
"""What a table shows where there is no value."""

_SHORT_DIGITS = 12
"""Hex digits of a shortened digest; docker shows as many."""

_AGES = ((7 * 86_400, "w"), (86_400, "d"), (3_600, "h"), (60, "m"))
_UNTIL_THE_NEXT = 2
"""How many of a unit there must be before it is used: 90 minutes are "90m", not "1h"."""

_EXACT = ((7 * 86_400, "w", 2), (86_400, "d", 2), (3_600, "h", 1), (60, "m", 1))
"""Units of an exact duration, and from how many on each is used: people write 24h, 7d and 1h."""

_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")
_THOUSAND = 1_000


def iso(time: datetime | None) -> str | None:
    """ISO 8601 in UTC, with Z: for programs."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z") if time else None


def short_time(time: datetime | None) -> str:
    """A time to the minute, in UTC: for tables."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}" if time else NOTHING


def span(length: timedelta) -> str:
    """A duration in its largest fitting unit: `90m`, `3h`, `5d`."""
    seconds = int(length.total_seconds())
    for size, unit in _AGES:
        if seconds >= _UNTIL_THE_NEXT * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def exact_span(length: timedelta) -> str:
    """A duration in the largest unit that divides it: `90d`, `36h`, `1h`."""
    seconds = int(length.total_seconds())
    for size, unit, least in _EXACT:
        if seconds >= least * size and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def age(then: datetime | None, now: datetime) -> str:
    """How long ago something was: `3h ago`."""
    if then is None:
        return "never"
    passed = now - then
    if passed.total_seconds() < 0:
        return f"in {span(-passed)}"
    return f"{span(passed)} ago" if passed.total_seconds() >= 1 else "just now"


def number(value: int | None) -> str:
    """A number with a comma for each thousand."""
    return NOTHING if value is None else f"{value:,}"


def count(value: int, one: str, many: str | None = None) -> str:
    """A number and its noun: `1 tag`, `3,120 tags`, `60 repositories`."""
    if value == 1:
        return f"1 {one}"
    return f"{value:,} {many or _plural(one)}"


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] not in "aeou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def agreed(value: int, one: str, many: str) -> str:
    """The word that agrees with a number: `agreed(1, "is", "are")`."""
    return one if value == 1 else many


def size(value: int | None) -> str:
    """A number of bytes with three digits: `52.8 MB`."""
    if value is None:
        return NOTHING
    amount, unit = float(value), _SIZES[0]
    for larger in _SIZES[1:]:
        if amount < _THOUSAND:
            break
        amount, unit = amount / _THOUSAND, larger
    digits = 0 if unit == "B" or amount >= _THOUSAND / 10 else 1
    return f"{amount:.{digits}f} {unit}"


def digest(value: str | None) -> str:
    """A digest in full."""
    return shown(value) if value else NOTHING


def short_digest(value: str | None) -> str:
    """The first digits of a digest, without the name of its algorithm."""
    return shown(value.rpartition(":")[2][:_SHORT_DIGITS]) if value else NOTHING


def image(
    registry: str, repository: str, tag: str | None, default_registry: str = DOCKER_HUB
) -> str:
    """An image's name as a person would type it: without the default registry."""
    name = repository if registry == default_registry else f"{registry}/{repository}"
    return shown(f"{name}:{tag}" if tag else name, 500)
