"""Finds the configured registry of each typed namespace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from indexer.bootstrap.registry_connections import wanted_names
from indexer.cli.name_lookup import is_glob
from indexer.config import RegistrySettings
from indexer.core.errors import UsageError
from indexer.core.model import WHOLE_REGISTRY
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB, parse_reference, parse_scope
from indexer.core.suggestions import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.config import Settings


class WantedNamespace(NamedTuple):
    """A namespace to crawl."""

    registry: RegistrySettings
    namespace: str
    part: str | None = None
    """A repository of it, or a tag of one, that alone is read."""


def wanted_namespaces(settings: Settings, typed: Sequence[str]) -> list[WantedNamespace]:
    """What to crawl, without duplicates: the typed namespaces, or all that are configured.

    Raises:
        UsageError: there is nothing to crawl, or the registry of a namespace is not clear.
    """
    if typed:
        meant = [each for text in typed for each in _meant(settings, text)]
        return list(dict.fromkeys(meant))
    wanted = [WantedNamespace(*each) for each in settings.namespaces()]
    if not wanted:
        file = settings.file or "indexer.toml"
        raise UsageError(
            "no namespace to crawl: name one, as in 'indexer crawl ansible', or list some as "
            f"'namespaces' of a [[registry]] in {file}."
        )
    return wanted


def _meant(settings: Settings, text: str) -> list[WantedNamespace]:
    """The namespaces that one argument means: one, or all that are configured of a registry."""
    if any(text in registry.namespaces for registry in settings.registries):
        return [WantedNamespace(_home(settings, text), text)]
    try:
        name, namespace = parse_scope(text)
    except UsageError:
        if is_glob(text):
            raise UsageError(
                f"'{shown(text)}' is a pattern, and a crawl takes names: patterns belong in the "
                "configuration, as in 'repositories = [\"library/ng*\"]' of a [[registry]]."
            ) from None
        return [_part(settings, text)]
    if name is None:
        return [WantedNamespace(_reading(_home(settings, namespace), namespace), namespace)]
    if namespace == WHOLE_REGISTRY:
        return _whole(settings, name)
    registry = settings.entry(name, namespace)
    if registry is not None and registry.type == "oci":
        raise UsageError(
            f"{name} is crawled as a whole: use 'indexer crawl {name}', and select with "
            "'repositories' in its [[registry]]."
        )
    if registry is not None:
        return [WantedNamespace(_reading(registry, namespace), namespace)]
    if name == DOCKER_HUB:
        return [WantedNamespace(RegistrySettings(), namespace)]
    near = nearest(name, {each.host for each in settings.registries})
    hint = did_you_mean(near) if near else f"'indexer crawl {name}' crawls it."
    raise UsageError(f"the registry '{name}' is not configured; {hint}")


def _part(settings: Settings, text: str) -> WantedNamespace:
    """A repository, or a tag of one, within the namespace that holds it."""
    image = parse_reference(text)
    if image.digest is not None:
        raise UsageError(
            f"'{shown(text)}' names a digest: name a namespace, a repository or a tag to crawl."
        )
    part = f"{image.repository}:{image.tag}" if image.tag else image.repository
    namespace = image.repository.partition("/")[0]
    entry = _reading(_entry_of_part(settings, image.registry, namespace), namespace)
    if not wanted_names(entry).has(image.repository, image.tag):
        where = f"{entry.name} in {settings.file}" if settings.file else entry.name
        raise UsageError(
            f"'{shown(part)}' is left out by 'repositories', 'tags' or 'exclude' of the "
            f"[[registry]] {where}: let it in there to crawl it."
        )
    is_whole = image.registry is not None and entry.type == "oci"
    return WantedNamespace(entry, WHOLE_REGISTRY if is_whole else namespace, part)


def _entry_of_part(settings: Settings, registry: str | None, namespace: str) -> RegistrySettings:
    """The configured registry of a repository, or what stands for one that is not configured."""
    if registry is None:
        return _home(settings, namespace)
    entry = settings.entry(registry, namespace)
    if entry is None and registry == DOCKER_HUB:
        return RegistrySettings()
    return entry or RegistrySettings(name=registry, type="oci", namespaces=(WHOLE_REGISTRY,))


def _reading(entry: RegistrySettings, namespace: str) -> RegistrySettings:
    """An entry of a Hub that also reads a namespace that it does not configure.

    Its `repositories` narrow only the namespaces that they name.
    """
    if entry.type == "oci" or not entry.repositories or namespace in entry.namespaces:
        return entry
    return replace(entry, namespaces=(*entry.namespaces, namespace))


def _whole(settings: Settings, name: str) -> list[WantedNamespace]:
    """The namespaces of a registry as configured; one that is not configured is read whole."""
    entries = [each for each in settings.registries if each.host == name]
    if not entries and name != DOCKER_HUB:
        entries = [RegistrySettings(name=name, type="oci", namespaces=(WHOLE_REGISTRY,))]
    wanted = [
        WantedNamespace(registry, namespace)
        for registry in entries
        for namespace in registry.namespaces
    ]
    if not wanted:
        raise UsageError(
            f"{name} cannot list its namespaces: name one, as in 'indexer crawl ansible', or "
            "configure 'namespaces'."
        )
    return wanted


def _home(settings: Settings, namespace: str) -> RegistrySettings:
    """The registry of a namespace that was typed without one."""
    holding = [each for each in settings.registries if namespace in each.namespaces]
    if len(holding) > 1:
        choices = " or ".join(f"'{each.host}/{namespace}'" for each in holding)
        raise UsageError(f"'{namespace}' is configured in several registries: write {choices}.")
    if holding:
        return holding[0]
    hubs = [each for each in settings.registries if each.type == "dockerhub"]
    if len(hubs) == 1:
        return hubs[0]
    hub = [each for each in hubs if each.host == DOCKER_HUB]
    return hub[0] if hub else RegistrySettings()
