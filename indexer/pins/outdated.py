"""Finds newer versions of the images that files name: index -> tags -> `catalog.outdated`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from indexer.catalog.outdated import Currency, Outdated, outdated_tags, unless_unseen
from indexer.core.errors import NotInIndex, UsageError
from indexer.core.suggestions import how_to_add
from indexer.pins.check import UNNAMED, locate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.catalog.ports import Lookup
    from indexer.core.reference import Reference
    from indexer.pins.pin import Pin


class OutdatedPin(NamedTuple):
    """An image that a file names, and the newer versions of it."""

    pin: Pin
    found: Outdated


def outdated(catalog: Lookup, pins: Sequence[Pin], program: str = "indexer") -> list[OutdatedPin]:
    """Find newer versions, of each image in order. The index is asked once for each repository.

    Args:
        catalog: the index.
        pins: what files name.
        program: the command line with its configuration, for what to do about unknown images.
    """
    places: dict[Reference, tuple[str, str] | Outdated] = {}
    wanted: dict[tuple[str, str], set[str]] = {}
    for pin in pins:
        if pin.reference is None or pin.reference in places:
            continue
        place = places[pin.reference] = _place(catalog, pin.reference, program)
        tag = _tag(pin.reference)
        if not isinstance(place, Outdated) and tag is not None:
            wanted.setdefault(place, set()).add(tag)
    found = {place: _of_one(catalog, place, tags) for place, tags in wanted.items()}
    return [OutdatedPin(pin, _answer(pin, places, found)) for pin in pins]


def _of_one(catalog: Lookup, place: tuple[str, str], tags: set[str]) -> dict[str, Outdated]:
    found = outdated_tags(
        place, sorted(tags), catalog.tag_names(*place), partial(catalog.named_tags, *place)
    )
    return {tag: unless_unseen(each, catalog.unseen(*place, [tag])) for tag, each in found.items()}


def _answer(
    pin: Pin,
    places: dict[Reference, tuple[str, str] | Outdated],
    found: dict[tuple[str, str], dict[str, Outdated]],
) -> Outdated:
    if pin.reference is None:
        return Outdated(Currency.UNREADABLE, pin.problem)
    place, tag = places[pin.reference], _tag(pin.reference)
    if isinstance(place, Outdated):
        return place
    if tag is None:
        why = "only a digest is named: write the tag too, as in 'nginx:1.27@sha256:…'."
        return Outdated(Currency.UNVERSIONED, why, *place)
    return found[place][tag]


def _place(catalog: Lookup, reference: Reference, program: str) -> tuple[str, str] | Outdated:
    try:
        return locate(catalog, reference)
    except NotInIndex as unknown:
        why = f"{unknown} {how_to_add(reference, program)}"
        return Outdated(Currency.UNKNOWN, why)
    except UsageError as error:
        return Outdated(Currency.UNKNOWN, str(error))


def _tag(reference: Reference) -> str | None:
    return reference.tag if reference.digest else reference.tag or UNNAMED
