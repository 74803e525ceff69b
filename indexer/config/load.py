"""Finds the configuration file, reads it, and reports all its mistakes at once."""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.config import environment, registries, serve, value_readers
from indexer.config.found_file import check_owner
from indexer.config.section import Problems, read_section, unknown
from indexer.config.settings import (
    DEFAULT_DATABASE,
    DEFAULT_DATABASE_URL,
    DaemonSettings,
    DatabaseSettings,
    HttpSettings,
    ScheduleSettings,
    ServeSettings,
    Settings,
)
from indexer.core.errors import ConfigError
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from indexer.config.section import Readers

CONFIG_VARIABLE = "INDEXER_CONFIG"
DATABASE_VARIABLE = "INDEXER_DATABASE_URL"
READER_VARIABLE = "INDEXER_READER_DATABASE_URL"
DEFAULT_FILE = "indexer.toml"

MOST_BYTES = 1024 * 1024
"""The most bytes of a configuration file."""

_DAY = 86_400.0


def _path(folder: Path, value: object) -> Path:
    """A path, relative to the folder of the configuration file."""
    return folder / Path(value_readers.text(value)).expanduser()


def _database(_: Path) -> Readers:
    return {"url": value_readers.database, "reader_url": value_readers.database}


def _schedule(_: Path) -> Readers:
    return {
        "crawl": value_readers.schedule,
        "verify": value_readers.schedule,
        "full": value_readers.schedule,
        "verify_budget": value_readers.whole(1, 1_000_000),
        "jitter": value_readers.interval(0, _DAY, "1m"),
        "timezone": value_readers.timezone,
    }


def _daemon(_: Path) -> Readers:
    return {"crawls": value_readers.whole(1, 16), "workers": value_readers.flag}


def _http(_: Path) -> Readers:
    return {
        "concurrency": value_readers.whole(1, 64),
        "timeout": value_readers.interval(1, 3_600, "30s"),
        "patience": value_readers.interval(0, 7 * _DAY, "15m"),
        "tries": value_readers.whole(1, 20),
        "passes": value_readers.whole(1, 20),
        "contact": value_readers.contact,
    }


def _registry(folder: Path) -> Readers:
    return registries.readers(partial(_path, folder))


def _serve(folder: Path) -> Readers:
    return serve.readers(partial(_path, folder))


def _notify(folder: Path) -> Readers:
    from indexer.config import sinks  # noqa: PLC0415 - few files have one

    return sinks.readers(partial(_path, folder))


def _policy(_: Path) -> Readers:
    from indexer.config import policies  # noqa: PLC0415 - the same

    return policies.readers()


def _violations(_: Path) -> Readers:
    from indexer.config import policies  # noqa: PLC0415 - the same

    return policies.violations_readers()


_SECTIONS: dict[str, Callable[[Path], Readers]] = {
    "database": _database,
    "schedule": _schedule,
    "daemon": _daemon,
    "http": _http,
    "registry": _registry,
    "serve": _serve,
    "notify": _notify,
    "policy": _policy,
    "violations": _violations,
}
"""Every section, and a function that returns its keys' readers for a file in a folder."""


def keys() -> dict[str, tuple[str, ...]]:
    """Every key that a file may hold, by section; tests compare the documentation with it."""
    return {name: tuple(readers(Path())) for name, readers in _SECTIONS.items()}


def find(named: Path | None, environ: Mapping[str, str] = os.environ) -> tuple[Path | None, bool]:
    """The configuration file, and whether it was found rather than named.

    Args:
        named: the file that the command line names.
        environ: `INDEXER_CONFIG` names one if the command line does not; if it is empty, there is
            none.

    Returns:
        Which file, None: none; True: it is `indexer.toml`, found in the working directory.

    Raises:
        ConfigError: the variable holds no text.
    """
    if named is not None:
        return named, False
    if CONFIG_VARIABLE in environ:
        text = environment.text_of(environ, CONFIG_VARIABLE)
        return (Path(text) if text else None), False
    here = Path(DEFAULT_FILE)
    return (here, True) if here.exists() else (None, False)


