"""What an empty list means: a namespace without repositories, or no such namespace.

Docker Hub answers 200 and `count: 0` for both (docs/hub-facts.md). So where the list is empty, the
registry is asked for the namespace itself. The answer, and what is known, decide:

    it exists                      it is empty; the known repositories are settled as usual
    unknown, nothing was known     probably a typing mistake: the crawl fails and suggests a name
    unknown, something was known   renamed, deleted, or an error of the registry: removals are held
                                   back for review, however few
    the request failed             not known: every repository is kept; the crawl is incomplete
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.errors import Missing, SourceError, SourceLost
from indexer.core.hub_names import DOCKER_HUB
from indexer.core.printable import shown
from indexer.core.suggestions import MOST_NEAREST, did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.core.model import Repository
    from indexer.crawl.listing import Listing
    from indexer.crawl.ports import Source
    from indexer.crawl.target import Target


class UnknownNamespace(Missing):
    """The registry knows no such namespace, and the index has no repository of it."""


@dataclass(frozen=True, slots=True)
class NamespaceDoubt:
    """Why the empty list of a namespace is not believed.

    Attributes:
        trouble: why the request for the namespace failed; None: it is unknown to the registry.
    """

    trouble: SourceError | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether the registry said that there is no such namespace."""
        return self.trouble is None

    @property
    def lost(self) -> bool:
        """Whether further requests make no sense."""
        return isinstance(self.trouble, SourceLost)

    def held_back(self, target: Target, kept: int) -> str:
        """The sentence about `kept` repositories that are kept for this reason."""
        what = humanize.count(kept, "repository is", "repositories are")
        if self.trouble is None:
            return (
                f"{target.name}: {target.registry} knows neither a user nor an organisation of "
                f"this name any more: {what} held back for review; accept the removal with "
                f"'indexer accept {target.name}'"
            )
        return (
            f"{target.name}: its list is empty, and whether there still is such a namespace could "
            f"not be asked, so {what} kept: {self.trouble}"
        )

    def open_question(self, target: Target) -> str:
        """The sentence for a namespace whose existence could not be checked."""
        return (
            f"{target.name}: its list is empty, and whether there is such a namespace could not "
            f"be asked: {self.trouble}"
        )


def doubt_of(source: Source, target: Target, listing: Listing[Repository]) -> NamespaceDoubt | None:
    """Ask for the namespace itself if its list is empty; None: the list is believed."""
    if listing.items or not (listing.exact and listing.whole):
        return None
    try:
        return None if source.knows_namespace(target.namespace) else NamespaceDoubt()
    except SourceError as error:
        return NamespaceDoubt(error)


def sentence(target: Target, known: Iterable[str]) -> str:
    """The error for a namespace that does not exist, with similar names.

    Args:
        target: what was crawled.
        known: namespaces of the same registry that were crawled before.
    """
    names = {*target.configured, *known} - {target.namespace}
    near = nearest(target.namespace, sorted(names), MOST_NEAREST)
    if not near and target.registry == DOCKER_HUB:
        near = [f"library/{target.namespace}"]  # docker names official images without 'library/'
    return (
        f"there is no namespace '{shown(target.namespace)}' on {target.registry}, neither a user "
        f"nor an organisation: check the spelling{'; ' + did_you_mean(near) if near else '.'}"
    )
