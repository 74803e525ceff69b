"""[[registry]]: its keys, which type each belongs to, and checks of their combination."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.config import value_readers
from indexer.config.schedule_overrides import own_schedules
from indexer.config.section import read_section
from indexer.config.settings import RegistrySettings
from indexer.core.hub_names import DOCKER_HUB, canonical_registry, is_hub
from indexer.core.model import WHOLE_REGISTRY
from indexer.core.printable import shown
from indexer.core.reference import is_registry, is_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from indexer.config.section import Problems, Readers
    from indexer.config.settings import ScheduleSettings

DOCKER_HUB_TYPE = "dockerhub"
OCI_TYPE = "oci"

MANIFESTS = ("none", "new", "all")
"""Which manifests a crawl fetches: see docs/registries.md."""

PRIVATE_REMOVALS = ("hide", "believe")
"""What a 404 of a private repository means: see docs/how-it-works.md."""

_ONLY = {
    DOCKER_HUB_TYPE: {"hub_url", "registry_url", "resolve", "schedules", "audit", "details"},
    OCI_TYPE: {
        "url",
        "newest",
        "max_tags",
        "realm",
        "client_cert",
        "client_key",
    },
}
"""Keys that only one type has."""

_GLOB = frozenset("*?[")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,253}[A-Za-z0-9])?|\[[^\]]*\](?::[0-9]+)?")
_REPOSITORIES = re.compile(r"[a-z0-9._/*?!\[\]-]{1,255}", re.ASCII)
_TAGS = re.compile(r"[A-Za-z0-9._*?!\[\]-]{1,128}", re.ASCII)


def readers(path: Callable[[object], object]) -> Readers:
    """The reader of each key; `path` reads keys that name a file."""
    return {
        "name": _name,
        "host": value_readers.registry,
        "type": _type,
        "namespaces": value_readers.namespaces,
        "url": value_readers.url,
        "repositories": _repositories,
        "tags": _tags,
        "exclude": _exclude,
        "newest": value_readers.whole(1, 1_000_000),
        "max_tags": value_readers.whole(1, 1_000_000),
        "manifests": _manifests,
        "schedule": value_readers.table,
        "schedules": value_readers.by_namespace,
        "username": value_readers.text,
        "password_env": value_readers.variable,
        "password_file": path,
        "docker_config": value_readers.flag,
        "hub_url": value_readers.url,
        "registry_url": value_readers.url,
        "resolve": value_readers.whole(0, 1_000_000),
        "realm": value_readers.url,
        "ca_file": path,
        "client_cert": path,
        "client_key": path,
        "insecure": value_readers.flag,
        "hold_back_share": value_readers.share,
        "hold_back_number": value_readers.whole(0, 1_000_000),
        "private_removals": _private_removals,
        "audit": value_readers.flag,
        "details": value_readers.flag,
    }


def keys_of(kind: str) -> tuple[str, ...]:
    """The keys that a registry of this type may have."""
    foreign = {key for other, its in _ONLY.items() if other != kind for key in its}
    return tuple(key for key in readers(lambda value: value) if key not in foreign)


def registries(
    given: object,
    known: Mapping[str, Readers],
    schedule: ScheduleSettings,
    mistakes: Problems,
) -> tuple[RegistrySettings, ...]:
    """Read all registries of a file.

    Args:
        given: the sections as TOML has them.
        known: the readers of all sections.
        schedule: the general one; a registry's own overrides it.
        mistakes: collects what is wrong.
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
        _beside(registry, found, place, mistakes)
        _judge(registry, place, mistakes)
        found.append(registry)
    return tuple(found)


def _of_its_type(keys: dict[str, Any], place: str, mistakes: Problems) -> RegistrySettings:
    """The registry, without keys that its type does not have."""
    is_named = bool({"name", "host"} & keys.keys())
    host = keys.get("host") or canonical_registry(keys.get("name", DOCKER_HUB))
    keys["name"], keys["host"] = keys.get("name", host), host
    if not is_registry(host):
        mistakes.add(f"{place} host", f"expected the registry that '{shown(host, 60)}' is of.")
    if "type" not in keys and is_registry(host) and not is_hub(host):
        mistakes.add(
            f"{place} type",
            f"expected what {shown(host, 60)} is, 'oci' or 'dockerhub': its credentials must not "
            "go anywhere else.",
        )
    type_ = keys.get("type", DOCKER_HUB_TYPE if is_hub(host) else OCI_TYPE)
    other = OCI_TYPE if type_ == DOCKER_HUB_TYPE else DOCKER_HUB_TYPE
    for key in sorted(_ONLY[other] & keys.keys()):
        mistakes.add(f"{place} {key}", f"expected only with type = '{other}'.")
        del keys[key]
    if type_ == OCI_TYPE:
        if not is_named:
            mistakes.add(f"{place} name", "expected the host of the registry.")
        below = tuple(f"{namespace}/*" for namespace in keys.get("namespaces", ()))
        keys["repositories"] = (*keys.get("repositories", ()), *below)
        keys["namespaces"] = (WHOLE_REGISTRY,)
    else:
        keys["namespaces"] = _with_those_named(keys, place, mistakes)
        if is_registry(host) and not is_hub(host) and "hub_url" not in keys:
            mistakes.add(
                f"{place} hub_url",
                f"expected where the Hub that {shown(host, 60)} stands for has its API (or type = "
                f"'{OCI_TYPE}'): its credentials must not go to Docker Hub.",
            )
    return RegistrySettings(**keys)


