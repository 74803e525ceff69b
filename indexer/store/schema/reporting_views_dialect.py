"""What the reporting views say in each database's own words. Pure text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class SqlFragments(NamedTuple):
    """How a database says what the other one says otherwise; each takes and gives SQL.

    Attributes:
        time: microseconds as a time.
        week: the Monday of the week that microseconds are in, as text.
        digits: bytes as hex digits.
        span: 32 bytes of a value, the first of them having that number (from 1).
        size: how many bytes.
        semver: whether a name is a semantic version: 1 or 0.
        whole: truth as 1 or 0.
        text: a text that is ordered by its bytes.
        items: how many items a JSON array has.
        images: the images of a manifest, a row each: to be joined.
        image: an item of such a row, by number (from 0); as text.
        image_items: how many items it has.
        image_place: which row it is, from 0.
    """

    time: Callable[[str], str]
    week: Callable[[str], str]
    digits: Callable[[str], str]
    span: Callable[[str, str], str]
    size: Callable[[str], str]
    semver: Callable[[str], str]
    whole: Callable[[str], str]
    text: Callable[[str], str]
    items: Callable[[str], str]
    images: str
    image: Callable[[int], str]
    image_items: str
    image_place: str


def _sqlite_fraction(time: str) -> str:
    """Microseconds within their second, from 0 up before 1970 too."""
    return f"((({time}) % 1000000 + 1000000) % 1000000)"


def _sqlite_seconds(time: str) -> str:
    return f"(({time}) - {_sqlite_fraction(time)}) / 1000000"


def _sqlite_time(time: str) -> str:
    """As SQLite's own functions write it; a fraction only where there is one, as Python does."""
    return (
        f"strftime('%Y-%m-%d %H:%M:%S', {_sqlite_seconds(time)}, 'unixepoch') || "
        f"CASE WHEN ({time}) % 1000000 = 0 THEN '' "
        f"ELSE printf('.%06d', {_sqlite_fraction(time)}) END"
    )


def _sqlite_semver(name: str) -> str:
    """SQLite has no regular expressions."""
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
    week=lambda time: f"date({_sqlite_seconds(time)}, 'unixepoch', 'weekday 0', '-6 days')",
    digits=lambda value: f"lower(hex({value}))",
    span=lambda value, first: f"substr({value}, {first}, 32)",
    size=lambda value: f"length({value})",
    semver=_sqlite_semver,
    whole=lambda truth: f"({truth})",
    text=lambda text: text,
    items=lambda array: f"json_array_length({array})",
    images="json_each(manifest.images) AS image ON TRUE",
    image=lambda number: f"json_extract(image.value, '$[{number}]')",
    image_items="json_array_length(image.value)",
    image_place="image.key",
)

_SEMVER = (
    "^v?(0|[1-9][0-9]*)[.](0|[1-9][0-9]*)[.](0|[1-9][0-9]*)(-[0-9A-Za-z-]+([.][0-9A-Za-z-]+)*)?$"
)


def _postgresql_time(time: str) -> str:
    """Exact, which no floating number of seconds is."""
    return (
        f"timezone('UTC', timestamp '1970-01-01' + ({time}) / 1000000 * interval '1 second' "
        f"+ ({time}) % 1000000 * interval '1 microsecond')"
    )


POSTGRESQL = SqlFragments(
    time=_postgresql_time,
    week=lambda time: (
        f"to_char(date_trunc('week', timezone('UTC', {_postgresql_time(time)})), 'YYYY-MM-DD')"
    ),
    digits=lambda value: f"encode({value}, 'hex')",
    span=lambda value, first: f"substring({value} FROM ({first})::int FOR 32)",
    size=lambda value: f"octet_length({value})",
    semver=lambda name: f"({name} ~ '{_SEMVER}')::int",
    whole=lambda truth: f"({truth})::int",
    text=lambda text: f'({text}) COLLATE "C"',
    items=lambda array: f"jsonb_array_length(({array})::jsonb)",
    images=(
        "LATERAL jsonb_array_elements(manifest.images::jsonb) "
        "WITH ORDINALITY AS image (value, number) ON TRUE"
    ),
    image=lambda number: f"(image.value ->> {number})",
    image_items="jsonb_array_length(image.value)",
    image_place="(image.number - 1)",
)
