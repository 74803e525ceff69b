"""What it means that a private repository is not seen any more. Pure.

An account's rights can be narrowed under the same name: a token with fewer scopes, a team that was
left. The registry then answers exactly as if the private repositories were deleted: the list lacks
them, and each answers 404 itself. So for what is private neither proves anything. It is *hidden*:
a state, kept with its tags and its history, told once, and no change. It is removed only

- by a person: `indexer accept`, which settles what was hidden before;
- where the configuration says that the account's rights never change
  (`private_removals = "believe"`), and that account itself saw it last;
- by proof: an audit log that names the deletion, after the last push that is known of.

When it is seen again it is visible again, and that is no news.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from indexer.core.model import KnownRepository
    from indexer.crawl.target import Target

EXAMPLES = 5
"""Hidden repositories that one sentence names."""


def is_proof(
    item: KnownRepository, target: Target, identity: str, deleted: Mapping[str, datetime]
) -> bool:
    """Whether a 404 for this repository proves that it is gone.

    Args:
        item: the repository as known.
        target: what a person accepted, and what the configuration believes.
        identity: who is answered 404.
        deleted: when each repository was deleted of which the audit log says so.
    """
    if not item.private:
        return True
    if (deletion := deleted.get(item.name)) is not None and (
        item.last_updated is None or deletion > item.last_updated
    ):
        return True
    if item.hidden_since is not None and target.accepts(item.name):
        return True
    return target.believes_private_removals and item.seen_by == identity


def notice(target: Target, names: Sequence[str], identity: str) -> str:
    """The sentence of the crawl that finds private repositories hidden."""
    number = len(names)
    what = humanize.count(number, "private repository is", "private repositories are")
    examples = ", ".join(names[:EXAMPLES])
    more = f" and {number - EXAMPLES:,} more" if number > EXAMPLES else ""
    return (
        f"{target.name}: {what} no longer visible to {identity} and kept as hidden: "
        f"{examples}{more}; give that account its rights back, or, if they were deleted, say "
        f"'indexer accept {target.name}'"
    )
