"""Finds the repository that a path names, at the requested host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.catalog.answers import RepositoryKey
from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.core.reference import Reference, is_repository, parse_reference
from indexer.core.registry_names import spelled, unspelled
from indexer.core.suggestions import how_to_add
from indexer.web.responses import NotKnown, SeveralKnown

if TYPE_CHECKING:
    from indexer.store.catalog.browser import Browser


def find(browser: Browser, path: str, host_registry: str | None) -> RepositoryKey:
    """Find the repository that a path names, with or without its registry.

    Args:
        browser: the index.
        path: `docker.io/library/nginx`, or `library/nginx` where one registry has it. A registry
            with a port may be written as `_catalog` does.
        host_registry: the registry that the requested host stands for; then the path is a name in
            it, with or without that registry. None: the path may begin with any.

    Raises:
        UsageError: the path cannot be the name of a repository.
        NotKnown: no registry has it, or several have (`SeveralKnown`).
    """
    written = unspelled(path)
    if host_registry is not None:
        # Our own pages name the registry everywhere.
        if written.startswith(f"{host_registry}/"):
            path = written.removeprefix(f"{host_registry}/")
        if is_repository(path):
            return RepositoryKey(host_registry, path)
    if is_repository(path) and (registries := browser.registries_of(path)):
        return _only(registries, path)
    reference = parse_reference(written)
    if reference.tag or reference.digest:
        raise UsageError(
            f"'{shown(path)}' is not just a repository: leave out the tag and the digest."
        )
    if reference.registry is not None:
        return RepositoryKey(reference.registry, reference.repository)
    return _only(browser.registries_of(reference.repository), reference.repository)


def known(browser: Browser, repository: str, host_registry: str | None) -> RepositoryKey:
    """A repository that exists or existed.

    Raises:
        UsageError: it cannot be a name.
        NotKnown: there is no such repository.
    """
    place = find(browser, repository, host_registry)
    if browser.repository(place) is None:
        raise NotKnown(_unknown(str(place), Reference(*place)))
    return place


def _unknown(name: str, reference: Reference) -> str:
    return f"the index knows no repository '{shown(name)}'. {how_to_add(reference)}"


def _only(registries: list[str], name: str) -> RepositoryKey:
    if not registries:
        raise NotKnown(_unknown(name, Reference(None, name)))
    if len(registries) > 1:
        named = " or ".join(f"'{spelled(host)}/{shown(name)}'" for host in registries)
        raise SeveralKnown(f"several registries have '{shown(name)}': ask for {named}.")
    return RepositoryKey(registries[0], name)
