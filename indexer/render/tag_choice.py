"""Which tags are shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from indexer.core.version_range import Range
    from indexer.render.records.images import Tag


@dataclass(frozen=True, slots=True)
class TagChoice:
    """Conditions for tags; all must hold. A tag of which the value is not known does not fit.

    Attributes:
        glob: of the name, as `fnmatch` has it.
        versions: the name is a version in this range.
        pushed_since: pushed at this time or later.
        not_pulled_since: last pulled before this time.
        least_size: in bytes.
    """

    glob: str | None = None
    versions: Range | None = None
    pushed_since: datetime | None = None
    not_pulled_since: datetime | None = None
    least_size: int | None = None

    def names(self, tags: Iterable[str]) -> list[str]:
        """The tags that may be shown, by their names alone."""
        return [each for each in tags if self._fits_by_name(each)]

    def _fits_by_name(self, tag: str) -> bool:
        return (self.glob is None or fnmatchcase(tag, self.glob)) and (
            self.versions is None or self.versions.holds(tag)
        )

    def fits(self, tag: Tag) -> bool:
        """Whether a tag is shown."""
        return (
            self._fits_by_name(tag.tag)
            and _holds(tag.pushed_at, self.pushed_since, lambda at, least: at >= least)
            and _holds(tag.last_pulled, self.not_pulled_since, lambda at, most: at < most)
            and _holds(tag.size, self.least_size, lambda size, least: size >= least)
        )


def _holds(value: Any, bound: Any, compare: Callable[[Any, Any], bool]) -> bool:
    return bound is None or (value is not None and compare(value, bound))
