"""Old copies of a Hub's lists, as a cache hands them out, or a replica that lags behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.hub_simulator import hub_json
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.state import Sketch

ListKind = Literal["repositories", "tags"]

BOTH: tuple[ListKind, ...] = ("repositories", "tags")


@dataclass(frozen=True, slots=True, eq=False)
class ListCopy:
    """All lists of a hub as they were at a moment. Each copy is a value of its own.

    Attributes:
        repositories: the items of each list of repositories, by namespace.
        tags: the items of each list of tags, by `namespace/repository`.
    """

    repositories: Mapping[str, Sequence[hub_json.Repository]]
    tags: Mapping[str, Sequence[hub_json.Tag | Sketch]]

    @classmethod
    def of(cls, hub: Hub) -> ListCopy:
        """The lists of a hub as they are now."""
        with hub.lock:
            homes = dict(hub.namespaces)
            return cls(
                {
                    space: tuple(repo.item for repo in home.repositories.values())
                    for space, home in homes.items()
                },
                {
                    f"{space}/{short}": tuple(repo.listed())
                    for space, home in homes.items()
                    for short, repo in home.repositories.items()
                },
            )

    @classmethod
    def empty(cls) -> ListCopy:
        """Lists of which each is empty."""
        return cls({}, {})


@dataclass(slots=True)
class ServedCopy:
    """A copy from which lists are answered.

    Attributes:
        copy: the copy.
        kinds: which lists.
        times: how many more answers.
    """

    copy: ListCopy
    kinds: Sequence[ListKind] = BOTH
    times: int = 1

    def take(self, kind: ListKind) -> ListCopy | None:
        """The copy, if it answers one more request for a list of this kind."""
        if self.times <= 0 or kind not in self.kinds:
            return None
        self.times -= 1
        return self.copy
