"""The simulated Hub: what people do on it.

Every action is one event, happens under one lock, and lets a moment pass on the hub's own clock.
The same actions on the same seed give the same ids, digests and dates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from indexer.hub_simulator import events, hub_json
from indexer.hub_simulator.push import Pushed, held_tag, new_content
from indexer.hub_simulator.state import Namespace, NoSuchThing, Repo
from indexer.hub_simulator.state_ledger import StateLedger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from indexer.hub_simulator.push import Form


class Hub(StateLedger):
    """A Docker Hub without its network side. Safe to use from threads.

    Repositories are named in full, `namespace/repository`, and a namespace exists from its first
    repository on, even when that has gone again. Actions on things that are not there raise
    `NoSuchThing`.
    """

    def add_namespace(self, name: str) -> None:
        """Make a namespace, with nothing in it. An existing one is left alone."""
        with self.lock:
            self.namespaces.setdefault(name, Namespace(name))

    def add_repository(
        self,
        name: str,
        *,
        private: bool = False,
        description: str | None = "",
        last_updated: datetime | Literal["now"] | None = "now",
    ) -> None:
        """Make a repository without tags, and its namespace if need be."""
        with self._acting() as now:
            space, _, short = name.partition("/")
            self.add_namespace(space)
            home = self.namespaces[space]
            if short in home.repositories:
                raise NoSuchThing(f"{name} is there already")
            date = now if last_updated == "now" else last_updated
            item = hub_json.Repository(
                name=short,
                namespace=space,
                is_private=private,
                description=description,
                last_updated=date,
                last_modified=date,
                date_registered=now,
            )
            home.repositories[short] = Repo(self.next_number(), item)
            home.revision += 1
            self._note(events.RepositoryAdded, now, name, private=private)

    def set_immutable(self, name: str, *rules: str, enabled: bool = True) -> None:
        """Call tags of a repository immutable: those that match a rule, or all without rules."""
        with self._acting():
            self.repo(name).immutable = hub_json.ImmutableTags(enabled=enabled, rules=rules)

    def remove_repository(self, name: str) -> None:
        """Remove a repository and its tags."""
        with self._acting() as now:
            repo = self.repo(name)
            home = self.namespaces[repo.item.namespace]
            del home.repositories[repo.item.name]
            home.revision += 1
            self._note(events.RepositoryRemoved, now, name, tags=tuple(repo.tags))

    def push(
        self,
        repository: str,
        tag: str,
        *,
        digest: str | None = None,
        platforms: int | Sequence[str] | None = None,
        at: datetime | None = None,
        form: Form = "full",
    ) -> str:
        """Push new content under a tag: create it or move it. The dates of both move.

        Args:
            repository: `namespace/repository`.
            tag: the tag's name.
            digest: the digest it shall have; the registry's manifests do not fit it then.
            platforms: how many or which; default: as before, or four.
            at: the date that tag and repository get, whatever the clock says.
            form: how the tag is listed, see `tagging.Form`.

        Returns:
            The digest that the tag points to now.
        """
        with self._acting() as now:
            repo = self.repo(repository)
            key = self._key(repository, tag)
            images = new_content(key, repo, tag, platforms, at or now)
            return self._land(repo, tag, Pushed(key, images, digest, form), at or now)

    def push_images(
        self,
        repository: str,
        tag: str,
        images: Sequence[hub_json.Image],
        *,
        at: datetime | None = None,
    ) -> str:
        """Push these images (of other tags; changed, fewer or more) under a tag. See `push`."""
        with self._acting() as now:
            pushed = Pushed(self._key(repository, tag), tuple(images))
            return self._land(self.repo(repository), tag, pushed, at or now)

    def rebuild(
        self, repository: str, tag: str, *positions: int, at: datetime | None = None
    ) -> str:
        """Move a tag to an index in which only the images at these positions are new."""
        with self._acting() as now:
            repo = self.repo(repository)
            key = self._key(repository, tag)
            fresh = new_content(key, repo, tag, None, at or now)
            images = tuple(
                fresh[number] if number in positions else image
                for number, image in enumerate(repo.held(tag).children)
            )
            return self._land(repo, tag, Pushed(key, images), at or now)

    def retag(
        self, repository: str, tag: str, like: str | None = None, *, at: datetime | None = None
    ) -> str:
        """Move an existing tag: to what the tag `like` points to, or else to new content."""
        with self._acting() as now:
            self.repo(repository).held(tag)
            if like is None:
                return self.push(repository, tag, at=at)
            return self._copy(repository, tag, like, at or now)

    def copy_tag(
        self, repository: str, source: str, tag: str, *, at: datetime | None = None
    ) -> str:
        """Push what `source` points to under `tag`, new or not: itself is a push without news."""
        with self._acting() as now:
            return self._copy(repository, tag, source, at or now)

    def delete_tag(self, repository: str, tag: str, *, moves_date: bool = False) -> None:
        """Delete a tag; whether that moves the repository's date nobody knows for sure."""
        with self._acting() as now:
            repo = self.repo(repository)
            held = repo.held(tag)
            del repo.own_tags()[tag]
            repo.retired.append(held)
            if moves_date:
                self._change(repo, last_updated=now, last_modified=now)
            self._note(events.TagDeleted, now, repository, tag=tag, old_digest=held.digest)

    def set_private(self, repository: str, *, private: bool = True) -> None:
        """Hide a repository from all but its namespace's members, or show it. No date moves."""
        with self._acting() as now:
            self._change(self.repo(repository), is_private=private)
            self._note(events.VisibilityChanged, now, repository, private=private)

    def make_public(self, repository: str) -> None:
        """Show a repository to everybody. No date moves."""
        self.set_private(repository, private=False)

    def pull(self, repository: str, tag: str) -> None:
        """Pull a tag: a counter and a date move that mean nothing."""
        with self._acting() as now:
            repo = self.repo(repository)
            held = repo.held(tag)
            tag_now = msgspec.structs.replace(held.tag, tag_last_pulled=now)
            repo.own_tags()[tag] = held._replace(tag=tag_now)
            self._change(repo, pull_count=repo.item.pull_count + 1)
            self._note(events.TagPulled, now, repository, tag=tag)

    def describe(self, repository: str, description: str | None) -> None:
        """Change a repository's description. No event: it is no image."""
        with self.lock:
            self._change(self.repo(repository), description=description)

    def set_date(self, repository: str, date: datetime | None, *, tag: str | None = None) -> None:
        """Set the `last_updated` of a repository, or of one of its tags: skewed, old or null."""
        with self._acting() as now:
            repo = self.repo(repository)
            if tag is None:
                self._change(repo, last_updated=date)
            else:
                held = repo.held(tag)
                changed = msgspec.structs.replace(held.tag, last_updated=date, tag_last_pushed=date)
                repo.own_tags()[tag] = held._replace(tag=changed)
            self._note(events.DateSet, now, repository, tag=tag, last_updated=date)

    def _key(self, repository: str, tag: str) -> str:
        """What new content is made from: never the same twice on one hub."""
        return f"{self.seed}:{repository}:{tag}:{len(self._events)}"

    def _copy(self, repository: str, tag: str, source: str, date: datetime) -> str:
        repo = self.repo(repository)
        held = repo.held(source)
        return self._land(repo, tag, Pushed(held.key, held.children, held.digest), date)

    def _land(self, repo: Repo, tag: str, pushed: Pushed, date: datetime) -> str:
        """Let a push arrive."""
        before = repo.tags.get(tag)
        number = before.tag.id if before else self.next_number()
        held = held_tag(tag, pushed, repo=repo.id, number=number, date=date)
        if before:
            pulled = before.tag.tag_last_pulled
            held = held._replace(tag=msgspec.structs.replace(held.tag, tag_last_pulled=pulled))
            if before.digest != held.digest:
                repo.retired.append(before)
        repo.own_tags()[tag] = held
        self._change(repo, last_updated=date, last_modified=date)
        self._note(
            events.TagPushed,
            self.clock.now(),
            repo.name,
            tag=tag,
            old_digest=before.digest if before else None,
            new_digest=held.digest,
        )
        return held.digest
