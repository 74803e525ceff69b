"""What to crawl, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.core.model import WHOLE_REGISTRY, Mode
from indexer.crawl.removal_guard import DEFAULT_GUARD

if TYPE_CHECKING:
    from indexer.crawl.removal_guard import RemovalGuard


@dataclass(frozen=True, slots=True)
class Target:
    """One namespace, and how it is crawled.

    Attributes:
        concurrency: how many repositories are read at the same time.
        passes: the most passes over a list that changes while it is read.
        removal_guard: how many removals at once are accepted without review.
        accepted: the namespace, or repositories, whose removals a person has accepted.
        verify_budget: the most repositories without a newer date that a crawl opens; None: all
            that its mode asks for.
        manifests: which manifests are fetched: `none`, `new` (of recent changes), or `all` that
            are not stored yet.
        believes_private_removals: the setting `private_removals`: see `indexer.crawl.hidden`.
        part: read only this repository, `library/nginx`, or this tag of it, `library/nginx:1.27`.
            The recorded state of everything else, and of the namespace's list, stays as it is.
        audit: read the audit log of the namespace first: see `indexer.crawl.audit_log`.
        details: read full descriptions too: see `indexer.crawl.full_descriptions`.
        configured: the namespaces of this registry in the configuration, to suggest one of them
            where `namespace` does not exist.
    """

    registry: str
    namespace: str
    mode: Mode = Mode.INCREMENTAL
    concurrency: int = 4
    passes: int = 3
    removal_guard: RemovalGuard = DEFAULT_GUARD
    accepted: frozenset[str] = frozenset()
    verify_budget: int | None = None
    manifests: str = "none"
    believes_private_removals: bool = False
    part: str | None = None
    configured: tuple[str, ...] = ()
    audit: bool = False
    details: bool = False

    @property
    def name(self) -> str:
        """What is crawled, as messages name it: the namespace, or the registry as a whole."""
        return self.registry if self.namespace == WHOLE_REGISTRY else self.namespace

    @property
    def is_of_tags(self) -> bool:
        """Whether only some tags of a repository are read."""
        return self.part is not None and ":" in self.part

    def accepts(self, repository: str) -> bool:
        """Whether a person has accepted the removals of a repository."""
        return self.namespace in self.accepted or repository in self.accepted
