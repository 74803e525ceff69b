"""Makes a tag of a push: as the Hub shows new content, or as it shows old tags."""

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

    from indexer.hub_simulator.state import Manifest, Repo

Form = Literal["full", "config", "old", "bare"]
"""How a tag is listed.

- `full`: as today.
- `config`: as tags of 2017 to 2021: without `digest`; `media_type` is that of a configuration.
- `old`: without `digest`, `media_type` and `content_type`; the date of the push is null.
- `bare`: as `old`, but without the field for that date; its images have no digests and dates.

The registry knows the digest of each.
"""

Content = Literal["image", "plugin", "helm", "volume", "wasm", "compose", "unrecognized", "model"]
"""The kinds of content that the Hub distinguishes."""

BUILDER = "builder"
"""The account that pushes if no other is given."""

DEFAULT_PLATFORMS = 4


class Pushed(NamedTuple):
    """The content of a push. `digest` is None if it is computed from the content."""

    key: str
    children: tuple[hub_json.Image, ...]
    digest: str | None = None
    form: Form = "full"
    content: Content = "image"
    by: str = BUILDER
    manifest: Manifest | None = None

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
    """The images of a push: for `platforms`, else for those the tag had, else for four."""
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
    """The tag that a push makes; `repo` and `number` are the ids of repository and tag."""
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
        # The size of the first image only, as in all five tags that were recorded.
        full_size=pushed.children[0].size if pushed.children else 0,
        tag_last_pushed=date,
        media_type=pushed.manifest.media_type
        if pushed.manifest
        else synthetic_manifests.MANIFEST
        if one
        else synthetic_manifests.INDEX,
        content_type=pushed.content,
        digest=digest,
    )
    if pushed.form != "full":
        tag = _as_it_was(tag, pushed.form)
    return Held(tag, digest, pushed.key, pushed.children, pushed.manifest)


def _as_it_was(tag: hub_json.Tag, form: Form) -> hub_json.Tag:
    """A tag as the Hub lists old ones."""
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
    """The id of a user; it depends on the name only."""
    return zlib.crc32(name.encode())
