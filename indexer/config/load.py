"""Find the configuration file, read it, and say everything that is wrong with it at once."""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.config import policies, registries, serving, sinks, values
from indexer.config.section import Mistakes, read_section, unknown
from indexer.config.settings import (
    DaemonSettings,
    DatabaseSettings,
    HttpSettings,
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


def _readers(folder: Path) -> dict[str, Readers]:
    """Every section and key there is, and what reads it."""
    path = partial(_path, folder)
    return {
        "database": {"url": values.database},
        "schedule": {
            "crawl": values.schedule,
            "verify": values.schedule,
            "full": values.schedule,
            "verify_budget": values.whole(1, 1_000_000),
            "jitter": values.interval(0, _DAY, "1m"),
            "timezone": values.timezone,
        },
        "daemon": {"crawls": values.whole(1, 16), "workers": values.flag},
        "http": {
            "concurrency": values.whole(1, 64),
            "timeout": values.interval(1, 3_600, "30s"),
            "patience": values.interval(0, 7 * _DAY, "15m"),
            "tries": values.whole(1, 20),
            "passes": values.whole(1, 20),
        },
        "registry": registries.readers(path),
        "serve": serving.readers(),
        "notify": sinks.readers(path),
        "policy": policies.readers(),
        "violations": policies.violations_readers(),
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
        for name in ("database", "schedule", "daemon", "http", "serve", "violations")
    }
    schedule = ScheduleSettings(**sections["schedule"])
    return Settings(
        database=DatabaseSettings(**sections["database"]),
        schedule=schedule,
        daemon=DaemonSettings(**sections["daemon"]),
        http=HttpSettings(**sections["http"]),
        registries=registries.registries(data.get("registry", [{}]), readers, schedule, mistakes),
        serve=ServeSettings(**sections["serve"]),
        sinks=sinks.sinks(data.get("notify", []), readers["notify"], mistakes),
        policies=policies.policies(data.get("policy", []), readers["policy"], mistakes),
        people=sections["violations"].get("people", ()),
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
