"""The simulated Hub: its settings. See `hub`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from indexer.hub_simulator import events, hub_json
from indexer.hub_simulator.push import BUILDER
from indexer.hub_simulator.state import Manifest, Namespace
from indexer.hub_simulator.state_ledger import StateLedger
from indexer.hub_simulator.synthetic_manifests import MANIFEST, MANIFEST_BYTES, sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from indexer.hub_simulator.state import Repo


class HubSettings(StateLedger):
    """Namespaces, visibility, dates, counters and descriptions. Adds and removes no tags."""

    def add_namespace(self, name: str, *, is_user: bool = False) -> None:
        """Make a namespace of an organisation or a user. An existing one stays as it is."""
        with self.lock:
            revision = self._revisions.get(name, 0)
            self.namespaces.setdefault(name, Namespace(name, is_user, revision=revision))

    def set_immutable(self, name: str, *rules: str, enabled: bool = True) -> None:
        """Make tags of a repository immutable: those that match a rule, or all without rules."""
        with self._acting():
            self.repo(name).immutable = hub_json.ImmutableTags(enabled=enabled, rules=rules)

    def on_push(self, repository: str, call: Callable[[Mapping[str, object]], object]) -> None:
        """Add a webhook: `call` gets what the Hub would post at each push to the repository."""
        with self.lock:
            self.webhooks.setdefault(self.repo(repository).name, []).append(call)

    def set_private(self, repository: str, *, private: bool = True, by: str = BUILDER) -> None:
        """Make a repository private or public. No date moves."""
        with self._acting() as now:
            self._change(self.repo(repository), is_private=private)
            self._note(events.VisibilityChanged, now, repository, private=private, actor=by)

    def make_public(self, repository: str) -> None:
        """Make a repository public. No date moves."""
        self.set_private(repository, private=False)

    def pull(self, repository: str, tag: str) -> None:
        """Pull a tag: only a counter and the dates of the last pull change."""
        with self._acting() as now:
            self._count_pull(self.repo(repository), tag, now)
            self._note(events.TagPulled, now, repository, tag=tag)

    def count_pull(self, repository: str, reference: str) -> None:
        """Count a pull at the registry: like `pull`, but without an event.

        Args:
            repository: `namespace/repository`.
            reference: a tag, or a digest that the repository has.
        """
        with self.lock:
            repo = self.repo(repository)
            if repo.find(reference) is not None:
                self._count_pull(repo, reference, self.clock.now())
            else:
                self._change(repo, pull_count=repo.item.pull_count + 1)

    def refer(
        self,
        repository: str,
        digest: str,
        artifact_type: str,
        annotations: Mapping[str, str] | None = None,
    ) -> str:
        """Push a manifest that refers to a digest, as signatures do; return its own digest."""
        subject = {"mediaType": MANIFEST, "digest": digest, "size": MANIFEST_BYTES}
        body = hub_json.encode(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "artifactType": artifact_type,
                "layers": [],
                "subject": subject,
                "annotations": dict(annotations or {}),
            }
        )
        with self.lock:
            known = self.repo(repository).referrers.setdefault(digest, [])
            known.append(Manifest(sha256(body), MANIFEST, body))
        return sha256(body)

    def _count_pull(self, repo: Repo, tag: str, now: datetime) -> None:
        held = repo.held(tag)
        images = tuple(
            msgspec.structs.replace(image, last_pulled=now) if number == 0 else image
            for number, image in enumerate(held.tag.images)
        )
        tag_now = msgspec.structs.replace(held.tag, tag_last_pulled=now, images=images)
        repo.own_tags()[tag] = held._replace(tag=tag_now)
        self._change(repo, pull_count=repo.item.pull_count + 1)

    def set_counters(
        self,
        repository: str,
        *,
        pulls: int | None = None,
        stars: int | None = None,
        storage: int | None = None,
    ) -> None:
        """Set the counters of a repository. No date moves."""
        wanted = {"pull_count": pulls, "star_count": stars, "storage_size": storage}
        with self.lock:
            set_ = {name: value for name, value in wanted.items() if value is not None}
            self._change(self.repo(repository), **set_)

    def set_tag_status(
        self, repository: str, tag: str, status: Literal["active", "inactive"]
    ) -> None:
        """Make a tag and its images active or inactive. No date moves."""
        with self.lock:
            repo = self.repo(repository)
            held = repo.held(tag)
            images = tuple(
                msgspec.structs.replace(image, status=status) for image in held.tag.images
            )
            changed = msgspec.structs.replace(held.tag, tag_status=status, images=images)
            repo.own_tags()[tag] = held._replace(tag=changed)

    def describe(
        self, repository: str, description: str | None, *, full: str | None = None
    ) -> None:
        """Change a repository's short and long description. This is no event."""
        with self.lock:
            repo = self.repo(repository)
            repo.full_description = full
            self._change(repo, description=description)

    def set_date(self, repository: str, date: datetime | None, *, tag: str | None = None) -> None:
        """Set the `last_updated` of a repository, or of one of its tags, to any date or null."""
        with self._acting() as now:
            repo = self.repo(repository)
            if tag is None:
                self._change(repo, last_updated=date)
            else:
                held = repo.held(tag)
                changed = msgspec.structs.replace(held.tag, last_updated=date, tag_last_pushed=date)
                repo.own_tags()[tag] = held._replace(tag=changed)
            self._note(events.DateSet, now, repository, tag=tag, last_updated=date)
