"""The parts of the reporting views that differ between the databases. Pure text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class SqlFragments(NamedTuple):
    """SQL fragments of one database; each function takes and returns SQL.

    Attributes:
        time: microseconds as a time.
        date: days since 1970-01-01 as a date, as text.
        week: the Monday of the week of a time in microseconds, as text.
        digits: bytes as hex digits.
        span: 32 bytes of a value, from a position (from 1).
        size: the number of bytes.
        semver: whether a name is a semantic version, as a truth value.
        truth: a boolean as a truth value: 1 or 0 where the database has no other.
        text: a text that sorts by its bytes.
        items: the number of items in a JSON array.
        images: the images of a manifest as rows, to be joined.
        image: an item of such a row, by position (from 0), as text.
        image_items: the number of its items.
        image_place: the position of the row, from 0.
        now: the time, in microseconds.
        least, greatest: the functions of several values.
    """

    time: Callable[[str], str]
    date: Callable[[str], str]
    week: Callable[[str], str]
    digits: Callable[[str], str]
    span: Callable[[str, str], str]
    size: Callable[[str], str]
    semver: Callable[[str], str]
    truth: Callable[[str], str]
    text: Callable[[str], str]
    items: Callable[[str], str]
    images: str
    image: Callable[[int], str]
    image_items: str
    image_place: str
    now: str
    least: str
    greatest: str


def _sqlite_fraction(time: str) -> str:
    """Microseconds within their second; not negative before 1970 either."""
    return f"((({time}) % 1000000 + 1000000) % 1000000)"


def _sqlite_seconds(time: str) -> str:
    return f"(({time}) - {_sqlite_fraction(time)}) / 1000000"


def _sqlite_time(time: str) -> str:
    """A time as SQLite's own functions write it; with a fraction only if it is not zero."""
    return (
        f"strftime('%Y-%m-%d %H:%M:%S', {_sqlite_seconds(time)}, 'unixepoch') || "
        f"CASE WHEN ({time}) % 1000000 = 0 THEN '' "
        f"ELSE printf('.%06d', {_sqlite_fraction(time)}) END"
    )


def _sqlite_semver(name: str) -> str:
    """A check without regular expressions, which SQLite does not have."""
    return f"""(
    SELECT core NOT GLOB '*[^0-9.]*'
       AND length(core) - length(replace(core, '.', '')) = 2
       AND '.' || core || '.' NOT GLOB '*..*'
       AND '.' || core NOT GLOB '*.0[0-9]*'
       AND (core = plain OR (
            rest NOT GLOB '*[^0-9A-Za-z.-]*' AND '.' || rest || '.' NOT GLOB '*..*'))
    FROM (
        SELECT plain,
               substr(plain, 1, instr(plain || '-', '-') - 1) AS core,
               substr(plain, instr(plain || '-', '-') + 1) AS rest
        FROM (SELECT substr({name}, 1 + ({name} GLOB 'v*')) AS plain)
    )
)"""  # noqa: S608 - our own names


SQLITE = SqlFragments(
    time=_sqlite_time,
    date=lambda day: f"date(({day}) * 86400, 'unixepoch')",
    week=lambda time: f"date({_sqlite_seconds(time)}, 'unixepoch', 'weekday 0', '-6 days')",
    digits=lambda value: f"lower(hex({value}))",
    span=lambda value, first: f"substr({value}, {first}, 32)",
    size=lambda value: f"length({value})",
    semver=_sqlite_semver,
    truth=lambda truth: f"({truth})",
    text=lambda text: text,
    items=lambda array: f"json_array_length({array})",
    images="json_each(manifest.images) AS image ON TRUE",
    image=lambda number: f"json_extract(image.value, '$[{number}]')",
    image_items="json_array_length(image.value)",
    image_place="image.key",
    now="(CAST(strftime('%s', 'now') AS bigint) * 1000000)",
    least="min",
    greatest="max",
)

_SEMVER = (
    "^v?(0|[1-9][0-9]*)[.](0|[1-9][0-9]*)[.](0|[1-9][0-9]*)(-[0-9A-Za-z-]+([.][0-9A-Za-z-]+)*)?$"
)


def _postgresql_time(time: str) -> str:
    """A time without rounding, which a floating-point number of seconds would bring."""
    return (
        f"timezone('UTC', timestamp '1970-01-01' + ({time}) / 1000000 * interval '1 second' "
        f"+ ({time}) % 1000000 * interval '1 microsecond')"
    )


POSTGRESQL = SqlFragments(
    time=_postgresql_time,
    date=lambda day: f"to_char(date '1970-01-01' + ({day})::int, 'YYYY-MM-DD')",
    week=lambda time: (
        f"to_char(date_trunc('week', timezone('UTC', {_postgresql_time(time)})), 'YYYY-MM-DD')"
    ),
    digits=lambda value: f"encode({value}, 'hex')",
    span=lambda value, first: f"substring({value} FROM ({first})::int FOR 32)",
    size=lambda value: f"octet_length({value})",
    semver=lambda name: f"({name} ~ '{_SEMVER}')",
    truth=lambda truth: f"({truth})",
    text=lambda text: f'({text}) COLLATE "C"',
    items=lambda array: f"jsonb_array_length(({array})::jsonb)",
    images=(
        "LATERAL jsonb_array_elements(manifest.images::jsonb) "
        "WITH ORDINALITY AS image (value, number) ON TRUE"
    ),
    image=lambda number: f"(image.value ->> {number})",
    image_items="jsonb_array_length(image.value)",
    image_place="(image.number - 1)",
    now="CAST(extract(epoch FROM now()) * 1000000 AS bigint)",
    least="least",
    greatest="greatest",
)
