"""[[notify]]: who is notified, of what, and how. It holds no secrets, only where they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from indexer.config import value_readers
from indexer.config.section import read_section
from indexer.config.value_lists import is_address, tables, texts
from indexer.core.image_selector import ImageSelector
from indexer.core.model import ChangeKind
from indexer.core.printable import shown
from indexer.core.version_range import Range
from indexer.notify.quiet_hours import DailyHours, QuietHours
from indexer.notify.sink import BURST, Sink, Templates
from indexer.policies.violation import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from indexer.config.section import Problems, Readers

_WAYS = {
    "apprise": ("apprise", "apprise_env", "apprise_file"),
    "webhook": ("webhook", "webhook_env"),
    "command": ("command",),
}
"""The kinds of sink, and the keys of which one makes a sink of that kind."""

_MOST_BURST = 1_000


@dataclass(frozen=True, slots=True)
class SinkSettings:
    """[[notify]]: a sink, and its channel: exactly one of apprise, webhook, command.

    Addresses may be secrets as a whole, so they are never shown.
    """

    sink: Sink
    apprise: tuple[str, ...] = field(default=(), repr=False)
    apprise_env: str | None = None
    apprise_file: Path | None = None
    webhook: str | None = field(default=None, repr=False)
    webhook_env: str | None = None
    secret_env: str | None = None
    secret_file: Path | None = None
    command: tuple[str, ...] = ()
    timeout: float = 30.0
    ca_file: Path | None = None
    insecure: bool = False

    @property
    def place(self) -> str:
        """The sink's section in messages."""
        return f"[[notify]] '{shown(self.sink.name)}'"


def selection_readers() -> Readers:
    """The keys that select images, shared by sinks and policies."""
    return {
        "registries": partial(texts, "globs of registries, as ['docker.io', '*.example.com']"),
        "repositories": partial(texts, "globs of repositories, as ['library/*', '*-operator']"),
        "tags": partial(texts, "globs of tags, as ['latest', 'v*']"),
        "versions": _versions,
        "releases": value_readers.flag,
    }


def readers(path: Callable[[object], object]) -> Readers:
    """The reader of each key; `path` reads keys that name a file."""
    return {
        "name": value_readers.text,
        "apprise": _addresses,
        "apprise_env": value_readers.variable,
        "apprise_file": path,
        "webhook": webhook,
        "webhook_env": value_readers.variable,
        "secret_env": value_readers.variable,
        "secret_file": path,
        "command": partial(texts, "words: a program and its arguments, as ['/usr/bin/tell', '-v']"),
        "timeout": value_readers.interval(1, 600, "30s"),
        "ca_file": path,
        "insecure": value_readers.flag,
        "kinds": _kinds,
        "pushed_by": partial(texts, "globs of who pushed, as ['ci-*', 'alice']"),
        **selection_readers(),
        "severity": severity,
        "quiet": _quiet,
        "timezone": value_readers.timezone,
        "burst": value_readers.whole(1, _MOST_BURST),
        "title": value_readers.text,
        "text": value_readers.text,
        "summary_title": value_readers.text,
        "summary_text": value_readers.text,
    }


def sinks(given: object, known: Readers, mistakes: Problems) -> tuple[SinkSettings, ...]:
    """Read every [[notify]]."""
    found: list[SinkSettings] = []
    for place, item in tables("notify", given, mistakes):
        keys = read_section(item, known, place, mistakes)
        given_keys = set(item) if isinstance(item, dict) else set()
        if "name" not in given_keys:
            mistakes.add(
                f"{place} name", "expected a name: a sink's place in the log is kept under it."
            )
        _judge(keys, given_keys, place, mistakes)
        each = _sink(keys)
        if each.sink.name in {other.sink.name for other in found}:
            mistakes.add(
                f"{place} name", f"expected each name once, got '{shown(each.sink.name)}' again."
            )
        found.append(each)
    return tuple(found)


