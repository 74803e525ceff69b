"""Checks pins against the index: index -> evidence -> verdict. It decides nothing itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.core.errors import UsageError
from indexer.core.reference import DOCKER_HUB
from indexer.pins.verdict import Evidence, decide

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.catalog.ports import Lookup
    from indexer.core.catalog_entries import Period
    from indexer.core.reference import Reference
    from indexer.pins.pin import CheckedPin, Pin

UNNAMED = "latest"
"""The tag that is meant if neither a tag nor a digest is named."""


def check(catalog: Lookup, pins: Iterable[Pin]) -> Iterator[CheckedPin]:
    """Yield a verdict for each pin, in order."""
    for pin in pins:
        if pin.reference is None:
            yield decide(pin, None)
            continue
        try:
            place = _locate(catalog, pin.reference)
        except UsageError as error:
            yield decide(pin, None, str(error))
            continue
        holding = _holding(catalog, pin.reference, place)
        history = _history(catalog, pin.reference, place)
        unwatched = catalog.unwatched(*place, {each.tag for each in (*(history or ()), *holding)})
        present = catalog.is_present(*place)
        yield decide(pin, Evidence(place[0], present, history, holding, unwatched))


def _locate(catalog: Lookup, reference: Reference) -> tuple[str, str]:
    """Registry and name of a repository in the index; without a registry the Hub's is preferred.

    Raises:
        UsageError: the index does not know it.
    """
    if reference.registry is None:
        try:
            return catalog.locate(replace(reference, registry=DOCKER_HUB))
        except UsageError:
            pass
    return catalog.locate(reference)


def _holding(catalog: Lookup, reference: Reference, place: tuple[str, str]) -> list[Period]:
    return catalog.holding(*place, reference.digest) if reference.digest else []


def _history(catalog: Lookup, reference: Reference, place: tuple[str, str]) -> list[Period] | None:
    """Every digest that the tag had; None if it was never seen, or only a digest is pinned."""
    tag = reference.tag if reference.digest else reference.tag or UNNAMED
    if tag is None:
        return None
    try:
        return list(catalog.history(*place, tag)) or None
    except UsageError:
        return None
