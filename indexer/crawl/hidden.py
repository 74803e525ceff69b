"""Private repositories that the account no longer sees: hidden, or removed. Pure.

An account can lose rights under the same name: a token with fewer scopes, a team that it left. The
registry then answers as if the private repositories were deleted: the list lacks them, and each
answers 404. So for a private repository neither is proof. It becomes *hidden*: it is kept with its
tags and its history, reported once, and recorded as no change. It counts as removed only

- when a person says so: `indexer accept` settles what was hidden before;
- when the configuration says that the account's rights never change
  (`private_removals = "believe"`), and that same account saw it last;
- when the audit log names its deletion, later than its last known push.

When the account sees it again, it is visible again; that is no change either.
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
    """Whether a 404 for this repository proves that it was removed.

    Args:
        item: the repository as recorded.
        target: holds what a person accepted, and the setting `private_removals`.
        identity: the account that gets the 404.
        deleted: repositories whose deletion the audit log names, and when.
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
    """The sentence about private repositories that became hidden in this crawl."""
    number = len(names)
    what = humanize.count(number, "private repository is", "private repositories are")
    examples = ", ".join(names[:EXAMPLES])
    more = f" and {number - EXAMPLES:,} more" if number > EXAMPLES else ""
    return (
        f"{target.name}: {what} no longer visible to {identity} and kept as hidden: "
        f"{examples}{more}; give that account its rights back, or, if they were deleted, say "
        f"'indexer accept {target.name}'"
    )
