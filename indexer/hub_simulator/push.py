"""From a push to a tag: how the Hub shows new content, and how it shows that of long ago."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
from msgspec import UNSET

from indexer.hub_simulator import hub_json, synthetic_manifests
from indexer.hub_simulator.state import Held

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from indexer.hub_simulator.state import Repo

Form = Literal["full", "old", "bare"]
"""How a tag is listed.

`full` as today; `old` without `digest`, `media_type`, `content_type` and the date of the push;
`bare` as `old`, and its images without digests and dates too. The registry knows the digest of all.
"""

DEFAULT_PLATFORMS = 4


class Pushed(NamedTuple):
    """The content of a push. `digest` is None where it follows from the content."""

    key: str
    children: tuple[hub_json.Image, ...]
    digest: str | None = None
    form: Form = "full"

    @property
    def points_to(self) -> str:
        """The digest of the manifest or index."""
        if self.digest is not None:
            return self.digest
        if len(self.children) == 1 and isinstance(self.children[0].digest, str):
            return self.children[0].digest
        return synthetic_manifests.sha256(synthetic_manifests.index(self.children))


def new_content(
    key: str, repo: Repo, tag: str, platforms: int | Sequence[str] | None, date: datetime | None
) -> tuple[hub_json.Image, ...]:
    """The images of a push: for `platforms`, else for those that the tag had, else for four."""
    before = repo.tags.get(tag)
    if platforms is None and before is not None:
        wanted = tuple(
            synthetic_manifests.Platform(
                image.os, image.architecture, image.variant, image.os_version
            )
            for image in before.children
        )
    else:
        wanted = synthetic_manifests.platforms_of(
            DEFAULT_PLATFORMS if platforms is None else platforms
        )
    return synthetic_manifests.images(key, wanted, date)


def held_tag(name: str, pushed: Pushed, *, repo: int, number: int, date: datetime | None) -> Held:
    """The tag that a push makes: `repo` and `number` are the ids of repository and tag."""
    digest = pushed.points_to
    one = len(pushed.children) == 1
    tag = hub_json.Tag(
        creator=repo * 10 + 1,
        id=number,
        images=pushed.children,
        last_updated=date,
        last_updater=repo * 10 + 1,
        last_updater_username="builder",
        name=name,
        repository=repo,
        full_size=sum(image.size for image in pushed.children),
        tag_last_pushed=date,
        media_type=synthetic_manifests.MANIFEST if one else synthetic_manifests.INDEX,
        content_type="image",
        digest=digest,
    )
    if pushed.form != "full":
        tag = msgspec.structs.replace(
            tag, media_type=UNSET, content_type=UNSET, digest=UNSET, tag_last_pushed=None
        )
    if pushed.form == "bare":
        bare = tuple(synthetic_manifests.without_digest(image) for image in pushed.children)
        tag = msgspec.structs.replace(tag, images=bare)
    return Held(tag, digest, pushed.key, pushed.children)
