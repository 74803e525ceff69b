"""The state of a simulated Hub: namespaces, their repositories, their tags.

Repositories made in bulk do not store their tags but make them at each reading. So ten thousand of
them take no more memory than their names, until one is changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from indexer.hub_simulator import synthetic_manifests

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.hub_simulator import hub_json
    from indexer.hub_simulator.bulk_data import BulkTags


class NoSuchThing(LookupError):
    """An action named a namespace, repository or tag that does not exist: a mistake in a test."""


class Held(NamedTuple):
    """A tag as the hub stores it.

    Attributes:
        tag: as the API shows it; old tags show no digest there.
        digest: what it points to.
        key: its content is generated from it.
        children: its images with their digests, even if `tag` shows none.
        manifest: its manifest, if that is not generated.
    """

    tag: hub_json.Tag
    digest: str
    key: str
    children: tuple[hub_json.Image, ...]
    manifest: Manifest | None = None


class Sketch(NamedTuple):
    """The fields of a tag made in bulk that an order needs.

    Attributes:
        name: its name.
        last_updated: its date.
        position: among the tags of its repository, newest first.
        bulk: makes the complete tag.
    """

    name: str
    last_updated: datetime
    position: int
    bulk: BulkTags


class Manifest(NamedTuple):
    """A manifest as the registry serves it."""

    digest: str
    media_type: str
    body: bytes


@dataclass(eq=False, slots=True)
class Repo:
    """A repository.

    Attributes:
        id: its number, increasing from 1.
        item: as a list shows it.
        bulk: makes the tags, for a repository made in bulk.
        revision: grows with every change of its tags, so that cached pages become outdated.
        retired: what its tags pointed to before; still served by digest.
        immutable: its settings of immutable tags; the simulator itself does not enforce them.
        full_description: the long one, which only the request for one repository shows.
        referrers: the digests of manifests that refer to another, by the digest of that one.
    """

    id: int
    item: hub_json.Repository
    bulk: BulkTags | None = None
    revision: int = 0
    retired: list[Held] = field(default_factory=list)
    immutable: hub_json.ImmutableTags | None = None
    full_description: str | None = None
    referrers: dict[str, list[Manifest]] = field(default_factory=dict)
    _own: dict[str, Held] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`namespace/repository`."""
        return f"{self.item.namespace}/{self.item.name}"

    @property
    def tags(self) -> Mapping[str, Held]:
        """The tags by name, to read."""
        return self._own if self.bulk is None else self.bulk.everything()

    @property
    def names(self) -> Collection[str]:
        """The names of the tags."""
        return self._own if self.bulk is None else self.bulk.names()

    def listed(self) -> Sequence[hub_json.Tag | Sketch]:
        """The tags for a list to sort: complete, or as sketches."""
        if self.bulk is None:
            return [held.tag for held in self._own.values()]
        return self.bulk.sketches()

    def own_tags(self) -> dict[str, Held]:
        """The tags by name, to change: the revision grows."""
        if self.bulk is not None:
            self._own, self.bulk = self.bulk.everything(), None
        self.revision += 1
        return self._own

    def find(self, tag: str) -> Held | None:
        """A tag; None if it does not exist."""
        return self._own.get(tag) if self.bulk is None else self.bulk.held(tag)

    def held(self, tag: str) -> Held:
        """One tag.

        Raises:
            NoSuchThing: there is no such tag.
        """
        found = self.find(tag)
        if found is None:
            raise NoSuchThing(f"{self.name} has no tag {tag}")
        return found

    def manifest(self, reference: str) -> Manifest | None:
        """The manifest that a tag or a digest names, as the registry has it."""
        held = self.find(reference)
        if held is not None:
            return _own_manifest(held)
        for known in self.referrers.values():
            for manifest in known:
                if manifest.digest == reference:
                    return manifest
        for one in self._ever():
            if one.digest == reference:
                return _own_manifest(one)
            for number, child in enumerate(one.children):
                body = synthetic_manifests.image_manifest(
                    synthetic_manifests.image_key(one.key, number)
                )
                if child.digest == reference == synthetic_manifests.sha256(body):
                    return Manifest(reference, synthetic_manifests.MANIFEST, body)
        return None

    def config(self, digest: str) -> bytes | None:
        """The configuration blob with this digest, if an image of the repository has it."""
        for one in self._ever():
            for number in range(len(one.children)):
                body = synthetic_manifests.config(synthetic_manifests.image_key(one.key, number))
                if synthetic_manifests.sha256(body) == digest:
                    return body
        return None

    def _ever(self) -> Iterator[Held]:
        yield from self.tags.values()
        yield from self.retired


@dataclass(eq=False, slots=True)
class Namespace:
    """The repositories of a user or an organisation by short name; `revision` as in `Repo`."""

    name: str
    is_user: bool = False
    repositories: dict[str, Repo] = field(default_factory=dict)
    revision: int = 0


def _own_manifest(held: Held) -> Manifest:
    if held.manifest is not None:
        return held.manifest
    if len(held.children) == 1:
        body = synthetic_manifests.image_manifest(synthetic_manifests.image_key(held.key, 0))
        return Manifest(held.digest, synthetic_manifests.MANIFEST, body)
    return Manifest(
        held.digest, synthetic_manifests.INDEX, synthetic_manifests.index(held.children)
    )
