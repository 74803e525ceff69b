"""Parses cron expressions: five fields, each a set of numbers. `timetables` computes the times."""

from __future__ import annotations

import calendar
import re
from typing import NamedTuple

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_A_LEAP_YEAR = 2024


class _Field(NamedTuple):
    least: int
    most: int
    names: dict[str, int]


_FIELDS = (
    _Field(0, 59, {}),
    _Field(0, 23, {}),
    _Field(1, 31, {}),
    _Field(1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field(0, 7, {name: number for number, name in enumerate(_WEEKDAYS)}),
)


class Cron(NamedTuple):
    """A parsed cron expression, by crontab(5).

    Attributes:
        weekdays: 0 is Sunday.
        either: day of the month and weekday are both restricted, so one of them is enough.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either: bool


def parse(text: str) -> Cron | None:
    """Parse a cron expression; None if it is invalid, or names a day that never comes."""
    written = text.lower().split()
    if len(written) != len(_FIELDS):
        return None
    found = [_numbers(each, field) for each, field in zip(written, _FIELDS, strict=True)]
    minutes, hours, days, months, weekdays = found
    either = not (written[2].startswith("*") or written[4].startswith("*"))
    if not (minutes and hours and days and months and weekdays):
        return None
    if written[4].startswith("*") and min(days) > max(map(_longest, months)):
        return None
    return Cron(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=tuple(sorted(days)),
        months=tuple(sorted(months)),
        weekdays=tuple(sorted({number % 7 for number in weekdays})),  # Sunday is 0 and 7
        either=either,
    )


def _longest(month: int) -> int:
    """How many days a month has in a leap year."""
    return calendar.monthrange(_A_LEAP_YEAR, month)[1]


def _numbers(written: str, field: _Field) -> set[int]:
    """The numbers of a field; empty if any item of it is invalid."""
    items = [_item(item, field) for item in written.split(",")]
    return set().union(*items) if all(items) else set()


def _item(item: str, field: _Field) -> set[int]:
    """The numbers of `*`, `5`, `mon-fri`, `*/15` or `5/15`; empty if it is invalid."""
    base, slash, step = item.partition("/")
    if slash and not (re.fullmatch("[0-9]{1,4}", step) and int(step)):
        return set()
    if base == "*":
        return set(range(field.least, field.most + 1, int(step or 1)))
    first, dash, last = base.partition("-")
    low = _number(first, field)
    high = _number(last, field) if dash else field.most if slash else low
    if low is None or high is None:
        return set()
    return set(range(low, high + 1, int(step or 1)))


def _number(written: str, field: _Field) -> int | None:
    if written in field.names:
        return field.names[written]
    number = int(written) if re.fullmatch("[0-9]{1,2}", written) else None
    return number if number is not None and field.least <= number <= field.most else None
