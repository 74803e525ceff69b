"""Where people go from a message: pages of our server, the registry's page, and a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from indexer.core.humanize import iso
from indexer.core.image_links import page_path, registry_page
from indexer.core.model import ChangeKind
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from indexer.core.model import Change


class Links(NamedTuple):
    """What links and commands begin with.

    Attributes:
        command: this program's name on the command line.
        pages: the address of `indexer serve`, as its users reach it; None: there are no pages.
    """

    command: str
    pages: str | None = None

    def page(self, change: Change) -> str | None:
        """Our page of what changed; None without pages."""
        path = page_path(change.registry, change.repository, change.tag)
        return self._at(path)

    def violation(self, number: int) -> str | None:
        """Our page of a violation; None without pages."""
        return self._at(f"/violations/{number}")

    def changes(self, since: datetime, kinds: Collection[ChangeKind]) -> str | None:
        """Our page of changes from a time on; None without pages."""
        pairs = [("kind", kind.value) for kind in ChangeKind if kind in kinds]
        second = iso(since.replace(microsecond=0)) or ""
        return self._at(f"/?{urlencode([*pairs, ('changed_since', second)])}")

    def namespace(self, registry: str, namespace: str) -> str | None:
        """Our page of a namespace's repositories; None without pages."""
        return self._at(
            f"/repositories?{urlencode({'registry': registry, 'namespace': namespace})}"
        )

    def closer(self, change: Change) -> str:
        """The command that shows more of a change."""
        place = f"{change.registry}/" if change.registry != DOCKER_HUB else ""
        name = f"{place}{change.repository}"
        if change.tag is None:
            kind = "history" if change.kind is ChangeKind.REPOSITORY_REMOVED else "tags"
            return f"{self.command} {kind} {shown(name, 500)}"
        return f"{self.command} history {shown(name, 500)}:{shown(change.tag)}"

    def see_all(self, first: int, kinds: Collection[ChangeKind]) -> str:
        """The command that lists the changes of a summary, and later ones."""
        options = "".join(f" --kind {kind}" for kind in ChangeKind if kind in kinds)
        return f"{self.command} query --changed-since change:{first - 1}{options}"

    def _at(self, path: str) -> str | None:
        return None if self.pages is None else f"{self.pages.rstrip('/')}{path}"


def at_registry(change: Change) -> str | None:
    """The page of what changed at its registry; None if that has none, or it was removed."""
    if change.kind in {ChangeKind.TAG_REMOVED, ChangeKind.REPOSITORY_REMOVED}:
        return None
    return registry_page(change.registry, change.repository, change.tag)
