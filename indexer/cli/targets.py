"""Which namespaces a person means, and which configured registry each belongs to."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from indexer.config import RegistrySettings
from indexer.errors import UsageError
from indexer.names import DOCKER_HUB, parse_namespace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.config import Settings


class Wanted(NamedTuple):
    """A namespace to crawl."""

    registry: RegistrySettings
    namespace: str


def wanted_namespaces(settings: Settings, typed: Sequence[str]) -> list[Wanted]:
    """What to crawl: what was typed, or else everything that is configured; each once.

    Raises:
        UsageError: there is nothing to crawl, or it is not clear where it is.
    """
    if typed:
        return list(dict.fromkeys(_meant(settings, text) for text in typed))
    wanted = [
        Wanted(registry, namespace)
        for registry in settings.registries
        for namespace in registry.namespaces
    ]
    if not wanted:
        file = settings.file or "indexer.toml"
        raise UsageError(
            "no namespace to crawl: name one, as in 'indexer crawl ansible', or list some as "
            f"'namespaces' of a [[registry]] in {file}."
        )
    return wanted


def _meant(settings: Settings, text: str) -> Wanted:
    name, namespace = parse_namespace(text)
    known = {registry.name: registry for registry in settings.registries}
    if name is None:
        return Wanted(_home(settings, namespace), namespace)
    if name in known:
        return Wanted(known[name], namespace)
    if name == DOCKER_HUB:
        return Wanted(RegistrySettings(), namespace)
    nearest = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean '{nearest[0]}'?" if nearest else "add a [[registry]] with that name."
    raise UsageError(f"the registry '{name}' is not configured; {hint}")


def _home(settings: Settings, namespace: str) -> RegistrySettings:
    """The registry of a namespace that was typed without one."""
    holding = [each for each in settings.registries if namespace in each.namespaces]
    if len(holding) > 1:
        choices = " or ".join(f"'{each.name}/{namespace}'" for each in holding)
        raise UsageError(f"'{namespace}' is configured in several registries: write {choices}.")
    if holding:
        return holding[0]
    if len(settings.registries) == 1:
        return settings.registries[0]
    hub = [each for each in settings.registries if each.name == DOCKER_HUB]
    return hub[0] if hub else RegistrySettings()
