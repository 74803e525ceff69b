"""A policy: which tags it is about, and what it forbids or requires."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.image_selector import ImageSelector
from indexer.manifests.companion_tags import asks_for_companions, is_companion
from indexer.policies.violation import Severity

if TYPE_CHECKING:
    from indexer.core.reference import Reference
    from indexer.manifests.retag_kind import RetagKind

THE_HUBS = "docker-hub-immutable-tags"
"""The built-in policy: what the Hub calls immutable must not change. Users cannot use this name."""


class Forbidden(StrEnum):
    """What a policy may forbid."""

    RETAG = "retag"
    REMOVE = "remove"


class PinnedTag(NamedTuple):
    """A tag, and the digest that it must have."""

    image: Reference
    digest: str


_EVERYTHING = ImageSelector()


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule about tags: exactly one of `forbid`, `digests`, `signed` and `min_age` is given.

    Attributes:
        name: of the configuration; the cursor is stored under it.
        severity: of its violations.
        selection: of images; `digests` name their own.
        forbid: changes that the tags must not have.
        after: seconds that a tag must have had its content before the policy applies; of `signed`:
            seconds in which a signature must appear.
        allow: kinds of retag that are not a violation.
        digests: tags that must have these digests.
        signed: each tag needs a signature by cosign.
        min_age: seconds that the digest of each tag must be old; 0: any age will do.
    """

    name: str
    severity: Severity = Severity.HIGH
    selection: ImageSelector = _EVERYTHING
    forbid: frozenset[Forbidden] = frozenset()
    after: float = 0.0
    allow: frozenset[RetagKind] = frozenset()
    digests: tuple[PinnedTag, ...] = ()
    signed: bool = False
    min_age: float = 0.0

    @property
    def is_about_state(self) -> bool:
        """Whether it judges present tags, not changes."""
        return self.signed or bool(self.digests or self.min_age)

    def has(self, registry: str, repository: str, tag: str) -> bool:
        """Whether it applies to a tag: to one that tools keep only if the policy names it."""
        if is_companion(tag) and not asks_for_companions(self.selection.tags):
            return False
        return self.selection.has_repository(registry, repository) and self.selection.has_tag(tag)


def the_hubs() -> Policy:
    """The built-in policy; the Hub's settings say to which tags it applies."""
    return Policy(
        THE_HUBS, Severity.CRITICAL, forbid=frozenset({Forbidden.RETAG, Forbidden.REMOVE})
    )
