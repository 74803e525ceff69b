"""Fails pins whose digests are younger than a given age, and names what to use instead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.digest_age import kept, settled
from indexer.core.humanize import exact_span
from indexer.pins.pin import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from indexer.core.catalog_entries import Period
    from indexer.core.digest_age import Kept
    from indexer.pins.pin import CheckedPin
    from indexer.pins.verdict import Evidence


_HOLDS = frozenset({Verdict.OK, Verdict.UNPINNED})
"""The verdicts that an age may still fail."""


class MinAge(NamedTuple):
    """How old a digest has to be.

    Attributes:
        least: the least age.
        now: the time that ages are counted to.
    """

    least: timedelta
    now: datetime


def judge(verdict: CheckedPin, evidence: Evidence, wanted: MinAge) -> CheckedPin:
    """Judge the age of what is used, after the verdict on the pin itself.

    What holds, or is not pinned, is `young` if the digest is younger. A digest that the tag has
    left is `ok` if it is the newest that is old enough: everything newer is too young.
    """
    history = kept(evidence.history or ())
    best = settled(history, wanted.least, wanted.now)
    is_there = any(each.ended_at is None for each in history)
    use = best.digest if best and is_there else None
    if verdict.verdict is Verdict.RETAGGED and _has(verdict, evidence, use):
        sentence = f"{_until(best)}; what came later is younger than {exact_span(wanted.least)}."
        return replace(verdict, verdict=Verdict.OK, sentence=sentence, settled=use)
    if verdict.age_since is None or verdict.verdict not in _HOLDS:
        return replace(verdict, settled=use)
    if wanted.now - verdict.age_since >= wanted.least:
        return replace(verdict, settled=use)
    basis = verdict.age_by.words if verdict.age_by else ""
    young = (
        f"it is younger than {exact_span(wanted.least)}: its age counts from "
        f"{verdict.age_since:%Y-%m-%d %H:%M} UTC, {basis}"
    )
    instead = _instead(verdict, use, history)
    return replace(verdict, verdict=Verdict.YOUNG, sentence=f"{young}; {instead}.", settled=use)


def after_live(by_index: CheckedPin, found: CheckedPin) -> CheckedPin:
    """Judge the age again after the registry was asked: `indexer.pins.live` does not look at it.

    What the registry says, and no crawl has seen, may be of any age.

    Args:
        by_index: the verdict of `judge`.
        found: the verdict after the registry said what it has.
    """
    if found.verdict not in _HOLDS:
        return found
    reference = found.pin.reference
    is_tagless = reference is not None and reference.tag is None and reference.digest is not None
    if is_tagless and by_index.verdict is Verdict.YOUNG:
        return replace(found, verdict=Verdict.YOUNG, sentence=by_index.sentence)
    if by_index.verdict in _HOLDS and (is_tagless or found.live == by_index.now):
        return found
    sentence = (
        f"{found.sentence.removesuffix('.')} (no crawl saw its push, so its age is not known)."
    )
    return replace(found, verdict=Verdict.YOUNG, sentence=sentence, age_since=None, age_by=None)


def _has(verdict: CheckedPin, evidence: Evidence, use: str | None) -> bool:
    """Whether a pin has the digest to use, or is of a platform in that index."""
    reference = verdict.pin.reference
    mine: Sequence[Period] = [
        each for each in evidence.holding if reference and each.tag == reference.tag
    ]
    return use is not None and any(each.digest == use for each in mine)


def _until(best: Kept | None) -> str:
    assert best is not None
    ended = f" until {best.ended_at:%Y-%m-%d %H:%M} UTC" if best.ended_at else ""
    return f"its tag pointed to it{ended}"


def _instead(verdict: CheckedPin, use: str | None, history: Sequence[Kept]) -> str:
    reference = verdict.pin.reference
    if reference is None or not history:
        return "name its tag to be told of an older one"
    if use is None:
        began = f"{history[0].first_seen_at:%Y-%m-%d %H:%M} UTC"
        return f"the index knows none that is old enough, and knows the tag since {began}"
    name = reference.repository if reference.registry is None else (
        f"{reference.registry}/{reference.repository}"
    )  # fmt: skip
    return f"use {name}:{reference.tag or 'latest'}@{use}"
