"""What policies cannot see: tags whose digest is not known, and repositories that are hidden. Pure.

A policy finds nothing there, whatever happened. That must not pass for "no violations".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.core.catalog_entries import RepositoryEntry, UnresolvedTag
    from indexer.policies.policy import Policy

EXAMPLES = 3
"""Tags or repositories that one sentence names."""


def sentences(
    policies: Iterable[Policy],
    unresolved: Sequence[UnresolvedTag],
    hidden: Sequence[RepositoryEntry],
) -> Iterator[str]:
    """Yield a sentence for each policy about what it cannot see.

    Args:
        policies: of the configuration.
        unresolved: present tags whose digest is not known.
        hidden: repositories that crawls do not see any more.
    """
    for policy in policies:
        untold = [tag for tag in unresolved if _is_blind(policy, tag)]
        if untold:
            names = [humanize.image(each.registry, each.repository, each.tag) for each in untold]
            yield (
                f"the policy '{shown(policy.name)}' cannot judge {_some(names, 'tag')}: no digest "
                "is known of them; crawl with --full, and raise 'resolve' if it is too small."
            )
        unseen = [each for each in hidden if _is_about(policy, each)]
        if unseen:
            names = [humanize.image(each.registry, each.repository, None) for each in unseen]
            yield (
                f"the policy '{shown(policy.name)}' cannot judge {_some(names, 'repository')}: no "
                "crawl sees them any more."
            )


def _is_blind(policy: Policy, tag: UnresolvedTag) -> bool:
    """Whether a policy is about a tag, and finds nothing without its digest."""
    if policy.digests:
        return any(
            tag.repository in pin.image.names and tag.tag == (pin.image.tag or "latest")
            for pin in policy.digests
        )
    needs_digest = policy.signed or (bool(policy.forbid) and not tag.is_compared)
    return needs_digest and policy.has(tag.registry, tag.repository, tag.tag)


def _is_about(policy: Policy, hidden: RepositoryEntry) -> bool:
    if policy.digests:
        return any(hidden.repository in pin.image.names for pin in policy.digests)
    return policy.selection.has_repository(hidden.registry, hidden.repository)


def _some(names: Sequence[str], one: str) -> str:
    more = f" and {len(names) - EXAMPLES:,} more" if len(names) > EXAMPLES else ""
    return f"{humanize.count(len(names), one)} ({', '.join(names[:EXAMPLES])}{more})"
