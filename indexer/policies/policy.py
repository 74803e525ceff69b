"""What a policy says: which tags, and what must not be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.image_selector import ImageSelector
from indexer.policies.violation import Severity

if TYPE_CHECKING:
    from indexer.core.reference import Reference
    from indexer.manifests.retag_kind import RetagKind

THE_HUBS = "docker-hub-immutable-tags"
"""The policy that there always is: what the Hub calls immutable must not move. Nobody's name."""


class Forbidden(StrEnum):
    """What a tag may be forbidden to do."""

    RETAG = "retag"
    REMOVE = "remove"


class PinnedTag(NamedTuple):
    """A tag, and the digest that it has to have."""

    image: Reference
    digest: str


_EVERYTHING = ImageSelector()


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule about tags: exactly one of `forbid`, `digests` and `signed` is given.

    Attributes:
        name: of the configuration: its place in the log is kept under it.
        severity: of what is against it.
        selection: of images; `digests` name their own.
        forbid: what the tags must not do.
        after: only once a tag has had its content for so many seconds; of `signed`: how long a
            signature may take to come.
        allow: kinds of retag that are no violation.
        digests: tags that have to have these digests.
        signed: a signature made by cosign has to be beside each.
    """

    name: str
    severity: Severity = Severity.HIGH
    selection: ImageSelector = _EVERYTHING
    forbid: frozenset[Forbidden] = frozenset()
    after: float = 0.0
    allow: frozenset[RetagKind] = frozenset()
    digests: tuple[PinnedTag, ...] = ()
    signed: bool = False

    @property
    def is_about_state(self) -> bool:
        """Whether what is there is judged, not what happens."""
        return self.signed or bool(self.digests)

    def has(self, registry: str, repository: str, tag: str) -> bool:
        """Whether a tag is meant."""
        return self.selection.has_repository(registry, repository) and self.selection.has_tag(tag)


def the_hubs() -> Policy:
    """The policy that there always is; which tags are meant, the Hub says."""
    return Policy(
        THE_HUBS, Severity.CRITICAL, forbid=frozenset({Forbidden.RETAG, Forbidden.REMOVE})
    )
