"""Suggests the known names that are nearest to an unknown one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from indexer.core.hub_names import is_hub
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from indexer.core.errors import NotInIndex
    from indexer.core.reference import Reference

LIKENESS = 0.5
"""The least similarity of two names for one to be suggested for the other
(`difflib.SequenceMatcher.ratio`, 0 to 1)."""

MOST_NEAREST = 3
"""The most names suggested from the index, where many are similar."""

_MOST_KNOWN = 10
"""The most names listed where none is similar."""

_DISTANCES_KEPT = 4_096
"""Similarities of parts that are cached: repositories of a namespace share many parts."""


def nearest(name: str, known: Iterable[str], most: int = 1) -> list[str]:
    """The known names most similar to this one, the nearest first; case is ignored.

    A prefix up to a `/` that all of them share with the name is not compared.
    """
    import difflib  # noqa: PLC0415 - only for mistakes; it is not free to load

    names = list(known)
    prefix = name[: name.rfind("/") + 1]
    if not all(each.startswith(prefix) for each in names):
        prefix = ""
    tails: dict[str, str] = {}
    for each in names:
        tails.setdefault(each.removeprefix(prefix).lower(), each)
    wanted = name.removeprefix(prefix).lower()
    return [tails[each] for each in difflib.get_close_matches(wanted, tails, most, LIKENESS)]


def did_you_mean(names: Sequence[str]) -> str:
    """The question: `did you mean 'nginx' or 'nginy'?`."""
    return "did you mean " + " or ".join(f"'{shown(each)}'" for each in names) + "?"


def unknown(what: str, name: str, known: Collection[str], none_yet: str) -> str:
    """A sentence about a name that the index does not know, with the nearest known names.

    Args:
        what: the kind of thing: `repository`.
        name: as the user typed it.
        known: the names in the index.
        none_yet: the remedy where the index has none at all.
    """
    if near := nearest(name, known, MOST_NEAREST):
        hint = did_you_mean(near)
    elif known:
        hint = "known are " + ", ".join(f"'{shown(each)}'" for each in sorted(known)[:_MOST_KNOWN])
        hint += " and others." if len(known) > _MOST_KNOWN else "."
    else:
        hint = none_yet
    return f"the index knows no {what} '{shown(name)}'; {hint}"


def how_to_add(reference: Reference, program: str = "indexer") -> str:
    """A sentence with the command, and the line of the configuration, that add an image.

    Args:
        reference: the image.
        program: the command line with its configuration.
    """
    is_elsewhere = reference.registry is not None and not is_hub(reference.registry)
    home = f"{reference.registry}/" if is_elsewhere else ""
    kind = f'name = "{reference.registry}", type = "oci", ' if is_elsewhere else ""
    return (
        f"Not in the index: add it with '{program} crawl {shown(home + reference.repository)}', or "
        f'to the configuration with [[registry]] {kind}repositories = ["{reference.repository}"].'
    )


def remedy(unknown: NotInIndex, program: str = "indexer") -> str:
    """The same of what the index does not know; empty where a crawl would not add it.

    Args:
        unknown: what it does not know.
        program: the command line with its configuration.
    """
    image, name = unknown.reference, unknown.namespace and shown(unknown.namespace)
    if name is None:
        return "" if image is None else how_to_add(image, program)
    of_namespace = f'[[registry]] namespaces = ["{name}"]'
    if image is None or image.registry is not None:
        return (
            f"Not in the index: add it with '{program} crawl {name}', or to the configuration with "
            f"{of_namespace}."
        )
    path = shown(image.repository)
    return (
        f"Not in the index: add the namespace with '{program} crawl {name}' or the repository with "
        f"'{program} crawl {path}', or to the configuration with {of_namespace} or repositories = "
        f'["{path}"].'
    )


@lru_cache(_DISTANCES_KEPT)
def distance(one: str, other: str) -> int:
    """Letters to add, drop, change or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, counterpart in enumerate(other, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != counterpart))
            is_swap = row > 1 and column > 1 and letter == other[column - 2]
            if is_swap and one[row - 2] == counterpart:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        before, last = last, now
    return last[-1]
