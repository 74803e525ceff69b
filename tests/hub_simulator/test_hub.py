from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from indexer.hub_simulator import START, Clock, Hub, NoSuchThing
from indexer.hub_simulator.events import (
    DateSet,
    RepositoryAdded,
    RepositoryRemoved,
    TagDeleted,
    TagPulled,
    TagPushed,
    VisibilityChanged,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "library/alpine"


def test_the_clock_starts_at_a_fixed_instant_and_moves_when_told() -> None:
    clock = Clock()
    assert clock.now() == START
    assert clock.advance(90) == clock.now() == START + timedelta(seconds=90)
    assert Clock(START - timedelta(days=1)).now() < START


def test_every_action_is_one_event_with_the_next_number(hub: Hub) -> None:
    first = hub.push(NAME, "1")
    second = hub.retag(NAME, "1")
    hub.pull(NAME, "1")
    hub.set_private(NAME)
    hub.make_public(NAME)
    hub.set_date(NAME, None, tag="1")
    hub.delete_tag(NAME, "1")
    hub.push(NAME, "2")
    hub.remove_repository(NAME)
    kinds = [type(event) for event in hub.events]
    assert kinds == [
        RepositoryAdded,
        TagPushed,
        TagPushed,
        TagPulled,
        VisibilityChanged,
        VisibilityChanged,
        DateSet,
        TagDeleted,
        TagPushed,
        RepositoryRemoved,
    ]
    assert [event.sequence for event in hub.events] == list(range(1, 11))
    new, moved = hub.events[1:3]
    assert isinstance(new, TagPushed)
    assert isinstance(moved, TagPushed)
    assert (new.is_new, new.is_retag, new.new_digest) == (True, False, first)
    assert (moved.is_new, moved.is_retag) == (False, True)
    assert (moved.old_digest, moved.new_digest) == (first, second)
    gone = hub.events[-1]
    assert isinstance(gone, RepositoryRemoved)
    assert gone.tags == ("2",)


def test_the_truth_follows_every_action(hub: Hub) -> None:
    one, two = hub.push(NAME, "1"), hub.push(NAME, "2")
    assert hub.truth("library") == {NAME: {"1": one, "2": two}}
    assert hub.retag(NAME, "1", like="2") == two
    assert hub.truth("library") == {NAME: {"1": two, "2": two}}
    hub.delete_tag(NAME, "2")
    hub.add_repository("library/empty")
    assert hub.truth("library") == {NAME: {"1": two}, "library/empty": {}}
    hub.remove_repository(NAME)
    assert hub.truth("library") == {"library/empty": {}}


def test_a_push_moves_the_dates_of_tag_and_repository(hub: Hub) -> None:
    hub.push(NAME, "1")
    hub.clock.advance(3600)
    now = hub.clock.now()
    hub.retag(NAME, "1")
    tag, repository = hub.tag(NAME, "1"), hub.repository(NAME)
    assert tag.last_updated == tag.tag_last_pushed == repository.last_updated == now
    assert hub.clock.now() > now, "no two actions have the same date"


def test_a_push_of_the_same_content_moves_dates_only(hub: Hub) -> None:
    digest = hub.push(NAME, "1")
    before = hub.tag(NAME, "1")
    assert hub.copy_tag(NAME, "1", "1") == digest
    after = hub.tag(NAME, "1")
    assert (after.digest, after.id, after.images) == (before.digest, before.id, before.images)
    assert after.last_updated != before.last_updated


def test_pulls_and_visibility_move_no_date_of_update(hub: Hub) -> None:
    hub.push(NAME, "1")
    tag, repository = hub.tag(NAME, "1"), hub.repository(NAME)
    hub.pull(NAME, "1")
    hub.set_private(NAME)
    assert hub.tag(NAME, "1").last_updated == tag.last_updated
    assert hub.tag(NAME, "1").tag_last_pulled is not None
    assert hub.repository(NAME).last_updated == repository.last_updated
    assert hub.repository(NAME).pull_count == 1
    assert hub.repository(NAME).is_private


@pytest.mark.parametrize("moves", [True, False])
def test_a_deletion_moves_the_repositorys_date_only_when_told(hub: Hub, moves: bool) -> None:
    hub.push(NAME, "1")
    before = hub.repository(NAME).last_updated
    hub.delete_tag(NAME, "1", moves_date=moves)
    assert (hub.repository(NAME).last_updated != before) is moves


def test_dates_can_be_null_skewed_and_equal() -> None:
    hub = Hub(tick=0)
    hub.add_repository("a/never", last_updated=None)
    hub.add_repository("a/old", last_updated=START - timedelta(days=999))
    assert hub.repository("a/never").last_updated is None
    assert hub.repository("a/old").last_updated == START - timedelta(days=999)
    hub.push("a/old", "1")
    hub.push("a/old", "2")
    assert hub.tag("a/old", "1").last_updated == hub.tag("a/old", "2").last_updated
    hub.push("a/old", "3", at=START + timedelta(days=1))
    assert hub.tag("a/old", "3").last_updated == START + timedelta(days=1)
    hub.set_date("a/old", None, tag="3")
    assert hub.tag("a/old", "3").last_updated is None


def test_a_rebuild_moves_one_platform_and_keeps_the_others(hub: Hub) -> None:
    before_digest = hub.push(NAME, "1", platforms=3)
    before = hub.tag(NAME, "1").images
    assert hub.rebuild(NAME, "1", 1) != before_digest
    after = hub.tag(NAME, "1").images
    same = [old.digest == new.digest for old, new in zip(before, after, strict=True)]
    assert same == [True, False, True]


def test_images_can_be_pushed_as_they_are(hub: Hub) -> None:
    hub.push(NAME, "1", platforms=3)
    images = hub.tag(NAME, "1").images[:2]
    hub.push_images(NAME, "2", [msgspec.structs.replace(images[0], status="inactive"), images[1]])
    assert [image.status for image in hub.tag(NAME, "2").images] == ["inactive", "active"]
    digest = "sha256:" + "0" * 64
    assert hub.push(NAME, "3", digest=digest) == hub.tag(NAME, "3").digest == digest


def test_the_same_actions_on_the_same_seed_give_the_same_hub() -> None:
    def act(seed: int) -> Hub:
        hub = Hub(seed=seed)
        hub.add_repository("a/b")
        hub.push("a/b", "1")
        hub.retag("a/b", "1")
        return hub

    assert act(1).events == act(1).events
    assert act(1).tag("a/b", "1") == act(1).tag("a/b", "1")
    assert act(1).truth("a") != act(2).truth("a")


@pytest.mark.parametrize(
    "mistake",
    [
        lambda hub: hub.push("library/nothing", "1"),
        lambda hub: hub.retag(NAME, "nothing"),
        lambda hub: hub.delete_tag(NAME, "nothing"),
        lambda hub: hub.remove_repository("nobody/nothing"),
        lambda hub: hub.add_repository(NAME),
    ],
)
def test_an_action_on_what_does_not_exist_is_an_error(
    hub: Hub, mistake: Callable[[Hub], object]
) -> None:
    events = hub.events
    with pytest.raises(NoSuchThing):
        mistake(hub)
    assert hub.events == events
