"""Selects images by patterns of names and by ranges of versions. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from indexer.core.hub_names import canonical_registry
from indexer.core.version_range import is_release

if TYPE_CHECKING:
    from indexer.core.version_range import Range


@dataclass(frozen=True, slots=True)
class ImageSelector:
    """All given conditions must hold; an empty field sets no condition. Globs are `fnmatch`'s.

    Attributes:
        registries: globs; every name of Docker Hub means `docker.io`.
        repositories: globs; one without a `/` is of any namespace.
        tags: globs.
        versions: only tags that are versions in this range.
        releases: only tags that are versions and not pre-releases.
    """

    registries: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    versions: Range | None = None
    releases: bool = False

    @property
    def chooses_tags(self) -> bool:
        """Whether any condition is about tags."""
        return bool(self.tags or self.versions or self.releases)

    def has_repository(self, registry: str, repository: str) -> bool:
        """Whether a repository is selected, or any of its tags may be."""
        registries = tuple(map(canonical_registry, self.registries))
        return _matches(registries, registry) and (
            not self.repositories
            or any(fnmatchcase(repository, _whole(glob)) for glob in self.repositories)
        )

    def has_tag(self, tag: str) -> bool:
        """Whether a tag of a selected repository is selected."""
        return (
            _matches(self.tags, tag)
            and (self.versions is None or self.versions.holds(tag))
            and (not self.releases or is_release(tag))
        )


def _matches(globs: tuple[str, ...], text: str) -> bool:
    return not globs or any(fnmatchcase(text, glob) for glob in globs)


def _whole(glob: str) -> str:
    return glob if "/" in glob else f"*/{glob}"
