"""[[registry]]: its keys, which of them go with which type, and what is wrong in combination."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.config import values
from indexer.config.schedules import own_schedules
from indexer.config.section import read_section
from indexer.config.settings import RegistrySettings
from indexer.model import WHOLE_REGISTRY
from indexer.names import is_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from indexer.config.section import Mistakes, Readers
    from indexer.config.settings import ScheduleSettings

DOCKER_HUB_TYPE = "dockerhub"
OCI_TYPE = "oci"

MANIFESTS = ("none", "new", "all")
"""Which manifests a crawl fetches: see docs/registries.md."""

_ONLY = {
    DOCKER_HUB_TYPE: {"namespaces", "hub_url", "registry_url", "resolve", "schedules"},
    OCI_TYPE: {
        "url",
        "repositories",
        "tags",
        "newest",
        "max_tags",
        "realm",
        "client_cert",
        "client_key",
    },
}
"""Keys that go with one type alone."""

_GLOB = frozenset("*?[")
_REPOSITORIES = re.compile(r"[a-z0-9._/*?!\[\]-]{1,255}", re.ASCII)
_TAGS = re.compile(r"[A-Za-z0-9._*?!\[\]-]{1,128}", re.ASCII)


def readers(path: Callable[[object], object]) -> Readers:
    """What reads each key; `path` reads those that name a file."""
    return {
        "name": values.registry,
        "type": _type,
        "namespaces": values.namespaces,
        "url": values.url,
        "repositories": _repositories,
        "tags": _tags,
        "newest": values.whole(1, 1_000_000),
        "max_tags": values.whole(1, 1_000_000),
        "manifests": _manifests,
        "schedule": values.table,
        "schedules": values.by_namespace,
        "username": values.text,
        "password_env": values.variable,
        "password_file": path,
        "docker_config": values.flag,
        "hub_url": values.url,
        "registry_url": values.url,
        "resolve": values.whole(0, 1_000_000),
        "realm": values.url,
        "ca_file": path,
        "client_cert": path,
        "client_key": path,
        "insecure": values.flag,
        "hold_back_share": values.share,
        "hold_back_number": values.whole(0, 1_000_000),
    }


def registries(
    given: object,
    known: Mapping[str, Readers],
    schedule: ScheduleSettings,
    mistakes: Mistakes,
) -> tuple[RegistrySettings, ...]:
    """Read all registries of a file.

    Args:
        given: the sections as TOML has them.
        known: the readers of all sections.
        schedule: the file's own; a registry's is laid over it.
        mistakes: where to note what is wrong.
    """
    if not isinstance(given, list):
        mistakes.add("[registry]", "expected two brackets, as in [[registry]]: there may be many.")
        return ()
    found: list[RegistrySettings] = []
    for number, item in enumerate(given, 1):
        place = "[[registry]]" if len(given) == 1 else f"[[registry]] no. {number}"
        keys = read_section(item, known["registry"], place, mistakes)
        keys |= own_schedules(keys, schedule, known["schedule"], place, mistakes)
        registry = _of_its_type(keys, place, mistakes)
        if registry.name in {other.name for other in found}:
            mistakes.add(f"{place} name", f"expected each name once, got '{registry.name}' again.")
        _judge(registry, place, mistakes)
        found.append(registry)
    return tuple(found)


def _of_its_type(keys: dict[str, Any], place: str, mistakes: Mistakes) -> RegistrySettings:
    """The registry, without keys that do not go with its type."""
    type_ = keys.get("type", DOCKER_HUB_TYPE)
    other = OCI_TYPE if type_ == DOCKER_HUB_TYPE else DOCKER_HUB_TYPE
    for key in sorted(_ONLY[other] & keys.keys()):
        hint = "; 'repositories' says what to crawl" if key == "namespaces" else ""
        mistakes.add(f"{place} {key}", f"expected with type = '{other}' only{hint}.")
        del keys[key]
    if type_ == OCI_TYPE:
        if "name" not in keys:
            mistakes.add(f"{place} name", "expected the host of the registry.")
        keys["namespaces"] = (WHOLE_REGISTRY,)
    return RegistrySettings(**keys)


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
    if registry.client_key is not None and registry.client_cert is None:
        mistakes.add(f"{place} client_key", "expected client_cert, which it belongs to, as well.")
    for key in ("hub_url", "registry_url", "url", "realm"):
        address = getattr(registry, key)
        if address is not None and values.is_plain(address) and not registry.insecure:
            mistakes.add(
                f"{place} {key}",
                "expected https:// (or 'insecure = true', which lets everybody on the way read "
                f"along), got {values.described(address)}.",
            )


def _type(value: object) -> str:
    if value not in _ONLY:
        raise values.Wrong("'dockerhub' or 'oci'")
    return str(value)


def _manifests(value: object) -> str:
    if value not in MANIFESTS:
        raise values.Wrong("'none', 'new' or 'all'")
    return str(value)


def _repositories(value: object) -> tuple[str, ...]:
    """Names of repositories, or globs over a catalog."""
    example = "a list of repositories or patterns, as ['team/app', 'base/*']"
    if not isinstance(value, list) or not value:
        raise values.Wrong(example)
    for item in value:
        is_text = isinstance(item, str) and _REPOSITORIES.fullmatch(item)
        if not is_text or (_GLOB.isdisjoint(item) and not is_repository(item)):
            raise values.Wrong(
                f"{example}, in lower case and without the registry (not {values.described(item)})",
                quoted=False,
            )
    return tuple(dict.fromkeys(value))


def _tags(value: object) -> tuple[str, ...]:
    """Tags, or globs over them."""
    example = "a list of tags or patterns, as ['latest', 'v*']"
    if not isinstance(value, list) or not value:
        raise values.Wrong(example)
    for item in value:
        if not isinstance(item, str) or not _TAGS.fullmatch(item):
            raise values.Wrong(f"{example} (not {values.described(item)})", quoted=False)
    return tuple(dict.fromkeys(value))
