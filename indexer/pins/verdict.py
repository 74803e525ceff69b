"""Decides from the evidence whether a pin still holds, and if not, since when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from indexer.pins.pin import CheckedPin, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from indexer.core.catalog_entries import Period, Unseen
    from indexer.pins.pin import Pin

_USUAL = "sha256"
"""By what registries name manifests, with few exceptions (OCI image specification, digests)."""

MOST_NAMED = 3
"""The most tags that a sentence names."""


class Evidence(NamedTuple):
    """What the index knows about a pin.

    Attributes:
        registry: where it knows the repository from.
        present: the repository is present.
        history: every digest that the pin's tag had, oldest first; None: the tag was never seen.
        holding: the periods in which tags pointed to the pin's digest, or to an index with it.
        unwatched: since when the configuration does not want tags of these periods, by name: the
            index does not know whether they are there.
        unseen: that crawls do not look at the repository any more.
    """

    registry: str
    present: bool
    history: Sequence[Period] | None
    holding: Sequence[Period]
    unwatched: Mapping[str, datetime]
    unseen: Unseen | None = None


def decide(pin: Pin, evidence: Evidence | None, unknown: str = "") -> CheckedPin:
    """Judge a pin.

    Args:
        pin: what was pinned.
        evidence: None if the index does not know the repository:
        unknown: then says so in a sentence.
    """
    if pin.reference is None:
        return CheckedPin(pin, Verdict.UNREADABLE, pin.problem)
    if evidence is None:
        return CheckedPin(pin, Verdict.UNKNOWN, unknown)
    if pin.keeps_tag:
        return _replacing(pin, evidence)
    if pin.reference.digest is None:
        return _unpinned(pin, evidence)
    if pin.reference.tag is None:
        return _by_digest(pin, evidence)
    return _by_tag(pin, evidence)


def unless_unseen(verdict: CheckedPin, unseen: Unseen | None) -> CheckedPin:
    """A verdict, unless nobody looks at the repository any more, and it rests on that.

    That all is well rests on it, and that a tag never had a digest.
    """
    if unseen is None or (verdict.verdict.is_failure and verdict.verdict is not Verdict.NEVER):
        return verdict
    sentence = unseen.instead_of(verdict.sentence)
    return replace(verdict, verdict=Verdict.UNKNOWN, sentence=sentence, by_old=verdict.verdict)


def _unpinned(pin: Pin, evidence: Evidence) -> CheckedPin:
    """Judge a tag without a digest, or a bare name, which means `latest`."""
    if evidence.history is None:
        sentence = "it is not pinned, and the index never saw its tag."
        return CheckedPin(pin, Verdict.UNKNOWN, sentence, evidence.registry)
    current = _current(evidence.history)
    if current is None:
        return _tag_gone(pin, evidence, evidence.history)
    sentence = f"it is not pinned; its tag points to {current.digest or 'an unknown digest'}."
    return _aged(
        CheckedPin(pin, Verdict.UNPINNED, sentence, evidence.registry, current.digest), current
    )


def _replacing(pin: Pin, evidence: Evidence) -> CheckedPin:
    """Judge a repository that replaces another, whose tag stays."""
    if not evidence.present:
        return CheckedPin(pin, Verdict.REMOVED, "its repository was removed.", evidence.registry)
    sentence = "it names no tag: that of the image which it replaces stays."
    return CheckedPin(pin, Verdict.UNPINNED, sentence, evidence.registry)


def _by_tag(pin: Pin, evidence: Evidence) -> CheckedPin:
    assert pin.reference is not None
    if evidence.history is None:
        sentence = "the index never saw its tag."
        return CheckedPin(pin, Verdict.UNKNOWN, sentence, evidence.registry)
    mine = [each for each in evidence.holding if each.tag == pin.reference.tag]
    current = _current(evidence.history)
    if current is None:
        return _tag_gone(pin, evidence, evidence.history)
    now = current.digest
    place = evidence.registry
    if _current(mine):
        direct = now == pin.reference.digest
        sentence = (
            "its tag points to it." if direct else "its tag points to an index that holds it."
        )
        return _aged(CheckedPin(pin, Verdict.OK, sentence, place, now), _unbroken(mine))
    if mine:
        ended = _last_end(mine)
        sentence = (
            f"its tag pointed to it until {_day(ended)}, and points to {now or 'another'} now."
        )
        return _aged(CheckedPin(pin, Verdict.RETAGGED, sentence, place, now, ended), current)
    if doubt := _doubt(pin.reference.digest or "", evidence.history):
        return _aged(CheckedPin(pin, Verdict.UNKNOWN, doubt, place, now), current)
    first = min(each.started_at for each in evidence.history)
    never = f"its tag never pointed to it since {_day(first)}, when it was first seen"
    sentence = f"{never}; it points to {now}."
    return _aged(CheckedPin(pin, Verdict.NEVER, sentence, place, now), current)


def _by_digest(pin: Pin, evidence: Evidence) -> CheckedPin:
    """Judge a digest without a tag by whether a tag leads to it: registries may delete others."""
    assert pin.reference is not None
    place = evidence.registry
    holding = [each for each in evidence.holding if each.ended_at is None]
    if holding:
        names = sorted({each.tag for each in holding})
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        sentence = f"it is tagged {', '.join(names[:MOST_NAMED])}{more}."
        oldest = min(holding, key=lambda each: each.started_at)
        return _aged(CheckedPin(pin, Verdict.OK, sentence, place), oldest)
    if evidence.holding:
        ended = _last_end(evidence.holding)
        last = max(evidence.holding, key=lambda each: each.ended_at or each.started_at)
        left_out = [each for each in evidence.holding if _was_left_out(each, evidence)]
        if left_out and evidence.present:
            name = left_out[-1].tag
            sentence = f"its tag {name} is not watched since {_day(evidence.unwatched[name])}."
            return CheckedPin(pin, Verdict.UNKNOWN, sentence, place)
        sentence = f"no tag points to it since {_day(ended)}; the last was {last.tag}."
        verdict = Verdict.RETAGGED if evidence.present else Verdict.REMOVED
        return CheckedPin(pin, verdict, sentence, place, since=ended)
    sentence = "the index knows no tag that ever pointed to it."
    if not (pin.reference.digest or "").startswith(_USUAL):
        sentence = f"it cannot be compared with {_USUAL} digests, and {sentence}"
    return CheckedPin(pin, Verdict.UNKNOWN, sentence, place)


def _doubt(digest: str, history: Sequence[Period]) -> str:
    """Why a tag may have had a digest that is not among those known of it; empty if it had not."""
    mine = digest.partition(":")[0]
    others = {each.digest.partition(":")[0] for each in history if each.digest} - {mine}
    if others:
        known = " and ".join(sorted(others))
        return f"it is pinned by {mine} and its tag is known by {known}: they cannot be compared."
    if any(each.digest is None for each in history):
        return "the registry did not say what its tag pointed to at all times."
    return ""


def _tag_gone(pin: Pin, evidence: Evidence, history: Sequence[Period]) -> CheckedPin:
    since = evidence.unwatched.get(history[-1].tag)
    if since is not None and evidence.present:
        sentence = f"its tag is not watched since {_day(since)}."
        return CheckedPin(pin, Verdict.UNKNOWN, sentence, evidence.registry)
    if since is not None:  # when it was removed is in none of its periods
        return CheckedPin(pin, Verdict.REMOVED, "its repository was removed.", evidence.registry)
    ended = _last_end(history)
    what = "its tag" if evidence.present else "its repository"
    sentence = f"{what} was removed at {_day(ended)}."
    return CheckedPin(pin, Verdict.REMOVED, sentence, evidence.registry, since=ended)


def _aged(verdict: CheckedPin, period: Period) -> CheckedPin:
    """A verdict with the age of what the tag points to: of the period in which it began to."""
    return replace(
        verdict,
        held_since=period.started_at,
        pushed_at=period.pushed_at,
        age_since=period.age_since,
        age_by=period.age_by,
    )


def _unbroken(periods: Sequence[Period]) -> Period:
    """The first of the periods of a tag that lead to the present without a gap.

    A tag may go from one index to another while both hold the image of a platform.
    """
    first = _current(periods)
    assert first is not None
    for each in reversed(periods):
        if each.ended_at is not None and each.ended_at == first.started_at:
            first = each
    return first


def _was_left_out(period: Period, evidence: Evidence) -> bool:
    """Whether a period ended because the configuration does not want its tag any more."""
    since = evidence.unwatched.get(period.tag)
    return since is not None and period.ended_at is not None and period.ended_at >= since


def _current(periods: Sequence[Period]) -> Period | None:
    return next((each for each in periods if each.ended_at is None), None)


def _last_end(periods: Sequence[Period]) -> datetime:
    return max(each.ended_at for each in periods if each.ended_at is not None)


def _day(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
