"""Checks pins against the index: index -> evidence -> verdict. It decides nothing itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.core.errors import NotInIndex, UsageError
from indexer.core.reference import DOCKER_HUB
from indexer.core.suggestions import how_to_add
from indexer.pins import min_age
from indexer.pins.verdict import Evidence, decide, unless_unseen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.catalog.ports import Lookup
    from indexer.core.catalog_entries import Period
    from indexer.core.reference import Reference
    from indexer.pins.min_age import MinAge
    from indexer.pins.pin import CheckedPin, Pin

UNNAMED = "latest"
"""The tag that is meant if neither a tag nor a digest is named."""


def check(
    catalog: Lookup, pins: Iterable[Pin], wanted: MinAge | None = None
) -> Iterator[CheckedPin]:
    """Yield a verdict for each pin, in order. The index is asked once for each image.

    Args:
        catalog: the index.
        pins: what is pinned.
        wanted: how old their digests have to be; None: any age will do.
    """
    known: dict[Reference, Evidence | str] = {}
    for pin in pins:
        if pin.reference is None:
            yield decide(pin, None)
            continue
        if pin.reference not in known:
            known[pin.reference] = _evidence(catalog, pin.reference)
        evidence = known[pin.reference]
        if isinstance(evidence, str):
            yield decide(pin, None, evidence)
        else:
            verdict = decide(pin, evidence)
            if wanted:
                verdict = min_age.judge(verdict, evidence, wanted)
            yield unless_unseen(verdict, evidence.unseen)


def _evidence(catalog: Lookup, reference: Reference) -> Evidence | str:
    """What the index knows about an image; a sentence if it does not know its repository."""
    try:
        place = locate(catalog, reference)
    except NotInIndex as unknown:
        return f"{unknown} {how_to_add(reference)}"
    except UsageError as error:
        return str(error)
    holding = _holding(catalog, reference, place)
    history = _history(catalog, reference, place)
    unwatched = catalog.unwatched(*place, {each.tag for each in (*(history or ()), *holding)})
    named = reference.tag or (None if reference.digest else UNNAMED)
    tags = [named] if named else [each.tag for each in holding if each.ended_at is None]
    unseen = catalog.unseen(*place, tags)
    return Evidence(place[0], catalog.is_present(*place), history, holding, unwatched, unseen)


def locate(catalog: Lookup, reference: Reference) -> tuple[str, str]:
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
