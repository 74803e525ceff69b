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
        concurrency: repositories that are read at the same time.
        tries: how many passes a list that shifts may take.
        caution: how many removals at once are believed without a person's word.
        accepted: of these (the namespace, or repositories) a person has looked at the removals.
        looks: at how many repositories that did not move a crawl may look, where it would look at
            all of them; None: at all.
        manifests: which are fetched: `none`, `new` (of what is news), or `all` that are lacking.
        believes_private_removals: of its own account: see `indexer.crawl.hidden`.
        part: one repository, `library/nginx`, or one tag of it, that alone is read this time; what
            is known of the rest stays as it is, and so does the memory of the namespace's list.
        audit: read the audit log of the namespace first: see `indexer.crawl.audit_log`.
        configured: the namespaces of this registry in the configuration, of which one may be meant.
    """

    registry: str
    namespace: str
    mode: Mode = Mode.INCREMENTAL
    concurrency: int = 4
    tries: int = 3
    caution: RemovalGuard = DEFAULT_GUARD
    accepted: frozenset[str] = frozenset()
    looks: int | None = None
    manifests: str = "none"
    believes_private_removals: bool = False
    part: str | None = None
    configured: tuple[str, ...] = ()
    audit: bool = False

    @property
    def name(self) -> str:
        """What is crawled, for our sentences: a whole registry goes by its own name."""
        return self.registry if self.namespace == WHOLE_REGISTRY else self.namespace

    @property
    def is_of_tags(self) -> bool:
        """Whether only some tags of a repository are read."""
        return self.part is not None and ":" in self.part

    def accepts(self, repository: str) -> bool:
        """Whether a person has looked at what became of a repository."""
        return self.namespace in self.accepted or repository in self.accepted
