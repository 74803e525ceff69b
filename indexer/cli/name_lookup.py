"""Finds typed names in the index; an error suggests the nearest names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.digest_text import digest_in, several
from indexer.core.errors import NotInIndex, UsageError
from indexer.core.hub_names import canonical_registry
from indexer.core.model import WHOLE_REGISTRY
from indexer.core.printable import shown
from indexer.core.purl import is_package_url
from indexer.core.reference import parse_reference, parse_scope
from indexer.core.suggestions import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from indexer.cli.option_bundles import Scope
    from indexer.core.model import Crawl
    from indexer.core.time_expression import When
    from indexer.store.catalog.catalog import Catalog

_GLOB = frozenset("*?[")


class Place(NamedTuple):
    """A namespace of the index; the registry is None if several have one of that name."""

    registry: str | None
    namespace: str


class Named(NamedTuple):
    """A namespace, or one repository of it."""

    registry: str
    namespace: str
    repository: str | None = None


def find(catalog: Catalog, typed: str) -> Named:
    """Find the namespace or repository that was typed.

    Raises:
        UsageError: the index does not know it, or several registries have it.
    """
    try:
        parse_scope(typed)
    except UsageError:
        registry, name = find_repository(catalog, typed)
        known = catalog.namespace_names()
        namespace = name.partition("/")[0]
        return Named(
            registry, namespace if (registry, namespace) in known else WHOLE_REGISTRY, name
        )
    place = find_namespace(catalog, typed)
    if place.registry is None:
        raise UsageError(f"several registries have '{typed}': write 'docker.io/{typed}'.")
    if (place.registry, place.namespace) not in catalog.namespace_names():
        raise UsageError(
            f"'{shown(typed)}' is part of {place.registry}, which is crawled as a whole: name the "
            "registry or a repository."
        )
    return Named(place.registry, place.namespace)


def find_scope(catalog: Catalog, typed: str) -> tuple[str | None, str | None, str | None]:
    """Find the namespace or repository that was typed; a namespace if it can be either.

    Returns:
        The registry (None: several have the namespace), and the namespace or the repository.

    Raises:
        NotInIndex: it is neither.
        UsageError: it has a tag or digest, or several registries have the repository.
    """
    try:
        place = find_namespace(catalog, typed)
    except UsageError as no_namespace:
        try:
            registry, name = find_repository(catalog, typed)
        except NotInIndex as no_repository:
            if "/" in typed:
                raise
            unknown = no_repository.reference
            raise NotInIndex(str(no_namespace), unknown, typed) from None
        return registry, None, name
    return place.registry, place.namespace, None


def is_glob(text: str) -> bool:
    """Whether the text is a pattern. A package URL is not, although it may contain `?`."""
    return not is_package_url(text) and not _GLOB.isdisjoint(text)


def find_namespace(catalog: Catalog, typed: str) -> Place:
    """Find the namespace that was typed, or a registry as a whole.

    In a registry that is crawled as a whole, the part before the first `/` counts as a namespace.

    Raises:
        NotInIndex: the index does not know it.
    """
    known = catalog.namespace_names()
    registry, namespace = parse_scope(typed)
    if namespace == WHOLE_REGISTRY and any(host == registry for host, _ in known):
        return Place(registry, namespace)
    if namespace == WHOLE_REGISTRY and typed in (name for _, name in known):
        registry, namespace = None, typed  # of Docker Hub, with a dot in its name
    hosts = [
        host
        for host, name in known
        if registry in {None, host} and (name == namespace or _is_below(catalog, host, name, typed))
    ]
    if hosts:
        return Place(hosts[0] if len(hosts) == 1 else None, namespace)
    if registry is None:
        sentence = _unknown("namespace", namespace, (name for _, name in known))
        raise NotInIndex(sentence, namespace=namespace)
    raise NotInIndex(_unknown("namespace", typed, (f"{host}/{name}" for host, name in known)))


def _is_below(catalog: Catalog, registry: str, name: str, typed: str) -> bool:
    """Whether a registry that is crawled as a whole has repositories below a name."""
    namespace = typed.removeprefix(f"{registry}/").removesuffix("/")
    return name == WHOLE_REGISTRY and any(catalog.repositories(registry, namespace))


def find_registry(catalog: Catalog, typed: str) -> str:
    """A registry of the index.

    Raises:
        UsageError: the index does not know it.
    """
    known = sorted({registry for registry, _ in catalog.namespace_names()})
    meant = canonical_registry(typed)
    if meant not in known:
        raise UsageError(_unknown("registry", typed, known))
    return meant


def find_repository(catalog: Catalog, typed: str) -> tuple[str, str]:
    """Find the registry and name of a repository, typed without tag or digest.

    Raises:
        UsageError: it is unknown, or has a tag or digest.
    """
    reference = parse_reference(typed)
    if reference.tag or reference.digest:
        raise UsageError(
            f"'{shown(typed)}' is not just a repository: leave out the tag and the digest, or use "
            "'indexer history REPOSITORY:TAG'."
        )
    return catalog.locate(reference)


def resolved(catalog: Catalog, scope: Scope) -> Scope:
    """Replace what was typed by the names of the index; globs stay globs.

    Raises:
        UsageError: the index does not know a name.
    """
    place = None
    if scope.registry is not None:
        scope = scope._replace(registry=find_registry(catalog, scope.registry))
    if scope.namespace is not None:
        registry, name = find_namespace(catalog, scope.namespace)
        scope = scope._replace(namespace=name, registry=scope.registry or registry)
    if scope.repository is not None and is_glob(scope.repository):
        if "/" not in scope.repository:
            scope = scope._replace(repository=f"*/{scope.repository}")
    elif scope.repository is not None:
        place = find_repository(catalog, scope.repository)
        scope = scope._replace(registry=scope.registry or place[0], repository=place[1])
    if scope.tag is not None and not is_glob(scope.tag):
        check_tag(catalog, scope.tag, place)
    return scope


def with_full_digest(catalog: Catalog, image: str) -> str:
    """An image whose digest is typed short, `nginx:1.27@4bcff63`, with the digest in full.

    Everything else stays as it is.

    Raises:
        UsageError: the index knows no such digest of the repository, or several.
        NotInIndex: it does not know the repository.
    """
    name, at, digest = image.rpartition("@")
    prefix = digest_in(digest) if at and name else None
    if prefix is None or (prefix.full and prefix.algorithm):
        return image
    place = catalog.locate(replace(parse_reference(name), tag=None))
    known = {each.digest for each in catalog.history(*place) if each.digest}
    fitting = {each for each in known if prefix.begins(each)}
    if len(fitting) > 1:
        raise UsageError(several(prefix, fitting))
    if not fitting:
        raise UsageError(
            f"the index knows no digest of {shown(place[1])} that begins with {prefix}: write it "
            "in full."
        )
    return f"{name}@{fitting.pop()}"


def find_crawl(catalog: Catalog, number: int) -> Crawl:
    """A crawl by its number.

    Raises:
        UsageError: there is no such crawl.
    """
    crawl = catalog.crawl(number)
    if crawl is None:
        last = [status.last_crawl.id for status in catalog.namespaces() if status.last_crawl]
        hint = f"the last one is 'crawl:{max(last)}'" if last else "nothing was crawled yet"
        raise UsageError(f"there is no crawl {number}: {hint}.")
    return crawl


def check_change(last: int, number: int) -> None:
    """Check that the change log reaches change `number`; its last change is `last`.

    Raises:
        UsageError: the number is from another index, or from a later state of this one. Whoever
            continued after it would miss the changes up to that number.
    """
    if number > last:
        raise UsageError(
            f"there is no change {number} yet: the last one is 'change:{last}'. If you saw it, "
            "it was in another index, or in this one before an older copy was restored."
        )


def check_tag(catalog: Catalog, tag: str, place: tuple[str, str] | None) -> None:
    """Check that the index has ever seen a tag, in one repository or in any.

    Raises:
        UsageError: it has not.
    """
    if place is not None:
        next(iter(catalog.history(*place, tag)), None)
    elif not any(catalog.changes(ChangeFilter(tag=tag, baseline=True, companions=True, limit=1))):
        raise UsageError(
            f"the index has never seen a tag '{shown(tag)}': check the spelling, or use a pattern "
            "such as '1.2*'."
        )


def moment(catalog: Catalog, when: When) -> datetime | None:
    """Turn a WHEN into a time; a crawl means its end (None while it runs).

    Raises:
        UsageError: there is no such crawl, or the WHEN is a change.
    """
    if when.change is not None:
        raise UsageError(
            "cannot use a change as a time: use the crawl that saw it, as in 'crawl:12'."
        )
    return when.time if when.crawl is None else find_crawl(catalog, when.crawl).finished_at


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    nothing = "nothing was crawled yet: run 'indexer crawl NAMESPACE' first."
    return unknown(what, name, sorted(set(known)), nothing)