def selection(keys: dict[str, Any]) -> ImageSelector:
    """Take the keys that select images out of `keys`."""
    return ImageSelector(**{name: keys.pop(name) for name in selection_readers() if name in keys})


def severity(value: object) -> Severity:
    """A severity."""
    try:
        return Severity(cast("str", value))
    except ValueError:
        raise value_readers.InvalidValue(f"one of {', '.join(Severity)}") from None


def _sink(keys: dict[str, Any]) -> SinkSettings:
    zone = ZoneInfo(keys.pop("timezone", "UTC"))
    sink = Sink(
        name=keys.pop("name", ""),
        kinds=keys.pop("kinds", frozenset()),
        selection=selection(keys),
        severity=keys.pop("severity", None),
        quiet=QuietHours(keys.pop("quiet", ()), zone),
        burst=keys.pop("burst", BURST),
        pushed_by=keys.pop("pushed_by", ()),
        templates=Templates(
            *(keys.pop(name, None) for name in ("title", "text", "summary_title", "summary_text"))
        ),
    )
    return SinkSettings(sink, **keys)


def _judge(keys: Mapping[str, Any], given: Collection[str], place: str, mistakes: Problems) -> None:
    """Check the combination of keys; `given` includes those whose values are invalid."""
    ways = {way: [key for key in its if key in given] for way, its in _WAYS.items()}
    chosen = [way for way, its in ways.items() if its]
    if len(chosen) != 1:
        got = f"got {' and '.join(chosen)}" if chosen else "got none of them"
        mistakes.add(place, f"expected exactly one of {', '.join(_WAYS)}, {got}.")
        return
    (way,) = chosen
    if len(ways[way]) > 1:
        mistakes.add(
            f"{place} {ways[way][1]}", f"expected at most one, got {ways[way][0]} as well."
        )
    for key in ("secret_env", "secret_file", "ca_file", "insecure"):
        if key in keys and way != "webhook":
            mistakes.add(f"{place} {key}", f"expected no value: only a webhook has it, not {way}.")
    if "secret_env" in keys and "secret_file" in keys:
        mistakes.add(f"{place} secret_file", "expected at most one, got secret_env as well.")
    address = keys.get("webhook")
    if address and value_readers.is_plain(address) and not keys.get("insecure"):
        mistakes.add(f"{place} webhook", PLAIN)


PLAIN = "expected https:// (or 'insecure = true', which lets others on the network read it)."


def _addresses(value: object) -> tuple[str, ...]:
    """One address, or several. Each may be a secret: never quoted."""
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str) and item.strip() for item in items):
        raise value_readers.InvalidValue(
            "an address as Apprise writes it, as 'mailto://…', or a list of them", quoted=False
        )
    return tuple(items)


def webhook(value: object) -> str:
    """An http(s) URL, which may have a query. It may be a secret: never quoted."""
    shape = "an address as 'https://HOST/PATH', without user and password"
    if not isinstance(value, str) or not is_address(value):
        raise value_readers.InvalidValue(shape, quoted=False)
    return value


def _kinds(value: object) -> frozenset[ChangeKind]:
    items = texts(f"{', '.join(ChangeKind)}", value)
    unknown = [item for item in items if item not in set(ChangeKind)]
    if unknown:
        raise value_readers.InvalidValue(
            f"only {', '.join(ChangeKind)}, got '{shown(unknown[0], 60)}'", quoted=False
        )
    return frozenset(map(ChangeKind, items))


def _versions(value: object) -> Range:
    try:
        return Range.parse(value_readers.text(value))
    except ValueError:
        raise value_readers.InvalidValue(
            "a range of versions, as '>=1.2 <2' or '^1.4 || ~2.1'"
        ) from None


def _quiet(value: object) -> tuple[DailyHours, ...]:
    shape = "hours, as ['22:00-07:00', 'sat-sun 00:00-24:00']"
    try:
        return tuple(DailyHours.parse(item) for item in texts(shape, value))
    except ValueError:
        raise value_readers.InvalidValue(f"a list of {shape}") from None
