"""Which values are in force, and where each comes from. Secrets are masked."""

from __future__ import annotations

import os
import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.config.load import (
    CONFIG_VARIABLE,
    DATABASE_VARIABLE,
    READER_VARIABLE,
    find,
    keys,
    load,
    parsed,
)
from indexer.config.registries import keys_of
from indexer.config.schedule import Schedule
from indexer.config.settings import ScheduleSettings
from indexer.config.value_readers import spelled
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.config.settings import Settings

MASK = "***"

DEFAULT = "default"

_SCALARS = ("database", "schedule", "daemon", "http", "serve")
"""Sections of single values, each an attribute of `Settings` of the same name."""

_DEFAULTS_OF_LISTS: Mapping[str, Mapping[str, object]] = {
    "notify": {"timeout": "30s", "insecure": False, "timezone": "UTC", "burst": 10},
    "policy": {"severity": "high"},
}
"""What a [[notify]] or a [[policy]] has besides what it says; tests compare it with the code."""

_OVERRIDING = {
    ("database", "url"): DATABASE_VARIABLE,
    ("database", "reader_url"): READER_VARIABLE,
}
"""Variables that override a key."""

_LIBRARIES = (
    "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY",
    "https_proxy", "http_proxy", "all_proxy", "no_proxy",
    "DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR",
)  # fmt: skip
"""Variables that change what a crawl does, besides our own."""

_LOGIN = re.compile(r"(://)[^/@\s]*@")
_LOGIN_PASSWORD = re.compile(r"(://[^/:@\s]*):[^@\s]*@")
_QUERY_SECRET = re.compile(r"((?:password|passwd|secret|token|key)=)[^&\s]*", re.IGNORECASE)


class ValueInForce(NamedTuple):
    """One key of the configuration.

    Attributes:
        section: such as `[schedule]`, or `[[registry]] docker.io`.
        key: its name.
        value: as TOML writes it, secrets masked; empty: not set.
        origin: `default`, the name of the file, or that of a variable.
        note: whether the variable or the file that it names is there; mostly empty.
    """

    section: str
    key: str
    value: str
    origin: str
    note: str = ""


def values_in_force(
    named: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Iterator[ValueInForce]:
    """Yield every key, in the order of the documentation.

    Args:
        named: the file that the command line names.
        environ: see `load`.

    Raises:
        ConfigError: the configuration has mistakes.
    """
    settings = load(named, environ)
    file, is_found = find(named, environ)
    data = parsed(file, is_found=is_found) if file else {}
    name = shown(str(file or ""))
    for section in _SCALARS:
        yield from _scalar(section, settings, data.get(section, {}), name, environ)
    given = data.get("registry", [{}])
    for item, registry in zip(given, settings.registries, strict=True):
        place = f"[[registry]] {shown(registry.name)}"
        for key in keys_of(registry.type):
            origin = name if key in item else DEFAULT
            value = item[key] if key in item else getattr(registry, key)
            yield _row(place, key, value, origin, environ, settings.file)
    for section, defaults in _DEFAULTS_OF_LISTS.items():
        for item in data.get(section, []):
            place = f"[[{section}]] {shown(str(item['name']))}"
            for key in keys()[section]:
                if key in item or key in defaults:
                    origin = name if key in item else DEFAULT
                    value = item.get(key, defaults.get(key))
                    yield _row(place, key, value, origin, environ, settings.file)
    origin = name if "violations" in data else DEFAULT
    yield _row("[violations]", "people", list(settings.people), origin, environ, None)
    for variable in (CONFIG_VARIABLE, *_LIBRARIES):
        if variable in environ:
            yield ValueInForce("environment", variable, _masked(environ[variable]), variable)


def _scalar(
    section: str,
    settings: Settings,
    given: Mapping[str, Any],
    name: str,
    environ: Mapping[str, str],
) -> Iterator[ValueInForce]:
    effective = getattr(settings, section)
    for key in (each.name for each in fields(effective)):
        origin = name if key in given else DEFAULT
        value = given.get(key, getattr(effective, key))
        variable = _OVERRIDING.get((section, key))
        if variable and environ.get(variable):
            origin, value = variable, getattr(effective, key)
        yield _row(f"[{section}]", key, value, origin, environ, settings.file)


def _row(
    section: str,
    key: str,
    value: object,
    origin: str,
    environ: Mapping[str, str],
    file: Path | None,
) -> ValueInForce:
    return ValueInForce(
        section, key, _written(key, value), origin, _note(key, value, environ, file)
    )


def _note(key: str, value: object, environ: Mapping[str, str], file: Path | None) -> str:
    """Whether what a key names is there."""
    if not isinstance(value, str | Path):
        return ""
    if key.endswith("_env"):
        return "set" if environ.get(str(value)) else "not set"
    if key.endswith(("_file", "_cert", "_key")):
        path = (file.parent if file else Path()) / Path(value).expanduser()
        return "found" if path.is_file() else "not found"
    return ""


def _written(key: str, value: object) -> str:
    """A value as TOML writes it, or what may be shown of it."""
    if key == "command" and isinstance(value, list):
        value = [*value[:1], *([MASK] if value[1:] else [])]
    elif key in {"apprise", "webhook"}:
        value = [_masked_address(each) for each in (value if isinstance(value, list) else [value])]
    elif isinstance(value, float) and key != "hold_back_share":
        value = spelled(value)
    return _toml(value)


def _masked_address(url: object) -> str:
    """An address of a sink: often a secret as a whole. Its scheme is none."""
    return f"{str(url).partition('://')[0]}://{MASK}"


def _masked(text: str) -> str:
    """A text without the passwords of the URLs in it."""
    text = _LOGIN_PASSWORD.sub(rf"\1:{MASK}@", text)
    if "://" in text and not text.startswith(("postgres", "sqlite")):
        text = _LOGIN.sub(rf"\1{MASK}@", text)
    return shown(_QUERY_SECRET.sub(rf"\1{MASK}", text))


def _toml(value: object) -> str:
    match value:
        case dict():
            inner = ", ".join(f"{_key(name)} = {_toml(each)}" for name, each in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case ScheduleSettings():
            pairs = ((each.name, getattr(value, each.name)) for each in fields(value))
            return _toml({name: _plain(name, each) for name, each in pairs if each is not None})
        case Schedule():
            return _toml(value.text)
    return _toml_scalar(value)


def _toml_scalar(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    escaped = _masked(str(value)).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(key: str, value: object) -> object:
    return spelled(value) if key == "jitter" and isinstance(value, float) else value


def _key(name: object) -> str:
    text = shown(str(name))
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else f'"{text}"'