def load(named: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the configuration.

    Args:
        named: the file that the command line names.
        environ: see `find`; `INDEXER_DATABASE_URL` replaces `[database]`, and
            `INDEXER_READER_DATABASE_URL` its `reader_url`.

    Raises:
        ConfigError: one sentence for each mistake, on a line of its own.
    """
    file, is_found = find(named, environ)
    mistakes = Problems(shown(str(file or "")), [])
    settings = Settings() if file is None else _settings(file, mistakes, is_found=is_found)
    database = settings.database
    for variable in (DATABASE_VARIABLE, READER_VARIABLE):
        text = environment.text_of(environ, variable)
        if not text:
            continue
        try:
            url = value_readers.database(text)
        except value_readers.InvalidValue as wrong:
            mistakes.sentences.append(f"{variable}: expected {wrong}.")
            continue
        # A reader_url of the file belongs to the file's url.
        is_reader = variable == READER_VARIABLE
        database = (
            replace(database, reader_url=url) if is_reader else DatabaseSettings(url, is_named=True)
        )
    if mistakes.sentences:
        raise ConfigError("\n".join(mistakes.sentences))
    if not database.is_named:
        _check_found_index()
    return replace(settings, database=database)


def _settings(file: Path, mistakes: Problems, *, is_found: bool) -> Settings:
    data = parsed(file, is_found=is_found)
    for name in data:
        if name not in _SECTIONS:
            mistakes.add(f"[{shown(name, 60)}]", unknown("section", name, _SECTIONS))

    def section(name: str) -> dict[str, Any]:
        if name not in data:
            return {}
        return read_section(data[name], _SECTIONS[name](file.parent), f"[{name}]", mistakes)

    names = ("database", "schedule", "daemon", "http", "serve", "violations")
    sections = {name: section(name) for name in names}
    schedule = ScheduleSettings(**sections["schedule"])
    registry_readers = {name: _SECTIONS[name](file.parent) for name in ("registry", "schedule")}
    settings = Settings(
        database=DatabaseSettings(
            **sections["database"], is_of_file=True, is_named="url" in sections["database"]
        ),
        schedule=schedule,
        daemon=DaemonSettings(**sections["daemon"]),
        http=HttpSettings(**sections["http"]),
        registries=registries.registries(
            data.get("registry", [{}]), registry_readers, schedule, mistakes
        ),
        serve=ServeSettings(**sections["serve"]),
        people=sections["violations"].get("people", ()),
        file=file,
        is_file_found=is_found,
    )
    if "notify" in data:
        from indexer.config import sinks  # noqa: PLC0415 - few files have one

        told = sinks.sinks(data["notify"], _notify(file.parent), mistakes)
        settings = replace(settings, sinks=told)
    if "policy" in data:
        from indexer.config import policies  # noqa: PLC0415 - the same

        forbidden = policies.policies(data["policy"], _policy(file.parent), mistakes)
        settings = replace(settings, policies=forbidden)
    return settings


def parsed(file: Path, *, is_found: bool) -> dict[str, Any]:
    """The file as TOML has it, unchecked.

    Args:
        file: where it is.
        is_found: nobody named it: refuse it if somebody else may have put it there.

    Raises:
        ConfigError: it cannot be read.
    """
    name = shown(str(file))
    try:
        with file.open("rb") as stream:
            if is_found:
                # It sends variables of the environment to hosts that it names, and runs commands.
                remedy = (
                    f"name it with '--config ./{name}' if you trust it, or set {CONFIG_VARIABLE}= "
                    "to use none"
                )
                found = os.fstat(stream.fileno())
                check_owner(file, found, what="configuration", remedy=remedy)
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


def _check_found_index() -> None:
    """Refuse an index that nobody named and that somebody else may have put there.

    Its answers are believed: a planted one would call every image unchanged.
    """
    here = Path(DEFAULT_DATABASE)
    try:
        found = here.stat()
    except OSError:  # there is none, or whoever opens it says what is wrong
        return
    remedy = (
        f"set {DATABASE_VARIABLE}={DEFAULT_DATABASE_URL} if you trust it, or name another index"
    )
    check_owner(here, found, what="index", remedy=remedy)
