"""The known tags of a large repository, read as they are asked for.

A crawl that reads the head of a list compares a page or two of it. It would be slow to read the
other hundred thousand tags for that. Whoever writes the repository meanwhile changes its revision,
and then what was compared with these tags is not written.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from indexer.core.model import KnownTag

MOST_NAMED = 1_000
"""The most tags that are read by name; whoever wants more gets all."""


class LazyTags(Mapping[str, "KnownTag"]):
    """The present tags by name. Safe to use from threads.

    Args:
        number: how many there are.
        load: reads those of some names; None: all.
    """

    def __init__(
        self, number: int, load: Callable[[Collection[str] | None], Mapping[str, KnownTag]]
    ) -> None:
        self._number = number
        self._load = load
        self._guard = threading.Lock()
        self._found: dict[str, KnownTag | None] = {}
        self._all: Mapping[str, KnownTag] | None = None

    def expect(self, names: Iterable[str]) -> None:
        """Read tags together that will be asked for.

        Raises:
            StoreError: the database failed.
        """
        with self._guard:
            new = [name for name in names if name not in self._found]
            if self._all is not None or not new:
                return
            if len(self._found) + len(new) > MOST_NAMED:
                self._all = self._load(None)
                return
            found = self._load(new)
            self._found.update((name, found.get(name)) for name in new)

    def __getitem__(self, name: str) -> KnownTag:
        """The tag of a name.

        Raises:
            KeyError: there is none.
        """
        self.expect([name])
        found = self._found.get(name) if self._all is None else self._all.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        """All names; this reads all tags."""
        with self._guard:
            if self._all is None:
                self._all = self._load(None)
            return iter(self._all)

    def __len__(self) -> int:
        """How many there are; this reads none."""
        return self._number
