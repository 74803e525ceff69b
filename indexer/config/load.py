"""Find the configuration file, read it, and say everything that is wrong with it at once."""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.config import serving, values
from indexer.config.schedules import own_schedules
from indexer.config.section import Mistakes, read_section, unknown
from indexer.config.settings import (
    DaemonSettings,
    DatabaseSettings,
    HttpSettings,
    RegistrySettings,
    ScheduleSettings,
    ServeSettings,
    Settings,
)
from indexer.errors import ConfigError
from indexer.names import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.config.section import Readers

CONFIG_VARIABLE = "INDEXER_CONFIG"
DATABASE_VARIABLE = "INDEXER_DATABASE_URL"
DEFAULT_FILE = "indexer.toml"

MOST_BYTES = 1024 * 1024
"""Of a configuration file; more is some other file."""

_DAY = 86_400.0


def _path(folder: Path, value: object) -> Path:
    """A path, relative to the folder of the configuration file."""
    return folder / Path(values.text(value)).expanduser()


def _type(value: object) -> str:
    if value == "oci":
        raise values.Wrong("'dockerhub': other registries are not supported by this version yet")
    if value != "dockerhub":
        raise values.Wrong("'dockerhub'")
    return "dockerhub"


def _readers(folder: Path) -> dict[str, Readers]:
    """Every section and key there is, and what reads it."""
    path = partial(_path, folder)
    return {
        "database": {"url": values.database},
        "schedule": {
            "crawl": values.schedule,
            "verify": values.schedule,
            "full": values.schedule,
            "jitter": values.interval(0, _DAY, "1m"),
            "timezone": values.timezone,
        },
        "daemon": {"crawls": values.whole(1, 16)},
        "http": {
            "concurrency": values.whole(1, 64),
            "timeout": values.interval(1, 3_600, "30s"),
            "patience": values.interval(0, 7 * _DAY, "15m"),
            "tries": values.whole(1, 20),
            "passes": values.whole(1, 20),
        },
        "registry": {
            "name": values.registry,
            "type": _type,
            "namespaces": values.namespaces,
            "schedule": values.table,
            "schedules": values.by_namespace,
            "username": values.text,
            "password_env": values.variable,
            "password_file": path,
            "docker_config": values.flag,
            "hub_url": values.url,
            "registry_url": values.url,
            "ca_file": path,
            "insecure": values.flag,
            "hold_back_share": values.share,
            "hold_back_number": values.whole(0, 1_000_000),
        },
        "serve": serving.readers(),
    }


KEYS: Mapping[str, tuple[str, ...]] = {
    section: tuple(readers) for section, readers in _readers(Path()).items()
}
"""Every key that a file may hold, by section; what the documentation is held against."""


def find(named: Path | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The configuration file: named, or in the environment, or here; None if there is none."""
    if named is not None:
        return named
    if environ.get(CONFIG_VARIABLE):
        return Path(environ[CONFIG_VARIABLE])
    here = Path(DEFAULT_FILE)
    return here if here.exists() else None


def load(named: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the configuration.

    Args:
        named: the file that the command line names.
        environ: `INDEXER_CONFIG` names a file where the command line does not,
            `INDEXER_DATABASE_URL` takes the place of `[database] url`.

    Raises:
        ConfigError: one sentence for each mistake, on a line of its own.
    """
    file = find(named, environ)
    mistakes = Mistakes(shown(str(file or "")), [])
    settings = Settings() if file is None else _settings(file, mistakes)
    database = settings.database
    if environ.get(DATABASE_VARIABLE):
        try:
            database = DatabaseSettings(values.database(environ[DATABASE_VARIABLE]))
        except values.Wrong as wrong:
            mistakes.sentences.append(f"{DATABASE_VARIABLE}: expected {wrong}.")
    if mistakes.sentences:
        raise ConfigError("\n".join(mistakes.sentences))
    return replace(settings, database=database)


def _settings(file: Path, mistakes: Mistakes) -> Settings:
    data = _parsed(file)
    readers = _readers(file.parent)
    for name in data:
        if name not in readers:
            mistakes.add(f"[{shown(name, 60)}]", unknown("section", name, readers))
    sections = {
        name: read_section(data.get(name, {}), readers[name], f"[{name}]", mistakes)
        for name in ("database", "schedule", "daemon", "http", "serve")
    }
    schedule = ScheduleSettings(**sections["schedule"])
    return Settings(
        database=DatabaseSettings(**sections["database"]),
        schedule=schedule,
        daemon=DaemonSettings(**sections["daemon"]),
        http=HttpSettings(**sections["http"]),
        registries=_registries(data.get("registry", [{}]), readers, schedule, mistakes),
        serve=ServeSettings(**sections["serve"]),
        file=file,
    )


def _parsed(file: Path) -> dict[str, object]:
    name = shown(str(file))
    try:
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        raise ConfigError(f"{name}: the configuration cannot be read: {why}.") from None
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{name}: expected a configuration of at most 1 MiB, got a larger file.")
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError:
        raise ConfigError(f"{name}: expected text in UTF-8, got something else.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: expected TOML, got a mistake: {shown(str(error))}.") from None
    except RecursionError:
        raise ConfigError(f"{name}: expected TOML, got brackets nested too deeply.") from None


def _registries(
    given: object,
    readers: Mapping[str, Readers],
    schedule: ScheduleSettings,
    mistakes: Mistakes,
) -> tuple[RegistrySettings, ...]:
    if not isinstance(given, list):
        mistakes.add("[registry]", "expected two brackets, as in [[registry]]: there may be many.")
        return ()
    found: list[RegistrySettings] = []
    for number, item in enumerate(given, 1):
        place = "[[registry]]" if len(given) == 1 else f"[[registry]] no. {number}"
        if isinstance(item, dict) and item.get("type") == "oci":
            item = {"type": "oci"}  # noqa: PLW2901 - its other keys are none of ours yet
        keys = read_section(item, readers["registry"], place, mistakes)
        keys |= own_schedules(keys, schedule, readers["schedule"], place, mistakes)
        registry = RegistrySettings(**keys)
        if registry.name in {other.name for other in found}:
            mistakes.add(f"{place} name", f"expected each name once, got '{registry.name}' again.")
        _judge(registry, place, mistakes)
        found.append(registry)
    return tuple(found)


def _judge(registry: RegistrySettings, place: str, mistakes: Mistakes) -> None:
    """What is wrong in the combination of keys."""
    has_password = registry.password_env is not None or registry.password_file is not None
    if registry.password_env is not None and registry.password_file is not None:
        mistakes.add(f"{place} password_file", "expected at most one, got password_env as well.")
    if has_password and registry.username is None:
        mistakes.add(f"{place} username", "expected the account that the password belongs to.")
    if has_password and registry.docker_config:
        mistakes.add(
            f"{place} docker_config", "expected either docker's log-in or a password, got both."
        )
    for key, address in (("hub_url", registry.hub_url), ("registry_url", registry.registry_url)):
        if values.is_plain(address) and not registry.insecure:
            mistakes.add(
                f"{place} {key}",
                "expected https:// (or 'insecure = true', which lets everybody on the way read "
                f"along), got {values.described(address)}.",
            )
