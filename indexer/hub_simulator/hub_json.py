"""The shapes of Docker Hub's JSON, with its fields in its order.

The simulated hub stores its state in these shapes. A field that is `UNSET` is left out of the JSON,
as in old tags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

if TYPE_CHECKING:
    from datetime import datetime

    from msgspec import UnsetType


class Image(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One image of a tag. `unknown`/`unknown` is a build attestation."""

    architecture: str
    features: str = ""
    variant: str | None = None
    digest: str | UnsetType | None = UNSET
    os: str
    os_features: str = ""
    os_version: str | None = None
    size: int = 0
    status: str = "active"
    last_pulled: datetime | None = None
    last_pushed: datetime | None = None


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag, in a list and by itself."""

    creator: int
    id: int
    images: tuple[Image, ...]
    last_updated: datetime | None
    last_updater: int
    last_updater_username: str
    name: str
    repository: int
    full_size: int
    v2: bool = True
    tag_status: str = "active"
    tag_last_pulled: datetime | None = None
    tag_last_pushed: datetime | UnsetType | None = None
    media_type: str | UnsetType = UNSET
    content_type: str | UnsetType = UNSET
    digest: str | UnsetType = UNSET


class Category(msgspec.Struct, frozen=True):
    """One of the Hub's categories."""

    name: str
    slug: str

    @classmethod
    def of(cls, name: str) -> Category:
        """The category of this name."""
        return cls(name, name.lower().replace(" & ", "-and-").replace(" ", "-"))


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """A repository as a list shows it."""

    name: str
    namespace: str
    repository_type: str | None = "image"
    status: int = 1
    status_description: str = "active"
    description: str | None = ""
    is_private: bool = False
    star_count: int = 0
    pull_count: int = 0
    last_updated: datetime | None = None
    last_modified: datetime | None = None
    date_registered: datetime | None = None
    affiliation: str = ""
    media_types: tuple[str, ...] = ()
    content_types: tuple[str, ...] = ("image",)
    categories: tuple[Category, ...] = ()
    storage_size: int = 0


class Permissions(msgspec.Struct, frozen=True):
    """What the identity may do."""

    read: bool = True
    write: bool = False
    admin: bool = False


class ImmutableTags(msgspec.Struct, frozen=True):
    """The settings of immutable tags."""

    enabled: bool = False
    rules: tuple[str, ...] = (".*",)


class RepositoryDetail(Repository, frozen=True, kw_only=True):
    """A repository asked for by name: the fields of a list, and more."""

    user: str
    full_description: str | None = None
    collaborator_count: int = 0
    permissions: Permissions = Permissions()
    immutable_tags_settings: ImmutableTags = ImmutableTags()


class Layer(msgspec.Struct, frozen=True):
    """A layer of an image, with the line of the Dockerfile that made it."""

    digest: str
    size: int
    instruction: str


class LayeredImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image of a tag as `tags/{tag}/images` shows it: with its layers."""

    architecture: str
    features: str | None = None
    variant: str | None = None
    digest: str | UnsetType | None = UNSET
    layers: tuple[Layer, ...]
    os: str
    os_features: str | None = None
    os_version: str | None = None
    size: int
    status: str = "active"
    last_pulled: datetime | None = None
    last_pushed: datetime | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A user or an organisation, as `users/` and `orgs/` show it."""

    id: str
    username: str | UnsetType = UNSET
    orgname: str | UnsetType = UNSET
    full_name: str = ""
    company: str = ""
    type: str
    date_joined: datetime | None = None


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an audit log."""

    account: str
    action: str
    name: str
    actor: str
    data: dict[str, str]
    timestamp: datetime
    action_description: str


Item = Repository | Tag
"""The items of lists."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope of every list."""

    count: int
    next: str | None
    previous: str | None
    results: tuple[Item, ...]


encode = msgspec.json.Encoder().encode
"""Encode a value as compact JSON, as the Hub does."""
