"""From a push to a tag: how the Hub shows new content, and how it shows that of long ago."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
from msgspec import UNSET

from indexer.hub_simulator import hub_json, synthetic_manifests
from indexer.hub_simulator.state import Held

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from indexer.hub_simulator.state import Repo

Form = Literal["full", "config", "old", "bare"]
"""How a tag is listed.

`full` as today; `config` as tags of 2017 to 2021 still are: without `digest`, and `media_type` is
that of a configuration; `old` without `digest`, `media_type`, `content_type`, and with no date of
the push; `bare` as `old`, without the field for that date, and its images without digests and dates
too. The registry knows the digest of all.
"""

Content = Literal["image", "plugin", "helm", "volume", "wasm", "compose", "unrecognized", "model"]
"""The kinds of content that the Hub tells apart."""

BUILDER = "builder"
"""Who pushes where nobody is named."""

DEFAULT_PLATFORMS = 4


class Pushed(NamedTuple):
    """The content of a push. `digest` is None where it follows from the content."""

    key: str
    children: tuple[hub_json.Image, ...]
    digest: str | None = None
    form: Form = "full"
    content: Content = "image"
    by: str = BUILDER

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
    before = repo.find(tag)
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
    pusher = user_number(pushed.by)
    tag = hub_json.Tag(
        creator=pusher,
        id=number,
        images=pushed.children,
        last_updated=date,
        last_updater=pusher,
        last_updater_username=pushed.by,
        name=name,
        repository=repo,
        # Of the first image only, whatever the others are: recorded five times of five.
        full_size=pushed.children[0].size if pushed.children else 0,
        tag_last_pushed=date,
        media_type=synthetic_manifests.MANIFEST if one else synthetic_manifests.INDEX,
        content_type=pushed.content,
        digest=digest,
    )
    if pushed.form != "full":
        tag = _as_it_was(tag, pushed.form)
    return Held(tag, digest, pushed.key, pushed.children)


def _as_it_was(tag: hub_json.Tag, form: Form) -> hub_json.Tag:
    """A tag as the Hub lists those of long ago."""
    if form == "config":
        return msgspec.structs.replace(tag, media_type=synthetic_manifests.OLD_CONFIG, digest=UNSET)
    old = msgspec.structs.replace(
        tag, media_type=UNSET, content_type=UNSET, digest=UNSET, tag_last_pushed=None
    )
    if form == "old":
        return old
    bare = tuple(synthetic_manifests.without_digest(image) for image in tag.images)
    return msgspec.structs.replace(old, images=bare, tag_last_pushed=UNSET)


def user_number(name: str) -> int:
    """The number of a user: the same for the same name."""
    return zlib.crc32(name.encode())
