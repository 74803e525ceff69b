"""Finds the repository that a path names, at the requested host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.catalog.answers import RepositoryKey
from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.core.reference import is_repository, parse_reference
from indexer.web.responses import NotKnown

if TYPE_CHECKING:
    from indexer.store.catalog.browser import Browser


def find(browser: Browser, path: str, home: str | None) -> RepositoryKey:
    """The repository that a path names: with its registry before it, or without.

    Args:
        browser: knows the registries that have it.
        path: `docker.io/library/nginx`, or `library/nginx` where one registry has it.
        home: the registry that the host stands for: then the path is a name in it.

    Raises:
        UsageError: it cannot be a name.
        NotKnown: no registry has it, or several have.
    """
    if home is not None and is_repository(path):
        return RepositoryKey(home, path)
    if is_repository(path) and (homes := browser.homes(path)):
        return _only(homes, path)
    reference = parse_reference(path)
    if reference.tag or reference.digest:
        raise UsageError(
            f"'{shown(path)}' is not just a repository: leave out the tag and the digest."
        )
    if reference.registry is not None:
        return RepositoryKey(reference.registry, reference.repository)
    return _only(browser.homes(reference.repository), reference.repository)


def _only(homes: list[str], name: str) -> RepositoryKey:
    if not homes:
        raise NotKnown(f"the index knows no repository '{shown(name)}'.")
    if len(homes) > 1:
        named = " or ".join(f"'{home}/{shown(name)}'" for home in homes)
        raise NotKnown(f"several registries have '{shown(name)}': ask for {named}.")
    return RepositoryKey(homes[0], name)
