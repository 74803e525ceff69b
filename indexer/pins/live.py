"""Compares verdicts with what the registries themselves say: `indexer check --live`.

    verdicts of the index -> which images to ask for -> the registries' answers -> verdicts

The index is as old as its last crawl, and what it was told may be older: Docker Hub's API, which a
crawl reads, lags behind its registry at times (docker/hub-feedback#2533). Where the two differ, the
registry decides, and the sentence says both. A digest that the index has not read is compared with
the pinned one only: whether it is of an index that holds the pinned image is not known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import IndexerError, SourceLost
from indexer.core.reference import DOCKER_HUB
from indexer.core.thread_pool import in_threads
from indexer.pins.check import UNNAMED
from indexer.pins.pin import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.pins.pin import CheckedPin

    Said = str | IndexerError | None


class LiveImage(NamedTuple):
    """What a registry is asked for: a tag, or a digest, of a repository."""

    registry: str
    repository: str
    reference: str


def image_of(verdict: CheckedPin) -> LiveImage | None:
    """What to ask a registry about a pin; None: it names no image that could be asked for."""
    reference = verdict.pin.reference
    if reference is None or verdict.pin.keeps_tag:
        return None
    host = reference.registry or verdict.registry or DOCKER_HUB
    name = reference.names[0 if host == DOCKER_HUB else -1]
    return LiveImage(host, name, reference.tag or reference.digest or UNNAMED)


def compare(
    verdicts: Sequence[CheckedPin], head: Callable[[LiveImage], str | None], width: int
) -> list[CheckedPin]:
    """The verdicts after the registries were asked, in the same order.

    Args:
        verdicts: by the index.
        head: asks a registry which digest an image has, without pulling it; None: there is none.
            It raises an `IndexerError` if the registry does not say.
        width: how many images are asked for at the same time.

    Raises:
        BaseException: whatever else `head` raises.
    """
    asked = {image for each in verdicts if (image := image_of(each)) is not None}
    said: dict[LiveImage, Said] = {}
    lost: dict[str, SourceLost] = {}

    def ask(image: LiveImage) -> str | None:
        if image.registry in lost:  # it wants no more requests, or refuses the account
            raise lost[image.registry]
        try:
            return head(image)
        except SourceLost as error:
            lost[image.registry] = error
            raise

    for image, outcome in in_threads(sorted(asked), ask, width):
        if isinstance(outcome, BaseException) and not isinstance(outcome, IndexerError):
            raise outcome
        said[image] = outcome
    return [
        each if (image := image_of(each)) is None else judge(each, said[image]) for each in verdicts
    ]


def judge(verdict: CheckedPin, said: Said) -> CheckedPin:
    """The verdict on a pin after its registry said a digest, 404 (None), or nothing (an error)."""
    if isinstance(said, IndexerError):
        return _unasked(verdict, said)
    if said is None:
        return _absent(verdict)
    assert verdict.pin.reference is not None
    found = replace(verdict, live=said)
    if verdict.pin.reference.tag is None and verdict.pin.reference.digest is not None:
        return _digest_there(found)
    if said == verdict.now:
        sentence = f"{_plain(verdict)}, and the registry says the same."
        return replace(found, verdict=verdict.by_old or verdict.verdict, sentence=sentence)
    return _moved(found, verdict.pin.reference.digest)


def _moved(verdict: CheckedPin, pinned: str | None) -> CheckedPin:
    """A tag of which the registry says another digest than the index."""
    said = verdict.live
    known = f"the index says {verdict.now}" if verdict.now else "the index does not know it"
    differs = f"the registry says that its tag points to {said}; {known}."
    # What the index knows of the time since when is about another digest.
    found = replace(verdict, sentence=differs, held_since=None, pushed_at=None, since=None)
    if pinned is None:
        return replace(found, verdict=Verdict.UNPINNED, sentence=f"it is not pinned; {differs}")
    if said == pinned:
        return replace(found, verdict=Verdict.OK)
    was_direct = Verdict.OK in {verdict.verdict, verdict.by_old} and verdict.now == pinned
    if was_direct or verdict.verdict is Verdict.RETAGGED:
        return replace(found, verdict=Verdict.RETAGGED, since=verdict.since)
    unread = f"{differs[:-1]}, so whether it holds the pinned digest is not known."
    return replace(found, verdict=Verdict.UNKNOWN, sentence=unread)


def _unasked(verdict: CheckedPin, error: IndexerError) -> CheckedPin:
    """What was to be asked and was not is not known; a difference that the index saw stays one."""
    sentence = f"{_plain(verdict)}; the registry could not be asked: {error}"
    kept = verdict.verdict if verdict.verdict.is_drift else Verdict.UNKNOWN
    return replace(verdict, verdict=kept, sentence=sentence)


def _absent(verdict: CheckedPin) -> CheckedPin:
    if verdict.verdict is Verdict.REMOVED:
        return replace(verdict, sentence=f"{_plain(verdict)}, and the registry says the same.")
    sentence = f"the registry does not have it (404); the index says: {verdict.sentence}"
    return replace(verdict, verdict=Verdict.REMOVED, sentence=sentence, held_since=None)


def _digest_there(verdict: CheckedPin) -> CheckedPin:
    """A digest without a tag that the registry has: what tags lead to it the index alone knows."""
    if verdict.verdict in {Verdict.OK, Verdict.RETAGGED}:
        return replace(verdict, sentence=f"{_plain(verdict)}, and the registry has it.")
    sentence = f"the registry has it; the index says: {verdict.sentence}"
    return replace(verdict, verdict=Verdict.OK, sentence=sentence, since=None)


def _plain(verdict: CheckedPin) -> str:
    return verdict.sentence.removesuffix(".")
