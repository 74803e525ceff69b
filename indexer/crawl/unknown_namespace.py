"""What an empty list means: a namespace without repositories, or one that nobody knows.

Docker Hub answers 200 and `count: 0` for both (docs/hub-facts.md), so the namespace is asked for
itself wherever its list is empty:

    there                      it is empty; what it held is settled as ever
    unknown, held nothing      most likely a typing mistake: the crawl fails, with a near name
    unknown, held something    renamed, deleted, or a mistake of the registry's: what it held is
                               kept until a person has looked, however little it was
    nobody could be asked      an open question: nothing is believed, and the crawl is incomplete
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.errors import Missing, SourceError, SourceLost
from indexer.core.printable import shown
from indexer.core.suggestions import MOST_NEAREST, did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.core.model import Repository
    from indexer.crawl.listing import Listing
    from indexer.crawl.ports import Source
    from indexer.crawl.target import Target


class UnknownNamespace(Missing):
    """The registry knows nobody of this name, and neither did we."""


@dataclass(frozen=True, slots=True)
class NamespaceDoubt:
    """Why the empty list of a namespace is not believed.

    Attributes:
        trouble: why the namespace could not be asked for; None: it was, and is unknown.
    """

    trouble: SourceError | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether the registry said that it knows nobody of this name."""
        return self.trouble is None

    @property
    def lost(self) -> bool:
        """Whether no further request makes sense."""
        return isinstance(self.trouble, SourceLost)

    def held_back(self, target: Target, kept: int) -> str:
        """The sentence of a crawl that keeps so many repositories for this reason."""
        what = humanize.count(kept, "repository is", "repositories are")
        if self.trouble is None:
            return (
                f"{target.name}: {target.registry} knows neither a user nor an organisation of "
                f"this name any more: {what} held back until somebody has looked and says "
                f"'indexer accept {target.name}'"
            )
        return (
            f"{target.name}: its list is empty, and whether there still is such a namespace could "
            f"not be asked, so {what} kept: {self.trouble}"
        )

    def open_question(self, target: Target) -> str:
        """The sentence of a crawl that does not know whether the namespace exists."""
        return (
            f"{target.name}: its list is empty, and whether there is such a namespace could not "
            f"be asked: {self.trouble}"
        )


def doubt_of(source: Source, target: Target, listing: Listing[Repository]) -> NamespaceDoubt | None:
    """Ask for the namespace itself where its list is empty; None: the list is to be believed."""
    if listing.items or not (listing.exact and listing.whole):
        return None
    try:
        return None if source.knows_namespace(target.namespace) else NamespaceDoubt()
    except SourceError as error:
        return NamespaceDoubt(error)


def sentence(target: Target, known: Iterable[str]) -> str:
    """What to tell of a namespace that nobody knows.

    Args:
        target: what was crawled.
        known: namespaces of the same registry that were crawled before.
    """
    names = {*target.configured, *known} - {target.namespace}
    near = nearest(target.namespace, sorted(names), MOST_NEAREST)
    return (
        f"there is no namespace '{shown(target.namespace)}' on {target.registry}, neither a user "
        f"nor an organisation: check the spelling{'; ' + did_you_mean(near) if near else '.'}"
    )
