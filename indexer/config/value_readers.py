"""Read one value of the configuration, or say what was expected instead."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from indexer.config import cron
from indexer.config.schedule import NEVER, Schedule
from indexer.core.errors import UsageError
from indexer.core.hub_names import canonical_registry
from indexer.core.printable import shown
from indexer.core.reference import is_namespace, is_registry

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_INTERVAL = re.compile(r"([0-9]{1,9})\s*([smhdw])", re.ASCII)
_LONGEST = 100 * 366 * 86_400
"""Seconds of the longest duration that can be asked for."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

_EXAMPLE = "30m"

_SHOWN_CHARACTERS = 60
"""The most characters of a value that are quoted in a message."""


class InvalidValue(Exception):
    """A value is not what was expected.

    Args:
        expected: what was expected, as the end of a sentence: `an interval, as '24h'`.
        quoted: whether the message may quote the value; not if it may contain a secret.
    """

    def __init__(self, expected: str, *, quoted: bool = True) -> None:
        super().__init__(expected)
        self.quoted = quoted


def described(value: object) -> str:
    """A TOML value as a message quotes it."""
    if isinstance(value, str):
        return f"'{shown(value, _SHOWN_CHARACTERS)}'"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return shown(str(value), _SHOWN_CHARACTERS)


def text(value: object) -> str:
    """A string."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue("a text in quotes")
    return value


_CONTACT = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,120}|https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[!-~]{0,120})?"
)


def contact(value: object) -> str:
    """A mail or web address that a header may hold, between parentheses."""
    if not isinstance(value, str) or not _CONTACT.fullmatch(value) or set("();\\") & set(value):
        raise InvalidValue("a mail or web address, as 'registry-ops@example.com'")
    return value


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise InvalidValue("true or false")
    return value


def whole(least: int, most: int) -> Callable[[object], int]:
    """An integer between two bounds."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise InvalidValue(f"a whole number from {least} to {most}")
        return value

    return read


def share(value: object) -> float:
    """A fraction from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidValue("a number from 0 to 1")
    return float(value)


def seconds_of(value: str) -> float | None:
    """The seconds of `90m`, `1h`, `7d`; None if it is not an interval."""
    match = _INTERVAL.fullmatch(value.strip())
    return float(match[1]) * _UNITS[match[2]] if match else None


def duration(text: str, what: str) -> timedelta:
    """Read a duration that a user typed: `90m`, `24h`, `7d`.

    Args:
        text: as it was typed.
        what: the option or parameter, for the message.

    Raises:
        UsageError: it is not a duration, or is longer than a century.
    """
    seconds = seconds_of(text)
    if not seconds or seconds > _LONGEST:
        raise UsageError(f"{what}: expected a duration, such as '90m', '24h' or '7d'.")
    return timedelta(seconds=seconds)


def interval(least: float, most: float, example: str) -> Callable[[object], float]:
    """An interval such as `30s`, in seconds, between two bounds."""

    def read(value: object) -> float:
        seconds = seconds_of(value) if isinstance(value, str) else None
        if seconds is None or not least <= seconds <= most:
            bounds = f"between {spelled(least)} and {spelled(most)}"
            raise InvalidValue(f"an interval {bounds}, as '{example}' (units s, m, h, d, w)")
        return seconds

    return read


def schedule(value: object) -> Schedule:
    """An interval, a cron expression of five fields, or never."""
    if isinstance(value, str):
        text, seconds = value.strip(), seconds_of(value)
        if seconds or text == NEVER or cron.parse(text):
            return Schedule(text, seconds)
    raise InvalidValue(
        "an interval as '90m' or '7d', a cron expression of five fields as '0 3 * * *', or "
        f"'{NEVER}'"
    )


def timezone(value: object) -> str:
    """The name of a time zone in the system's database."""
    if isinstance(value, str):
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
        else:
            return value
    raise InvalidValue(
        "the name of a time zone that this machine knows, as 'UTC' or 'Europe/Berlin'"
    )


def table(value: object) -> dict[str, object]:
    """A section within a section; other readers read its keys."""
    if not isinstance(value, dict):
        raise InvalidValue("a section with keys")
    return value


def by_namespace(value: object) -> dict[str, dict[str, object]]:
    """A section for each of several namespaces."""
    found = table(value)
    for name, keys in found.items():
        if not is_namespace(name) or not isinstance(keys, dict):
            raise InvalidValue(
                f"a section for each namespace, as ansible = {{ crawl = '{_EXAMPLE}' }}"
            )
    return {name: table(keys) for name, keys in found.items()}


def spelled(seconds: float) -> str:
    """An interval of seconds in its largest whole unit: `90m`."""
    fitting = (
        f"{seconds / size:g}{unit}"
        for unit, size in reversed(_UNITS.items())
        if seconds % size == 0 and seconds
    )
    return next(fitting, "0s")


def variable(value: object) -> str:
    """The name of an environment variable. Other text may be the secret itself: never quoted."""
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise InvalidValue(
            "the name of an environment variable, as 'DOCKER_PASSWORD', not a password",
            quoted=False,
        )
    return value


def registry(value: object) -> str:
    """A registry's name: its host; every name of Docker Hub is `docker.io`."""
    if not isinstance(value, str) or not is_registry(value):
        raise InvalidValue("the host of a registry, as 'docker.io' or 'localhost:5000'")
    return canonical_registry(value)


def namespaces(value: object) -> tuple[str, ...]:
    """A list of namespaces, each once."""
    if not isinstance(value, list):
        raise InvalidValue("a list of namespaces, as ['library', 'ansible']")
    for item in value:
        if not isinstance(item, str) or not is_namespace(item):
            raise InvalidValue(
                "namespaces of letters, digits, '.', '_' and '-' in lower case, as 'ansible' (not "
                f"{described(item)})",
                quoted=False,
            )
    return tuple(dict.fromkeys(value))


def url(value: object) -> str:
    """An http(s) URL without credentials. Whether plain http is allowed is checked elsewhere."""
    shape = "an address as 'https://HOST' or 'https://HOST:PORT'"
    if not isinstance(value, str):
        raise InvalidValue(shape)
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises if it is not a port
    except ValueError:
        raise InvalidValue(shape, quoted="@" not in value) from None
    if "@" in parts.netloc:
        raise InvalidValue(
            f"{shape} without user and password, which go into 'username' and 'password_env'",
            quoted=False,
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidValue(shape, quoted="@" not in value)
    if parts.query or parts.fragment:
        raise InvalidValue(f"{shape} without '?' and '#'", quoted=False)
    return value.rstrip("/")


def is_plain(address: str) -> bool:
    """Whether others can read the connection: http, and not to a loopback address."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "https" or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def database(value: object) -> str:
    """A database URL. It may hold a password: never quoted."""
    if isinstance(value, str):
        scheme, separator, rest = value.partition("://")
        if separator and scheme == "sqlite" and rest.strip("/") and rest.startswith("/"):
            return value
        if separator and rest and scheme in {"postgresql+psycopg", "postgresql", "postgres"}:
            return f"postgresql+psycopg://{rest}"
    raise InvalidValue(
        "'sqlite:///PATH' or 'postgresql+psycopg://USER@HOST/NAME', and no other database",
        quoted=False,
    )
