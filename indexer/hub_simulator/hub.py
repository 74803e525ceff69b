"""The simulated Hub: the actions of its users.

Every action is one event, happens under one lock, and advances the hub's own clock.
The same actions on the same seed give the same ids, digests and dates.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from indexer.hub_simulator import events, hub_json, signed_manifests, webhooks
from indexer.hub_simulator.hub_settings import HubSettings
from indexer.hub_simulator.push import BUILDER, Pushed, held_tag, new_content
from indexer.hub_simulator.state import Manifest, NoSuchThing, Repo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from indexer.hub_simulator.push import Content, Form
    from indexer.hub_simulator.state import Held


class Hub(HubSettings):
    """A Docker Hub without its network side. Safe to use from threads.

    Repositories are named in full, `namespace/repository`. A namespace exists from its first
    repository on, even after that was removed. Actions on what does not exist raise `NoSuchThing`.

    Attributes:
        push_lag: by how much the date of a repository is later than that of the tag that was
            pushed: some tenths of a second at the Hub, nothing here unless it is set.
    """

    push_lag = timedelta(0)

    def add_repository(
        self,
        name: str,
        *,
        private: bool = False,
        description: str | None = "",
        last_updated: datetime | Literal["now"] | None = "now",
        categories: Sequence[str] = (),
        by: str = BUILDER,
    ) -> None:
        """Make a repository without tags, and its namespace if it does not exist."""
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
                categories=tuple(map(hub_json.Category.of, categories)),
            )
            home.repositories[short] = Repo(self.next_number(), item)
            home.revision += 1
            self._note(events.RepositoryAdded, now, name, private=private, actor=by)

    def remove_namespace(self, name: str) -> None:
        """Remove a namespace and its repositories; afterwards its name is unknown."""
        with self.lock:
            for short in tuple(self.namespaces[name].repositories):
                self.remove_repository(f"{name}/{short}")
            self._revisions[name] = self.namespaces.pop(name).revision

    def remove_repository(self, name: str, *, by: str = BUILDER) -> None:
        """Remove a repository and its tags."""
        with self._acting() as now:
            repo = self.repo(name)
            home = self.namespaces[repo.item.namespace]
            del home.repositories[repo.item.name]
            home.revision += 1
            self._note(events.RepositoryRemoved, now, name, tags=tuple(repo.names), actor=by)

    def push(
        self,
        repository: str,
        tag: str,
        *,
        digest: str | None = None,
        platforms: int | Sequence[str] | None = None,
        at: datetime | None = None,
        form: Form = "full",
        content: Content = "image",
        by: str = BUILDER,
    ) -> str:
        """Push new content under a tag, new or existing. The dates of tag and repository change.

        Args:
            repository: `namespace/repository`.
            tag: the tag's name.
            digest: use this digest; the registry's manifest then does not match it.
            platforms: how many, or which; by default as before, or four.
            at: the date of tag and repository, instead of the clock's time.
            form: how the tag is listed, see `push.Form`.
            content: its kind, see `push.Content`.
            by: who pushes.

        Returns:
            The digest that the tag points to now.
        """
        with self._acting() as now:
            repo = self.repo(repository)
            key = self._key(repository, tag)
            images = new_content(key, repo, tag, platforms, at or now)
            pushed = Pushed(key, images, digest, form, content, by)
            return self._land(repo, tag, pushed, at or now)

    def push_images(
        self,
        repository: str,
        tag: str,
        images: Sequence[hub_json.Image],
        *,
        at: datetime | None = None,
    ) -> str:
        """Push given images under a tag. See `push`."""
        with self._acting() as now:
            pushed = Pushed(self._key(repository, tag), tuple(images))
            return self._land(self.repo(repository), tag, pushed, at or now)

    def push_manifest(
        self,
        repository: str,
        tag: str,
        manifest: Manifest,
        *,
        content: Content = "image",
        form: Form = "full",
    ) -> str:
        """Push a manifest that is not generated, such as an artifact's. See `push`."""
        with self._acting() as now:
            key = self._key(repository, tag)
            images = new_content(key, self.repo(repository), tag, ["linux/amd64"], now)
            shown = (msgspec.structs.replace(images[0], digest=manifest.digest),)
            pushed = Pushed(key, shown, manifest.digest, form, content, manifest=manifest)
            return self._land(self.repo(repository), tag, pushed, now)

    def push_schema1(self, repository: str, tag: str) -> str:
        """Push an image of 2015: its manifest is of schema 1, and signed. See `push`."""
        digest, body = signed_manifests.signed(repository, tag, self._key(repository, tag))
        return self.push_manifest(
            repository, tag, Manifest(digest, signed_manifests.SIGNED, body), form="config"
        )

    def rebuild(
        self, repository: str, tag: str, *positions: int, at: datetime | None = None
    ) -> str:
        """Retag to an index in which only the images at these positions are new."""
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
        self,
        repository: str,
        tag: str,
        like: str | None = None,
        *,
        at: datetime | None = None,
        by: str = BUILDER,
    ) -> str:
        """Retag an existing tag: to the digest of the tag `like`, or else to new content."""
        with self._acting() as now:
            self.repo(repository).held(tag)
            if like is None:
                return self.push(repository, tag, at=at, by=by)
            return self._copy(repository, tag, like, at or now, by)

    def copy_tag(
        self, repository: str, source: str, tag: str, *, at: datetime | None = None
    ) -> str:
        """Push the content of `source` under `tag`; if both are the same tag, nothing changes."""
        with self._acting() as now:
            return self._copy(repository, tag, source, at or now, BUILDER)

    def delete_tag(
        self, repository: str, tag: str, *, moves_date: bool = False, by: str = BUILDER
    ) -> None:
        """Delete a tag; `moves_date`: the repository's date moves (the Hub's rule is unknown)."""
        with self._acting() as now:
            repo = self.repo(repository)
            held = repo.held(tag)
            del repo.own_tags()[tag]
            repo.retired.append(held)
            if moves_date:
                self._change(repo, last_updated=now, last_modified=now)
            self._store(repo, -_size(held))
            self._note(
                events.TagDeleted, now, repository, tag=tag, old_digest=held.digest, actor=by
            )

    def _key(self, repository: str, tag: str) -> str:
        """The key that new content is generated from; never the same twice on one hub."""
        return f"{self.seed}:{repository}:{tag}:{len(self._events)}"

    def _copy(self, repository: str, tag: str, source: str, date: datetime, by: str) -> str:
        repo = self.repo(repository)
        held = repo.held(source)
        return self._land(repo, tag, Pushed(held.key, held.children, held.digest, by=by), date)

    def _land(self, repo: Repo, tag: str, pushed: Pushed, date: datetime) -> str:
        """Apply a push."""
        before = repo.find(tag)
        number = before.tag.id if before else self.next_number()
        held = held_tag(tag, pushed, repo=repo.id, number=number, date=date)
        if before:
            kept = {"tag_last_pulled": before.tag.tag_last_pulled, "creator": before.tag.creator}
            held = held._replace(tag=msgspec.structs.replace(held.tag, **kept))
            if before.digest != held.digest:
                repo.retired.append(before)
        repo.own_tags()[tag] = held
        noted = date + self.push_lag
        self._change(repo, last_updated=noted, last_modified=noted, **_kinds(repo, held))
        self._store(repo, _size(held) - (_size(before) if before else 0))
        self._note(
            events.TagPushed,
            self.clock.now(),
            repo.name,
            tag=tag,
            old_digest=before.digest if before else None,
            new_digest=held.digest,
            actor=pushed.by,
        )
        for call in self.webhooks.get(repo.name, ()):
            call(webhooks.payload(repo, held, self.clock.now()))
        return held.digest


def _size(held: Held) -> int:
    return sum(image.size for image in held.children)


def _kinds(repo: Repo, held: Held) -> dict[str, tuple[str, ...]]:
    """The media types and kinds of content of a repository, this tag included."""
    item, tag = repo.item, held.tag
    media = tag.media_type if isinstance(tag.media_type, str) else None
    content = tag.content_type if isinstance(tag.content_type, str) else None
    return {
        "media_types": _with(item.media_types, media),
        "content_types": _with(item.content_types, content),
    }


def _with(known: tuple[str, ...], more: str | None) -> tuple[str, ...]:
    return known if more is None or more in known else (*known, more)