def _beside(
    registry: RegistrySettings, others: list[RegistrySettings], place: str, mistakes: Problems
) -> None:
    """What is wrong in an entry beside those before it."""
    if registry.name in {other.name for other in others}:
        mistakes.add(f"{place} name", f"expected each name once, got '{registry.name}' again.")
        return
    for other in others:
        twice = set(registry.namespaces) & set(other.namespaces)
        if other.host == registry.host and twice:
            what = f"namespace '{min(twice)}'" if twice != {WHOLE_REGISTRY} else "registry"
            mistakes.add(
                f"{place} namespaces",
                f"expected each {what} of {registry.host} in one entry, got it in "
                f"'{other.name}' as well.",
            )
        if other.host == registry.host and other.type != registry.type:
            mistakes.add(f"{place} type", f"expected '{other.type}', as in '{other.name}'.")


def _with_those_named(keys: dict[str, Any], place: str, mistakes: Problems) -> tuple[str, ...]:
    """The namespaces of Docker Hub that are listed, and those that `repositories` name."""
    given: tuple[str, ...] = keys.get("namespaces", ())
    named: list[str] = []
    for pattern in keys.get("repositories", ()):
        namespace, slash, _ = pattern.partition("/")
        if not slash:
            mistakes.add(
                f"{place} repositories",
                f"expected repositories with their namespace, as 'library/nginx', got '{pattern}'.",
            )
        elif _GLOB.isdisjoint(namespace):
            named.append(namespace)
    return tuple(dict.fromkeys((*given, *named)))


def _judge(registry: RegistrySettings, place: str, mistakes: Problems) -> None:
    """Check the combination of keys."""
    has_password = registry.password_env is not None or registry.password_file is not None
    if registry.password_env is not None and registry.password_file is not None:
        mistakes.add(f"{place} password_file", "expected at most one, got password_env as well.")
    if has_password and registry.username is None:
        mistakes.add(f"{place} username", "expected the account that the password belongs to.")
    if has_password and registry.docker_config:
        mistakes.add(
            f"{place} docker_config", "expected either docker's log-in or a password, got both."
        )
    if registry.audit and registry.username is None and not registry.docker_config:
        mistakes.add(f"{place} audit", "expected the account of an owner ('username') as well.")
    if registry.client_key is not None and registry.client_cert is None:
        mistakes.add(f"{place} client_key", "expected client_cert, which it belongs to, as well.")
    for key in ("hub_url", "registry_url", "url", "realm"):
        address = getattr(registry, key)
        if address is not None and value_readers.is_plain(address) and not registry.insecure:
            mistakes.add(
                f"{place} {key}",
                "expected https:// (or 'insecure = true', which lets others on the network read "
                f"it), got {value_readers.described(address)}.",
            )


def _name(value: object) -> str:
    """An entry's own name: its registry's host, or any other where `host` says that."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise value_readers.InvalidValue(
            "the host of a registry, as 'docker.io' or 'localhost:5000', or a name beside 'host'"
        )
    return canonical_registry(value)


def _type(value: object) -> str:
    if value not in _ONLY:
        raise value_readers.InvalidValue("'dockerhub' or 'oci'")
    return str(value)


def _manifests(value: object) -> str:
    if value not in MANIFESTS:
        raise value_readers.InvalidValue("'none', 'new' or 'all'")
    return str(value)


def _private_removals(value: object) -> str:
    if value not in PRIVATE_REMOVALS:
        raise value_readers.InvalidValue("'hide' or 'believe'")
    return str(value)


def _repositories(value: object) -> tuple[str, ...]:
    """Names of repositories, or globs over a catalog."""
    example = "a list of repositories or patterns, as ['team/app', 'base/*']"
    if not isinstance(value, list) or not value:
        raise value_readers.InvalidValue(example)
    for item in value:
        name, colon, tag = item.partition(":") if isinstance(item, str) else ("", "", "")
        is_name = _REPOSITORIES.fullmatch(name) and (
            not _GLOB.isdisjoint(name) or is_repository(name)
        )
        if not is_name or (colon and not _TAGS.fullmatch(tag)):
            raise value_readers.InvalidValue(
                f"{example}, in lower case and without the registry "
                f"(not {value_readers.described(item)})",
                quoted=False,
            )
    return tuple(dict.fromkeys(value))


def _exclude(value: object) -> tuple[str, ...]:
    """Globs of repositories, of tags in them, or of tags."""
    example = "a list of patterns, as ['library/test*', 'library/nginx:1.2*', '*-rc*']"
    if not isinstance(value, list) or not value:
        raise value_readers.InvalidValue(example)
    for item in value:
        name, colon, tag = item.partition(":") if isinstance(item, str) else ("", "", "")
        is_path = bool(colon) or "/" in name
        if not (_REPOSITORIES if is_path else _TAGS).fullmatch(name) or (
            colon and not _TAGS.fullmatch(tag)
        ):
            raise value_readers.InvalidValue(
                f"{example} (not {value_readers.described(item)})", quoted=False
            )
    return tuple(dict.fromkeys(value))


def _tags(value: object) -> tuple[str, ...]:
    """Tags, or globs over them."""
    example = "a list of tags or patterns, as ['latest', 'v*']"
    if not isinstance(value, list) or not value:
        raise value_readers.InvalidValue(example)
    for item in value:
        if not isinstance(item, str) or not _TAGS.fullmatch(item):
            raise value_readers.InvalidValue(
                f"{example} (not {value_readers.described(item)})", quoted=False
            )
    return tuple(dict.fromkeys(value))
